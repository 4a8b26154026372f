"""The real core of the bridge on a real store, over an Asterisk that only records what it is asked.

`tests/unit/calls` and `tests/unit/agents` use it, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from bridge import service
from bridge.access.model import PrincipalKind, UserSpec
from bridge.agents.model import AgentSession
from bridge.ami.errors import ActionRefused, AmiError
from bridge.ami.events import AmiEvent, ConfbridgeJoin, CoreShowChannel, QueueMember, QueueParams
from bridge.ami.message import Message
from bridge.ami.settings import AmiSettings
from bridge.ami.state import CloseKind, CloseReason, LinkState
from bridge.ami.subscriptions import Gap, LinkDown, LinkUp, Policy, Subscription
from bridge.calls.model import Call
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import ApiManualDial, Campaign, Did, InGroup, Phone, Trunk, UserGroup
from bridge.campaigns.own_number import OwnNumber
from bridge.leads.model import LeadList
from bridge.secret import SecretUrl
from bridge.service import Core
from bridge.services import DialRequest
from bridge.settings import AsteriskSettings, Settings, SiteSettings, StoreSettings
from bridge.store.database import Transaction
from bridge.store.errors import StoreInDoubt
from bridge.store.schema import events

Event = TypeVar("Event", bound=AmiEvent)

MAIN, EAST = "main", "east"
CUSTOMER = "7275550100"
WRAPUP_SECONDS = 40

OPEN_DAY_AND_NIGHT = tuple(
    CallTime(name=name, source="nobody is called") for name in ("law-US", "law-US-FL", "law-DE", "law-other")
)
"""Tests run at any hour, and the numbers that they call are fictional."""
STATED: dict[str, Any] = {
    "message_purpose": "renewals",
    "message_seller": "Acme",
    "message_callback_number": "7275550000",
    "message_consent": "contract",
}
"""What a campaign states before recorded messages are played in its calls."""
SITE: tuple[SiteItem, ...] = (
    OwnNumber(number="+17275550000"),
    Trunk(name="carrier", template="PJSIP/{number}@carrier"),
    Trunk(name="east", template="PJSIP/{number}@east", asterisk=EAST),
    Trunk(name="gone", template="PJSIP/{number}@gone", active=False),
    InGroup(name="SALES"),
    *OPEN_DAY_AND_NIGHT,
    Campaign(
        id="TEST",
        trunk="carrier",
        caller_id="7275550000",
        queues=("SALES",),
        manual_list=998,
        wrapup_seconds=0,
        **STATED,
    ),
    Campaign(id="WRAPUP", trunk="carrier", wrapup_seconds=WRAPUP_SECONDS, default_status="TALKED", **STATED),
    Campaign(id="QUEUE", trunk="carrier", api_manual_dial=ApiManualDial.QUEUE, wrapup_seconds=0),
    Campaign(
        id="QUICK",
        trunk="carrier",
        drop_seconds=0.05,
        abandon_message="sorry",
        wrapup_seconds=0,
        **STATED,
    ),
    Campaign(id="EAST", trunk="east", wrapup_seconds=0),
    Campaign(id="GONE", trunk="gone"),
    Campaign(id="CLOSED", trunk="carrier", active=False),
    Campaign(id="default", trunk="carrier"),
    LeadList(id=998, campaign="TEST"),
    UserGroup(name="ADMIN"),
    UserGroup(name="NARROW", campaigns=frozenset({"WRAPUP"})),
    Did(number="7275551234", queue="SALES", campaign="WRAPUP"),
    Did(number="7275559999", queue="SALES", active=False),
    *(Phone(login=str(number)) for number in range(1000, 1006)),
    Phone(login="2000", asterisk=EAST),
    Phone(login="3000", active=False),
)
AGENTS = (
    *(UserSpec(user=str(number), kind=PrincipalKind.AGENT) for number in range(1000, 1006)),
    UserSpec(user="2000", kind=PrincipalKind.AGENT),
    UserSpec(user="narrow", kind=PrincipalKind.AGENT, group="NARROW", manual_dial=False),
    UserSpec(user="lost", kind=PrincipalKind.AGENT, group="NOWHERE"),
    UserSpec(user="left", kind=PrincipalKind.AGENT, active=False),
    UserSpec(user="crm", kind=PrincipalKind.API, api_access=True),
    UserSpec(user="boss", kind=PrincipalKind.MANAGER),
)

NEW_YORK = SiteSettings(timezone="America/New_York")
"""Made once: it looks through all time zones of the machine."""


def settings(url: str, **more: Any) -> Settings:
    """A store, and two Asterisks unless told otherwise."""
    more.setdefault("asterisk", (AsteriskSettings(name=MAIN), AsteriskSettings(name=EAST)))
    return Settings(store=StoreSettings(url=SecretUrl(url)), site=NEW_YORK, **more)


def ami_event(kind: type[Event], **headers: object) -> Event:
    """An event as it comes over the wire."""
    lines = [f"Event: {kind.event}", *(f"{name}: {value}" for name, value in headers.items())]
    return kind("\r\n".join(lines).encode("utf-8", "surrogateescape"))


def channel(unique_id: str, *, state: int = 6, bridge: str = "") -> CoreShowChannel:
    """A row of Asterisk's list of channels."""
    return ami_event(CoreShowChannel, Uniqueid=unique_id, ChannelState=state, BridgeId=bridge)


