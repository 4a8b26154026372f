"""The figures as the route sees them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class FakeMetrics:
    text: bytes = b"# HELP agent_bridge_info 1\n"

    async def page(self) -> bytes:
        return self.text
