"""What was called and who is at work, as reports tell it."""
