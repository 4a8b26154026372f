"""Whatever is asked: what reaches Asterisk is what the function is for, in the shape that it has, or nothing.

The manager interface that listens here reads the wire by itself. Each action must be one that the caller's
function may cause, with no header beyond those of that action, and no value of another shape than the bridge
gives it. A caller without the function causes nothing at all.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

import pytest
from fake_ami import Received
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replaying import client
from replaying.cases import read
from replaying.observed import QUIET
from replaying.running import serving
from replaying.scene import Scene, Stage
from replaying.sound import sound
from replaying.world import HERE
from test_asterisk_gone import state
from test_bad_values import BAD, BUILT, LOGIN, NAMES, get, post

CASES = read(HERE / "agent.jsonl")
Pairs = list[tuple[str, bytes]]

IN_QUEUES: Final = {"QueueAdd", "QueuePause", "QueueRemove", "Setvar"}
ENDS: Final = {"Hangup", *IN_QUEUES}
MOVES: Final = {"Redirect", *ENDS}
DIALS: Final = {"Originate", *IN_QUEUES}
MAY_CAUSE: Final[Mapping[str, set[str]]] = {
    "external_hangup": ENDS,
    "external_status": ENDS,  # the wrap-up is over
    "external_pause": DIALS,  # who is ready gets the call that waits for her
    "logout": ENDS,
    "pause_code": {"QueuePause"},
    "external_dial": DIALS,
    "preview_dial_action": DIALS,
    "change_ingroups": DIALS,
    "ra_call_control": MOVES,
    "send_dtmf": {"Originate"},
    "park_call": MOVES,
    "transfer_conference": MOVES | DIALS,
    "recording": {"Originate", "Hangup"},
    "call_agent": {"Originate"},
    "audio_playback": {"Originate", "Hangup", "ControlPlayback"},
    "vm_message": set(),
    "force_fronter_leave_3way": MOVES,
    "force_fronter_audio_stop": {"Hangup"},
}
"""Actions that each function may cause; those that are not named cause none."""

UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NAME: Final = r"[A-Za-z0-9_-]{1,40}"
RECORDING: Final = r"recording-[A-Za-z0-9_-]{1,100}"
SHAPES: Final = {
    "Action": r"[A-Za-z]+",
    "ActionID": rf"{NAME}|{RECORDING}",
    "Async": "true",
    "CallerID": r'("[A-Za-z0-9 _-]*" )?<?\+?\d*>?',
    "Channel": rf"{UUID}(;2)?|{RECORDING}|Local/\d{{7}}@bridge-(room|listen|phone)/n"
    rf"|(PJ)?SIP/{NAME}(@{NAME})?",
    "ChannelId": rf"{UUID}|{RECORDING}",
    "Context": r"bridge-[a-z]+",
    "Control": r"pause|restart",
    "Exten": rf"s|to-[a-z]+|\d{{7}}|{UUID}",
    "Interface": r"Local/\d{7}@bridge-offer/n",
    "MemberName": r"[A-Za-z0-9 ,._-]*",
    "Paused": r"true|false",
    "Priority": "1",
    "Queue": NAME,
    "Reason": r"[A-Za-z0-9_-]{0,6}|LOGIN|LAGGED",
    "StateInterface": r"Custom:agent-[A-Za-z0-9_-]+",
    "Timeout": r"\d+",
}
"""What a header's value looks like, whoever asked for it."""

NUMBER: Final = r"\+?[0-9]{0,20}"
VARIABLES: Final = {
    "BRIDGE_CALLER_ID": NUMBER,
    "BRIDGE_CALL_ID": UUID,
    "BRIDGE_CUSTOMER": UUID,
    "BRIDGE_DIAL": r"[A-Za-z]+/[A-Za-z0-9_+@.-]+",
    "BRIDGE_DIGITS": r"[0-9A-D*#w]+",
    "BRIDGE_MUSIC": r"[A-Za-z0-9_-]*",
    "BRIDGE_PASS": rf"{UUID}|{NAME}",
    "BRIDGE_QUEUE": NAME,
    "BRIDGE_RECORDING": r"[A-Za-z0-9_-]+",
    "BRIDGE_SOUND": r"[A-Za-z0-9_/-]+",
    "BRIDGE_SOUNDS": r"[A-Za-z0-9_/&-]*",
    "BRIDGE_TIMEOUT": r"\d+",
    "CDR(userfield)": UUID,
    "__BRIDGE_CALL_ID": UUID,
}
"""The variables that are set, and what they may hold. None is ever named by a caller."""
DEVICE: Final = re.compile(r"DEVICE_STATE\(Custom:agent-[A-Za-z0-9_-]{2,20}\)")
STATES: Final = {"INUSE", "NOT_INUSE", "UNAVAILABLE", "RINGING", "BUSY", "ONHOLD"}


