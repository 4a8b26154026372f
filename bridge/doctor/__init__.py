"""`agent-bridge doctor`: what an Asterisk lacks for the bridge, or lets it do too much. It changes nothing.

`collect` asks one Asterisk and gives `Facts`; the checks are pure functions over them.
"""
