"""Replays recorded requests against the ordinary service, over a stand-in for Asterisk."""
