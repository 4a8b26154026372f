"""Answers the desk's questions: in the bridge those of relays, in a relay those of forked scripts."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

from bridge.agi.deadline import Alarm
from bridge.agi.desk import CallDesk
from bridge.agi.questions import LINE_LIMIT, PING, QUESTIONS
from bridge.agi.relays import Relays

log = logging.getLogger(__name__)

QUESTIONS_LIMIT = 5000
"""Questions in work; more than Asterisk has channels means that something runs wild."""

SILENT_AFTER = 5.0
"""Seconds without a byte after which the other side is gone: it says something each half
(`desk_link.PING_EVERY`)."""


class DeskConnection(asyncio.Protocol):
    """One connection on which questions come in, each answered when its answer is there, in any order."""

    def __init__(
        self,
        desk: CallDesk,
        relays: Relays | None = None,
        work: set[asyncio.Task[None]] | None = None,
        asterisk: str = "",
    ) -> None:
        """Answer with `desk`; count among `relays` as that of `asterisk`, the questions among `work`."""
        self._desk = desk
        self._relays = relays
        self._work = set() if work is None else work
        self._asterisk = asterisk
        self._fault = ""
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._silence = Alarm(self._loop, self._fall_silent)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        if self._relays is not None:
            self._relays.joined(self._asterisk, self)
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] # a stream's is this one
        self._silence.set(SILENT_AFTER)

    def connection_lost(self, error: Exception | None) -> None:
        """Leave what was begun to come to its end: the relay will ask again, and gets the same answer."""
        self._silence.cancel()
        if self._relays is not None:
            self._relays.left(self._asterisk, self, self._fault or str(error or "connection closed"))

    def data_received(self, data: bytes) -> None:
        """Take questions."""
        self._silence.set(SILENT_AFTER)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) > LINE_LIMIT or len(self._work) > QUESTIONS_LIMIT:
            self._leave("it sends too much")
            return
        for line in lines:
            self._take(line)

    def _fall_silent(self) -> None:
        self._leave(f"silent for {SILENT_AFTER:g} s")

    def _leave(self, fault: str) -> None:
        log.warning("a desk connection is closed: %s", fault)
        self._fault = fault
        self._transport.abort()

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            number, name = message["id"], message["ask"]
        except (ValueError, KeyError, TypeError):
            self._leave("it sends what is no question")
            return
        if name == PING:
            self._send({"id": number, "answer": {}})
            return
        task = self._loop.create_task(self._answer(number, name, message))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _answer(self, number: Any, name: Any, message: dict[str, Any]) -> None:
        try:
            patience = message.get("until", float("inf")) - time.monotonic()
            question = QUESTIONS[name]
            record = question.record.from_wire(message.get("with"))
        except (KeyError, ValueError, TypeError) as error:
            log.warning("a question that cannot be understood: %s", error)
            self._send({"id": number, "error": "bad"})
            return
        if patience <= 0:
            self._send({"id": number, "error": "expired"})
            return
        try:
            answer = await question.put(self._desk, record, patience)
        except Exception:  # the desk may raise whatever it likes
            log.exception("the desk could not answer %s", name)
            self._send({"id": number, "error": "failed"})
            return
        self._send({"id": number, "answer": answer.to_wire()})

    def _send(self, message: dict[str, Any]) -> None:
        if not self._transport.is_closing():
            self._transport.write(json.dumps(message, ensure_ascii=True).encode() + b"\n")
