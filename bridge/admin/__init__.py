"""What the command line asks for, and the Unix socket by which a running service is asked."""
