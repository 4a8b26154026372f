"""Leads out of files: what is in them, and taking them in, each row once."""
