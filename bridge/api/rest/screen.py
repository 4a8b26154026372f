"""`/v1/agents/{user}/screen`: what an agent's page shows, as a stream, and what is put on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.access.names import ALL, All
from bridge.agents.model import Preview
from bridge.api.guard import authorize_session
from bridge.api.rest.command import Asked, command, session_of
from bridge.api.rest.events import HEADERS, Seen, number, while_allowed
from bridge.api.rest.fields import UserPath
from bridge.api.rest.lead_access import country_of, list_of
from bridge.api.rest.models import AgentView, Body, CallView
from bridge.api.rest.once import Key
from bridge.errors import BridgeError, InvalidInput
from bridge.events.catalogue import CATALOGUE, AgentEvent, Right, ScreenFieldsUpdated
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.events.sse import HEARTBEAT_SECONDS
from bridge.leads.customer_time import time_there
from bridge.leads.model import Lead
from bridge.screens.model import (
    MAX_SECONDS,
    MAX_TEXT,
    Look,
    NewNotification,
    Panel,
    RecipientType,
    Screen,
    Timer,
    TimerAction,
)
from bridge.services import Services
from bridge.store.errors import StoreError

_EXAMPLE = (
    'id: 41\nevent: snapshot\ndata: {"seq":41,"session":{"user":"1000","state":"paused"},"call":null}\n\n'
    'id: 42\nevent: screen.notified\ndata: {"type":"screen.notified","subject":"agents/1000"}\n'
)
_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$(?!\n)")]


class RefreshBody(Body, frozen=True, kw_only=True):
    """What is to be loaded anew."""

    panels: Annotated[list[Panel], msgspec.Meta(min_length=1, max_length=len(Panel))]


class TimerBody(Body, frozen=True, kw_only=True):
    """What is to be done at a time in the call, in the place of what was set before."""

    action: TimerAction
    """`NONE` only takes back what was set."""
    message: _Text = ""
    seconds: Annotated[int, msgspec.Meta(ge=0, le=MAX_SECONDS)] = 0
    """From the begin of the call."""


class NotificationBody(Body, frozen=True, kw_only=True):
    """What the agent is to read."""

    text: _Text = ""
    confetti: bool = False
    due_at: datetime | None = None
    """When, with its offset; left out: now."""
    keep: bool = False
    """Also if she logs in only later, within a week."""


class ScreenView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows, at one moment."""

    seq: int
    """Number of the last event that it holds: `Last-Event-ID` of a stream that goes on from here."""
    session: AgentView | None
    """None if she is not logged in; then there is nothing else either."""
    preview: Preview | None
    """What she looks at before it is dialled."""
    call: CallView | None
    lead: Lead | None
    """The one of her call, of her wrap-up or of what she looks at."""
    customer_time: datetime | None
    """Now, on that customer's own clock; null: it cannot be told which one that is."""
    recording: bool
    """Whether her room is being recorded."""
    screen: Screen


class NotificationView(msgspec.Struct, frozen=True, kw_only=True):
    """A notification that is queued."""

    id: int
    due_at: datetime


SCREEN_BODIES = (RefreshBody, TimerBody, NotificationBody)


