"""Headers that every answer has: what a browser may do with it, and that it keeps nothing."""

from __future__ import annotations

from typing import Final

from litestar.config.cors import CORSConfig
from litestar.types import Message, Scope

Headers = tuple[tuple[bytes, bytes], ...]

ALWAYS: Final[Headers] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),  # URLs of the line format hold the caller's secret
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Unless the answer has said otherwise."""
WITH_TLS: Final[Headers] = ((b"strict-transport-security", b"max-age=31536000"),)
"""A year without clear text, for this host alone."""

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

_ASKED: Final = (
    *("Authorization", "Content-Type", "Idempotency-Key"),
    *("If-Range", "Last-Event-ID", "Prefer", "Range"),
)
_SHOWN: Final = (
    *("Content-Range", "ETag", "Idempotency-Replayed"),
    *("Link", "Location", "Preference-Applied", "Retry-After"),
)


async def harden(message: Message, scope: Scope) -> None:
    """Add to the begin of an answer what it does not say itself."""
    if message["type"] != "http.response.start":
        return
    said = {name.lower() for name, _ in message["headers"]}
    wanted = ALWAYS + WITH_TLS if scope["scheme"] == "https" else ALWAYS
    message["headers"] = [*message["headers"], *(each for each in wanted if each[0] not in said)]


def cors(origins: tuple[str, ...]) -> CORSConfig | None:
    """Who else's pages may read answers; nobody's unless told.

    A login that a browser remembers is never sent along: such a page has to bring a key of its own.
    """
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=list(_METHODS),
        allow_headers=list(_ASKED),
        expose_headers=list(_SHOWN),
    )
