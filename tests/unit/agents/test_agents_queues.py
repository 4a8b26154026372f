"""What Asterisk's queues are told of an agent, and who waits for her."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from core_bench import EAST, MAIN, Bench, ami_event
from shift_scenes import devices, logging_in, pauses

from bridge.agents import signals
from bridge.agents.asterisk import interface
from bridge.agents.service import Sessions
from bridge.ami.actions import QueueAdd
from bridge.ami.events import ConfbridgeJoin, Hangup
from bridge.calls.model import Seat
from bridge.turn import Turn, Turns


class TestTheQueues:
    async def test_see_what_she_does(self, bench: Bench) -> None:
        await bench.ready()
        await bench.core.agent_commands.pause("1000", "LUNCH", asked_by="")
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert pauses(bench) == [(True, "LOGIN"), (False, None), (True, "LUNCH")]
        assert devices(bench) == ["INUSE", "NOT_INUSE", "INUSE", "UNAVAILABLE"]
        assert len(bench.ami.named("QueueRemove")) == 1

    async def test_are_not_bothered_for_an_agent_without_any(self, bench: Bench) -> None:
        await bench.ready(campaign="WRAPUP")
        assert bench.ami.named("QueueAdd") == bench.ami.named("QueuePause") == []
        assert devices(bench) == ["INUSE", "NOT_INUSE"]


@contextmanager
def answer_held(bench: Bench, kind: type[Any]) -> Iterator[tuple[asyncio.Event, asyncio.Event]]:
    """Let Asterisk answer the first action of this kind late; gives "it is asked" and "it may answer"."""
    asked, answers = asyncio.Event(), asyncio.Event()
    send = bench.ami.send

    async def late(action: Any, **more: Any) -> None:
        await send(action, **more)
        if isinstance(action, kind) and not asked.is_set():
            asked.set()
            await answers.wait()

    with mock.patch.object(bench.ami, "send", late):
        yield asked, answers


class TestTwoTurnsAtOnce:
    """She does something while Asterisk is still being told of her login."""

    async def test_asterisk_is_left_with_the_newest(self, bench: Bench) -> None:
        session = await logging_in(bench)
        with answer_held(bench, QueueAdd) as (asked, answers):
            seating = asyncio.create_task(bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id)))
            await asked.wait()
            await bench.core.agent_commands.resume("1000", asked_by="")
            answers.set()
            await seating
        assert pauses(bench)[-1] == (False, None)
        assert devices(bench)[-1] == "NOT_INUSE"

    async def test_of_who_has_left_nothing_more_is_said(self, bench: Bench) -> None:
        session = await logging_in(bench)
        with answer_held(bench, QueueAdd) as (asked, answers):
            seating = asyncio.create_task(bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id)))
            await asked.wait()
            await bench.core.agent_commands.logout("1000", asked_by="")
            answers.set()
            await seating
        assert pauses(bench) == []
        assert devices(bench)[-1] == "UNAVAILABLE"


class TestWhoWaits:
    async def test_is_woken_each_time_an_agent_becomes_ready(self, bench: Bench, sessions: Sessions) -> None:
        woken: list[str] = []
        sessions.on_ready(lambda: woken.append("first"))
        sessions.on_ready(lambda: woken.append("second"))
        await bench.log_in()
        assert woken == []
        await bench.core.agent_commands.resume("1000", asked_by="")
        assert woken == ["first", "second"]
        await bench.core.agent_commands.pause("1000", "", asked_by="")
        assert woken == ["first", "second"]

    async def test_is_not_woken_before_the_commit(self, bench: Bench, sessions: Sessions) -> None:
        woken: list[str] = []
        sessions.on_ready(lambda: woken.append("woken"))
        session = await bench.log_in()

        async def work(turn: Turn) -> None:
            await sessions.signal(turn, session, signals.Resume(at=turn.at))
            assert woken == []
            raise LookupError

        with pytest.raises(LookupError):
            await Turns(bench.core.db).run(work)
        assert woken == []


class TestTheMemberOfAQueue:
    async def test_is_the_session_in_its_room(self, bench: Bench, sessions: Sessions) -> None:
        session = await logging_in(bench)
        assert sessions.seat_of(MAIN, interface(session.room)) == Seat(session.id, session.user, session.room)
        assert sessions.seat_of(MAIN, interface("8600999")) == Seat()
        assert sessions.seat_of(MAIN, "PJSIP/1000") is None

    async def test_of_two_asterisks_with_equal_rooms_is_told_apart(
        self, bench: Bench, sessions: Sessions
    ) -> None:
        here = await bench.log_in("1000")
        there = await bench.log_in("2000", "EAST", on=EAST)
        assert here.room == there.room
        assert sessions.seat_of(MAIN, interface(here.room)) == Seat(here.id, here.user, here.room)
        assert sessions.seat_of(EAST, interface(there.room)) == Seat(there.id, there.user, there.room)

    async def test_is_nobody_after_the_shift(self, bench: Bench, sessions: Sessions) -> None:
        first = await bench.log_in("1000")
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert sessions.seat_of(MAIN, interface(first.room)) == Seat()
        bench.core.agent_commands._rooms._next.clear()
        second = await bench.log_in("1001")
        assert second.room == first.room, "rooms are used again"
        await bench.happens(ami_event(Hangup, Uniqueid=first.id))
        assert sessions.seat_of(MAIN, interface(second.room)) == Seat(second.id, second.user, second.room)
