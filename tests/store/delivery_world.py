"""What deliveries are tested with: a web server that does as it is told, and an engine over a database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from bridge.delivery.engine import DeliveryEngine
from bridge.delivery.model import Delivery, DeliveryState, Due, NewDelivery, Source
from bridge.delivery.model import Request as Wish
from bridge.delivery.service import Deliveries
from bridge.events.catalogue import Event, LeadAdded
from bridge.events.envelope import EventRecord
from bridge.events.log import EventLog
from bridge.outgoing import Outgoing, networks
from bridge.store.database import Database, Transaction
from bridge.store.duties import Duty

HERE = networks(["127.0.0.0/8"])
Answer = Callable[["Request"], Awaitable[bytes]]


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


class Request:
    """What the server was asked."""

    def __init__(self, head: str, body: bytes = b"") -> None:
        self.method = head.partition(" ")[0]
        self.body = body
        self.target = head.split(" ", 2)[1]
        self.headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


class Hook:
    """A web server that keeps what it is asked, and answers as the test says."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[Request] = []
        self.answered: list[Request] = []
        self.under_way = self.most = 0
        self.answer: Answer = self.say(200)

    @staticmethod
    def say(status: int, *headers: str) -> Answer:
        """Always this status."""

        async def answer(_: Request) -> bytes:
            lines = [f"HTTP/1.1 {status} X", "Content-Length: 0", *headers, "", ""]
            return "\r\n".join(lines).encode()

        return answer

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"(?i)^content-length: (\d+)", head, re.MULTILINE)
                request = Request(head, await reader.readexactly(int(length[1]) if length else 0))
                self.asked.append(request)
                self.under_way += 1
                self.most = max(self.most, self.under_way)
                try:
                    writer.write(await self.answer(request))
                finally:
                    self.under_way -= 1
                self.answered.append(request)
                await writer.drain()
        writer.close()

    async def until(self, count: int) -> None:
        """Wait until it has been asked so often."""
        await eventually(lambda: len(self.asked) >= count)


@asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    """A server that listens while the context stands."""
    made = Hook()
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(made.serve(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Plain:
    """Tells each lead that comes in, those from 900 on to another host; a hundred are one subject."""

    name = "plain"
    types = (LeadAdded.type,)

    def __init__(self, url: str, other: str) -> None:
        self.url = url
        self.other = other or url

    async def make(self, record: EventRecord) -> list[NewDelivery]:
        """One for each event."""
        lead = int(record.subject.partition("/")[2])
        if lead == 13:
            raise RuntimeError("a poisoned event")
        url = f"{self.url if lead < 900 else self.other}/in?lead={lead}"
        made = NewDelivery(
            kind="lead",
            once=f"lead:{lead}",
            event_seq=record.seq,
            subject=f"lists/{lead // 100}",
            call_id=f"call-{lead // 100}",
            lead_id=lead,
            host=urlsplit(url).netloc,
            url=url,
            shown=f"{self.url}/in?lead=***",
        )
        return [made]

    async def request(self, _due: Due) -> Wish:
        """The address has all of it."""
        return Wish()


def duty() -> Duty:
    """One that is ours."""
    made = Duty("deliveries", lambda: None)
    made.take(asyncio.get_running_loop().time() + 3600, 0)
    return made


async def emit(db: Database, *events: Event) -> None:
    """Put events into the log."""

    async def work(tx: Transaction) -> None:
        for event in events:
            tx.emit(event)

    await db.write(work)


def lead(number: int) -> LeadAdded:
    """A lead that has come in."""
    return LeadAdded(lead_id=number, list_id=101)


class Clock:
    """Time that can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def running(
    db: Database,
    url: str,
    *,
    other: str = "",
    first_pause: float = 0.05,
    seconds: float = 5.0,
    per_host: int = 4,
    clock: Clock | None = None,
    source: Source | None = None,
) -> AsyncIterator[DeliveryEngine]:
    """An engine at work; when the context ends it is killed as a crash would."""
    async with Outgoing(allowed=HERE, seconds=seconds) as http:
        engine = DeliveryEngine(
            db,
            EventLog(db),
            [source or Plain(url, other)],
            http,
            duty(),
            per_host=per_host,
            first_pause=first_pause,
            clock=clock or Clock(),
        )
        task = asyncio.create_task(engine.run())
        try:
            await began(db, f"deliveries:{source.name}" if source else "deliveries:plain")
            yield engine
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def began(db: Database, sink: str = "deliveries:plain") -> None:
    """Until the engine knows its place in the log."""
    async with asyncio.timeout(20):
        while True:
            if await EventLog(db).cursor(sink) is not None:
                return
            await asyncio.sleep(0.01)


async def tried(db: Database) -> Delivery:
    """Wait until one has been tried and waits to be tried again."""
    async with asyncio.timeout(20):
        while True:
            found = await Deliveries(db).page(states=[DeliveryState.PENDING])
            if found and found[0].attempts:
                return found[0]
            await asyncio.sleep(0.02)


async def settled(db: Database, count: int, *states: DeliveryState) -> list[Delivery]:
    """Wait until so many are in one of these states (done or failed, if none is named); the oldest first."""
    async with asyncio.timeout(20):
        while True:
            found = await Deliveries(db).page(states=states or (DeliveryState.DONE, DeliveryState.FAILED))
            if len(found) >= count:
                return sorted(found, key=lambda each: each.event_seq)
            await asyncio.sleep(0.02)
