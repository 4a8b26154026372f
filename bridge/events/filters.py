"""Which events a listener wants, and which it may see."""

from __future__ import annotations

import msgspec

from bridge.events.catalogue import Right
from bridge.events.envelope import EventRecord, about


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """An event passes if each of these lets it pass; an empty list of wishes is no wish."""

    types: tuple[str, ...] = ()
    """`call.ended`, or `call` for all that begin with `call.`."""
    subjects: tuple[str, ...] = ()
    """`agents/1000`, or `agents` for all of them."""
    agent: str = ""
    """User of an agent: events of her own and of the calls that she has."""
    campaign: str = ""
    """Id of a campaign: events of its agents, calls, leads and hopper."""
    call: str = ""
    """Id of a call: its own events, those of whoever has it and of its recordings."""
    rights: frozenset[Right] | None = None
    """What the listener may see; `None`: everything."""
    campaigns: frozenset[str] | None = None
    """Those that the listener may see: nothing of another passes, nor what is of none. `None`: all passes."""
    agents: frozenset[str] | None = None
    """The same for agents."""

    def passes(self, record: EventRecord) -> bool:
        """Whether the listener gets it."""
        return (
            (self.rights is None or record.right in self.rights)
            and _wanted(record.type, self.types, ".")
            and _wanted(record.subject, self.subjects, "/")
            and (not self._asks_whose or self._is_theirs(record))
        )

    @property
    def _asks_whose(self) -> bool:
        """Whether its data have to be looked into."""
        return bool(
            self.agent or self.campaign or self.call or self.campaigns is not None or self.agents is not None
        )

    def _is_theirs(self, record: EventRecord) -> bool:
        whose = about(record)
        return (
            (not self.agent or self.agent == whose.user or record.subject == f"agents/{self.agent}")
            and self.campaign in ("", whose.campaign)
            and (not self.call or self.call == whose.call_id or record.subject == f"calls/{self.call}")
            and (self.campaigns is None or whose.campaign in self.campaigns)
            and (self.agents is None or whose.user in self.agents)
        )


EVERYTHING = Filter()


def _wanted(name: str, wishes: tuple[str, ...], separator: str) -> bool:
    if not wishes:
        return True
    return any(name == wish or name.startswith(wish.rstrip(separator) + separator) for wish in wishes)
