"""The permit: proof that the gate has said yes to one number, for a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn, final

from bridge.rules.errors import PermitExpired, PermitMisused
from bridge.rules.facts import Facts
from bridge.rules.grounds import Ground, grounds
from bridge.rules.model import Number, Purpose

VALIDITY: Final = timedelta(seconds=30)
"""From the gate to the wire. A do-not-call entry made meanwhile is at most this late."""

_PLAIN: Final = r"[A-Za-z0-9_.:/+*#;=-]"
"""Of a dial string: nothing that begins a second leg, another argument, an expression or a line."""
_BEFORE: Final = re.compile(rf"{_PLAIN}*[A-Za-z_.:/+*#;=-][0-9]*")
_AFTER: Final = re.compile(rf"([@/](?:{_PLAIN}|@)*)?")
_DIALLED_BEFORE: Final = re.compile(r"[0-9+.-]*\Z")
"""Digits, and signs between digits that exchanges and dialplans pass over."""

_KEY: Final = object()
"""Whoever has it can make permits: `issue` alone."""


@final
class Permit:
    """May be used for one number until a set time; made by the gate and by nobody else.

    `calls` takes one for each leg towards the network and lets it check the dial string.
    """

    __slots__ = ("_grounds", "_number", "_prefix", "_purpose", "_until")
    _grounds: tuple[Ground, ...]
    _number: Number
    _purpose: Purpose
    _until: datetime
    _prefix: str

    def __init__(  # noqa: PLR0913, PLR0917  by `issue` alone
        self,
        key: object,
        number: Number,
        purpose: Purpose,
        until: datetime,
        prefix: str = "",
        grounds: tuple[Ground, ...] = (),
    ) -> None:
        if key is not _KEY:
            raise PermitMisused("permits are made by bridge.rules.may_dial only")
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_purpose", purpose)
        object.__setattr__(self, "_until", until)
        object.__setattr__(self, "_prefix", prefix)
        object.__setattr__(self, "_grounds", grounds)

    @property
    def number(self) -> Number:
        """The number that was checked."""
        return self._number

    @property
    def e164(self) -> str:
        """The number with `+` and country calling code."""
        return self._number.e164

    @property
    def purpose(self) -> Purpose:
        """What it was checked for."""
        return self._purpose

    @property
    def until(self) -> datetime:
        """From when on it is worth nothing."""
        return self._until

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """What each rule has found."""
        return self._grounds

    def check(self, dial: str, now: datetime | None = None) -> None:
        """Make sure that a dial string calls the permitted number, once, as it was judged, and in time.

        Args:
            dial: What Asterisk is given, e.g. `PJSIP/7275550100@carrier`.
            now: The present time, if it is not the clock's.

        Raises:
            PermitMisused: It calls another number, or more than one, or puts other digits before it than the
                gate was told of.
            PermitExpired: It is too late.
        """
        if (now or datetime.now(UTC)) >= self._until:
            raise PermitExpired(f"the permit for {self.e164} ran out at {self._until.isoformat()}")
        if not any(_calls(dial, self._prefix, form) for form in self._number.forms):
            raise PermitMisused(f"the permit is for {self.e164}, not for {dial!r}")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise PermitMisused(f"permits do not change ({name})")

    def __reduce__(self) -> NoReturn:
        raise PermitMisused("permits are not copied, stored or sent")

    def __repr__(self) -> str:
        return f"Permit({self.e164}, {self._purpose}, until {self._until.isoformat()})"


def issue(
    number: Number, purpose: Purpose, now: datetime, facts: Facts, until: datetime | None = None
) -> Permit:
    """A fresh permit for a number behind the digits of the facts; for the gate."""
    found = grounds(number, purpose, now, facts)
    return Permit(_KEY, number, purpose, until or now + VALIDITY, facts.dial_prefix, found)


def digits_before(before: str) -> str:
    """The digits that are dialled directly before a number, from what a dial string has before it."""
    found = _DIALLED_BEFORE.search(before)
    return "".join(filter(str.isdigit, found[0])) if found else ""


def _calls(dial: str, prefix: str, digits: str) -> bool:
    """One leg, the prefix, the whole number, and nothing but an address after it."""
    places = (at for at in range(len(dial)) if dial.startswith(digits, at))
    return any(_is_around(dial[:at], prefix, dial[at + len(digits) :]) for at in places)


def _is_around(before: str, prefix: str, after: str) -> bool:
    fits = _BEFORE.fullmatch(before) is not None and _AFTER.fullmatch(after) is not None
    return fits and digits_before(before) == prefix
