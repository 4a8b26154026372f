"""The dialler: which lead is called next, and when."""