@asynccontextmanager
async def place(
    function: str, world: Path, folder: Path, functions: Iterable[str] | None = None
) -> AsyncIterator[tuple[Scene, Path, int]]:
    """The service in a world where the function makes sense; its caller may do everything, or only this."""
    file = Path(shutil.copy(world, folder / "bridge.db"))
    if functions is not None:
        with closing(sqlite3.connect(file)) as store, store:
            store.execute("UPDATE users SET functions = ? WHERE user = '6666'", (json.dumps([*functions]),))
    scene = Stage(file).set(sound(CASES, function)[0])
    async with serving(file, scene.stand_in, {}) as port:
        yield scene, file, port


def spoilt(function: str, count: int) -> list[tuple[Pairs, bool]]:
    """Requests to a function: the right one, and such with parameters of which some are hostile."""
    good = [(name, value.encode()) for name, value in sound(CASES, function)[1].items()]
    found: list[tuple[Pairs, bool]] = [(good, False)]
    own = st.sampled_from([name for name, _ in good if name not in LOGIN])

    @given(st.lists(st.tuples(st.one_of(own, NAMES), BAD), max_size=4), st.booleans())
    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def collect(bad: Pairs, as_form: bool) -> None:  # noqa: FBT001
        replaced = {name for name, _ in bad}
        found.append(([*(pair for pair in good if pair[0] not in replaced), *bad], as_form))

    collect()
    return found


@pytest.mark.parametrize("function", BUILT)
async def test_what_reaches_asterisk_is_what_the_function_is_for(
    function: str, world: Path, tmp_path: Path
) -> None:
    async with place(function, world, tmp_path) as (scene, _file, port):
        before = len(scene.stand_in.ami.actions)
        for pairs, as_form in spoilt(function, 30):
            await client.ask(port, (post if as_form else get)(pairs))
        await _all_heard(scene)
        sent = scene.stand_in.ami.actions[before:]
    assert {one.name for one in sent} - QUIET <= MAY_CAUSE.get(function, set())
    for action in sent:
        assert not list(_strange(action)), action.lines


@pytest.mark.parametrize("function", BUILT)
async def test_without_the_function_nothing_reaches_asterisk_and_nothing_changes(
    function: str, world: Path, tmp_path: Path
) -> None:
    others = [name for name in BUILT if name != function]
    async with place(function, world, tmp_path, others) as (scene, file, port):
        was, before = state(file), len(scene.stand_in.ami.actions)
        for pairs, as_form in spoilt(function, 12):
            reply = await client.ask(port, (post if as_form else get)(pairs))
            assert reply.text.startswith("ERROR"), (pairs, reply.text)
        await _all_heard(scene)
        assert [one.lines for one in scene.stand_in.ami.actions[before:] if one.name not in QUIET] == []
        assert state(file) == was


# -- /v1

PATHS: Final = {
    "user": ["1000", "1000%0D%0AAction:%20Hangup", "9999"],
    "call_id": ["V1120100000000000201", "x%0Ay", "%2F..%2F"],
    "party": ["customer", "third"],
    "key": ["TEST"],
    "recording_id": ["1"],
}
LOGIN_V1: Final = b"Authorization: Basic " + base64.b64encode(b"6666:1234")
HOSTILE: Final = st.one_of(
    BAD.map(lambda raw: raw.decode("utf-8", "replace")[:400]),
    st.integers(-(2**70), 2**70),
    st.sampled_from([None, [], {}, True, 1.5, ["a\r\nb"], {"a\nb": "c"}]),
)


