"""Actions on queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bridge.ami.actions.base import Fields, ListAction, SimpleAction, flag, given
from bridge.ami.events.rows import QueueEntry, QueueMember, QueueParams

__all__ = ["QueueAdd", "QueuePause", "QueueRemove", "QueueRow", "QueueStatus", "QueueWithdrawCaller"]

QueueRow: TypeAlias = QueueParams | QueueMember | QueueEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAdd(SimpleAction):
    """Make an interface a member of a queue; refused if it is one already.

    Attributes:
        interface: what the queue dials, for instance `Local/1000@room/n`.
        state_interface: the device whose state counts, for instance `Custom:1000`.
        member_name: the name shown in events and logs.
        penalty: lower is asked first.
        paused: whether it starts paused.
    """

    name = "QueueAdd"
    queue: str
    interface: str
    member_name: str | None = None
    state_interface: str | None = None
    penalty: int | None = None
    paused: bool | None = None

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(
            ("Queue", self.queue),
            ("Interface", self.interface),
            ("MemberName", self.member_name),
            ("StateInterface", self.state_interface),
            ("Penalty", self.penalty),
            ("Paused", None if self.paused is None else flag(self.paused)),
        )


@dataclass(frozen=True, slots=True)
class QueueRemove(SimpleAction):
    """Take a member out of a queue; refused if it is none."""

    name = "QueueRemove"
    queue: str
    interface: str

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(("Queue", self.queue), ("Interface", self.interface))


@dataclass(frozen=True, slots=True)
class QueuePause(SimpleAction):
    """Pause or unpause a member, in one queue or (queue left out) in all of its queues."""

    name = "QueuePause"
    interface: str
    paused: bool
    queue: str | None = None
    reason: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(
            ("Interface", self.interface),
            ("Paused", flag(self.paused)),
            ("Queue", self.queue),
            ("Reason", self.reason),
        )


@dataclass(frozen=True, slots=True)
class QueueWithdrawCaller(SimpleAction):
    """Send a waiting caller back to the dialplan.

    Attributes:
        queue: where she waits.
        caller: her channel's name.
        withdraw_info: text that the dialplan then finds in `QUEUE_WITHDRAW_INFO`.
    """

    name = "QueueWithdrawCaller"
    queue: str
    caller: str
    withdraw_info: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(("Queue", self.queue), ("Caller", self.caller), ("WithdrawInfo", self.withdraw_info))


@dataclass(frozen=True, slots=True)
class QueueStatus(ListAction[QueueRow]):
    """List queues, their members and their waiting callers, all or those of one queue or member."""

    name = "QueueStatus"
    rows = (QueueParams, QueueMember, QueueEntry)
    queue: str | None = None
    member: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(("Queue", self.queue), ("Member", self.member))
