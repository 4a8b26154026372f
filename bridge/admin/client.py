"""The command line's end of the socket, and what it does when nobody is at the other one."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path

from bridge.access.service import Access
from bridge.admin import wire
from bridge.admin.carry_out import audited
from bridge.admin.command import Command, Parts, R
from bridge.admin.errors import AdminError, ServiceDown, ServiceEnded
from bridge.admin.place import no_service, socket_path
from bridge.audit.trail import AuditTrail
from bridge.calls.intents import Intents
from bridge.calls.site_rules import rules_of
from bridge.campaigns.service import Site
from bridge.events.log import EventLog
from bridge.leads.service import Leads
from bridge.persons.service import Persons
from bridge.recordings.files import Folder
from bridge.rules import Refusal
from bridge.settings import Settings
from bridge.store.database import Database
from bridge.why.service import Why, why_of

CONNECT_SECONDS = 5
"""A service that accepts nobody for so long is stopped or stuck."""
BETWEEN_SECONDS = 15.0
"""How long a service may be neither up nor down: it is at its start or at its end."""
_TIMEVAL = struct.Struct("ll")


def perform(settings: Settings, command: Command[R]) -> R:
    """Let the service carry out a command; straight in the store only if there is none.

    Raises:
        AdminError: the service refuses it, or does not answer.
        AccessError, SiteError, LeadError, StoreError: there is no service, and it cannot be done.
    """
    path = socket_path(settings)
    deadline = time.monotonic() + BETWEEN_SECONDS
    while time.monotonic() < deadline:
        with suppress(ServiceDown):
            return ask(path, command)
        with no_service(path) as down:
            if down:
                return asyncio.run(_in_the_store(settings, command))
        time.sleep(0.05)
    raise AdminError(f"the service of {path} is starting or stopping, and does not answer: see its log")


def ask(path: Path, command: Command[R]) -> R:
    """Let the service carry out a command.

    Raises:
        ServiceDown: nobody listens there.
        AdminError: the service refuses it, does not answer, or may not be asked by this user.
    """
    with socket.socket(socket.AF_UNIX) as link:
        _connect(link, path)
        link.settimeout(command.seconds)
        answer = _exchange(link, wire.request(command))
    if not answer.endswith(b"\n"):
        raise ServiceEnded("the service ended before it answered: look whether it was done")
    return wire.result(command, answer)


def _connect(link: socket.socket, path: Path) -> None:
    # Not settimeout: with it, Python does not wait for a place in the queue of connections.
    link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL.pack(CONNECT_SECONDS, 0))
    try:
        link.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        raise ServiceDown from None
    except PermissionError:
        raise AdminError(f"{path} is closed to this user: run this as the service's user") from None
    except OSError as error:
        raise AdminError(f"the service does not take commands ({path}: {error.strerror or error})") from None


def _exchange(link: socket.socket, line: bytes) -> bytes:
    answer = bytearray()
    try:
        with suppress(BrokenPipeError):  # refused before it was read: the answer says why
            link.sendall(line)
        while not answer.endswith(b"\n") and (piece := link.recv(65_536)):
            answer += piece
    except TimeoutError:
        why = f"the service has not answered within {link.gettimeout():g} s: look whether it was done"
        raise AdminError(why) from None
    except OSError as error:
        raise ServiceEnded(
            f"the service ended before it answered ({error.strerror}): look whether it was done"
        ) from None
    return bytes(answer)


def _why(settings: Settings, db: Database, site: Site, leads: Leads) -> Why:
    """Without a service: nobody here follows an Asterisk."""
    asterisks = [server.name for server in settings.asterisk]
    intents = Intents(
        site, leads, rules_of(settings.site, asterisks[0], settings.law.dnc_days), _note_nothing
    )
    return why_of(
        db,
        site=site,
        leads=leads,
        intents=intents,
        duties=db.duties("command line"),
        asterisks=asterisks,
        here=lambda _: None,
        zone=settings.site.zone,
    )


async def _note_nothing(user: str, refusal: Refusal, number: str, *, chosen: bool) -> None:
    """Nothing is dialled from here, so that nobody is refused."""


async def _in_the_store(settings: Settings, command: Command[R]) -> R:
    async with Database(settings.store.url.reveal()) as db:
        access, trail = Access(db), AuditTrail(db)
        country = settings.site.country
        site = Site(db, country)
        leads = Leads(db, country=country)
        persons = Persons(db, country, Folder(settings.recordings.folder))
        parts = Parts(db, access, site, leads, trail, _why(settings, db, site, leads), EventLog(db), persons)
        try:
            await site.take_own_numbers()
            return await audited(command, parts, os.geteuid())
        finally:
            access.close()
            await trail.stop()
