"""What an agent's screen has to show beside her state, her call and its lead."""
