"""Lists of channels and bridges."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.ami.actions.base import Fields, ListAction, given, on_channel
from bridge.ami.events.rows import BridgeInfoChannel, BridgeListItem, CoreShowChannel
from bridge.ami.events.rows import Status as StatusRow

__all__ = ["BridgeInfo", "BridgeList", "CoreShowChannels", "Status"]


@dataclass(frozen=True, slots=True)
class CoreShowChannels(ListAction[CoreShowChannel]):
    """List every channel."""

    name = "CoreShowChannels"
    rows = (CoreShowChannel,)


@dataclass(frozen=True, slots=True)
class Status(ListAction[StatusRow]):
    """List one channel or all, with variables if asked.

    Attributes:
        channel: a name or unique id; all if left out.
        variables: names to give back, as `Variable: NAME=value` headers of each row.
    """

    name = "Status"
    rows = (StatusRow,)
    channel: str | None = None
    variables: tuple[str, ...] = ()

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: the channel is empty, which Asterisk takes for all.
        """
        yield from on_channel(self.channel)
        yield from given(("Variables", ",".join(self.variables) or None))


@dataclass(frozen=True, slots=True)
class BridgeList(ListAction[BridgeListItem]):
    """List every bridge, or those of one type (`basic`, `base`, …)."""

    name = "BridgeList"
    rows = (BridgeListItem,)
    bridge_type: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(("BridgeType", self.bridge_type))


@dataclass(frozen=True, slots=True)
class BridgeInfo(ListAction[BridgeInfoChannel]):
    """List the channels in one bridge."""

    name = "BridgeInfo"
    rows = (BridgeInfoChannel,)
    bridge_uniqueid: str

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield "BridgeUniqueid", self.bridge_uniqueid
