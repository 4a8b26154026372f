"""Which events a listener wants, and which it may see."""

from __future__ import annotations

import msgspec

from bridge.events.catalogue import Right
from bridge.events.envelope import EventRecord


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """An event passes if each of these lets it pass; an empty list of wishes is no wish."""

    types: tuple[str, ...] = ()
    """`call.ended`, or `call` for all that begin with `call.`."""
    subjects: tuple[str, ...] = ()
    """`agents/1000`, or `agents` for all of them."""
    agent: str = ""
    """User of an agent: events of her own and of the calls that she has."""
    rights: frozenset[Right] | None = None
    """What the listener may see; `None`: everything."""

    def passes(self, record: EventRecord) -> bool:
        """Whether the listener gets it."""
        return (
            (self.rights is None or record.right in self.rights)
            and _wanted(record.type, self.types, ".")
            and _wanted(record.subject, self.subjects, "/")
            and (not self.agent or self._is_hers(record))
        )

    def _is_hers(self, record: EventRecord) -> bool:
        """Her name needs no escape in JSON, and what is written there has no blanks."""
        mark = f'"user":"{self.agent}"'.encode()
        return record.subject == f"agents/{self.agent}" or mark in bytes(record.data)


EVERYTHING = Filter()


def _wanted(name: str, wishes: tuple[str, ...], separator: str) -> bool:
    if not wishes:
        return True
    return any(name == wish or name.startswith(wish.rstrip(separator) + separator) for wish in wishes)
