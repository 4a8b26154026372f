"""The `bridge_*.conf` files that come with this version."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from bridge.conf.errors import NotShipped

__all__ = ["shipped"]


def shipped(name: str) -> str:
    """The text of one file: from the wheel's `bridge/_asterisk_conf`, or from `asterisk-conf/` of a checkout.

    Raises:
        NotShipped: neither has it.
    """
    package = resources.files("bridge")
    packed = package / "_asterisk_conf" / name
    if packed.is_file():
        return packed.read_text(encoding="utf-8")
    checkout = Path(str(package)).parent / "asterisk-conf" / name
    if checkout.is_file():
        return checkout.read_text(encoding="utf-8")
    raise NotShipped(name)
