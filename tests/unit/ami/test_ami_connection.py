"""One connection against a fake Asterisk: login, answers, framing on a real socket, liveness, end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from fake_ami import BANNER, FakeAmi, Received, Session, block, say_nothing
from fake_ami.waiting import eventually, never

from bridge.ami import actions, events
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import (
    ActionRefused,
    ActionTimeout,
    AmiConnectError,
    AmiLoginRefused,
    InvalidAction,
    NotAsterisk,
    NotConnected,
    OutcomeUnknown,
)
from bridge.ami.events.base import AmiEvent
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings
from bridge.ami.state import CloseKind, ConnectionState

Make = Callable[..., AmiSettings]


class Link:
    """An open connection and the events that came over it."""

    def __init__(self, settings: AmiSettings) -> None:
        router = Router()
        self.events: list[AmiEvent] = []
        router.add(None, self.events.append)
        self.connection = AmiConnection(settings, router)

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]


@asynccontextmanager
async def opened(settings: AmiSettings) -> Any:
    link = Link(settings)
    async with aclosing(_Closing(link.connection)):
        await link.connection.open()
        link.connection.go_live()
        yield link


class _Closing:
    def __init__(self, connection: AmiConnection) -> None:
        self._connection = connection

    async def aclose(self) -> None:
        await self._connection.close()


# -- login -------------------------------------------------------------------------------------------------


async def test_logs_in_by_challenge_and_never_sends_the_secret(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        assert link.connection.state is ConnectionState.READY
        assert link.connection.ami_version == "9.0.0"
    assert [action.name for action in fake.actions] == ["Challenge", "Login", "Logoff"]
    assert b"s3cret" not in fake.raw


async def test_sends_the_secret_itself_only_if_asked_to(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, plain_login=True)):
        assert [action.name for action in fake.actions] == ["Login"]
        assert fake.actions[0]["Secret"] == "s3cret"


async def test_chooses_the_classes_of_events(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, events="call,user")):
        assert fake.actions[1]["Events"] == "call,user"


async def test_banner_answer_and_first_event_in_one_segment(fake: FakeAmi, settings: Make) -> None:
    fake.banner = b""
    link = Link(settings(fake, plain_login=True))
    opening = asyncio.create_task(link.connection.open())
    await eventually(lambda: fake.sessions)
    await never(lambda: fake.actions, during=0.05)  # nothing is said to somebody who has not greeted
    login = f"{link.connection.id}-1"
    answer = block([("Response", "Success"), ("ActionID", login)])
    fake.answers["Login"] = say_nothing
    fake.sessions[0].write(BANNER + block([("Event", "Early")]))
    await eventually(lambda: fake.count("Login"))
    fake.sessions[0].write(answer + block([("Event", "FullyBooted")]))
    await opening
    link.connection.go_live()
    assert link.names == ["Early", "FullyBooted"]
    await link.connection.close()


async def test_a_refused_login_is_one_clear_error(fake: FakeAmi, settings: Make) -> None:
    connection = AmiConnection(settings(fake, secret="wr0ng"))
    with pytest.raises(AmiLoginRefused, match="Authentication failed") as caught:
        await connection.open()
    assert "wr0ng" not in f"{caught.value!r} {caught.value.__cause__!r} {settings(fake, secret='wr0ng')}"
    assert connection.state is ConnectionState.CLOSED


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail ESMTP\r\n", b"x" * 500])
@pytest.mark.parametrize("plain", [True, False])
async def test_nothing_is_sent_to_a_peer_that_is_not_asterisk(
    fake: FakeAmi,
    settings: Make,
    banner: bytes,
    plain: bool,  # noqa: FBT001 - a parameter
) -> None:
    fake.banner = banner
    with pytest.raises(NotAsterisk):
        await AmiConnection(settings(fake, plain_login=plain)).open()
    assert not fake.raw


async def test_a_peer_that_never_greets_is_given_up(fake: FakeAmi, settings: Make) -> None:
    fake.banner = b""
    with pytest.raises(AmiConnectError, match="banner"):
        await AmiConnection(settings(fake, connect_timeout=0.05)).open()
    assert not fake.raw


async def test_a_login_that_is_never_answered_is_given_up(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Login"] = say_nothing
    with pytest.raises(AmiConnectError, match="login"):
        await AmiConnection(settings(fake, connect_timeout=0.1)).open()


async def test_a_peer_that_closes_during_the_login(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Challenge"] = lambda session, _: session.drop()
    with pytest.raises(AmiConnectError, match="login"):
        await AmiConnection(settings(fake)).open()


async def test_nobody_listens(fake: FakeAmi, settings: Make) -> None:
    await fake.down()
    with pytest.raises(AmiConnectError):
        await AmiConnection(settings(fake)).open()


async def test_cancelling_the_opening_leaves_nothing(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Login"] = say_nothing
    connection = AmiConnection(settings(fake))
    opening = asyncio.create_task(connection.open())
    await eventually(lambda: fake.count("Login"))
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert connection.state is ConnectionState.CLOSED
    await connection.close()


async def test_no_action_goes_out_before_the_login(fake: FakeAmi, settings: Make) -> None:
    connection = AmiConnection(settings(fake))
    with pytest.raises(NotConnected):
        await connection.send(actions.Ping())
    await connection.close()
    assert connection.state is ConnectionState.CLOSED


# -- what comes in -----------------------------------------------------------------------------------------


async def test_one_byte_at_a_time(fake: FakeAmi, settings: Make) -> None:
    fake.segment = 1
    async with opened(settings(fake)) as link:
        fake.session.event("VarSet", [("Variable", "N"), ("Value", "日本 é")])
        assert await link.connection.send(actions.Ping()) == 1795486133.5
        (event,) = link.events
        assert event.value == "日本 é"


async def test_a_character_split_over_two_reads(fake: FakeAmi, settings: Make) -> None:
    data = block([("Event", "VarSet"), ("Value", "日本")])
    cut = data.index("本".encode()) + 1
    async with opened(settings(fake)) as link:
        fake.session.write(data[:cut])
        await fake.session.writer.drain()
        await never(lambda: link.events, during=0.05)
        fake.session.write(data[cut:])
        await eventually(lambda: link.events)
        assert link.events[0].value == "日本"


async def test_bytes_that_are_no_utf8_survive(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        fake.session.write(b"Event: VarSet\r\nValue: Jos\xe9 X\r\n\r\n")
        await eventually(lambda: link.events)
        name = link.events[0].value
        assert name.encode("utf-8", "surrogateescape") == b"Jos\xe9 X"
        await link.connection.send(actions.UserEvent("Echo", {"Name": name}))
        assert b"Name: Jos\xe9 X\r\n" in fake.raw


async def test_repeated_headers_out_and_in(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        call = actions.Originate(
            channel="c", context="x", exten="s", variables={"A": "1", "B": "2", "C": "3"}
        )
        await link.connection.send(call)
        assert fake.actions[-1].all("Variable") == ["A=1", "B=2", "C=3"]
        fake.session.event("Newchannel", [("ChanVariable", "A=1"), ("X", "y"), ("ChanVariable", "B=2")])
        await eventually(lambda: link.events)
        assert link.events[0].variables() == {"A": "1", "B": "2"}


@pytest.mark.parametrize("output", [["only one"], ["one", "", "three: 3", "  four"]])
async def test_every_line_of_a_command_comes_as_a_list(
    fake: FakeAmi, settings: Make, output: list[str]
) -> None:
    fake.answers["Command"] = lambda s, a: s.respond(a, headers=[("Output", line) for line in output])
    async with opened(settings(fake)) as link:
        answer = await link.connection.send(actions.RawAction("Command", (("Command", "core show"),)))
        assert answer.all("Output") == output


async def test_values_of_200_kib_and_2_mib(fake: FakeAmi, settings: Make) -> None:
    big, huge = "b" * 200 * 1024, "h" * 2 * 1024 * 1024
    fake.answers["Command"] = lambda s, a: s.respond(a, headers=[("Output", huge), ("Output", "end")])
    async with opened(settings(fake)) as link:
        fake.session.event("VarSet", [("Value", big)])
        answer = await link.connection.send(actions.RawAction("Command"))
        assert answer.all("Output") == [huge, "end"]
        assert link.events[0].value == big


async def test_odd_lines_harm_nobody(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        fake.session.write(
            b"Event:Odd\r\nNoSpace:x\r\nno colon\r\n: no name\r\nLast:\r\n\r\n"
            b"\r\nEvent: Slip\r\nA: 1\r\n\n"
            b"just a line\r\n\r\n"
            b"EVENT: Shouted\r\n\r\n"
            b"Event: Next\r\n\r\n"
        )
        await eventually(lambda: len(link.events) == 4)
        odd = link.events[0]
        assert (odd["NoSpace"], odd["Last"], odd.get("A", "")) == ("x", "", "")
        assert link.names == ["Odd", "Slip", "Shouted", "Next"]


async def test_an_endless_message_closes_the_link(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, max_message=10_000)) as link:
        fake.session.write(b"Event: Endless\r\nX: " + b"y" * 20_000)
        reason = await link.connection.wait_closed()
        assert reason.kind is CloseKind.PROTOCOL
        assert "10000" in reason.detail


async def test_events_wait_until_somebody_is_ready_for_them(fake: FakeAmi, settings: Make) -> None:
    fake.after_login = block([("Event", "FullyBooted")]) + block([("Event", "Hangup")])
    link = Link(settings(fake))
    await link.connection.open()
    await link.connection.send(actions.Ping())
    assert link.names == []
    link.connection.go_live()
    fake.session.event("Next")
    await eventually(lambda: len(link.events) == 3)
    assert link.names == ["FullyBooted", "Hangup", "Next"]
    await link.connection.close()


async def test_too_many_held_events_are_discarded(fake: FakeAmi, settings: Make) -> None:
    link = Link(settings(fake))
    await link.connection.open()
    fake.session.write(block([("Event", "Flood")]) * 10_001)
    await link.connection.send(actions.Ping())
    link.connection.go_live()
    fake.session.event("Next")
    await eventually(lambda: "Next" in link.names)
    assert link.names == ["Next"]
    await link.connection.close()


# -- answers -----------------------------------------------------------------------------------------------


def rows(*names: str) -> list[tuple[str, list[tuple[str, str]]]]:
    return [("CoreShowChannel", [("Channel", name), ("Uniqueid", name)]) for name in names]


async def test_a_list_with_foreign_events_in_between(fake: FakeAmi, settings: Make) -> None:
    def answer(session: Session, action: Received) -> None:
        session.respond(action, headers=[("EventList", "start")])
        for name in ("a", "b", "c"):
            session.event("CoreShowChannel", [("ActionID", action.id), ("Channel", name)])
            session.event("Hangup", [("Channel", name)])
            session.event("OriginateResponse", [("ActionID", "other"), ("Channel", name)])
        session.event("CoreShowChannelsComplete", [("ActionID", action.id), ("EventList", "Complete")])

    fake.answers["CoreShowChannels"] = answer
    async with opened(settings(fake)) as link:
        channels = await link.connection.send_list(actions.CoreShowChannels())
        assert [row.channel for row in channels] == ["a", "b", "c"]
        assert all(type(row) is events.CoreShowChannel for row in channels)
        assert link.names == ["Hangup", "OriginateResponse"] * 3


async def test_two_lists_at_once_are_kept_apart(fake: FakeAmi, settings: Make) -> None:
    asked: list[tuple[Session, Received]] = []

    def answer(session: Session, action: Received) -> None:
        asked.append((session, action))
        session.respond(action, headers=[("EventList", "start")])
        if len(asked) == 2:
            for number in range(3):
                for _, other in asked:
                    session.event("CoreShowChannel", [("ActionID", other.id), ("Channel", f"{number}")])
            for _, other in reversed(asked):
                session.event("Done", [("ActionID", other.id), ("EventList", "Complete")])

    fake.answers["CoreShowChannels"] = answer
    async with opened(settings(fake)) as link:
        both = await asyncio.gather(
            link.connection.send_list(actions.CoreShowChannels()),
            link.connection.send_list(actions.CoreShowChannels()),
        )
        assert [[row.channel for row in one] for one in both] == [["0", "1", "2"]] * 2


async def test_a_list_that_answers_with_an_error(fake: FakeAmi, settings: Make) -> None:
    fake.answers["ConfbridgeList"] = lambda s, a: s.respond(
        a, "Error", [("Message", "No active conferences.")]
    )
    async with opened(settings(fake)) as link:
        with pytest.raises(ActionRefused, match="No active"):
            await link.connection.send_list(actions.ConfbridgeList("8"))


async def test_a_list_that_never_completes_ends_at_its_deadline(fake: FakeAmi, settings: Make) -> None:
    fake.answers["CoreShowChannels"] = lambda s, a: s.respond(a, headers=[("EventList", "start")])
    async with opened(settings(fake)) as link:
        with pytest.raises(ActionTimeout):
            await link.connection.send_list(actions.CoreShowChannels(), timeout=0.05)
        assert await link.connection.send(actions.Ping())


async def test_500_in_flight_answered_in_reverse(fake: FakeAmi, settings: Make) -> None:
    waiting: list[tuple[Session, Received]] = []

    def answer(session: Session, action: Received) -> None:
        waiting.append((session, action))
        if len(waiting) == 500:
            for _, other in reversed(waiting):
                session.respond(other, headers=[("Value", other["Variable"])])

    fake.answers["Getvar"] = answer
    async with opened(settings(fake)) as link:
        values = await asyncio.gather(
            *(link.connection.send(actions.Getvar(f"V{number}")) for number in range(500))
        )
        assert values == [f"V{number}" for number in range(500)]
        assert len(link.connection.in_flight) == 0


async def test_a_synchronous_originate_is_answered_when_the_call_is(fake: FakeAmi, settings: Make) -> None:
    asked: list[tuple[Session, Received]] = []
    fake.answers["Originate"] = lambda s, a: asked.append((s, a))
    call = actions.RawAction("Originate", (("Channel", "PJSIP/1"), ("Context", "x"), ("Exten", "s")))
    # Asterisk serves nothing else meanwhile: the link must not be taken for dead.
    async with opened(settings(fake, ping_interval=0.02, ping_timeout=0.02)) as link:
        calling = asyncio.create_task(link.connection.send(call, timeout=5))
        await eventually(lambda: asked)
        await never(lambda: calling.done() or fake.count("Ping"), during=0.15)
        session, action = asked[0]
        session.respond(action, headers=[("Message", "Originate successfully queued")])
        assert (await calling).message == "Originate successfully queued"
        await eventually(lambda: fake.count("Ping"))


async def test_an_asynchronous_originate_returns_at_once_and_tells_its_end_by_an_event(
    fake: FakeAmi, settings: Make
) -> None:
    async with opened(settings(fake)) as link:
        call = actions.Originate(channel="c", context="x", exten="s", channel_id="id-1")
        answer = await link.connection.send(call, action_id="intent-1")
        assert answer.action_id == "intent-1"
        fake.session.event("OriginateResponse", [("ActionID", "intent-1"), ("Response", "Failure")])
        await eventually(lambda: link.events)
        assert (link.events[0].action_id, link.events[0].success) == ("intent-1", False)


async def test_a_line_break_never_leaves(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        before = bytes(fake.raw)
        for value in ("x\r\nAction: Originate", "x\ny", "x\0"):
            with pytest.raises(InvalidAction):
                await link.connection.send(actions.Setvar("V", value, "c"))
        with pytest.raises(InvalidAction):
            await link.connection.send(actions.Ping(), action_id="1\r\nAction: Logoff")
        await link.connection.send(actions.Ping())
        assert fake.raw[len(before) :].count(b"Action: ") == 1
        assert len(link.connection.in_flight) == 0


async def test_a_late_answer_harms_nobody(fake: FakeAmi, settings: Make) -> None:
    asked: list[tuple[Session, Received]] = []
    fake.answers["Hangup"] = lambda s, a: asked.append((s, a))
    async with opened(settings(fake)) as link:
        with pytest.raises(ActionTimeout):
            await link.connection.send(actions.Hangup("c"), timeout=0.05)
        session, action = asked[0]
        session.respond(action)
        assert await link.connection.send(actions.Ping())
        assert link.connection.in_flight.late == 1


async def test_a_cancelled_action_harms_nobody(fake: FakeAmi, settings: Make) -> None:
    asked: list[tuple[Session, Received]] = []
    fake.answers["Hangup"] = lambda s, a: asked.append((s, a))
    async with opened(settings(fake)) as link:
        hanging_up = asyncio.create_task(link.connection.send(actions.Hangup("c")))
        await eventually(lambda: asked)
        hanging_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging_up
        assert len(link.connection.in_flight) == 0
        asked[0][0].respond(asked[0][1])
        assert await link.connection.send(actions.Ping())


async def test_an_answer_without_an_id_closes_the_link(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Hangup"] = lambda s, _: s.write(
        block([("Response", "Error"), ("Message", "Missing action")])
    )
    async with opened(settings(fake)) as link:
        with pytest.raises(OutcomeUnknown, match="Missing action"):
            await link.connection.send(actions.Hangup("c"))
        assert (await link.connection.wait_closed()).kind is CloseKind.PROTOCOL


async def test_raw_actions_with_and_without_a_list(fake: FakeAmi, settings: Make) -> None:
    fake.answers["CoreShowChannels"] = lambda s, a: s.list(a, rows("a", "b"), "CoreShowChannelsComplete")
    async with opened(settings(fake)) as link:
        assert (await link.connection.ask(actions.RawAction("Ping"))).rows == []
        listed = await link.connection.ask(actions.RawAction("CoreShowChannels"))
        assert [row["Channel"] for row in listed.rows] == ["a", "b"]
        typed = await link.connection.send_list(actions.RawListAction("CoreShowChannels"))
        assert [type(row) for row in typed] == [events.CoreShowChannel] * 2


# -- liveness and end --------------------------------------------------------------------------------------


async def test_a_drop_with_actions_in_flight(fake: FakeAmi, settings: Make) -> None:
    def execute_and_die(session: Session, _: Received) -> None:
        if fake.count("Originate") == 20:
            session.drop()

    fake.answers["Originate"] = execute_and_die
    async with opened(settings(fake, action_timeout=60)) as link:
        call = actions.Originate(channel="c", context="x", exten="s")
        sent = [link.connection.send(call, action_id=f"i-{number}") for number in range(20)]
        results = await asyncio.wait_for(asyncio.gather(*sent, return_exceptions=True), 2)
        assert [error.action_id for error in results if isinstance(error, OutcomeUnknown)] == [
            f"i-{number}" for number in range(20)
        ]
        with pytest.raises(NotConnected):
            await link.connection.send(actions.Ping())
    assert fake.count("Originate") == 20


async def test_a_silent_peer_is_noticed_by_a_ping(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, ping_interval=0.05, ping_timeout=0.05, action_timeout=60)) as link:
        fake.session.frozen = True
        calling = asyncio.create_task(link.connection.send(actions.CoreStatus()))
        reason = await asyncio.wait_for(link.connection.wait_closed(), 2)
        assert reason.kind is CloseKind.SILENT
        assert (reason.at - reason.last_heard).total_seconds() >= 0.1
        with pytest.raises(OutcomeUnknown):
            await calling


async def test_a_quiet_line_survives(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, ping_interval=0.02)) as link:
        await eventually(lambda: fake.count("Ping") >= 10)
        assert link.connection.state is ConnectionState.READY
    assert fake.connections == 1


async def test_a_busy_line_is_not_pinged(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, ping_interval=0.5)) as link:
        for _ in range(60):
            fake.session.event("Tick")
            await asyncio.sleep(0.02)
        assert len(link.events) >= 59
        assert fake.count("Ping") == 0


async def test_a_peer_under_load_is_not_called_dead_while_it_talks(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Ping"] = say_nothing
    async with opened(settings(fake, ping_interval=0.05, ping_timeout=0.1)) as link:
        for _ in range(3):
            asked = fake.count("Ping")
            await eventually(lambda: fake.count("Ping") > asked)  # noqa: B023 - awaited in this round
            fake.session.event("Tick")
        assert link.connection.state is ConnectionState.READY


async def test_a_refused_ping_is_a_sign_of_life(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Ping"] = lambda s, a: s.respond(a, "Error", [("Message", "Permission denied")])
    async with opened(settings(fake, ping_interval=0.02)) as link:
        await eventually(lambda: fake.count("Ping") >= 3)
        assert link.connection.state is ConnectionState.READY


async def test_the_end_tells_who_ended_it(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        fake.session.writer.close()
        assert (await link.connection.wait_closed()).kind is CloseKind.PEER
    async with opened(settings(fake)) as link:
        await link.connection.close()
        reason = await link.connection.wait_closed()
        assert (reason.kind, str(reason)) == (CloseKind.LOCAL, "closed by this side")


async def test_closing_does_not_wait_for_a_peer_that_is_stuck(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        fake.session.frozen = True
        await asyncio.wait_for(link.connection.close(), 3)
        assert link.connection.state is ConnectionState.CLOSED


async def test_waiting_for_the_end_can_be_cancelled(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        waiting = asyncio.create_task(link.connection.wait_closed())
        await asyncio.sleep(0)
        waiting.cancel()
        await link.connection.close()
        assert (await link.connection.wait_closed()).kind is CloseKind.LOCAL
