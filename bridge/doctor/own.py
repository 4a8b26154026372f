"""Checks of the bridge's own settings: who can listen in, who can come in, who can read its secrets.

They are made from the settings alone, with the running service's users where it is there to be asked.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.doctor.model import Check, fail, ok, unknown, warn
from bridge.doctor.own_secrets import check_files, check_secrets, parts_of
from bridge.settings import Settings

__all__ = ["Reach", "check_own", "check_users", "reach_of"]

TLS_MEND: Final = "tls_cert and tls_key, or host = 127.0.0.1 and a proxy with TLS before it"


class Reach(Enum):
    """From where an address is reached."""

    HERE = "loopback"
    PRIVATE = "a private network"
    ANYWHERE = "every network of this machine"
    PUBLIC = "a public address"


def reach_of(host: str) -> Reach:
    """The widest of what the host's name stands for; a name that stands for nothing now is not public."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104  it is asked about, not bound
        return Reach.ANYWHERE
    try:
        found = {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return Reach.PRIVATE
    addresses = [ipaddress.ip_address(each) for each in found]
    if any(address.is_global for address in addresses):
        return Reach.PUBLIC
    return Reach.HERE if all(address.is_loopback for address in addresses) else Reach.PRIVATE


def check_own(settings: Settings, file: Path) -> Iterator[Check]:
    """Everything that the settings show.

    Args:
        settings: in force.
        file: where they are written.
    """
    yield _http(settings)
    yield _agi(settings)
    yield from _broker(settings)
    yield from _database(settings)
    yield from check_files(settings, file)
    yield from check_secrets(settings)


def _http(settings: Settings) -> Check:
    check, reach = "bridge.http", reach_of(settings.http.host)
    where = f"HTTP listens on {reach.value}"
    if settings.http.tls_cert or reach is Reach.HERE:
        return ok(check, f"{where}{', with TLS' if settings.http.tls_cert else ''}")
    text = f"{where} without TLS: secrets of callers pass in clear"
    return (fail if reach is Reach.PUBLIC else warn)(check, text, f"in [http]: {TLS_MEND}")


def _agi(settings: Settings) -> Check:
    check, reach, agi = "bridge.agi", reach_of(settings.agi.host), settings.agi
    where = f"the bridge listens for relays on {reach.value}"
    if reach is Reach.HERE:
        return ok(check, where)
    if not agi.secret:
        who = f"{len(agi.allow)} addresses or networks" if agi.allow else "everywhere"
        text = f"{where}, and anybody from {who} may speak FastAGI to it: there is no secret"
        return fail(check, text, "in [agi]: secret_file")
    if not agi.allow:
        text = f"{where}; the secret alone keeps others out"
        return warn(check, text, "in [agi]: allow = the addresses of the relays")
    if reach is Reach.PUBLIC and not agi.tls_cert:
        return fail(check, f"{where} without TLS: numbers pass in clear", "in [agi]: tls_cert, tls_key")
    return ok(check, f"{where}, for relays of {len(agi.allow)} addresses or networks that know the secret")


def _broker(settings: Settings) -> Iterator[Check]:
    parts = parts_of(settings.mqtt.url)
    if not parts.hostname:
        return
    reach = reach_of(parts.hostname)
    if parts.scheme == "mqtts" or reach is Reach.HERE:
        yield ok("bridge.mqtt", f"the broker is reached over {reach.value}, {parts.scheme}")
        return
    text = f"events go to the broker over {reach.value} without TLS, with customers' numbers"
    mend = 'in [mqtt]: url = "mqtts://…"'
    yield (fail if reach is Reach.PUBLIC else warn)("bridge.mqtt", text, mend)


def _database(settings: Settings) -> Iterator[Check]:
    parts = parts_of(settings.store.url)
    if not parts.scheme.startswith("postgres"):
        return
    reach = reach_of(parts.hostname or "localhost")
    mode = parse_qs(parts.query).get("sslmode", [""])[-1]
    if mode == "verify-full" or reach is Reach.HERE:
        yield ok("bridge.store", f"the database is reached over {reach.value}{mode and f', {mode}'}")
        return
    text = f"the database is reached over {reach.value}, and need not prove who it is"
    mend = "in [store]: ?sslmode=verify-full&sslrootcert=… at the end of the url"
    yield (fail if reach is Reach.PUBLIC else warn)("bridge.store", text, mend)


def check_users(users: Sequence[Principal] | None) -> Iterator[Check]:
    """API users who may do everything, from anywhere.

    Args:
        users: all API users; `None`: there was no service to be asked.
    """
    check = "bridge.users"
    if users is None:
        mend = "run this on the machine of the running service, as its user"
        yield unknown(check, "the service could not be asked for its API users", mend)
        return
    active = [user for user in users if user.active]
    wide = [user.user for user in active if isinstance(user.functions, All) and not user.limits.addresses]
    if wide:
        text = f"API users with all functions, from any address: {', '.join(wide)}"
        yield warn(check, text, "agent-bridge apiuser: the functions that each needs, and its addresses")
    else:
        yield ok(check, f"none of {len(active)} API users has all functions from any address")
