"""One connection: each answer to its caller, lists, late answers."""

from __future__ import annotations

import asyncio

import pytest
from ami_link import Make, opened
from fake_ami import FakeAmi, Received, Session, block
from fake_ami.waiting import eventually, never

from bridge.ami import actions, events
from bridge.ami.errors import ActionRefused, ActionTimeout, InvalidAction, OutcomeUnknown
from bridge.ami.state import CloseKind


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


async def test_what_is_sent_in_one_turn_leaves_in_one_packet_and_in_its_order(
    fake: FakeAmi, settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(settings(fake)) as link:
        transport, packets = link.connection._transport, list[bytes]()

        class Watched:
            def write(self, data: bytes) -> None:
                packets.append(data)
                transport.write(data)

            def __getattr__(self, name: str) -> object:
                return getattr(transport, name)

        monkeypatch.setattr(link.connection, "_transport", Watched())
        await asyncio.gather(*(link.connection.send(actions.CoreStatus()) for _ in range(3)))
        await link.connection.send(actions.Ping())
        monkeypatch.undo()
    assert [packet.count(b"Action: CoreStatus\r\n") for packet in packets] == [3, 0]
    ids = [part.split(b"\r\n")[0] for part in packets[0].split(b"ActionID: ")[1:]]
    assert [int(each.rpartition(b"-")[2]) for each in ids] == sorted(
        int(each.rpartition(b"-")[2]) for each in ids
    )


async def test_what_is_sent_as_the_link_ends_is_not_written_and_its_caller_hears_of_it(
    fake: FakeAmi, settings: Make
) -> None:
    async with opened(settings(fake)) as link:
        sending = asyncio.create_task(link.connection.send(actions.CoreStatus()))
        asyncio.get_running_loop().call_soon(link.connection._close, CloseKind.LOCAL, "")
        with pytest.raises(OutcomeUnknown):
            await sending
    await never(lambda: fake.count("CoreStatus"))
