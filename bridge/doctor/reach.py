"""Looks at the port of the relay beside an Asterisk."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import Sequence

from bridge.doctor.facts import Relay

__all__ = ["RELAY_PORT", "look_at_relay"]

RELAY_PORT = 4573
AMI_PORTS = frozenset({5038, 5039})
CONNECT_DEADLINE = 2.0
"""Seconds for the connection; the relay is on the same machine, or a packet filter swallows it."""


async def look_at_relay(host: str, ami_port: int, addresses: Sequence[str], relay_port: int) -> Relay | None:
    """See what answers at the relay's port.

    The relay listens on the loopback of Asterisk's machine: from another one it must not be seen at all. A
    loopback address with an unusual AMI port is most likely the published port of a container, which has a
    loopback of its own.
    """
    here = all(ipaddress.ip_address(address).is_loopback for address in addresses)
    listens = await _listens(host, relay_port)
    if here and ami_port in AMI_PORTS:
        return Relay.ANSWERS if listens else Relay.REFUSED
    if here:
        return None
    return Relay.OPEN if listens else Relay.ELSEWHERE


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(CONNECT_DEADLINE):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
