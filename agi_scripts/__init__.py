"""The AGI scripts of the bridge: a file per script, named as the dialplan names it."""