class ScreenController(Controller):
    """One agent's screen."""

    path = "/agents/{user:str}/screen"
    tags = ("screen",)

    @get(
        "/",
        opt={"right": "agents.screen"},
        summary="All that an agent's page shows, as it happens",
        media_type="text/event-stream",
        responses={
            200: ResponseSpec(
                data_container=str,
                description="One `snapshot`, then CloudEvents; `id` is the event's number.",
                media_type="text/event-stream",
                examples=[Example(value=_EXAMPLE)],
                generate_examples=False,
            )
        },
    )
    async def stream(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        after: Annotated[
            int | None,
            QueryParameter(ge=0, description="As `Last-Event-ID`.", schema_extra={"minimum": 0}),
        ] = None,
        last_event_id: Seen = None,
        heartbeat: Annotated[
            float,
            QueryParameter(ge=1, le=60, description="Seconds of silence before a comment is sent."),
        ] = HEARTBEAT_SECONDS,
    ) -> Stream:
        """Events of the agent and of the calls that she has, begun by an event `snapshot`.

        Another `snapshot` follows each event that changes more than it says itself: a new state of hers, a
        new lead, new values of its fields. With `Last-Event-ID` the stream goes on after that event; for who
        may not see every campaign it always begins now, as the agent may have been in another one.
        """
        await session_of(request, services, user)
        _check_lists(request, services, user)
        seen = number(last_event_id) if last_event_id is not None else after
        if request.user.user != user and not _sees_every_campaign(request.user):
            seen = None  # she may have worked for others before
        wanted = Filter(agent=user, rights=frozenset({Right.AGENTS, Right.CALLS}))
        picture = _Picture(services, user)
        found = services.events.stream(after=seen, wanted=wanted, picture=picture, heartbeat=heartbeat)

        async def still() -> bool:
            return await _still_may(services, request.user, user)

        return Stream(while_allowed(found, still), media_type="text/event-stream", headers=HEADERS)

    @get("/snapshot", opt={"right": "agents.screen"}, summary="All that an agent's page shows now")
    async def snapshot(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> ScreenView:
        """The same as the stream's `snapshot`; its `seq` is where the stream goes on."""
        await session_of(request, services, user)
        _check_lists(request, services, user)
        return await _view(services, user)

    @post("/refresh", opt={"right": "agents.refresh"}, status_code=200, summary="Load panels anew")
    async def refresh(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[RefreshBody],
        idempotency_key: Key = None,
    ) -> ScreenView:
        """Her page is told which. `preview`, `call` and `lead` are only for who may see her screen."""
        _check_lists(request, services, user)

        async def act() -> ScreenView:
            await services.screens.refresh(user, data.panels)
            return await _told(request, services, user)

        return await command(request, services, idempotency_key, act)

    @post("/timer", opt={"right": "agents.timer"}, status_code=200, summary="Set a timed action")
    async def timer(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[TimerBody],
        idempotency_key: Key = None,
    ) -> ScreenView:
        """Her page does it when her call has lasted so long. The answer is as that of `…/refresh`."""
        _check_lists(request, services, user)

        async def act() -> ScreenView:
            timer = Timer(action=data.action, message=data.message, seconds=data.seconds)
            await services.screens.set_timer(user, timer)
            return await _told(request, services, user)

        return await command(request, services, idempotency_key, act)

    @post("/notifications", opt={"right": "agents.notify"}, status_code=202, summary="Notify an agent")
    async def notify(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[NotificationBody],
        idempotency_key: Key = None,
    ) -> NotificationView:
        """She need not be logged in: without `keep` she misses what is due before she is."""
        if not data.text and not data.confetti:
            raise InvalidInput("there is nothing to show without a text or confetti", field="text")
        wanted = NewNotification(
            recipient=user,
            recipient_type=RecipientType.USER,
            text=data.text,
            look=Look(confetti=data.confetti),
            retry=data.keep,
            due_at=_aware(data.due_at),
            made_by=request.user.user,
        )

        async def act() -> NotificationView:
            made = await services.screens.notify(wanted)
            return NotificationView(id=made.id, due_at=made.due_at)

        return await command(request, services, idempotency_key, act)


def _check_lists(request: Asked, services: Services, user: str) -> None:
    """Her screen shows leads of whatever list (`Forbidden`)."""
    if request.user.user != user:
        services.access.check_limits(request.user, "agents.screen", lead_list=ALL)


def _sees_every_campaign(principal: Principal) -> bool:
    return principal.scope is not None and isinstance(principal.scope.campaigns, All)


class _Picture:
    """The snapshots of a stream: `bridge.events.sse.Picture`."""

    def __init__(self, services: Services, user: str) -> None:
        self._services = services
        self._subject = f"agents/{user}"
        self._user = user

    async def take(self) -> tuple[int, bytes]:
        view = await _view(self._services, self._user)
        return view.seq, msgspec.json.encode(view)

    def outdated_by(self, record: EventRecord) -> bool:
        """Her state and her lead: who listens to their events has not all of them."""
        kind = CATALOGUE.get(record.type)
        if kind is None or record.subject != self._subject:
            return False
        return issubclass(kind, AgentEvent | ScreenFieldsUpdated)


async def _view(services: Services, user: str) -> ScreenView:
    found = await services.screens.snapshot(user)
    return ScreenView(
        seq=found.seq,
        session=None if found.session is None else AgentView.of(found.session),
        preview=None if found.session is None else found.session.preview,
        call=None if found.call is None else CallView.of(found.call),
        lead=found.lead,
        customer_time=None if found.lead is None else await _clock(services, found.lead),
        recording=found.session is not None and await services.recordings.running(found.session) is not None,
        screen=found.screen,
    )


async def _clock(services: Services, lead: Lead) -> datetime | None:
    own = await list_of(services, lead)
    return time_there(datetime.now(UTC).replace(microsecond=0), lead, country_of(services, own))


async def _told(request: Asked, services: Services, user: str) -> ScreenView:
    """Her screen after a command, for who may give that: customers only for who may see them there."""
    view, agent = await _view(services, user), await services.access.principal(user)
    try:
        services.access.authorize(request.user, "agents.screen", agent=agent)
    except Forbidden:
        return msgspec.structs.replace(view, preview=None, call=None, lead=None, customer_time=None)
    return view


async def _still_may(services: Services, then: Principal, user: str) -> bool:
    """Whether the caller is as it was, with its key or page, and may see the agent where she is."""
    try:
        now = await services.access.principal(then.user)
        if now is None or now.changed_at != then.changed_at:
            return False
        if then.key and not await services.access.keys.is_good(then.key):
            return False
        if then.console:
            if not await services.access.console.is_good(then.console):
                return False
            now = msgspec.structs.replace(now, console=then.console)
        await authorize_session(services, now, "agents.screen", user)
    except (Forbidden, BridgeError, StoreError):
        return False
    return True


def _aware(moment: datetime | None) -> datetime:
    return (moment or datetime.now(UTC)).astimezone(UTC)
