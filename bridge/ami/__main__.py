"""`python -m bridge.ami`: the commands of `agent-bridge ami`."""

from __future__ import annotations

from bridge.ami.cli import app

app(prog_name="agent-bridge ami")
