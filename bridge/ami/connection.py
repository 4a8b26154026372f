"""One link to one Asterisk, from the first byte to the last. Used once: a dead one is never revived."""

# ruff: noqa: ASYNC109 - a limit of each call, part of what the caller asks for

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
import struct
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from bridge.ami.actions.base import Action, ListAction, RawAction
from bridge.ami.actions.system import Challenge, Login, LoginMD5, Logoff, Ping
from bridge.ami.errors import (
    ActionRefused,
    ActionTimeout,
    AmiConnectError,
    AmiError,
    AmiLoginRefused,
    CertificateRefused,
    NotConnected,
    OutcomeUnknown,
)
from bridge.ami.events.base import AmiEvent
from bridge.ami.pending import Answer, Expect, InFlight
from bridge.ami.protocol import encode_action
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings
from bridge.ami.state import CloseKind, CloseReason, ConnectionState
from bridge.ami.wire import Wire

__all__ = ["AmiConnection"]

R = TypeVar("R")
Row = TypeVar("Row", bound=AmiEvent)

LOGOFF_TIMEOUT = 1.0
"""Seconds for a polite goodbye; a stopping service waits for no one longer."""


class _Log(logging.LoggerAdapter[logging.Logger]):
    """Begins each line with the Asterisk's name and the connection's id."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        extra = self.extra or {}
        return f"[{extra['asterisk']} {extra['connection']}] {msg}", {**kwargs, "extra": dict(extra)}


class AmiConnection:
    """A link: `open()` it, `go_live()` when ready for events, send actions, `wait_closed()`.

    Attributes:
        id: names this link in logs and begins its ActionIDs, so that they are unique across processes.
        state: where it is in its life.
        ami_version: the version in Asterisk's banner.
        in_flight: the actions that wait for their answer.
    """

    def __init__(self, settings: AmiSettings, router: Router | None = None) -> None:
        """Prepare; nothing is sent before `open()`."""
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self.id = secrets.token_hex(4)
        self.state = ConnectionState.NEW
        self._closed: asyncio.Future[CloseReason] = self._loop.create_future()
        self.ami_version = ""
        self.in_flight = InFlight(self._loop)
        self._wire = Wire(self._loop, self.in_flight, router or Router(), settings.max_message, self._lost)
        self._transport: asyncio.Transport | None = None
        self._error: Exception | None = None
        self._reason: CloseReason | None = None
        self._leaving = False
        self._watch: asyncio.Task[None] | None = None
        self._count = 0
        self._unsent: list[bytes] = []
        self._log = _Log(logging.getLogger(__name__), {"asterisk": settings.name, "connection": self.id})

    # -- life ------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect, check the greeting, log in. The secret leaves only after the greeting was Asterisk's.

        Raises:
            AmiConnectError: or one of its kinds. The connection is closed then.
        """
        try:
            with _as_connect_errors(self):
                async with asyncio.timeout(self._settings.connect_timeout):
                    await self._connect()
                    self._enter(ConnectionState.GREETING)
                    self.ami_version = (await self._wire.banner).version
                    self._enter(ConnectionState.AUTHENTICATING)
                    await self._login()
        except BaseException as error:
            self._close(CloseKind.LOGIN, str(error))
            raise
        self._enter(ConnectionState.READY)
        self._watch = asyncio.create_task(self._watch_life(), name=f"ami-watch-{self.id}")

    def go_live(self) -> None:
        """Let events through: first those that came since the login, then each as it comes."""
        self._wire.go_live()

    async def close(self) -> None:
        """Say goodbye if somebody is there, and close. Actions in flight get `OutcomeUnknown`."""
        self._leaving = True
        if self.state is ConnectionState.READY:
            with contextlib.suppress(AmiError):
                await self.send(Logoff(), timeout=LOGOFF_TIMEOUT)
        self._close(CloseKind.LOCAL, "")
        if self._transport is not None:
            await self._wire.gone.wait()

    async def wait_closed(self) -> CloseReason:
        """Wait for the end of the connection, whoever brings it about, and return why it ended."""
        return await asyncio.shield(self._closed)

    async def _connect(self) -> None:
        self._enter(ConnectionState.CONNECTING)
        settings = self._settings
        server_name = (settings.tls_server_name or settings.host) if settings.tls else None
        self._transport, _ = await self._loop.create_connection(
            lambda: self._wire, settings.host, settings.port, ssl=settings.tls, server_hostname=server_name
        )

    async def _login(self) -> None:
        settings = self._settings
        user, secret, events = settings.user, settings.secret, settings.events
        timeout = settings.connect_timeout
        if settings.plain_login:
            await self._exchange(Login(user, secret, events), timeout=timeout)
            return
        question = Challenge()
        answer = await self._exchange(question, timeout=timeout)
        login = LoginMD5(user, secret, question.result(answer.response), events)
        await self._exchange(login, timeout=timeout)

    def _enter(self, state: ConnectionState) -> None:
        if self.state is ConnectionState.CLOSED:
            raise AmiConnectError(str(self._reason))
        self._log.debug("%s -> %s", self.state.name, state.name)
        self.state = state

    # -- actions ---------------------------------------------------------------------------------------------

    async def send(
        self, action: Action[R], *, action_id: str | None = None, timeout: float | None = None
    ) -> R:
        """Send an action and return its typed result.

        Args:
            action: what to do.
            action_id: an id of the caller's own, which also comes back in `OriginateResponse`.
            timeout: seconds to wait for the answer; the settings' `action_timeout` unless given.

        Raises:
            InvalidAction, NotConnected: nothing was sent.
            ActionRefused: Asterisk answered with an error.
            OutcomeUnknown: the link was lost, or the time was up (`ActionTimeout`).
        """
        self._require_ready()
        return action.result((await self._exchange(action, Expect.ONE, action_id, timeout)).response)

    async def send_list(
        self, action: ListAction[Row], *, action_id: str | None = None, timeout: float | None = None
    ) -> list[Row]:
        """Send a list action and return its typed rows once the list is complete; raises as `send()`."""
        self._require_ready()
        answer = await self._exchange(action, Expect.LIST, action_id, timeout)
        return [row for message in answer.rows if (row := action.row(message)) is not None]

    async def ask(self, action: RawAction, *, timeout: float | None = None) -> Answer:
        """Send an action of which it is not known whether a list follows; raises as `send()`."""
        self._require_ready()
        return await self._exchange(action, Expect.EITHER, None, timeout)

    def _require_ready(self) -> None:
        if self.state is not ConnectionState.READY:
            raise NotConnected(f"{self._settings.name}: the connection is {self.state.value}")

    async def _exchange(
        self,
        action: Action[R] | ListAction[Row],
        expect: Expect = Expect.ONE,
        action_id: str | None = None,
        timeout: float | None = None,
    ) -> Answer:
        if action_id is None:
            self._count += 1
            action_id = f"{self.id}-{self._count}"
        data = encode_action(action.action, action.fields(), action_id)
        if self._transport is None:
            raise NotConnected
        limit = self._settings.action_timeout if timeout is None else timeout
        future = self.in_flight.add(action_id, action.action, expect, limit, blocking=action.blocking)
        try:
            self._write(data)
            return await future
        finally:
            self.in_flight.forget(action_id)

    def _write(self, data: bytes) -> None:
        """Send it with whatever else is sent in this turn of the loop: a packet costs more than a parse."""
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(data)

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if self._transport is not None and self.state is not ConnectionState.CLOSED:
            self._transport.write(b"".join(unsent))

    # -- liveness and end ------------------------------------------------------------------------------------

    async def _watch_life(self) -> None:
        """Ask for a sign of life after each silence; close when none comes."""
        interval = self._settings.ping_interval
        while self.state is ConnectionState.READY:
            quiet = monotonic() - self._wire.heard
            if quiet < interval:
                await asyncio.sleep(interval - quiet)
            elif self.in_flight.blocking:
                await asyncio.sleep(interval)  # Asterisk cannot answer now; that action has its own deadline
            else:
                await self._ping()

    async def _ping(self) -> None:
        asked = monotonic()
        timeout = self._settings.ping_timeout
        try:
            await self.send(Ping(), timeout=timeout)
        except ActionTimeout:
            if self._wire.heard < asked:  # under load the answer may stand behind many events
                self._close(CloseKind.SILENT, f"not a byte within {timeout:g} s of a ping")
        except AmiError:
            self._log.debug("the ping was not answered by a pong", exc_info=True)

    def _lost(self, kind: CloseKind, detail: str, error: Exception | None = None) -> None:
        self._error = error
        self._close(CloseKind.LOCAL if self._leaving else kind, detail)

    def _close(self, kind: CloseKind, detail: str) -> None:
        if self.state is ConnectionState.CLOSED:
            return
        now = datetime.now(UTC)
        silence = timedelta(seconds=monotonic() - self._wire.heard)
        self._reason = reason = CloseReason(kind, detail, at=now, last_heard=now - silence)
        self._log.debug("%s -> CLOSED (%s), %d in flight", self.state.name, reason, len(self.in_flight))
        self.state = ConnectionState.CLOSED
        if self._watch is not None:
            self._watch.cancel()
        if self._transport is not None:
            _forget_unsent(self._transport)
            self._transport.abort()
        self._wire.shut(self._error or AmiConnectError(str(reason)))
        text = (
            f"the link to {self._settings.name} was lost ({reason}); the action may or may not have happened"
        )
        self.in_flight.fail_all(lambda action_id: OutcomeUnknown(text, action_id=action_id))
        self._closed.set_result(reason)


def _forget_unsent(transport: asyncio.Transport) -> None:
    """Let the kernel throw away what it could not deliver: an action must not arrive when we are gone.

    Each caller is told that its action may or may not have happened, and looks; an Originate that came
    through a revived network minutes later would call somebody whom nobody expects to be called.
    """
    connected = transport.get_extra_info("socket")
    if connected is not None:
        with contextlib.suppress(OSError):  # closed already
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def _as_connect_errors(connection: AmiConnection) -> Iterator[None]:
    """Turn whatever goes wrong on the way to a login into `AmiConnectError` and its kinds."""
    try:
        yield
    except ActionRefused as error:
        raise AmiLoginRefused(f"Asterisk refused the login: {error.message[:200]}") from error
    except OutcomeUnknown as error:
        raise AmiConnectError(f"the link was lost during the login: {error}") from error
    except ssl.SSLCertVerificationError as error:
        raise CertificateRefused(f"the certificate was not accepted: {error.verify_message}") from error
    except TimeoutError as error:
        raise AmiConnectError(f"no login in time: {connection.state.value}") from error
    except OSError as error:
        raise AmiConnectError(f"{type(error).__name__}: {error}") from error
