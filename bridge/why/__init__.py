"""Why is nothing dialling? Asked of the same rules by which the dialler goes."""
