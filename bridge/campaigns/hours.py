"""Which hours a call has to keep: those of its campaign or list, of the customer's state, and of the law."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import NamedTuple, Protocol

from bridge.campaigns.call_time import LAW, CallTime
from bridge.campaigns.law import OTHER
from bridge.rules import Hours


class Find(Protocol):
    """Finds a call time by its name."""

    async def __call__(self, name: str) -> CallTime | None:
        """The site's own, or the one that every site has."""


class Kept(NamedTuple):
    """The hours of one call."""

    own: tuple[Hours, ...] = ()
    """Those of the campaign, the list and their rules for states."""
    law: tuple[Hours, ...] = ()
    """Those of the law where the customer is."""
    missing: str = ""
    """Name of one that is asked for and not there."""


async def hours_of(find: Find, name: str, country: str, states: tuple[str, ...]) -> Kept:
    """The hours of a customer.

    Args:
        find: finds call times.
        name: the call time of the campaign, or of the list instead; `law` is that of the country.
        country: ISO 3166 code of the customer's.
        states: those in which the customer may be.
    """
    law = [found async for found in _laws(find, country, states)]
    own: list[CallTime | None] = [*law] if name == LAW else [await find(name)] if name else []
    further = [state for call_time in own if call_time is not None for state in _of_states(call_time, states)]
    own = [*own, *[await find(each) for each in further]]
    for wanted, found in zip([name] * (len(own) - len(further)) + further, own, strict=True):
        if found is None:
            return Kept(missing=wanted)
    return Kept(own=_rules(own), law=_rules(law))


def _rules(call_times: Iterable[CallTime | None]) -> tuple[Hours, ...]:
    return tuple(call_time.as_rule() for call_time in call_times if call_time is not None)


def _of_states(call_time: CallTime, states: Iterable[str]) -> Iterator[str]:
    return (call_time.states[state] for state in states if state in call_time.states)


async def _laws(find: Find, country: str, states: tuple[str, ...]) -> AsyncIterator[CallTime]:
    of_country = await find(f"{LAW}-{country}") or await find(OTHER)
    if of_country is not None:
        yield of_country
    for state in states:
        found = await find(f"{LAW}-{country}-{state}")
        if found is not None:
            yield found
