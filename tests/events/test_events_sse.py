"""Server-sent events: what goes over the wire, and that no listener can harm another."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from litestar import Litestar, get
from litestar.response import Stream

from bridge.agents.model import AgentState
from bridge.events.catalogue import AgentPaused, AgentReady, BridgeStarted, Event, LeadAdded, Right
from bridge.events.envelope import EventRecord, source_of
from bridge.events.filters import EVERYTHING, Filter
from bridge.events.log import EventLog
from bridge.events.sse import EventStream
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreUnavailable

SOURCE = source_of("test")


def agent(kind: type[AgentPaused | AgentReady], user: str) -> Event:
    state = AgentState.PAUSED if kind is AgentPaused else AgentState.READY
    return kind(user=user, session_id="s", campaign="c", state=state)


async def emit(db: Database, *events: Event, at: datetime | None = None) -> None:
    async def work(tx: Transaction) -> None:
        for event in events:
            tx.emit(event, at=at)

    await db.write(work)


def started(count: int) -> list[BridgeStarted]:
    return [BridgeStarted(bridge=str(number)) for number in range(count)]


class Message(dict[str, str]):
    """The fields of one message of the stream; comments are under the empty name."""

    @property
    def json(self) -> Any:
        return json.loads(self["data"])


async def messages(stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[Message, None]:
    """As a browser would read it."""
    rest = b""
    async with aclosing(stream):
        async for chunk in stream:
            *whole, rest = (rest + chunk).split(b"\n\n")
            for text in whole:
                yield Message(line.partition(": ")[::2] for line in text.decode().split("\n"))


async def take(reader: AsyncGenerator[Message, None], until: Callable[[Message], bool]) -> list[Message]:
    """What comes, up to the message that ends it."""
    found: list[Message] = []
    async with asyncio.timeout(5):
        async for message in reader:
            found.append(message)
            if until(message):
                return found
    return found


def ids(found: list[Message]) -> list[int]:
    return [int(message["id"]) for message in found if "event" in message]


def last(seq: int) -> Callable[[Message], bool]:
    return lambda message: message.get("id") == str(seq) and "event" in message


async def test_a_message_is_a_cloud_event_with_its_number_and_type(db: Database, log: EventLog) -> None:
    await emit(db, agent(AgentPaused, "1000"))
    reader = messages(EventStream(log, SOURCE).stream(after=0, wanted=EVERYTHING))
    greeting, message = await take(reader, last(1))
    await reader.aclose()
    assert greeting == {"retry": "2000", "id": "0"}
    assert (message["id"], message["event"]) == ("1", "agent.paused")
    assert message.json["type"] == "agent.paused"
    assert message.json["data"]["state"] == "paused"


async def test_without_a_number_only_what_is_new_comes(db: Database, log: EventLog) -> None:
    await emit(db, *started(3))
    reader = messages(EventStream(log, SOURCE).stream(after=None, wanted=EVERYTHING))
    assert (await anext(reader))["id"] == "3"
    await emit(db, *started(1))
    assert ids(await take(reader, last(4))) == [4]
    await reader.aclose()


async def test_a_listener_that_comes_back_misses_nothing_and_gets_nothing_twice(
    db: Database, log: EventLog
) -> None:
    stream = EventStream(log, SOURCE)
    writing = asyncio.create_task(_emit_one_by_one(db, 200))
    seen: list[int] = []
    while len(seen) < 200:
        reader = messages(stream.stream(after=seen[-1] if seen else 0, wanted=EVERYTHING))
        seen += ids(await take(reader, lambda message: "event" in message and int(message["id"]) % 7 == 0))
        await reader.aclose()
        if seen[-1] >= 196:
            await writing
            reader = messages(stream.stream(after=seen[-1], wanted=EVERYTHING))
            seen += ids(await take(reader, last(200)))
            await reader.aclose()
    assert seen == list(range(1, 201))
    assert stream.listeners == 0


async def _emit_one_by_one(db: Database, count: int) -> None:
    for event in started(count):
        await emit(db, event)


async def test_a_listener_gets_what_it_asked_for(db: Database, log: EventLog) -> None:
    await emit(db, agent(AgentPaused, "1000"), agent(AgentPaused, "1001"), LeadAdded(lead_id=1, list_id=1))
    await emit(db, agent(AgentReady, "1000"), *started(1))
    stream = EventStream(log, SOURCE, heartbeat=0.05)
    wishes = {
        Filter(types=("agent",)): [1, 2, 4],
        Filter(types=("agent.ready", "lead")): [3, 4],
        Filter(subjects=("agents/1000",)): [1, 4],
        Filter(types=("agent.paused",), subjects=("agents",)): [1, 2],
        Filter(rights=frozenset({Right.LEADS, Right.SYSTEM})): [3, 5],
        Filter(types=("agen",)): [],
    }
    for wanted, expected in wishes.items():
        reader = messages(stream.stream(after=0, wanted=wanted))
        found = await take(reader, lambda message: "" in message)  # up to the first heartbeat
        await reader.aclose()
        assert ids(found) == expected


async def test_silence_is_broken_by_a_heartbeat_that_says_how_far_it_is(db: Database, log: EventLog) -> None:
    reader = messages(EventStream(log, SOURCE, heartbeat=0.1).stream(after=0, wanted=Filter(types=("call",))))
    await emit(db, *started(4))
    began = asyncio.get_running_loop().time()
    found = await take(reader, lambda message: message.get("id") == "4")
    assert asyncio.get_running_loop().time() - began < 2
    assert found[-1] == {"": "still here", "id": "4"}
    assert "" in await anext(reader)
    await reader.aclose()


async def test_a_listener_may_want_signs_of_life_more_often(log: EventLog) -> None:
    reader = messages(EventStream(log, SOURCE).stream(after=None, wanted=Filter(), heartbeat=0.1))
    async with asyncio.timeout(2):  # that of all listeners is 15 s
        await take(reader, lambda message: message.get("") == "still here")
    await reader.aclose()


@pytest.mark.parametrize("asked", [0, 3, 99])
async def test_whoever_has_missed_what_is_gone_is_told_to_look_anew(
    db: Database, log: EventLog, asked: int
) -> None:
    now = datetime.now(UTC)
    await emit(db, *started(5), at=now - timedelta(days=2))
    await emit(db, *started(3), at=now)
    await log.trim(now - timedelta(days=1), now)
    reader = messages(EventStream(log, SOURCE).stream(after=asked, wanted=EVERYTHING))
    await anext(reader)
    marker = await anext(reader)
    assert (marker["event"], marker["id"]) == ("snapshot_needed", "8")
    assert marker.json == {"asked": asked, "oldest": 6, "newest": 8}
    await emit(db, *started(1))
    assert ids(await take(reader, last(9))) == [9]
    await reader.aclose()


async def test_a_failing_store_ends_the_stream_in_order(
    db: Database, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise StoreUnavailable

    reader = messages(EventStream(log, SOURCE).stream(after=0, wanted=EVERYTHING))
    await anext(reader)
    monkeypatch.setattr(log, "read_after", fails)
    await emit(db, *started(1))
    assert [message async for message in reader] == []


async def test_closing_ends_every_stream(log: EventLog) -> None:
    stream = EventStream(log, SOURCE)
    readers = [messages(stream.stream(after=0, wanted=EVERYTHING)) for _ in range(3)]
    for reader in readers:
        await anext(reader)
    assert stream.listeners == 3
    ends = [asyncio.create_task(take(reader, lambda _: False)) for reader in readers]
    stream.close()
    assert await asyncio.gather(*ends) == [[], [], []]
    assert stream.listeners == 0


@asynccontextmanager
async def served(stream: EventStream) -> AsyncIterator[int]:
    """The stream behind the real web server; its port."""

    @get("/events")
    async def events() -> Stream:
        return Stream(stream.stream(after=0, wanted=EVERYTHING), media_type="text/event-stream")

    config = uvicorn.Config(Litestar([events]), port=0, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(), name="server")
    while not server.started:  # noqa: ASYNC110  it says so in no other way
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        stream.close()
        server.should_exit = True
        await serving


async def ask(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A listener with little room for what it has not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)  # noqa: FBT003  the call has no name for it
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=client, limit=1024)
    writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return reader, writer


async def test_a_listener_who_takes_nothing_is_let_go_and_the_others_hear_everything(
    db: Database, log: EventLog
) -> None:
    stream = EventStream(log, SOURCE, stall=0.5)
    async with served(stream) as port:
        slow, slow_writer = await ask(port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(20):
            while stream.listeners < 2:  # noqa: ASYNC110  a condition with a deadline
                await asyncio.sleep(0.01)
            big = [LeadAdded(lead_id=number, list_id=1, source="x" * 5000) for number in range(2000)]
            for start in range(0, len(big), 100):
                await emit(db, *big[start : start + 100])
            while b'"sequence":"00000000000000002000"' not in await reader.readuntil(b"\n\n"):
                pass
            while stream.listeners > 1:  # noqa: ASYNC110  the same
                await asyncio.sleep(0.01)
            taken = 0
            while part := await slow.read(65536):  # what was on its way, and then the end
                taken += len(part)
            assert taken < 10_000_000
        for one in (writer, slow_writer):
            one.transport.abort()


LISTENERS = 1000


async def test_a_thousand_listeners_each_hear_everything_once_and_in_order(
    db: Database, log: EventLog
) -> None:
    stream = EventStream(log, SOURCE)
    async with served(stream) as port, asyncio.timeout(120):
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(LISTENERS)]
        for _, writer in opened:
            writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while stream.listeners < LISTENERS:  # noqa: ASYNC110  a condition with a deadline
            await asyncio.sleep(0.01)
        for _ in range(10):
            await emit(db, *started(2))
        heard = await asyncio.gather(*(heard_by(reader, 20) for reader, _ in opened))
        assert all(numbers == list(range(1, 21)) for numbers in heard)
        for _, writer in opened:
            writer.transport.abort()
        while stream.listeners:  # noqa: ASYNC110  the same
            await asyncio.sleep(0.01)


async def heard_by(reader: asyncio.StreamReader, last_one: int) -> list[int]:
    """The numbers of the events that come, up to one."""
    found: list[int] = []
    while last_one not in found:
        message = await reader.readuntil(b"\n\n")
        if b"event: " in message:
            found.append(int(message.rpartition(b"id: ")[2].partition(b"\n")[0]))
    return found


class Counting:
    """A picture of how many agents' events there are; each of them makes the last one old."""

    def __init__(self, log: EventLog, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        self._log = log
        self._meanwhile = meanwhile

    async def take(self) -> tuple[int, bytes]:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        newest = (await self._log.span()).newest
        return newest, b'{"seq":%d}' % newest

    def outdated_by(self, record: EventRecord) -> bool:
        return record.type.startswith("agent.")


def told(found: list[Message]) -> list[tuple[str, int]]:
    return [(message["event"], int(message["id"])) for message in found if "event" in message]


async def test_a_picture_begins_the_stream_and_follows_what_outdates_it(db: Database, log: EventLog) -> None:
    await emit(db, *started(2))
    reader = messages(EventStream(log, SOURCE).stream(after=None, wanted=EVERYTHING, picture=Counting(log)))
    assert told(await take(reader, last(2))) == [("snapshot", 2)]
    await emit(db, *started(1))
    await emit(db, agent(AgentPaused, "1000"), *started(1))
    found = await take(reader, lambda message: message.get("event") == "snapshot")
    await reader.aclose()
    assert told(found) == [
        ("bridge.started", 3),
        ("agent.paused", 4),
        ("bridge.started", 5),
        ("snapshot", 5),
    ]
    assert found[-1].json == {"seq": 5}


async def test_no_event_comes_behind_a_picture_that_holds_it(db: Database, log: EventLog) -> None:
    async def meanwhile() -> None:
        await emit(db, agent(AgentReady, "1000"))

    await emit(db, agent(AgentPaused, "1000"))
    picture = Counting(log, meanwhile)
    reader = messages(EventStream(log, SOURCE).stream(after=0, wanted=EVERYTHING, picture=picture))
    found = await take(reader, lambda message: message.get("event") == "snapshot")
    await reader.aclose()
    assert told(found) == [("agent.paused", 1), ("agent.ready", 2), ("snapshot", 2)]


async def test_who_comes_back_too_late_gets_a_picture_of_what_is(db: Database, log: EventLog) -> None:
    await emit(db, *started(3))
    reader = messages(EventStream(log, SOURCE).stream(after=9, wanted=EVERYTHING, picture=Counting(log)))
    assert told(await take(reader, last(3))) == [("snapshot", 3)]
    await reader.aclose()
