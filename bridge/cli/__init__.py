"""The command `agent-bridge`."""

from __future__ import annotations

from bridge.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line of this process."""
    app(prog_name="agent-bridge")
