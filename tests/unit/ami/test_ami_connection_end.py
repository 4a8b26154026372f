"""One connection: signs of life, and its end."""

from __future__ import annotations

import asyncio

import pytest
from ami_link import Make, opened
from fake_ami import FakeAmi, Received, Session, say_nothing
from fake_ami.waiting import eventually

from bridge.ami import actions
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.state import CloseKind, ConnectionState


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
