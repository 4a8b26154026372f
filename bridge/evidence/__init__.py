"""What can be shown of the calls to one number."""
