"""Connections to addresses that were looked at: a name is resolved once, that very address connected to.

A check before the request would be worth nothing: a name server may answer differently a moment later.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import httpcore

from bridge.outgoing.addresses import Network, may_reach
from bridge.outgoing.errors import TargetForbidden, TargetUnreachable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host, the best first."""
MOST_TRIED: Final = 4
"""Addresses of one host that are tried."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Addresses as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """What the HTTP client connects by.

    Args:
        allowed: networks of one's own that may be reached.
        resolve: how hosts are looked up.
        inner: what makes the connections.
    """

    def __init__(
        self, allowed: Sequence[Network], resolve: Resolve, inner: httpcore.AsyncNetworkBackend
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the form of the base class
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that may be reached and answers.

        Raises:
            TargetForbidden: none may be reached.
            TargetUnreachable: the host is not known.
            httpcore.ConnectError, httpcore.ConnectTimeout: none answers.
        """
        for address in (found := await self._addresses(host, port)):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == found[-1]:
                    raise
        raise TargetUnreachable(f"{host} has no address")

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002  the form of the base class
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  the same
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  the same
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise TargetForbidden

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise TargetUnreachable(f"{host} is not known: {error}") from None
        good = [address for address in found if may_reach(address, self._allowed)]
        if found and not good:
            raise TargetForbidden(f"{host} is at {found[0]}, which is no public address and not allowed")
        return good[:MOST_TRIED]
