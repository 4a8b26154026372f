"""Recordings of agents' rooms: begun and ended in Asterisk, kept in the store, handed out by signed links."""