def member(queue: str, interface: str) -> QueueMember:
    """A row of the members of Asterisk's queues."""
    return ami_event(QueueMember, Queue=queue, Location=interface)


async def eventually(condition: Callable[[], Awaitable[object]], within: float = 5.0) -> None:
    """Return as soon as the condition holds; fail if it does not in time."""
    async with asyncio.timeout(within):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.002)


def refused(text: str = "No such channel") -> ActionRefused:
    """Asterisk's answer to an action that it will not do."""
    return ActionRefused(text, Message(b"Response: Error"))


@contextmanager
def in_doubt(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is committed inside is committed, but nobody hears of it."""
    write = bench.core.db.write

    async def lost(work: Any) -> None:
        await write(work)
        raise StoreInDoubt

    with monkeypatch.context() as broken:
        broken.setattr(bench.core.db, "write", lost)
        with pytest.raises(StoreInDoubt):
            yield


class FakeAmi:
    """What `AmiClient` is to the bridge, without an Asterisk behind it."""

    def __init__(self, ami: AmiSettings) -> None:
        self.settings = ami
        self.state = LinkState.UP
        self.up_since: datetime | None = datetime.now(UTC)
        self.asterisk_version = "22.10.1"
        self.last_error: AmiError | None = None
        self.started = False
        self.sent: list[Any] = []
        self.ids: list[str | None] = []
        self.fails: dict[str, Exception] = {}
        """What the action of a name is answered with instead of success; a list fails once."""
        self.lists: list[str] = []
        self.rows: list[CoreShowChannel] = []
        """The channels that are up."""
        self.queues = ["SALES", "SUPPORT"]
        self.members: list[QueueMember] = []
        """Of its queues."""
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """Happens once, while the channels are on their way to us."""
        self.answered = asyncio.Event()
        """What `originate` waits for."""
        self.answered.set()
        self.subscriptions: list[Subscription] = []
        self.names: tuple[str, ...] = ()

    async def start(self) -> None:
        self.started = True

    async def stop(self) -> None:
        self.started = False
        for subscription in tuple(self.subscriptions):
            subscription.close()

    async def send(self, action: Any, *, action_id: str | None = None) -> None:
        self.sent.append(action)
        self.ids.append(action_id)
        if action.name in self.fails:
            raise self.fails[action.name]

    async def originate(self, action: Any, *, action_id: str) -> None:
        await self.send(action, action_id=action_id)
        await self.answered.wait()

    async def send_list(self, action: Any) -> list[Any]:
        self.lists.append(action.name)
        if action.name in self.fails:
            raise self.fails.pop(action.name)
        if action.name == "QueueStatus":
            wanted = [queue for queue in self.queues if action.queue in (None, queue)]
            return [*self.members, *(ami_event(QueueParams, Queue=queue) for queue in wanted)]
        rows, hook, self.meanwhile = list(self.rows), self.meanwhile, None
        if hook is not None:
            await hook()
        return rows

    def subscribe(self, names: Iterable[str] | None, *, maxsize: int, policy: Policy) -> Subscription:
        self.names = tuple(names or ())
        subscription = Subscription(maxsize, policy, self.subscriptions.remove)
        self.subscriptions.append(subscription)
        if self.up_since is not None:
            subscription.put_report(LinkUp(self.up_since, self.asterisk_version, "", first=True))
        return subscription

    # -- what a test does

    def named(self, name: str) -> list[Any]:
        """The actions of one name, in the order in which they were sent."""
        return [action for action in self.sent if action.name == name]

    def lose_link(self) -> None:
        self.state, self.up_since = LinkState.BACKING_OFF, None
        now = datetime.now(UTC)
        for subscription in self.subscriptions:
            subscription.put_report(LinkDown(now, CloseReason(CloseKind.SILENT, "no ping", now, now)))

    def find_link(self, *, restarted: bool = False) -> None:
        self.state, self.up_since = LinkState.UP, datetime.now(UTC)
        now = self.up_since
        for subscription in self.subscriptions:
            subscription.put_report(LinkUp(now, self.asterisk_version, "", first=False))
            subscription.put_report(Gap(now, now, "link", restarted=restarted))

    def tell(self, *news: AmiEvent) -> None:
        for item in news:
            for subscription in self.subscriptions:
                subscription.put(item)


class Bench:
    """A core, its Asterisks, and what people do to it."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.amis: dict[str, FakeAmi] = dict(core.clients)  # type: ignore[arg-type] # `core_on` put them there
        self.ami = self.amis[MAIN]

    async def happens(self, *news: AmiEvent, on: str = MAIN) -> None:
        """Take events of Asterisk, as the watch does."""
        for item in news:
            await self.core.calls.on_event(on, item)
            await self.core.sessions.on_event(on, item)
            await self.core.recordings.on_event(on, item)

    async def log_in(self, user: str = "1000", campaign: str = "TEST", on: str = MAIN) -> AgentSession:
        """Log an agent in on the phone of her number; she is seated, and paused."""
        session = await self.core.agent_commands.login(user, user, campaign, asked_by="")
        await self.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id), on=on)
        return await self.session(user)

    async def ready(self, user: str = "1000", campaign: str = "TEST", on: str = MAIN) -> AgentSession:
        """Log an agent in, and let her wait for calls."""
        await self.log_in(user, campaign, on)
        return await self.core.agent_commands.resume(user, asked_by="")

    async def dial(self, campaign: str = "TEST", number: str = CUSTOMER, **more: Any) -> Call:
        """Place an automatic call."""
        return await self.core.call_commands.dial(DialRequest(number=number, campaign=campaign, **more))

    async def session(self, user: str) -> AgentSession:
        """An agent's open session."""
        found = await self.core.agent_commands.session(user)
        assert found is not None
        return found

    async def call(self, call_id: str) -> Call:
        """A call, as it is now."""
        found = await self.core.call_commands.get(call_id)
        assert found is not None
        return found

    async def told(self, subject: str = "") -> list[str]:
        """The types of the events so far: all, or those of one subject."""
        query = select(events.c.type).order_by(events.c.seq)
        async with self.core.db.read() as conn:
            rows = await conn.execute(query.where(events.c.subject == subject) if subject else query)
            return list(rows.scalars())


def core_on(url: str, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Core:
    """A core on the store, with fakes in place of its links to Asterisk."""
    monkeypatch.setattr(service, "AmiClient", FakeAmi)
    return Core(settings(url, **more))


async def furnish(core: Core) -> None:
    """Write the site and its agents into the open store."""

    async def site(tx: Transaction) -> None:
        for item in SITE:
            await core.site.put_in(tx, item)

    await core.db.write(site)
    await asyncio.gather(*(core.access.create(spec) for spec in AGENTS))


@asynccontextmanager
async def opened(core: Core, *, migrate: bool = False) -> AsyncIterator[Bench]:
    """The store open and the deadlines kept, but nobody who follows Asterisk: the test brings the news."""
    await core.db.open(migrate=migrate)
    try:
        yield Bench(core)
    finally:
        await core.dialer.stop()
        await core.dial_queue.stop()
        await core.calls.stop()
        await core.sessions.stop()
        core.access.close()
        await core.db.close()
