"""AGI: how Asterisk's dialplan asks the bridge what to do with a call.

The protocol, the sessions, the relay and the scripts need nothing but the standard library of Python 3.9,
because they also run beside Asterisk, where nothing else may be installed.
"""
