"""Keeps a link to one Asterisk: connects, and connects again after every loss."""

# ruff: noqa: ASYNC109 - a limit of each call, part of what the caller asks for

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bridge.ami.actions.system import CoreSettings, CoreStatus
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import ActionRefused, AmiConnectError, AmiError, AmiLoginRefused, NotConnected
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings
from bridge.ami.state import CloseKind, CloseReason, LinkState

__all__ = ["Identity", "LinkKeeper"]

log = logging.getLogger(__name__)

STABLE_AFTER = 10.0
"""Seconds that a link has to hold before its loss counts as a first one; else a peer that takes every login
and drops it at once would be called on without a pause."""

BOOT_POLL = 1.0
"""Seconds between two looks at an Asterisk that has answered but is still starting."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which Asterisk answered.

    Attributes:
        version: its version; empty if the AMI user may not know.
        startup: which run of it, see `CoreStatusResult.startup`; empty if not known, or not yet.
        restarted: it is known to be another run than before.
    """

    version: str = ""
    startup: str = ""
    restarted: bool = False


class LinkKeeper:
    """The state of one link over all its connections.

    Attributes:
        state: what is being done about the link.
        connection: the live one; `None` while there is none.
        identity: of the last connection that came up.
        up_since: when the link came up; `None` while it is down.
        last_error: why there is no link, if there is none.
    """

    def __init__(
        self,
        settings: AmiSettings,
        router: Router,
        came_up: Callable[[], None],
        went_down: Callable[[CloseReason], None],
    ) -> None:
        """Prepare. `came_up` is called before the first event passes, `went_down` after the last one."""
        self._settings = settings
        self._router = router
        self._came_up = came_up
        self._went_down = went_down
        self._changed = asyncio.Event()
        self._failures = 0
        self.state = LinkState.NEW
        self.connection: AmiConnection | None = None
        self.identity = Identity()
        self.up_since: datetime | None = None
        self.last_error: AmiError | None = None

    def set_state(self, state: LinkState) -> None:
        """Change the state and wake whoever waits for one."""
        log.debug("[%s] %s -> %s", self._settings.name, self.state.name, state.name)
        self.state = state
        self._changed.set()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        while True:
            self.set_state(LinkState.CONNECTING)
            pause = await self._live()
            log.info("[%s] next connection in %.2f s", self._settings.name, pause)
            await asyncio.sleep(pause)

    async def wait_up(self, timeout: float | None) -> None:
        """Wait until the link is up; see `AmiClient.connected`."""
        try:
            async with asyncio.timeout(timeout):
                while self.state is not LinkState.UP:
                    if self.state is LinkState.LOGIN_REFUSED:
                        raise AmiLoginRefused(str(self.last_error)) from self.last_error
                    if self.state is LinkState.STOPPED:
                        raise self.not_connected()
                    await self._changed.wait()
        except TimeoutError:
            raise self.not_connected() from self.last_error

    def not_connected(self) -> NotConnected:
        """Make the error that says why there is no link."""
        why = f" ({self.last_error})" if self.last_error else ""
        return NotConnected(f"no link to {self._settings.name}: {self.state.value}{why}")

    async def _live(self) -> float:
        """Live through one connection, from the attempt to the end; return the seconds to pause after it."""
        connection = AmiConnection(self._settings, self._router)
        try:
            await connection.open()
            await self._up(connection)
            return self._lost(await self._watched(connection))
        except AmiError as error:
            return self._failed(error)
        except Exception as error:  # a bug must not end the only task that brings the link back
            log.exception("[%s] the link failed in an unforeseen way", self._settings.name)
            return self._failed(AmiConnectError(f"{type(error).__name__}: {error}"))
        finally:
            await connection.close()
            if self.connection is connection:
                self._down(await connection.wait_closed())

    async def _up(self, connection: AmiConnection) -> None:
        self.identity = await self._identify(connection)
        self.connection = connection
        self.up_since = datetime.now(UTC)
        self.last_error = None
        self.set_state(LinkState.UP)
        log.info(
            "[%s] link up, Asterisk %s started %s%s",
            self._settings.name,
            self.identity.version or "of unknown version",
            self.identity.startup or "at an unknown time",
            ", RESTARTED since the last link" if self.identity.restarted else "",
        )
        self._came_up()
        connection.go_live()

    async def _watched(self, connection: AmiConnection) -> CloseReason:
        """Wait for the end of a connection; learn meanwhile which run of Asterisk it is, if that is open."""
        learning = asyncio.create_task(self._learn_startup(connection))
        try:
            return await connection.wait_closed()
        finally:
            learning.cancel()
            await asyncio.wait((learning,))

    async def _learn_startup(self, connection: AmiConnection) -> None:
        """Ask an Asterisk that is still booting until it says when it has started."""
        with contextlib.suppress(AmiError):  # refused, or the link is lost: then there is nothing to learn
            while not self.identity.startup:
                await asyncio.sleep(BOOT_POLL)
                startup = (await connection.send(CoreStatus())).startup
                self.identity = replace(self.identity, startup=startup)

    def _down(self, reason: CloseReason) -> None:
        level = logging.INFO if reason.kind is CloseKind.LOCAL else logging.WARNING
        log.log(level, "[%s] link down: %s", self._settings.name, reason)
        self.connection = None
        self.up_since = None
        self._went_down(reason)

    def _lost(self, reason: CloseReason) -> float:
        lasted = (reason.at - self.up_since).total_seconds() if self.up_since else 0.0
        if lasted >= STABLE_AFTER:
            self._failures = 0
        return self._back_off(AmiConnectError(f"the link was lost: {reason}"))

    def _failed(self, error: AmiError) -> float:
        if isinstance(error, AmiLoginRefused):
            log.error("[%s] %s", self._settings.name, error)
            self.last_error = error
            self.set_state(LinkState.LOGIN_REFUSED)
            return _jittered(self._settings.refused_retry)
        log.warning("[%s] no link: %s", self._settings.name, error)
        return self._back_off(error)

    def _back_off(self, error: AmiError) -> float:
        self.last_error = error
        self.set_state(LinkState.BACKING_OFF)
        ceiling = min(self._settings.backoff_max, self._settings.backoff_min * 2.0**self._failures)
        self._failures = min(self._failures + 1, 32)
        return _jittered(ceiling)

    async def _identify(self, connection: AmiConnection) -> Identity:
        """Ask which Asterisk, and which run of it, this is; a user without the right does without."""
        version, startup = "", None
        with contextlib.suppress(ActionRefused):
            version = (await connection.send(CoreSettings())).asterisk_version
        with contextlib.suppress(ActionRefused):
            startup = (await connection.send(CoreStatus())).startup
        before = self.identity.startup
        restarted = bool(before) and startup is not None and startup != before
        return Identity(version, startup or "", restarted)


def _jittered(seconds: float) -> float:
    """Shorten by up to half, so that many replicas do not come back in the same instant."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - no secret hangs on it
