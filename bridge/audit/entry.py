"""The request that is being served, as it will stand in the audit trail: filled in where things are known.

What is kept must be no secret, whatever field a caller has put one into. So nothing of a request is written
here as it came: only names that are found to exist, numbers masked, and words of the bridge's own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from bridge.ids import uuid7

BY_LINK: Final = "link"
"""In place of a key's id: a link came, that the bridge has signed for the user."""
MOST_EVENTS: Final = 200
"""Ids of events that one row holds."""
_NAME = re.compile(r"[A-Za-z0-9_-]{2,20}")
_CALL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Z]{1,2}[0-9]{19}|[0-9]{10}\.[0-9]{1,9}")
"""An id of a call as the bridge gives them: its own, or one of the two of the line format."""
_MOST_DIGITS = 10
"""Of the id of a lead; more may be somebody's number."""


class Result(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    """Not allowed: the credential, a right, a limit, the gate."""
    FAILED = "failed"
    """Allowed, and could not be done."""


class Entry:
    """One request.

    Args:
        function: what is asked for, as far as it is known at the beginning.
        address: where the request comes from.
        user: who asks, if the kernel says so; else `claim` tells.
    """

    __slots__ = (
        *("_names", "_started", "_targets", "address", "at", "claimed", "events", "function"),
        *("id", "key", "kept", "milliseconds", "open", "reason", "result", "right", "status", "user"),
    )

    def __init__(self, function: str = "", address: str = "", user: str = "") -> None:
        self.at = datetime.now(UTC)
        self.id = uuid7(int(self.at.timestamp() * 1000))
        self._started = time.perf_counter()
        self.function = function
        """Name of the function or action: never as it was sent, if there is none of that name."""
        self.address = address
        self.user = user
        """Who it is known to be."""
        self.claimed = ""
        """Who it says it is, until that is known."""
        self.key = ""
        """Id of the key that was used, or `BY_LINK`; empty: the user's own secret."""
        self.right = ""
        """The function of the user's list that was used."""
        self.result = Result.OK
        self.reason = ""
        self.status = 0
        self.milliseconds = 0.0
        self.events: list[str] = []
        self.open = True
        self.kept = True
        """Whether it gets a row."""
        self._targets: dict[str, str] = {}
        self._names: dict[str, str] = {}

    @property
    def unproven(self) -> frozenset[str]:
        """Names that may be anything: whoever writes the row has to look whether there are such users."""
        claimed = {self.claimed} if _NAME.fullmatch(self.claimed) and not self.user else set()
        return frozenset({*self._names.values(), *claimed})

    def claim(self, user: str) -> None:
        """It says that it is this user."""
        self.claimed = user

    def known(self, user: str, key: str = "") -> None:
        """It has proven who it is, by a key or the user's own secret."""
        self.user = user
        self.key = key

    def refuse(self, reason: str) -> None:
        """It is not allowed; the first reason stays."""
        if self.result is not Result.REFUSED:
            self.result, self.reason = Result.REFUSED, reason

    def fail(self, reason: str) -> None:
        """It could not be done; the first reason stays."""
        if self.result is Result.OK:
            self.result, self.reason = Result.FAILED, reason

    def forgo(self) -> None:
        """No row of its own: one like it was written a moment ago, and nobody is known who has sent it."""
        self.kept = False

    def on_agent(self, user: str) -> None:
        """On whom, as the request names her; whether there is such an agent is seen later."""
        self._on_name("agent", user)

    def on_user(self, user: str) -> None:
        """On which user, as a thing that is looked at or changed, or was taken away just now."""
        if self.result is Result.OK:
            self.on("user", user)
        else:
            self._on_name("user", user)

    def on_lead(self, lead: str) -> None:
        """On which lead."""
        if lead:
            self._targets["lead"] = lead if lead.isdecimal() and len(lead) <= _MOST_DIGITS else "?"

    def on_call(self, call: str) -> None:
        """On which call, by any of its ids."""
        if call:
            self._targets["call"] = call if _CALL.fullmatch(call) else "?"

    def on_number(self, number: str) -> None:
        """Which number is called."""
        if number:
            self._targets["number"] = masked_number(number)

    def _on_name(self, kind: str, name: str) -> None:
        if not name:
            return
        self._targets[kind] = name if _NAME.fullmatch(name) else "?"
        if _NAME.fullmatch(name):
            self._names[kind] = name

    def on(self, kind: str, name: str) -> None:
        """On a thing that is known to exist, such as the campaign whose call it is."""
        if self.open and name:
            self._targets[kind] = name

    def caused(self, events: Iterable[str]) -> None:
        """These events are in the log because of it."""
        if self.open:
            self.events += list(events)[: MOST_EVENTS - len(self.events)]

    def close(self) -> None:
        """It is over: what its tasks do from now on is no part of the row."""
        self.open = False
        self.milliseconds = round((time.perf_counter() - self._started) * 1000, 1)

    def target(self, users: frozenset[str]) -> str:
        """What it was done to, as `agent=1000 lead=201`.

        Args:
            users: those of `unproven` that exist.
        """
        shown = dict(self._targets)
        shown |= {kind: "?" for kind, name in self._names.items() if name not in users}
        return " ".join(f"{kind}={name}" for kind, name in shown.items())


def masked_number(number: str) -> str:
    """A telephone number of which only the last four digits are left."""
    digits = "".join(sign for sign in number if sign in "0123456789")
    return f"…{digits[-4:]}" if len(digits) > 6 else "…"


current: ContextVar[Entry | None] = ContextVar("audit_entry", default=None)
"""The request in whose context something runs, tasks that it has begun included."""

_NOBODYS: Final = Entry()


def here() -> Entry:
    """The entry of the request that is being served; where there is none, one that nobody reads."""
    return current.get() or _NOBODYS
