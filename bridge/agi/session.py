"""One conversation with one channel: what a script holds in its hands."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bridge.agi.commands import LINE_LIMIT, encode_command, encode_line, line_limit
from bridge.agi.deadline import Alarm
from bridge.agi.environment import Environment
from bridge.agi.errors import (
    CommandTimeout,
    DeadChannel,
    HungUp,
    InvalidCommand,
    RemoteProtocolError,
    SessionClosed,
    UsageError,
)
from bridge.agi.protocol import AgiProtocol, Hangup, Reply, State
from bridge.agi.verbs import Verbs

_T = TypeVar("_T")
_REFUSALS = {510: InvalidCommand, 511: DeadChannel, 520: UsageError}

_NOTHING_YET = Environment({})

QUICK_TIMEOUT = 10.0
"""Seconds for a command that Asterisk answers at once; the slowest seen on a loaded machine took 0.4."""


class AgiSession(Verbs):
    """A script's conversation with Asterisk, over whatever carries the bytes.

    The owner of the transport feeds `data_received` and `connection_lost`; a script uses the rest. Commands
    of one session go out one after the other, also when several tasks send them. A command whose caller was
    cancelled keeps its place: its answer is awaited and thrown away before the next command goes out.

    Attributes:
        env: what Asterisk told about the channel. Set once `ready` is.
        line_limit: bytes of a command that this Asterisk reads whole.
        asterisk: its name, if a relay that passes the session on told it.
        is_ready: whether the environment is in.
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        abort: Callable[[], object],
        *,
        command_timeout: float = QUICK_TIMEOUT,
        peer: object = "",
        alarm: Alarm | None = None,
    ) -> None:
        self.env = _NOTHING_YET
        self.peer = peer
        self.asterisk = ""
        self.closed = False
        self.is_ready = False
        self.line_limit = LINE_LIMIT
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._has_hung_up = False
        self._hung_up: asyncio.Event | None = None
        self._ready: asyncio.Future[None] | None = None
        self._lost: Exception | None = None
        self._write = write
        self._abort = abort
        self._command_timeout = command_timeout
        self._protocol = AgiProtocol()
        self._alarm = Alarm(loop, self.give_up) if alarm is None else alarm
        self._answer: asyncio.Future[Reply] | None = None
        self._next: asyncio.Future[None] | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    def __repr__(self) -> str:
        return f"<AgiSession {self.script!r} on {self.channel!r}>"

    @property
    def hung_up(self) -> asyncio.Event:
        """Set when the caller has hung up (the session goes on, on a dead channel) or the connection is gone.

        Made when it is asked for first: most scripts never do.
        """
        if self._hung_up is None:
            self._hung_up = asyncio.Event()
            if self._has_hung_up:
                self._hung_up.set()
        return self._hung_up

    @property
    def ready(self) -> asyncio.Future[None]:
        """Done once the environment is in; raises why it will never be. Made when it is asked for first."""
        if self._ready is None:
            self._ready = self._loop.create_future()
            if self.is_ready:
                self._ready.set_result(None)
            elif self._lost is not None:
                _fail(self._ready, self._lost)
        return self._ready

    @property
    def args(self) -> list[str]:
        """The arguments that the dialplan gave behind the script's name."""
        return self.env.args

    @property
    def params(self) -> dict[str, str]:
        """The query of the script's URL."""
        return self.env.params

    @property
    def script(self) -> str:
        """The name of the script that the dialplan asked for, as it was written there."""
        return self.env.script

    @property
    def channel(self) -> str:
        """The channel's name, for example `PJSIP/1000-00000012`."""
        return self.env.get("agi_channel", "")

    @property
    def unique_id(self) -> str:
        """The channel's unique id."""
        return self.env.get("agi_uniqueid", "")

    async def send(self, line: str) -> Reply:
        """Send a line written by hand, its arguments quoted already; give the answer, be it a refusal.

        Raises:
            LocalProtocolError: more or less than one line.
            SessionClosed: the connection is gone.
        """
        raw = encode_line(line, self.line_limit)
        if self._answer is not None or self._next is not None:
            await self._queue_up()
        return await self._transmit(raw, None)

    async def command(
        self, words: str, *arguments: str | int, timeout: float | None = None, ends: str = ""
    ) -> Reply:
        """Send a command and give its answer (code 200).

        Args:
            words: the constant words of the command, such as `SET VARIABLE`.
            arguments: what follows; quoted as needed.
            timeout: seconds to wait for the answer. None: the session's time for quick commands; 0: no limit.
            ends: what the value in the answer ends with, if that is known; see `AgiProtocol.command_sent`.

        Raises:
            LocalProtocolError: an argument that cannot be sent.
            InvalidCommand, DeadChannel, UsageError: Asterisk refused.
            SessionClosed: the connection is gone.
            CommandTimeout: no answer in time; the session is closed, the call goes on in the dialplan.
        """
        line = encode_command(words, *arguments, limit=self.line_limit)
        limit = self._command_timeout if timeout is None else timeout
        if self._answer is not None or self._next is not None:
            await self._queue_up()
        reply = await self._transmit(line, limit, ends.encode() if ends else b"")
        if reply.code != 200:
            refusal = _REFUSALS.get(reply.code)
            if refusal is None:
                raise RemoteProtocolError(f"an answer of unknown kind: {reply.text[:80]!r}")
            raise refusal(words, reply)
        return reply

    async def unless_hung_up(self, work: Awaitable[_T]) -> _T:
        """Await `work`, but cancel it the moment the caller hangs up.

        Raises:
            HungUp: the caller was faster.
        """
        task = asyncio.ensure_future(work)
        watch = asyncio.ensure_future(self.hung_up.wait())
        try:
            await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise HungUp
        finally:
            watch.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def _is_hung_up(self) -> bool:
        return self._has_hung_up

    def close(self) -> None:
        """Give the call back to the dialplan. Commands still waiting fail with `SessionClosed`."""
        self.connection_lost()
        self._abort()

    # What the owner of the transport calls.

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent."""
        if self._answer is not None:
            reply = self._protocol.whole_answer(data)
            if reply is not None:
                self._take_answer(reply)
                return
        try:
            events = self._protocol.receive_data(data)
        except RemoteProtocolError as error:
            self.connection_lost(error)
            self._abort()
            return
        for event in events:
            if isinstance(event, Reply):
                self._take_answer(event)
            elif isinstance(event, Hangup):
                self.hang_up()
            else:
                self._begin(event)

    def _begin(self, env: Environment) -> None:
        self.env = env
        self.line_limit = line_limit(env.get("agi_version", ""))
        self.is_ready = True
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def hang_up(self) -> None:
        """The caller has hung up: as `HANGUP` says it, or a signal to a forked script."""
        self._has_hung_up = True
        if self._hung_up is not None:
            self._hung_up.set()

    def connection_lost(self, error: Exception | None = None) -> None:
        """The peer is gone: nothing more comes in or goes out."""
        if self.closed:
            return
        self.closed = True
        self.hang_up()
        self._alarm.cancel()
        if self.is_ready and self._answer is None and not self._waiting:
            return  # as nearly every session ends: nobody waits for anything
        self._lost = error or SessionClosed()
        waiting, self._waiting = self._waiting, deque()
        for future in (self._ready, self._answer, *waiting):
            if future is not None:
                _fail(future, self._lost)

    # One command at a time.

    def _transmit(self, line: bytes, timeout: float | None, ends: bytes = b"") -> asyncio.Future[Reply]:
        if self.closed:
            raise SessionClosed
        self._protocol.command_sent(line, ends)
        self._answer = answer = self._loop.create_future()
        if timeout:
            self._alarm.set(timeout)
        self._write(line)
        return answer

    async def _queue_up(self) -> None:
        """Wait until the commands before ours have their answers, also those whose callers went away.

        That takes as long as it takes: each of them has its own limit, and ours begins when it goes out.
        """
        if self.closed:
            return
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn is self._next:  # it had just become our turn
                self._pass_on()
            raise
        self._next = None

    def _take_answer(self, reply: Reply) -> None:
        self._alarm.clear()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(reply)
        if self._waiting:
            self._pass_on()

    def _pass_on(self) -> None:
        """Give the turn to who has waited longest. Nobody else can take it before she wakes up."""
        self._next = None
        while self._waiting and self._next is None:
            turn = self._waiting.popleft()
            if not turn.done():  # else she was cancelled just now
                self._next = turn
                turn.set_result(None)

    def give_up(self) -> None:
        """Close, because an answer did not come in time. Called by the alarm, or by who looks at its mark."""
        self.connection_lost(CommandTimeout())
        self._abort()

    @property
    def idle(self) -> bool:
        """Whether a command could go out at once."""
        return not self.closed and self._protocol.state is State.IDLE


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    """Let a future raise. Nobody may be waiting for it: then that is not worth a line in the log."""
    if not future.done():
        future.set_exception(error)
        future.exception()
