"""The AMI user of `asterisk-conf` is minimal: whatever is taken from it, something breaks, by name."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from fake_ami.waiting import eventually
from own_asterisk import SECRET, OwnAsterisk, good_files, own_asterisk
from stack import ROOT, Stack

from bridge.ami import actions
from bridge.ami.actions import Action, ListCommands, Originate, Ping, QueueAdd, Redirect, UserEvent
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import ActionRefused, PermissionDenied
from bridge.ami.events import AmiEvent
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings
from bridge.watch import EVENTS

BREAKS_ACTIONS: Final = {
    "call": {"Redirect", "Hangup", "Setvar", "Getvar", "ControlPlayback"},  # transfers, hang-ups, parties
    "originate": {"Originate"},  # every call
    "agent": {"QueueAdd", "QueueRemove", "QueuePause"},  # agents in their in-groups
    "reporting": {"CoreShowChannels"},  # the comparison after each gap
    "user": {"UserEvent"},  # the doctor's look whether events arrive at all
}
"""Class of `write` → what the bridge sends and is refused without it."""
NEEDS_NONE: Final = {"Ping", "QueueStatus"}
BREAKS_EVENTS: Final = {
    "call": {"Newchannel", "Newstate", "Hangup", "OriginateResponse"},  # every call's story
    "agent": {"QueueCallerJoin"},  # callers who wait
    "user": {"UserEvent"},  # as above
}
"""Class of `read` → events that do not come without it, of one call into a queue and one `UserEvent`."""

TRIED: Final[dict[str, Action[object]]] = {
    "call": Redirect(channel="Local/none", context="bridge-park", exten="s"),
    "originate": Originate(channel="Local/s@waiting/n", context="waiting", exten="s", timeout_ms=1000),
    "agent": QueueAdd(queue="SUPPORT", interface="Local/none@bridge-room/n"),
    "user": UserEvent("Tried"),
}
WAITING: Final = "\n[waiting]\nexten => s,1,Answer()\n same => n,Queue(SUPPORT,,,,2)\n same => n,Hangup()\n"


def shipped(kind: str) -> list[str]:
    """The classes of the user `bridge`."""
    text = (ROOT / "asterisk-conf/bridge_manager.conf").read_text()
    found = re.search(rf"^\[bridge\]\(.*?^{kind} = (\S+)$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].split(",")


def less(kind: str, taken: str) -> str:
    return ",".join(each for each in shipped(kind) if each != taken)


def users() -> Iterator[str]:
    """One for each class that is taken away."""
    for taken in BREAKS_ACTIONS:
        rights = f"read = {','.join(shipped('read'))}\nwrite = {less('write', taken)}"
        yield f"\n[no-write-{taken}](bridge-access,bridge-filters)\n{rights}\n"
    for taken in BREAKS_EVENTS:
        rights = f"read = {less('read', taken)}\nwrite = {','.join(shipped('write'))}"
        yield f"\n[no-read-{taken}](bridge-access,bridge-filters)\n{rights}\n"


@pytest.fixture(scope="module")
def own(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    folder = tmp_path_factory.mktemp("rights")
    good_files(folder / "etc")
    for file, more in (("manager.conf", "".join(users())), ("extensions.conf", WAITING)):
        with (folder / "etc" / file).open("a") as opened:
            opened.write(more)
    with own_asterisk(stack, folder) as made:
        yield made


class Onlooker:
    """A login and the events that it was given."""

    def __init__(self, own: OwnAsterisk, user: str) -> None:
        self.seen: set[str] = set()
        router = Router()
        router.add(None, self._note)
        settings = AmiSettings(host="127.0.0.1", port=own.port, user=user, secret=SECRET)
        self.connection = AmiConnection(settings, router)

    def _note(self, event: AmiEvent) -> None:
        self.seen.add(event.name)


@asynccontextmanager
async def login(own: OwnAsterisk, user: str) -> AsyncIterator[Onlooker]:
    made = Onlooker(own, user)
    await made.connection.open()
    try:
        made.connection.go_live()
        yield made
    finally:
        await made.connection.close()


def sent() -> set[str]:
    """Every action that the bridge builds, read from its source."""
    names: set[str] = set()
    for path in (ROOT / "bridge").rglob("*.py"):
        if {"ami"} & set(path.relative_to(ROOT).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "bridge.ami.actions":
                names |= {alias.name for alias in node.names}
    kinds = {name: getattr(actions, name) for name in names}
    asked = {kind.name for kind in kinds.values() if isinstance(getattr(kind, "name", None), str)}
    return asked - {"", "ListCommands", "ShowDialPlan"}  # with which the doctor looks at rights and dialplan


def test_the_tables_are_the_shipped_classes_and_what_the_bridge_does() -> None:
    assert set(BREAKS_ACTIONS) == set(shipped("write"))
    assert set(BREAKS_EVENTS) == set(shipped("read"))
    assert sent() <= set().union(*BREAKS_ACTIONS.values(), NEEDS_NONE)
    used = set(EVENTS) | {"UserEvent"}
    assert set().union(*BREAKS_EVENTS.values()) <= used


@pytest.mark.parametrize("taken", BREAKS_ACTIONS)
async def test_without_a_class_of_write_something_of_the_bridge_is_refused(
    own: OwnAsterisk, taken: str
) -> None:
    async with login(own, "bridge") as whole, login(own, f"no-write-{taken}") as part:
        allowed = set(await whole.connection.send(ListCommands()))
        left = set(await part.connection.send(ListCommands()))
        assert sent() <= allowed
        lost = sent() & (allowed - left)
        assert lost
        assert lost <= BREAKS_ACTIONS[taken]
        if taken in TRIED:
            with pytest.raises(PermissionDenied):
                await part.connection.send(TRIED[taken])
            assert await is_allowed(whole.connection, TRIED[taken])
        else:
            with pytest.raises(PermissionDenied):
                await part.connection.send_list(actions.CoreShowChannels())
            assert await whole.connection.send_list(actions.CoreShowChannels()) is not None


async def is_allowed(connection: AmiConnection, action: Action[object]) -> bool:
    """Whatever Asterisk thinks of it otherwise."""
    try:
        await connection.send(action)
    except PermissionDenied:
        return False
    except ActionRefused:
        return True
    return True


async def test_without_a_class_of_read_the_bridge_does_not_see_what_happens(own: OwnAsterisk) -> None:
    everything = set().union(*BREAKS_EVENTS.values())
    async with AsyncExitStack() as logins:
        whole = await logins.enter_async_context(login(own, "bridge"))
        parts = {
            taken: await logins.enter_async_context(login(own, f"no-read-{taken}")) for taken in BREAKS_EVENTS
        }
        await whole.connection.send(TRIED["originate"])
        await whole.connection.send(UserEvent("Seen"))
        await eventually(lambda: everything <= whole.seen, within=20)
        for taken, onlooker in parts.items():
            hidden = BREAKS_EVENTS[taken]
            others = everything - hidden
            await eventually(partial(others.issubset, onlooker.seen), within=20)
            await onlooker.connection.send(Ping())
            assert not hidden & onlooker.seen, taken


async def test_it_may_do_nothing_that_opens_the_machine(own: OwnAsterisk, tmp_path: Path) -> None:
    async with login(own, "bridge") as whole:
        allowed = set(await whole.connection.send(ListCommands()))
    dangers = {"Command", "ModuleLoad", "GetConfig", "UpdateConfig", "CreateConfig", "ListCategories"}
    dangers |= {"DBPut", "MixMonitor", "DialplanExtensionAdd", "Reload", "Filter"}
    assert dangers & allowed == set()
    checks = (await asyncio.to_thread(own.doctor, tmp_path)).checks
    assert checks["rights.too-many"]["status"] == "ok"
    assert "rights.read-too-many" not in checks
