"""What the APIs need of the rest of the bridge."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bridge.access.console_model import ConsoleLink, ConsoleLogin, ConsoleSession
from bridge.access.keys import Key, NewKey
from bridge.access.model import Authentication, Principal, PrincipalKind, UserSpec
from bridge.access.names import All
from bridge.audit.entry import Entry
from bridge.audit.model import AuditQuery, AuditRow, Usage
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Phone
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.services.values import Check, Claim, EventPage, EventQuery, LeadNumbers


class Picture(Protocol):
    """The present state of something, for a listener who knows nothing of it yet."""

    async def take(self) -> tuple[int, bytes]:
        """The number of the last event that it holds, and the state as JSON in one line."""

    def outdated_by(self, record: EventRecord) -> bool:
        """Whether this event says less than what has changed."""


class Audit(Protocol):
    """The audit trail: `bridge.audit.trail.AuditTrail`."""

    async def record(self, entry: Entry) -> None:
        """Keep the row of a request that is over."""

    async def page(self, query: AuditQuery) -> Sequence[AuditRow]:
        """Rows, newest first."""

    async def usage(self, principals: Sequence[Principal], days: int = 90) -> Sequence[Usage]:
        """What users make of their functions, in the order of the users."""


class RawEvents(Protocol):
    """What Asterisks say: `bridge.raw_events.RawEvents`."""

    @property
    def asterisks(self) -> Collection[str]:
        """Their names."""

    def stream(
        self, asterisk: str, *, names: Sequence[str] = (), about: str = ""
    ) -> AsyncGenerator[bytes, None]:
        """Server-sent events as they go over the wire; in silence, empty pieces, twice a second."""


class Events(Protocol):
    """The event log: what was, and what happens."""

    async def past(self, query: EventQuery) -> EventPage:
        """Events of the log; a page may hold fewer than its limit, or none, and not be the last."""

    def stream(
        self,
        *,
        after: int | None,
        wanted: Filter,
        picture: Picture | None = None,
        heartbeat: float | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Server-sent events as they go over the wire; ends only if the reader is cut off.

        In silence, empty pieces come, twice a second.

        Args:
            after: sequence number that the reader has seen last; `None`: only what comes from now on.
            wanted: which events.
            picture: a state that begins the stream and stands behind the events that it is outdated by.
            heartbeat: seconds of silence before a sign of life; `None`: as for all readers.
        """


class Keys(Protocol):
    """The keys of API users: `bridge.access.keys.Keys`."""

    async def of_user(self, user: str) -> Sequence[Key]:
        """All that it has and had."""

    async def replace(self, user: str, key_id: str, overlap: timedelta) -> NewKey:
        """A new key in place of one that is good a while longer (`NoSuchKey`)."""

    async def revoke(self, user: str, key_id: str) -> Key:
        """End a key at once (`NoSuchKey`)."""

    async def is_good(self, key_id: str) -> bool:
        """Whether a key still opens the door."""


class Consoles(Protocol):
    """Agents' pages: `bridge.access.console.Console`."""

    async def set_password(self, user: str, password: str) -> None:
        """Give an agent a password, which ends her sessions (`NoSuchUser`, `InvalidUser`)."""

    async def log_in(self, user: str, password: str, address: str) -> ConsoleLogin:
        """Begin a session for who knows the password (`TooManyLogins`)."""

    async def make_link(self, user: str, lasts: timedelta) -> ConsoleLink:
        """A link by which an agent gets into her page once (`NoSuchUser`, `InvalidUser`)."""

    async def log_in_by_link(self, token: str, address: str) -> ConsoleLogin:
        """Begin a session for who has a link, which is used up by it."""

    async def is_good(self, session: str) -> bool:
        """Whether a session goes on."""

    async def end(self, token: str) -> None:
        """End the session that a token opens."""

    async def end_all(self, user: str) -> int:
        """End all sessions of an agent; how many there were."""


