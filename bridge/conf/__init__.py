"""`agent-bridge conf plan`: puts the bridge's files into an existing configuration, and takes them out.

Nothing of what is there is rewritten: a marked block with one `#include` is added to the end of a file that
belongs to the administrator, and what was there before is kept, byte for byte, until it is put back.
"""
