"""Erasing what is on record of one person: see docs/erasure.md."""