class Access(Protocol):
    """Who may: `bridge.access.service.Access`."""

    async def authenticate(self, user: str, secret: str, address: str = "") -> Authentication:
        """Check who it is."""

    def may_call(self, principal: Principal, function: str) -> bool:
        """Whether the function is in the principal's list."""

    def authorize(
        self,
        principal: Principal,
        function: str,
        *,
        agent: Principal | None = None,
        campaign: str | None = None,
    ) -> None:
        """Let the principal go on, or raise `bridge.access.errors.Forbidden`."""

    def check_limits(
        self,
        principal: Principal,
        function: str,
        *,
        agent: str | None = None,
        campaign: str | None = None,
        lead_list: int | All | None = None,
    ) -> None:
        """Let the principal go on, or raise `Forbidden`: its own limits alone."""

    @property
    def console(self) -> Consoles:
        """Passwords and sessions of agents' pages."""

    async def in_console(self, token: str, address: str) -> tuple[Principal, ConsoleSession] | None:
        """The agent whose page sends a token, and her session (`Forbidden`, `TooManyRequests`)."""

    async def principal(self, user: str) -> Principal | None:
        """One user."""

    async def by_crm_id(self, crm_id: str) -> Principal | None:
        """The agent that the CRM knows by this id."""

    async def set_team(self, user: str, team: str) -> None:
        """Keep what the CRM says is her team (`NoSuchUser`, `InvalidUser`)."""

    async def users(
        self, kinds: Iterable[PrincipalKind], *, after: str = "", limit: int = 1000, remote: bool = False
    ) -> Sequence[Principal]:
        """Users (`remote`: remote agents alone) in the order of their names, from the one behind `after`."""

    async def create(self, spec: UserSpec, secret: str | None = None) -> Principal:
        """Make a user (`UserExists`, `InvalidUser`)."""

    async def change(self, spec: UserSpec) -> Principal:
        """Write all fields of a user (`NoSuchUser`)."""

    async def alter(
        self, user: str, change: Callable[[Principal], UserSpec], secret: str | None = None
    ) -> Principal:
        """Change some fields of a user as she is now, and her secret (`NoSuchUser`, `InvalidUser`)."""

    async def set_active(self, user: str, *, active: bool) -> Principal:
        """Switch a user on, which also ends a stop, or off (`NoSuchUser`)."""

    async def new_secret(self, user: str, secret: str | None = None) -> str:
        """Give a user a secret and show it, this once (`NoSuchUser`)."""

    @property
    def keys(self) -> Keys:
        """The keys of API users."""

    async def new_key(self, user: str, name: str, expires_at: datetime | None = None) -> NewKey:
        """Give an API user one more key (`NoSuchUser`, `InvalidUser`, `TooManyKeys`)."""

    async def remove(self, user: str) -> None:
        """Delete a user (`NoSuchUser`)."""


Item = TypeVar("Item", bound=SiteItem)


class Site(Protocol):
    """The configuration of the site: `bridge.campaigns.service.Site`."""

    async def get(self, kind: type[Item], key: str) -> Item | None:
        """One thing of a kind."""

    async def list(self, kind: type[Item], *, after: str = "", limit: int = 1000) -> Sequence[Item]:
        """Things of a kind in the order of their keys; `after` is the last key of the page before."""

    async def call_time(self, name: str) -> CallTime | None:
        """The call time of this name: the site's own, or the one that every site has."""

    async def is_own(self, caller_id: str) -> bool:
        """Whether this caller id is one of the site's own numbers."""

    async def add(self, item: SiteItem, *, vouched: bool = False) -> None:
        """Add a thing (`ItemExists`, `InvalidField`); `vouched`: see `put`."""

    async def put(self, item: SiteItem, *, vouched: bool = False) -> object:
        """Add a thing or replace it; `None` if it is new (`InvalidField`).

        Args:
            item: as it is to be.
            vouched: who asks may say which numbers are the site's own, and says so of those that it shows.
        """

    async def edit(
        self, kind: type[Item], key: str, change: Callable[[Item | None], Item], *, vouched: bool = False
    ) -> None:
        """Make of a thing what `change` makes of it, without another's in between (`InvalidField`)."""

    async def replace(self, key: str, item: SiteItem) -> None:
        """Make the thing of this key what `item` is (`NoSuchItem`, `ItemExists`, `ItemInUse`)."""

    async def phone_at(self, extension: str, asterisk: str, first: str) -> Phone | None:
        """The phone that a server knows by this name; `first` is the server of phones that name none."""

    async def remove(self, kind: type[SiteItem], key: str) -> None:
        """Take a thing away (`NoSuchItem`, `ItemInUse`)."""

    async def refresh(self) -> None:
        """Have every bridge read everything anew."""


class Lookups(Protocol):
    """What the line format looks up before it commands."""

    async def lead(self, lead_id: int) -> LeadNumbers | None:
        """The lead's numbers, if there is such a lead."""

    async def manual_dial_mode(self, campaign: str) -> str:
        """`api_manual_dial` of the campaign: STANDARD, QUEUE or QUEUE_AND_AUTOCALL."""

    async def has_in_group(self, name: str) -> bool:
        """Whether there is an in-group of this name, active or not."""

    async def is_callback(self, campaign: str, status: str) -> bool:
        """Whether the status asks for a callback, in the campaign or in the whole system."""


class Idempotency(Protocol):
    """Keys of requests that must not run twice, kept for 24 hours at least."""

    async def claim(self, owner: str, key: str, fingerprint: str, call_id: str) -> Claim:
        """Take the key for this request, in one atomic step."""

    async def settle(self, owner: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer that later requests with the key get."""

    async def release(self, owner: str, key: str, call_id: str) -> None:
        """Give the key back if it is still this call's: nothing was dialled."""


class Metrics(Protocol):
    """Figures of this bridge."""

    async def page(self) -> bytes:
        """All of them in the text format of Prometheus."""


class Health(Protocol):
    """Whether the bridge can do its work."""

    @property
    def duties(self) -> Sequence[str]:
        """What, of the work of all bridges on the database, this one does now."""

    async def checks(self) -> Sequence[Check]:
        """One for each dependency: database, each Asterisk, …."""
