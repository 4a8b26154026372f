"""What the CRM is told of calls and leads, by addresses that are called as the original calls them."""
