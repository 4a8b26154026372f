"""Events to the addresses of other systems, signed, until they are taken."""
