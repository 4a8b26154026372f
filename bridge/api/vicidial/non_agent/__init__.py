"""`/vicidial/non_agent_api.php`: leads, lists, campaigns and users, without an agent who is logged in."""
