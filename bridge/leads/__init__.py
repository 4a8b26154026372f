"""Leads, their lists, and the numbers that must not be called."""
