"""`python -m bridge` is `agent-bridge`."""

from bridge.cli import main

main()
