"""Engines for a PostgreSQL server, with what libpq's parameters in the URL say of TLS."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bridge.store.errors import StoreMisconfigured
from bridge.tls import TlsMisconfigured, client_context

VERIFIED: Final = ("verify-ca", "verify-full")
MODES: Final = ("disable", "allow", "prefer", "require", *VERIFIED)
_FILES: Final = ("sslrootcert", "sslcert", "sslkey")
_OURS: Final = ("sslmode", *_FILES)


def server_engine(url: URL, connect: Mapping[str, Any], **options: Any) -> AsyncEngine:
    """An engine.

    Args:
        url: the database, parsed; with `sslmode` and its kin as libpq knows them.
        connect: further arguments of the driver's `connect`.
        options: SQLAlchemy's.

    Raises:
        StoreMisconfigured: what the URL says of TLS cannot be.
    """
    arguments = {**connect, **tls_arguments(url)}
    return create_async_engine(
        url.difference_update_query(_OURS), connect_args=arguments, hide_parameters=True, **options
    )


def tls_arguments(url: URL) -> dict[str, Any]:
    """What the driver has to know of TLS; without `sslmode` it does as it likes.

    Raises:
        StoreMisconfigured: which parameter is wrong, and what it may be.
    """
    mode, files = url.query.get("sslmode"), {name: _one(url, name) for name in _FILES}
    if mode is not None and mode not in MODES:
        raise StoreMisconfigured(f"sslmode: one of {', '.join(MODES)}")
    if mode not in VERIFIED:
        for name, file in files.items():
            if file:
                raise StoreMisconfigured(f"{name}: is of no use without sslmode=verify-full")
        return {} if mode is None else {"ssl": mode}
    return {"ssl": _context(files, check_name=mode == "verify-full")}


def _one(url: URL, name: str) -> str:
    value = url.query.get(name, "")
    if not isinstance(value, str):
        raise StoreMisconfigured(f"{name}: may be given once")
    return value


def _context(files: Mapping[str, str], *, check_name: bool) -> ssl.SSLContext:
    if files["sslkey"] and not files["sslcert"]:
        raise StoreMisconfigured("sslkey: is the key of sslcert, which is missing")
    ca = "" if files["sslrootcert"] == "system" else files["sslrootcert"]
    try:
        context = client_context(ca, files["sslcert"], files["sslkey"], names=("sslrootcert", "sslcert"))
    except TlsMisconfigured as error:
        raise StoreMisconfigured(str(error)) from None
    context.check_hostname = check_name
    return context
