"""Pages for a browser: the wallboard, and the API's description."""
