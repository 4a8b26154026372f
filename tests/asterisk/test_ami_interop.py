"""The AMI engine on a real Asterisk, beside panoramisk and pyst2 on the same one."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from panoramisk.manager import Manager as Panoramisk
from stack import DEADLINE, Stack, until

from bridge.ami import (
    ActionRefused,
    AmiClient,
    AmiConnection,
    AmiEvent,
    AmiLoginRefused,
    AmiSettings,
    CloseKind,
    Gap,
    LinkDown,
    LinkUp,
    NotConnected,
    PermissionDenied,
    Subscription,
    actions,
    events,
)
from bridge.ami.protocol import encode_action

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from asterisk.manager import Manager as Pyst2

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:asterisk.manager")  # pyst2's own

Seen: TypeAlias = list[dict[str, str]]


def settings(stack: Stack, *, view: bool = False) -> AmiSettings:
    kind = "AMI_VIEW_" if view else "AMI_"
    return AmiSettings(port=int(stack["AMI_PORT"]), user=stack[f"{kind}USER"], secret=stack[f"{kind}SECRET"])


@pytest.fixture
async def ami(stack: Stack) -> AsyncIterator[AmiClient]:
    async with AmiClient(settings(stack)) as client:
        await client.connected(DEADLINE)
        yield client


@pytest.fixture
async def view(stack: Stack) -> AsyncIterator[AmiClient]:
    async with AmiClient(settings(stack, view=True)) as client:
        await client.connected(DEADLINE)
        yield client


async def first(subscription: Subscription, key: str, value: str) -> AmiEvent:
    """Wait for the first event with this header."""
    async with asyncio.timeout(DEADLINE):
        async for item in subscription:
            if isinstance(item, AmiEvent) and item.get(key) == value:
                return item
    raise AssertionError("the subscription ended")


@contextmanager
def panoramisk_sees(stack: Stack, seen: Seen) -> Iterator[None]:
    manager = Panoramisk(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=int(stack["AMI_PORT"]),
        username=stack["AMI_USER"],
        secret=stack["AMI_SECRET"],
    )
    manager.register_event("*", lambda _, event: seen.append({k.lower(): str(v) for k, v in event.items()}))
    manager.connect()
    yield
    manager.connection_lost = lambda _: None  # else it comes back after close()
    manager.close()


@contextmanager
def pyst2_sees(stack: Stack, seen: Seen) -> Iterator[None]:
    def take(event: Any, _: Any) -> None:
        seen.append({name.lower(): value for name, value in event.headers.items()})

    manager = Pyst2()
    manager.register_event("*", take)

    def run() -> None:
        manager.connect("127.0.0.1", int(stack["AMI_PORT"]))
        manager.login(stack["AMI_USER"], stack["AMI_SECRET"])

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(DEADLINE)
    with suppress(ValueError):  # its reader can close the socket while its own farewell is being written
        manager.close()


def between(seen: Seen, begin: str, end: str) -> Seen:
    """The events between two of our own; values as pyst2 gives them, which takes off blanks."""
    marks = [event.get("userevent") for event in seen]
    part = seen[marks.index(begin) + 1 : marks.index(end)]
    return [{name: value.strip() for name, value in event.items() if name != "content"} for event in part]


async def test_three_libraries_see_the_same_events_of_a_real_call(stack: Stack, ami: AmiClient) -> None:
    begin, end, channel = (f"{name}-{uuid4().hex[:8]}" for name in ("begin", "end", "channel"))
    ours: Seen = []
    theirs: Seen = []
    others: Seen = []
    subscription = ami.subscribe(None)

    async def follow() -> None:
        async for item in subscription:
            if isinstance(item, AmiEvent):
                ours.append({name.lower(): value for name, value in item.items()})

    following = asyncio.create_task(follow())
    with panoramisk_sees(stack, theirs), pyst2_sees(stack, others):

        async def all_have(mark: str) -> bool:
            await ami.send(actions.UserEvent(mark))
            return all(mark in [event.get("userevent") for event in seen] for seen in (ours, theirs, others))

        await until(lambda: all_have(f"ready-{begin}"), "three clients that listen")
        await ami.send(actions.UserEvent(begin))
        call = actions.Originate(
            channel="PJSIP/1012", context="bridge-agent", exten="8600112", channel_id=channel
        )
        async with ami.subscribe(["ConfbridgeJoin"]) as joins:
            await ami.send(call, action_id=channel)
            await first(joins, "Uniqueid", channel)
        async with ami.subscribe(["Hangup"]) as hangups:
            await ami.send(actions.Hangup(channel))
            await first(hangups, "Uniqueid", channel)
        await ami.send(actions.UserEvent(end))
        await until(lambda: all_have(f"after-{end}"), "three clients that have seen it all")
    subscription.close()
    await following

    expected = between(ours, begin, end)
    names = [event["event"] for event in expected if event.get("uniqueid") == channel]
    wanted = ["Newchannel", "OriginateResponse", "ConfbridgeJoin", "ConfbridgeLeave", "Hangup"]
    assert [name for name in names if name in wanted] == wanted
    assert between(theirs, begin, end) == expected
    assert between(others, begin, end) == expected


async def test_knows_which_asterisk_this_is(stack: Stack, ami: AmiClient) -> None:
    assert ami.asterisk_version.startswith(f"{stack.version}.")
    assert ami.started_at >= "2026"
    assert ami.fully_booted is None  # the bridge's user may not read `system`


async def test_a_wrong_secret_is_refused(stack: Stack) -> None:
    wrong = AmiSettings(port=int(stack["AMI_PORT"]), user=stack["AMI_USER"], secret="wrong")
    with pytest.raises(AmiLoginRefused, match="Authentication failed"):
        await AmiConnection(wrong).open()


async def test_500_actions_in_flight(ami: AmiClient) -> None:
    names = [f"INTEROP_{number}" for number in range(500)]
    await asyncio.gather(*(ami.send(actions.Setvar(name, f"value of {name}")) for name in names))
    values = await asyncio.gather(*(ami.send(actions.Getvar(name)) for name in names))
    assert values == [f"value of {name}" for name in names]
    await asyncio.gather(*(ami.send(actions.Setvar(name, "")) for name in names))


@pytest.mark.parametrize(
    "action",
    [
        actions.CoreShowChannels(),
        actions.BridgeList(),
        actions.QueueStatus(),
        actions.DeviceStateList(),
        actions.ShowDialPlan("bridge-room"),
        actions.Status(),
        actions.HangupMatching("^Nothing/is-called-this"),
    ],
    ids=lambda action: action.action,
)
async def test_lists_come_to_their_end(ami: AmiClient, action: actions.ListAction[AmiEvent]) -> None:
    rows = await ami.send_list(action)
    assert all(isinstance(row, action.rows) for row in rows)
    if action.action in {"QueueStatus", "DeviceStateList", "ShowDialPlan"}:
        assert rows


async def test_what_is_refused_and_why(ami: AmiClient) -> None:
    with pytest.raises(PermissionDenied):
        await ami.send(actions.RawAction("ModuleCheck", (("Module", "res_agi"),)))
    with pytest.raises(ActionRefused, match="No such channel") as caught:
        await ami.send(actions.Hangup("not-there"))
    assert not isinstance(caught.value, PermissionDenied)
    with pytest.raises(ActionRefused):
        await ami.send_list(actions.ConfbridgeList("not-a-room"))
    assert "Originate" in await ami.send(actions.ListCommands())


async def test_asterisk_takes_whatever_the_encoder_lets_through(ami: AmiClient) -> None:
    """The longest line, the most headers, the longest ActionID, bytes that are no text."""
    mark = f"interop-{uuid4().hex}"
    longest = "x" * (1022 - len("Longest: "))
    odd = b"Jos\xe9 \xf0\x9f\x93\x9e".decode("utf-8", "surrogateescape")
    headers = {"Longest": longest, "Odd": odd, **{f"H{number}": str(number) for number in range(123)}}
    action = actions.UserEvent(mark, headers)
    assert encode_action(action.action, action.fields(), "i").count(b"\r\n") == 128 + 1
    async with ami.subscribe(["UserEvent"]) as subscription:
        answer = await ami.send(action, action_id="i" * 128)
        assert answer.action_id == "i" * 128
        event = await first(subscription, "UserEvent", mark)
    assert {name: event[name] for name in headers} == headers


async def test_an_action_id_comes_back_whole_from_every_kind_of_answer(ami: AmiClient) -> None:
    action_id = "z" * 128
    await ami.send(actions.CoreStatus(), action_id=action_id)
    await ami.send(actions.Ping(), action_id=action_id)
    await ami.send_list(actions.QueueStatus(), action_id=action_id)
    await ami.send_list(actions.CoreShowChannels(), action_id=action_id)
    with pytest.raises(ActionRefused):
        await ami.send(actions.Hangup("not-there"), action_id=action_id)


async def test_a_failed_originate_is_told_by_its_action_id(ami: AmiClient) -> None:
    intent = f"intent-{uuid4().hex}"
    call = actions.Originate(channel="PJSIP/no-such-endpoint", context="bridge-agent", exten="8600112")
    async with ami.subscribe(["OriginateResponse"]) as subscription:
        await ami.send(call, action_id=intent)
        event = await first(subscription, "ActionID", intent)
    assert isinstance(event, events.OriginateResponse)
    assert not event.success


async def test_escaped_values_come_back_as_they_were(ami: AmiClient, view: AmiClient) -> None:
    channel = f"escape-{uuid4().hex[:8]}"
    value = "say \"hi\" \\ and 'bye' \t?"
    call = actions.Originate(
        channel="PJSIP/1013", context="bridge-agent", exten="8600113", channel_id=channel
    )
    async with view.subscribe(["VarSet", "ConfbridgeJoin"]) as subscription:
        await ami.send(call)
        await first(subscription, "Uniqueid", channel)
        await ami.send(actions.Setvar("INTEROP", value, channel))
        event = await first(subscription, "Variable", "INTEROP")
        assert await ami.send(actions.Getvar("INTEROP", channel)) == value
        await ami.send(actions.Hangup(channel))
    assert isinstance(event, events.VarSet)
    assert event["Value"] != value
    assert event.value == value
    assert event.timestamp is not None


async def test_any_value_of_a_variable_arrives_as_it_is(ami: AmiClient) -> None:
    """Asterisk splits a Variable header at commas: unescaped, the first of these would set two variables."""
    channel = f"variables-{uuid4().hex[:8]}"
    values = {
        "COMMA": "a,INTEROP_SMUGGLED=b",
        "QUOTES": 'say "hi"',
        "BACKSLASH": "a\\b\\",
        "OPEN": "(a,[b",
        "CLOSE": "a),b]",
        "EQUALS": "a=b=c",
        "BLANKS": "  a  ",
        "DOLLAR": "${CHANNEL(name)} $[1+1]",
        "SEMICOLON": "a;b|c&d",
        "EMPTY": "",
        "__INHERITED": "日本, é",
    }
    call = actions.Originate(
        channel="PJSIP/1014",
        context="bridge-agent",
        exten="8600114",
        channel_id=channel,
        variables={**values, "CHANNEL(musicclass)": "with, comma"},
    )
    async with ami.subscribe(["ConfbridgeJoin"]) as joins:
        await ami.send(call)
        await first(joins, "Uniqueid", channel)
    found = {name: await ami.send(actions.Getvar(name.lstrip("_"), channel)) for name in values}
    smuggled = await ami.send(actions.Getvar("INTEROP_SMUGGLED", channel))
    function = await ami.send(actions.Getvar("CHANNEL(musicclass)", channel))
    await ami.send(actions.Hangup(channel))
    assert found == values
    assert (smuggled, function) == ("", "with, comma")


async def test_asterisk_does_split_a_variable_header_at_commas(ami: AmiClient) -> None:
    """The reason for the escaping: written raw, one header sets two variables."""
    channel = f"split-{uuid4().hex[:8]}"
    fields = {
        "Channel": "PJSIP/1014",
        "Context": "bridge-agent",
        "Exten": "8600114",
        "Priority": "1",
        "Async": "true",
        "ChannelId": channel,
        "Variable": "COMMA=a,INTEROP_SMUGGLED=b",
    }
    async with ami.subscribe(["ConfbridgeJoin"]) as joins:
        await ami.send(actions.RawAction("Originate", tuple(fields.items())))
        await first(joins, "Uniqueid", channel)
    smuggled = await ami.send(actions.Getvar("INTEROP_SMUGGLED", channel))
    await ami.send(actions.Hangup(channel))
    assert smuggled == "b"


async def test_a_synchronous_originate_holds_the_link_and_is_not_taken_for_silence(stack: Stack) -> None:
    impatient = AmiSettings(
        port=int(stack["AMI_PORT"]),
        user=stack["AMI_USER"],
        secret=stack["AMI_SECRET"],
        ping_interval=0.2,
        ping_timeout=0.2,
    )
    fields = (
        ("Channel", "PJSIP/12125550110@carrier"),  # the carrier answers it after 10 s
        ("Context", "bridge-agent"),
        ("Exten", "8600112"),
        ("Priority", "1"),
        ("Timeout", "2000"),
    )
    async with AmiClient(impatient) as client, client.subscribe(["Hangup"]) as subscription:
        await client.connected(DEADLINE)
        with pytest.raises(ActionRefused):
            await client.send(actions.RawAction("Originate", fields), timeout=DEADLINE)
        assert await client.send(actions.Ping()) > 0
        assert isinstance(await anext(subscription), LinkUp)
        assert client.up_since is not None


async def test_a_frozen_asterisk_is_noticed_and_the_gap_told(stack: Stack) -> None:
    container = stack["ASTERISK_CONTAINER"]
    quick = replace(settings(stack), ping_interval=0.3, ping_timeout=0.3, connect_timeout=0.5)
    async with AmiClient(quick) as client, client.subscribe(["UserEvent"]) as subscription:
        await client.connected(DEADLINE)
        before = client.started_at
        docker("pause", container)
        try:
            async with asyncio.timeout(DEADLINE):
                assert isinstance(await anext(subscription), LinkUp)
                down = await anext(subscription)
            assert isinstance(down, LinkDown)
            assert down.reason.kind is CloseKind.SILENT
            with pytest.raises(NotConnected):
                await client.send(actions.Ping())
        finally:
            docker("unpause", container)
        async with asyncio.timeout(DEADLINE):
            assert isinstance(await anext(subscription), LinkUp)
            gap = await anext(subscription)
        assert isinstance(gap, Gap)
        assert not gap.restarted
        assert gap.since <= down.at <= gap.until
        assert client.started_at == before


def docker(command: str, container: str) -> None:
    subprocess.run(["docker", command, container], check=True, capture_output=True)
