"""Who may: principals (users, groups, rights), the check of their secrets, and the one `authorize`."""
