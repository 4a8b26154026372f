"""The site: campaigns, phones, trunks, DIDs, groups and what else an administrator sets up."""
