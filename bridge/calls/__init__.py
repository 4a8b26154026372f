"""One call, from intent to disposition."""
