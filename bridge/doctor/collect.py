"""Asks one Asterisk what the checks want to know. Changes nothing there."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
import socket
import time
from collections.abc import Awaitable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bridge.ami.actions import ListCommands, Ping, RawAction, ShowDialPlan, UserEvent
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import ActionRefused, AmiConnectError, PermissionDenied
from bridge.ami.events import AmiEvent
from bridge.ami.events.rows import ListDialplan
from bridge.ami.message import Message
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings
from bridge.campaigns.browser_server import BrowserPhoneState
from bridge.doctor.browsers import WANTED
from bridge.doctor.dialplan import Step
from bridge.doctor.facts import Browsers, Clock, Facts, View
from bridge.doctor.modules import FUNCTIONS, MODULES
from bridge.doctor.probe import CONTEXT, call_inside
from bridge.doctor.reach import RELAY_PORT, look_at_relay
from bridge.doctor.surroundings import DANGEROUS
from bridge.doctor.websocket import look_at_websocket

__all__ = ["Target", "collect"]

T = TypeVar("T")

EVENT_DEADLINE = 2.0
"""Seconds for an event to come back."""
USELESS = {"FullyBooted": "system", "SuccessfulAuth": "security"}
"""Events that come by themselves at a login to users who read too much, and the class that brings them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One Asterisk to be examined.

    Attributes:
        ami: how to log in as the bridge.
        view: how to log in as the user who looks on, if there is one.
        contexts: the contexts to look for.
        relay_port: where the relay beside it listens.
        call: whether to make one call inside it.
        websocket: the URL at which browsers register that are phones; empty if none do.
        browsers: the phones of this Asterisk that are browsers.
    """

    ami: AmiSettings
    view: AmiSettings | None
    contexts: Collection[str]
    relay_port: int = RELAY_PORT
    call: bool = False
    websocket: str = ""
    browsers: Sequence[BrowserPhoneState] = ()


async def collect(target: Target) -> Facts:
    """See what there is.

    Raises:
        AmiConnectError: it cannot be reached, or refuses the login.
        OutcomeUnknown: the link was lost while it was examined.
    """
    router = Router()
    reads: set[str] = set()
    router.add(USELESS, lambda event: reads.add(USELESS[event.name]))
    connection = AmiConnection(target.ami, router)
    await connection.open()
    try:
        connection.go_live()
        facts = await _ask(connection, router, target)
        return replace(facts, reads=frozenset(reads))
    finally:
        await connection.close()


async def _ask(connection: AmiConnection, router: Router, target: Target) -> Facts:
    settings = await _answer(connection, RawAction("CoreSettings"))
    commands = await connection.send(ListCommands())
    contexts = await _contexts(connection, target.contexts)
    addresses = await _addresses(target.ami.host)
    call = None
    if target.call and "Originate" in commands and contexts and contexts.get(CONTEXT):
        call = await call_inside(connection, router, target.view)
    return Facts(
        host=target.ami.host,
        port=target.ami.port,
        addresses=addresses,
        tls=target.ami.tls is not None,
        user=target.ami.user,
        version=settings["AsteriskVersion"] if settings else None,
        cdr=settings.get("CoreCDRenabled").lower() == "yes" if settings else None,
        commands=commands,
        contexts=contexts,
        functions=await _functions(connection),
        modules=await _modules(connection) if "ModuleCheck" in commands else None,
        clock=await _clock(connection),
        user_event=await _user_event(connection, router) if "UserEvent" in commands else None,
        relay=await look_at_relay(target.ami.host, target.ami.port, addresses, target.relay_port),
        view=await _view(target.view) if target.view else None,
        call=call,
        browsers=await _browsers(connection, target),
    )


async def _unless_refused(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except ActionRefused:
        return None


async def _answer(connection: AmiConnection, action: RawAction) -> Message | None:
    return await _unless_refused(connection.send(action))


async def _contexts(connection: AmiConnection, names: Collection[str]) -> dict[str, tuple[Step, ...]] | None:
    """The steps of each context; one that is not there is refused too, but not for want of a right."""
    found: dict[str, tuple[Step, ...]] = {}
    for name in names:
        try:
            rows = await connection.send_list(ShowDialPlan(context=name))
        except PermissionDenied:
            return None
        except ActionRefused:
            continue
        found[name] = tuple(_step(row) for row in rows if row.application)
    return found


def _step(row: ListDialplan) -> Step:
    priority = int(row.priority) if row.priority.isdecimal() else 0
    return Step(row.extension, priority, row.extension_label, row.application, row.app_data)


async def _browsers(connection: AmiConnection, target: Target) -> Browsers:
    """The WebSocket, and what is to be known of each endpoint."""
    asked = [(one.device, field) for one in target.browsers for field in WANTED]
    functions = [f"PJSIP_ENDPOINT({device},{field})" for device, field in asked]
    told = await _values(connection, functions)
    endpoints: dict[str, dict[str, str]] = {one.device: {} for one in target.browsers}
    for (device, field), function in zip(asked, functions, strict=True):
        endpoints[device][field] = told[function] if told else ""
    return Browsers(
        url=target.websocket,
        websocket=await look_at_websocket(target.websocket) if target.websocket else None,
        phones=target.browsers,
        endpoints=None if told is None else endpoints,
    )


async def _functions(connection: AmiConnection) -> dict[str, str] | None:
    return await _values(connection, (*FUNCTIONS, DANGEROUS))


async def _values(connection: AmiConnection, functions: Iterable[str]) -> dict[str, str] | None:
    """What dialplan functions give; empty where one gives nothing or is unknown."""
    values: dict[str, str] = {}
    for function in functions:
        try:
            answer = await connection.send(RawAction("Getvar", (("Variable", function),)))
        except PermissionDenied:
            return None
        except ActionRefused:
            values[function] = ""
        else:
            values[function] = answer.get("Value")
    return values


async def _modules(connection: AmiConnection) -> dict[str, bool]:
    names = [module.name for module in MODULES]
    answers = [await _answer(connection, RawAction("ModuleCheck", (("Module", name),))) for name in names]
    return {name: answer is not None for name, answer in zip(names, answers, strict=True)}


async def _clock(connection: AmiConnection) -> Clock | None:
    """The closest of three looks; half of the way there and back is how far it may be wrong."""
    looks = []
    for _ in range(3):
        before = time.time()
        told = await connection.send(Ping())
        after = time.time()
        looks.append(Clock(told - (before + after) / 2, (after - before) / 2))
        if not told:
            return None
    return min(looks, key=lambda look: look.margin)


async def _user_event(connection: AmiConnection, router: Router) -> bool:
    token = secrets.token_hex(8)
    back = asyncio.Event()

    def look(event: AmiEvent) -> None:
        if event.get("Token") == token:
            back.set()

    leave = router.add(["UserEvent"], look)
    try:
        await connection.send(UserEvent("AgentBridgeDoctor", {"Token": token}))
        async with asyncio.timeout(EVENT_DEADLINE):
            await back.wait()
    except (TimeoutError, ActionRefused):
        return False
    finally:
        leave()
    return True


async def _view(settings: AmiSettings) -> View:
    connection = AmiConnection(replace(settings, events="off"))
    try:
        await connection.open()
        return View(user=settings.user, commands=await connection.send(ListCommands()))
    except AmiConnectError as error:
        return View(user=settings.user, error=str(error))
    finally:
        await connection.close()


async def _addresses(host: str) -> tuple[str, ...]:
    """What the host's name stands for; it was reached, so it stands for something."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError):
        return (str(ipaddress.ip_address(host)),)
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
