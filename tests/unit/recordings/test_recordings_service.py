"""Recordings in the store and in Asterisk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event, channel, refused
from fake_ami.waiting import never

from bridge.agents import queries as sessions
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.events import DialEnd, Hangup, OriginateResponse
from bridge.ami.state import LinkState
from bridge.calls.model import Call
from bridge.calls.snapshot import Snapshot
from bridge.errors import AsteriskRefused, AsteriskUnavailable, NoRoom, NotLoggedIn, NotRecording
from bridge.recordings import service as recordings_service
from bridge.recordings.model import Recording
from bridge.recordings.service import Recordings
from bridge.reports.sight import Sight
from bridge.services import DialRequest, RecordingQuery
from bridge.store.database import Transaction


@pytest.fixture
async def call(bench: Bench) -> Call:
    """Agent 1000 talks with a customer."""
    await bench.log_in()
    call = await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
    await bench.happens(ami_event(DialEnd, Uniqueid=call.id, DestUniqueid="cust", DialStatus="ANSWER"))
    return call


async def start(recordings: Recordings, suffix: str = "") -> Recording:
    return await recordings.start("1000", suffix, asked_by="crm")


async def stored(recordings: Recordings, recording: Recording) -> Recording:
    found = await recordings.get(recording.id)
    assert found is not None
    return found


def recorders(bench: Bench) -> list[str]:
    """The files whose recording was begun."""
    begun = [one for one in bench.ami.named("Originate") if one.context == "bridge-record"]
    return [one.variables["BRIDGE_RECORDING"] for one in begun]


def hung_up(bench: Bench) -> list[str]:
    return [one.channel for one in bench.ami.named("Hangup")]


class TestTheStart:
    async def test_lets_a_listener_into_the_room_after_the_commit(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        recording = await start(recordings, "_abc")
        session = await bench.session("1000")
        listener = bench.ami.named("Originate")[-1]
        assert (listener.channel, listener.channel_id) == (
            f"Local/{session.room}@bridge-listen/n",
            recording.channel,
        )
        assert recorders(bench) == [recording.filename]
        assert recording.filename.endswith(f"_{CUSTOMER}_1000_abc")
        assert (recording.call_id, recording.lead_id, recording.asked_by) == (
            call.id,
            call.lead_id,
            "crm",
        )
        assert (await bench.told(f"calls/{call.id}"))[-1] == "recording.started"

    async def test_is_named_in_the_sites_zone(self, recordings: Recordings, call: Call) -> None:
        del call
        recording = await start(recordings)
        local = recording.started_at.astimezone(recordings._timezone)
        assert recording.filename.startswith(local.strftime("%Y%m%d-%H%M%S_"))

    async def test_twice_is_one_recording(self, bench: Bench, recordings: Recordings, call: Call) -> None:
        first = await start(recordings)
        assert await start(recordings, "_other") == first
        assert len(recorders(bench)) == 1
        assert (await bench.told(f"calls/{call.id}")).count("recording.started") == 1

    async def test_without_a_call_is_told_of_the_agent(self, bench: Bench, recordings: Recordings) -> None:
        await bench.log_in()
        recording = await start(recordings)
        assert recording.call_id == ""
        assert (await bench.told("agents/1000"))[-1] == "recording.started"

    async def test_without_a_session_is_refused(self, bench: Bench, recordings: Recordings) -> None:
        with pytest.raises(NotLoggedIn):
            await start(recordings)
        await bench.core.agent_commands.login("1000", "1000", "TEST", asked_by="")  # her phone still rings
        with pytest.raises(NotLoggedIn):
            await start(recordings)
        assert recorders(bench) == []

    async def test_of_an_agent_without_a_room_is_refused(self, bench: Bench, recordings: Recordings) -> None:
        session = await bench.log_in()

        async def hang_up_her_phone(tx: Transaction) -> None:
            on_hook = msgspec.structs.replace(session, on_hook=True)
            await sessions.save(tx.conn, on_hook, session)

        await bench.core.db.write(hang_up_her_phone)
        with pytest.raises(NoRoom, match="no room to record"):
            await start(recordings)
        assert await recordings.list(RecordingQuery()) == []

    async def test_of_an_agent_whose_phone_was_rung_for_a_call(
        self, bench: Bench, recordings: Recordings
    ) -> None:
        session = await bench.log_in()

        async def be_in_a_call(tx: Transaction) -> None:
            on_hook = msgspec.structs.replace(session, on_hook=True, channel="phone-1")
            await sessions.save(tx.conn, on_hook, session)

        await bench.core.db.write(be_in_a_call)
        assert (await start(recordings)).session_id == session.id

    async def test_without_a_link_changes_nothing(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        bench.ami.state = LinkState.BACKING_OFF
        with pytest.raises(AsteriskUnavailable):
            await start(recordings)
        assert await recordings.list(RecordingQuery()) == []
        assert "recording.started" not in await bench.told(f"calls/{call.id}")

    @pytest.mark.parametrize(
        ("error", "told"), [(NotConnected(), AsteriskUnavailable), (refused("no"), AsteriskRefused)]
    )
    async def test_that_could_not_be_sent_is_over(
        self,
        bench: Bench,
        recordings: Recordings,
        call: Call,
        error: Exception,
        told: type[Exception],
    ) -> None:
        bench.ami.fails["Originate"] = error
        with pytest.raises(told):
            await start(recordings)
        assert await recordings.running(await bench.session("1000")) is None
        assert (await bench.told(f"calls/{call.id}"))[-2:] == ["recording.started", "recording.stopped"]

    async def test_whose_outcome_is_unknown_may_run(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        del call
        bench.ami.fails["Originate"] = OutcomeUnknown()
        with pytest.raises(AsteriskUnavailable, match="may be recording"):
            await start(recordings)
        assert await recordings.running(await bench.session("1000")) is not None

    async def test_that_asterisk_could_not_carry_out_is_over(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        del call
        recording = await start(recordings)
        failed = ami_event(OriginateResponse, ActionID=recording.channel, Response="Failure", Reason=0)
        await bench.happens(failed)
        assert (await stored(recordings, recording)).ended_at is not None

    async def test_is_there_to_be_ended_when_its_command_is_answered(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        del call
        bench.ami.answered.clear()
        begins = asyncio.create_task(start(recordings))
        ends = asyncio.create_task(recordings.stop("1000", asked_by="crm"))
        await never(lambda: begins.done() or ends.done(), during=0.05)
        bench.ami.answered.set()
        await asyncio.gather(begins, ends)

    async def test_again_in_the_same_second_has_another_name(
        self, recordings: Recordings, call: Call
    ) -> None:
        del call
        names = []
        for _ in range(3):
            names.append((await start(recordings)).filename)
            await recordings.stop("1000", asked_by="crm")
        assert len(set(names)) == 3


class TestTheEnd:
    async def test_that_is_asked_for_hangs_the_listener_up(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        recording = await start(recordings)
        over = await recordings.stop("1000", asked_by="crm")
        assert over.ended_at is not None
        assert hung_up(bench) == [recording.channel]
        assert (await bench.told(f"calls/{call.id}"))[-1] == "recording.stopped"
        with pytest.raises(NotRecording):
            await recordings.stop("1000", asked_by="crm")

    async def test_that_is_asked_for_without_a_link_is_refused(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        del call
        recording = await start(recordings)
        bench.ami.state = LinkState.BACKING_OFF
        with pytest.raises(AsteriskUnavailable):
            await recordings.stop("1000", asked_by="crm")
        assert (await stored(recordings, recording)).ended_at is None

    async def test_comes_with_the_end_of_the_call(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        recording = await start(recordings)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await stored(recordings, recording)).ended_at is not None
        assert recording.channel in hung_up(bench)
        assert (await bench.told(f"calls/{call.id}")).count("recording.stopped") == 1

    async def test_comes_with_the_end_of_the_session(self, bench: Bench, recordings: Recordings) -> None:
        session = await bench.log_in()
        recording = await start(recordings)
        await bench.happens(ami_event(Hangup, Uniqueid=session.id))
        assert (await stored(recordings, recording)).ended_at is not None

    async def test_of_one_that_began_before_the_call_names_the_call(
        self, bench: Bench, recordings: Recordings
    ) -> None:
        await bench.log_in()
        recording = await start(recordings)
        call = await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
        assert (await stored(recordings, recording)).ended_at is None
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        over = await stored(recordings, recording)
        assert (over.call_id, over.ended_at is None) == (call.id, False)
        assert (await bench.told(f"calls/{call.id}")).count("recording.stopped") == 1

    async def test_does_not_depend_on_asterisk(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        recording = await start(recordings)
        bench.ami.fails["Hangup"] = NotConnected()
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await stored(recordings, recording)).ended_at is not None

    async def test_that_asterisk_tells_of_is_taken_once(
        self, bench: Bench, recordings: Recordings, call: Call
    ) -> None:
        recording = await start(recordings)
        gone = ami_event(Hangup, Uniqueid=recording.channel)
        await bench.happens(gone, on=EAST)
        assert (await stored(recordings, recording)).ended_at is None, "another Asterisk's channel"
        await bench.happens(gone, gone)
        assert (await stored(recordings, recording)).ended_at is not None
        assert (await bench.told(f"calls/{call.id}")).count("recording.stopped") == 1


class TestTheComparison:
    def snapshot(self, *channels: str, later: float = 10, restarted: bool = False) -> Snapshot:
        taken = datetime.now(UTC) + timedelta(seconds=later)
        return Snapshot([channel(one) for one in channels], taken=taken, restarted=restarted)

    async def test_closes_what_does_not_run(self, recordings: Recordings, call: Call) -> None:
        del call
        recording = await start(recordings)
        await recordings.resync(MAIN, self.snapshot(recording.channel, f"{recording.channel};2"))
        assert (await stored(recordings, recording)).ended_at is None
        await recordings.resync(EAST, self.snapshot())
        assert (await stored(recordings, recording)).ended_at is None
        await recordings.resync(MAIN, self.snapshot())
        assert (await stored(recordings, recording)).ended_at is not None

    async def test_waits_for_what_is_under_way(self, recordings: Recordings, call: Call) -> None:
        del call
        recording = await start(recordings)
        await recordings.resync(MAIN, self.snapshot(later=0))
        assert (await stored(recordings, recording)).ended_at is None
        await recordings.resync(MAIN, self.snapshot(later=0, restarted=True))
        assert (await stored(recordings, recording)).ended_at is not None

    async def test_ends_what_nobody_knows_of(self, bench: Bench, recordings: Recordings) -> None:
        await recordings.resync(MAIN, self.snapshot("recording-lost", "1.1"))
        assert hung_up(bench) == ["recording-lost"]


async def test_a_page_is_filtered(bench: Bench, recordings: Recordings, call: Call) -> None:
    first = await start(recordings)
    await recordings.stop("1000", asked_by="crm")
    second = await start(recordings)
    await bench.log_in("1001")
    third = await recordings.start("1001", "", asked_by="crm")

    async def page(**wanted: object) -> list[int]:
        return [one.id for one in await recordings.list(RecordingQuery(**wanted))]  # type: ignore[arg-type]

    assert await page() == [third.id, second.id, first.id]
    assert await page(limit=1, before=third.id) == [second.id]
    assert await page(call_id=call.id) == [second.id, first.id]
    assert await page(user="1001") == [third.id]
    assert await page(since=second.started_at, until=third.started_at) == [second.id]
    assert await page(sight=Sight(campaigns=frozenset({"WRAPUP"}))) == []
    assert await page(sight=Sight(groups=frozenset({"NARROW"}))) == []
    assert await page(sight=Sight(groups=frozenset({"ADMIN"}), campaigns=frozenset({"TEST"})), limit=2) == [
        third.id,
        second.id,
    ]


def test_the_states_with_a_call_are_those_in_which_she_has_one() -> None:
    assert {state.value for state in recordings_service.WITH_CALL} == {"offered", "dialing", "incall"}
