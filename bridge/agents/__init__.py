"""Agent sessions: login, room, pause, the call in hand."""
