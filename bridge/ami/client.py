"""A link to one Asterisk that comes back by itself, and what hangs on it: actions and events."""

# ruff: noqa: ASYNC109 - a limit of each call, part of what the caller asks for

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

from bridge.ami.actions.base import Action, ListAction, RawAction
from bridge.ami.actions.calls import Originate
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import ActionRefused, ActionTimeout, AmiError, OutcomeUnknown
from bridge.ami.events.base import AmiEvent
from bridge.ami.events.calls import OriginateResponse
from bridge.ami.keeper import LinkKeeper
from bridge.ami.pending import Answer
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings
from bridge.ami.state import CloseReason, LinkState
from bridge.ami.subscriptions import Gap, LinkDown, LinkUp, Policy, Subscription

__all__ = ["AmiClient", "AmiSettings"]

log = logging.getLogger(__name__)

R = TypeVar("R")
Row = TypeVar("Row", bound=AmiEvent)


class AmiClient:
    """One Asterisk, for as long as the program runs.

    `start()` returns at once; a task of its own connects, and connects again after every loss, with a
    growing, jittered pause. What was in flight at a loss fails with `OutcomeUnknown` and is never sent again.
    A refused login is the state `LOGIN_REFUSED`, tried again only every `refused_retry` seconds.

    Attributes:
        settings: as given.
        handler_errors: exceptions raised by callbacks of `on()`.
        fully_booted: when Asterisk last said that it has started. It says so only to users that may read
            `system`: never wait for it.
    """

    def __init__(self, settings: AmiSettings) -> None:
        """Prepare; nothing happens before `start()`."""
        self.settings = settings
        self.handler_errors = 0
        self._router = Router()
        self._keeper = LinkKeeper(settings, self._router, self._came_up, self._went_down)
        self._subscriptions: dict[Subscription, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._last_heard: datetime | None = None
        self.fully_booted: datetime | None = None
        self.on("FullyBooted", self._note_boot)

    @property
    def state(self) -> LinkState:
        """What is being done about the link."""
        return self._keeper.state

    @property
    def up_since(self) -> datetime | None:
        """When the link came up; `None` while it is down."""
        return self._keeper.up_since

    @property
    def last_error(self) -> AmiError | None:
        """Why there is no link, if there is none."""
        return self._keeper.last_error

    @property
    def asterisk_version(self) -> str:
        """Asterisk's version at the last login; empty if the AMI user may not know."""
        return self._keeper.identity.version

    @property
    def started_at(self) -> str:
        """Which run of Asterisk it was at the last login (`CoreStatusResult.startup`); empty if not known."""
        return self._keeper.identity.startup

    # -- life ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to connect, and return at once.

        Raises:
            RuntimeError: it was started before; a client is used once.
        """
        if self.state is not LinkState.NEW:
            raise RuntimeError("an AmiClient is started once")
        self._keeper.set_state(LinkState.CONNECTING)
        self._task = asyncio.create_task(self._keeper.run(), name=f"ami-{self.settings.name}")

    async def stop(self) -> None:
        """Close the link and end every subscription. What is in flight fails with `OutcomeUnknown`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._keeper.set_state(LinkState.STOPPED)
        for subscription in list(self._subscriptions):
            subscription.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def connected(self, timeout: float | None = None) -> None:
        """Wait until the link is up.

        Args:
            timeout: seconds; without one, as long as it takes.

        Raises:
            AmiLoginRefused: the login is refused; waiting will not help.
            NotConnected: the time was up, or the client was stopped.
        """
        await self._keeper.wait_up(timeout)

    # -- actions ---------------------------------------------------------------------------------------------

    async def send(
        self,
        action: Action[R],
        *,
        timeout: float | None = None,
        wait_for_link: bool = False,
        action_id: str | None = None,
    ) -> R:
        """Send an action and return its typed result.

        Args:
            action: what to do.
            timeout: seconds for everything, the waiting for a link included; the settings' `action_timeout`
                unless given.
            wait_for_link: wait for a link instead of failing at once when there is none.
            action_id: an id of the caller's own, which also comes back in `OriginateResponse`.

        Raises:
            InvalidAction, NotConnected: nothing was sent.
            ActionRefused: Asterisk answered with an error.
            OutcomeUnknown: the link was lost, or the time was up (`ActionTimeout`).
            AmiLoginRefused: nothing was sent; it would have waited for a login that is refused.
        """
        connection, left = await self._link(timeout, wait_for_link=wait_for_link)
        return await connection.send(action, action_id=action_id, timeout=left)

    async def send_list(
        self,
        action: ListAction[Row],
        *,
        timeout: float | None = None,
        wait_for_link: bool = False,
        action_id: str | None = None,
    ) -> list[Row]:
        """Send a list action and return its rows once the list is complete; otherwise as `send()`."""
        connection, left = await self._link(timeout, wait_for_link=wait_for_link)
        return await connection.send_list(action, action_id=action_id, timeout=left)

    async def ask(
        self, action: RawAction, *, timeout: float | None = None, wait_for_link: bool = False
    ) -> Answer:
        """Send an action of which it is not known whether a list follows; otherwise as `send()`."""
        connection, left = await self._link(timeout, wait_for_link=wait_for_link)
        return await connection.ask(action, timeout=left)

    async def originate(self, action: Originate, *, action_id: str) -> OriginateResponse:
        """Send an Originate and wait until its channel is answered, not only until it is queued.

        A channel that is queued may not exist yet: whoever asks for it is told the same as after its end.

        Args:
            action: what to make; its `timeout_ms` and the settings' `action_timeout` limit the waiting.
            action_id: an id of the caller's own, by which the outcome is known.

        Raises:
            InvalidAction, NotConnected: nothing was sent.
            ActionRefused: Asterisk would not begin, or nobody answered.
            OutcomeUnknown: the link was lost, or the time was up (`ActionTimeout`).
        """
        budget = self.settings.action_timeout + (action.timeout_ms or 0) / 1000
        try:
            async with asyncio.timeout(budget), self.subscribe([OriginateResponse.event]) as outcomes:
                await self.send(action, action_id=action_id)
                outcome = await _outcome(outcomes, action_id)
        except TimeoutError:
            raise ActionTimeout("no outcome of the Originate", action_id=action_id) from None
        if not outcome.success:
            raise ActionRefused("its channel was not answered", outcome)
        return outcome

    async def _link(self, timeout: float | None, *, wait_for_link: bool) -> tuple[AmiConnection, float]:
        """Return the connection, and what is left of the time."""
        budget = self.settings.action_timeout if timeout is None else timeout
        loop = asyncio.get_running_loop()
        deadline = loop.time() + budget
        if wait_for_link:
            await self.connected(budget)
        if self._keeper.connection is None:
            raise self._keeper.not_connected() from self.last_error
        return self._keeper.connection, deadline - loop.time()

    # -- events ----------------------------------------------------------------------------------------------

    def subscribe(
        self, names: Iterable[str] | None, *, maxsize: int = 10_000, policy: Policy = "gap"
    ) -> Subscription:
        """Ask for events, in order.

        Args:
            names: one event name or several, as Asterisk writes them; every event if `None`.
            maxsize: how many may wait for the consumer.
            policy: when more wait, `"gap"` discards all of them and puts a `Gap` in their place, for
                consumers that then read the state again; `"drop"` leaves out what does not fit.
        """
        subscription = Subscription(maxsize, policy, self._leave)
        self._subscriptions[subscription] = self._router.add(names, subscription.put)
        if self.up_since is not None:
            subscription.put_report(LinkUp(self.up_since, self.asterisk_version, self.started_at, first=True))
            subscription.informed = True
        return subscription

    def _leave(self, subscription: Subscription) -> None:
        self._subscriptions.pop(subscription)()

    def on(self, name: str, handler: Callable[[AmiEvent], None]) -> Callable[[], None]:
        """Call a plain function for each event of a name; returns what undoes it.

        It runs in the reader, so it has to be quick. What it raises is logged, counted, and harms nobody.

        Raises:
            TypeError: the handler is a coroutine function.
        """
        if inspect.iscoroutinefunction(handler):
            raise TypeError("a handler is a plain function; for a coroutine there is subscribe()")

        def guarded(event: AmiEvent) -> None:
            try:
                handler(event)
            except Exception:
                self.handler_errors += 1
                log.exception("[%s] a handler of %s failed", self.settings.name, name)

        return self._router.add([name], guarded)

    def _note_boot(self, event: AmiEvent) -> None:
        self.fully_booted = datetime.now(UTC)
        log.info("[%s] Asterisk finished starting %s s ago", self.settings.name, event.get("Uptime"))

    # -- what the keeper of the link reports -----------------------------------------------------------------

    def _came_up(self) -> None:
        identity = self._keeper.identity
        now = datetime.now(UTC)
        for subscription in self._subscriptions:
            first = not subscription.informed
            subscription.informed = True
            subscription.put_report(LinkUp(now, identity.version, identity.startup, first=first))
            if not first and self._last_heard is not None:
                subscription.put_report(Gap(self._last_heard, now, "link", restarted=identity.restarted))

    def _went_down(self, reason: CloseReason) -> None:
        self._last_heard = reason.last_heard
        for subscription in self._subscriptions:
            subscription.put_report(LinkDown(reason.at, reason))


async def _outcome(outcomes: Subscription, action_id: str) -> OriginateResponse:
    async for item in outcomes:
        if isinstance(item, OriginateResponse) and item.action_id == action_id:
            return item
        if isinstance(item, LinkDown):
            break
    raise OutcomeUnknown("the link was lost before the outcome", action_id=action_id)
