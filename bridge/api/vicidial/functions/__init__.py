"""One module for each function; a function is reached through `bridge.api.vicidial.registry`."""
