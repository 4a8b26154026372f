"""Do-not-call lists that come from elsewhere: their versions, and which of them is in force."""