async def commands(port: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Every request under `/v1` that changes something of agents and calls, with the example of its body."""
    told = json.loads((await client.ask(port, v1("GET", "/v1/openapi.json"))).text)
    schemas = told["components"]["schemas"]
    found = []
    for path, methods in told["paths"].items():
        for method in set(methods) & {"post", "put", "patch", "delete"}:
            if path.startswith(("/v1/agents", "/v1/calls")):
                body = methods[method].get("requestBody", {}).get("content", {}).get("application/json", {})
                name = json.dumps(body).rpartition("/")[2].strip('"}]')
                found.append((method.upper(), path, schemas.get(name, {}).get("examples", [{}])[0]))
    return found


def v1(method: str, path: str, body: object = None) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n".encode() + LOGIN_V1
    if body is None:
        return head + b"\r\n\r\n"
    data = json.dumps(body).encode()
    return head + b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data) + data


def spoilt_v1(asked: list[tuple[str, str, dict[str, Any]]], count: int) -> list[bytes]:
    """The right requests, and such with hostile fields and paths."""
    found = [v1(method, fill(path, lambda names: names[0]), body or None) for method, path, body in asked]

    @given(st.data())
    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def collect(data: st.DataObject) -> None:
        method, path, body = data.draw(st.sampled_from(asked))
        bad = data.draw(st.dictionaries(st.sampled_from([*body, "more"]), HOSTILE, max_size=3))
        wanted = fill(path, lambda names: data.draw(st.sampled_from(names)))
        found.append(v1(method, wanted, body | bad or None))

    collect()
    return found


def fill(path: str, choose: Callable[[list[str]], str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: choose(PATHS.get(name[1], ["x"])), path)


async def test_what_v1_sends_to_asterisk_has_the_same_shapes(world: Path, tmp_path: Path) -> None:
    async with place("park_call", world, tmp_path) as (scene, _file, port):
        before = len(scene.stand_in.ami.actions)
        asked = await commands(port)
        assert len(asked) > 30
        for request in spoilt_v1(asked, 400):
            await client.ask(port, request)
        await _all_heard(scene)
        sent = scene.stand_in.ami.actions[before:]
    names = {one.name for one in sent}
    assert {"Originate", "Hangup", "QueuePause"} <= names <= QUIET.union(*MAY_CAUSE.values())
    for action in sent:
        assert not list(_strange(action)), action.lines


async def test_nothing_under_v1_reaches_asterisk_for_a_caller_without_functions(
    world: Path, tmp_path: Path
) -> None:
    async with place("park_call", world, tmp_path, []) as (scene, file, port):
        was, before = state(file), len(scene.stand_in.ami.actions)
        asked = await commands(port)
        for request in spoilt_v1(asked, 100):
            assert (await client.ask(port, request)).status >= 400, request
        await _all_heard(scene)
        assert [one.lines for one in scene.stand_in.ami.actions[before:] if one.name not in QUIET] == []
        assert state(file) == was


async def _all_heard(scene: Scene) -> None:
    """Wait until nothing more has come for a moment: effects follow their answers at leisure."""
    seen = -1
    while seen != len(scene.stand_in.ami.actions):
        seen = len(scene.stand_in.ami.actions)
        await asyncio.sleep(0.05)


def _strange(action: Received) -> Iterable[str]:
    """Lines of an action that have not the shape that the bridge gives them."""
    for line in action.lines:
        header, colon, value = line.partition(": ")
        if header == "Variable":
            good = _is_variable(action, value)
        elif header == "Value":
            good = _is_variable(action, f"{action['Variable']}={value}")
        else:
            good = header in SHAPES and re.fullmatch(SHAPES[header], value) is not None
        if not colon or not good:
            yield line


def _is_variable(action: Received, text: str) -> bool:
    name, equals, value = text.partition("=")
    if DEVICE.fullmatch(name):
        return not equals or value in STATES
    if not equals:  # its value is in a header of its own, or is asked for
        return action.name in ("Setvar", "Getvar") and name in VARIABLES
    return name in VARIABLES and re.fullmatch(VARIABLES[name], value) is not None
