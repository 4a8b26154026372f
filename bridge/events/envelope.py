"""The record of an event in the log, and the CloudEvents 1.0 JSON around it on the way out."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import msgspec

from bridge.events.catalogue import CATALOGUE, Event, Right, decode


class EventRecord(msgspec.Struct, frozen=True):
    """One event as the log keeps it."""

    seq: int
    """Its number in the log: without gaps, in the order of the commits."""
    id: str
    """UUIDv7; whoever may see an event twice drops the second by it."""
    type: str
    subject: str
    time: datetime
    data: msgspec.Raw
    """The event's fields as JSON."""

    @property
    def event(self) -> Event:
        """The typed event.

        Raises:
            KeyError: Its type is of a later version.
        """
        return decode(self.type, bytes(self.data))

    @property
    def right(self) -> Right:
        """What one must be allowed to see; of unknown types nobody but the system's keepers."""
        kind = CATALOGUE.get(self.type)
        return kind.right if kind else Right.SYSTEM


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """CloudEvents 1.0 in JSON format. `sequence` is the extension of that name: text, ordered as such."""

    specversion: str = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    sequence: str
    data: msgspec.Raw


_encode = msgspec.json.Encoder().encode


def source_of(bridge: str) -> str:
    """The `source` of all events of one installation, a URI reference."""
    return f"/agent-bridge/{quote(bridge, safe='')}"


class About(msgspec.Struct, frozen=True):
    """What an event is about beside its subject; empty, or `None`, where it is about none."""

    campaign: str = ""
    user: str = ""
    call_id: str | None = ""


_about = msgspec.json.Decoder(About).decode


def about(record: EventRecord) -> About:
    """The campaign, agent and call of a record; of a type that is not known, none."""
    return _about(record.data) if record.type in CATALOGUE else About()


def envelope(record: EventRecord, source: str, data: msgspec.Raw | None = None) -> bytes:
    """The CloudEvents JSON of a record.

    Args:
        record: From the log.
        source: See `source_of`.
        data: In the place of the record's own.
    """
    return _encode(
        Envelope(
            id=record.id,
            source=source,
            type=record.type,
            subject=record.subject,
            time=record.time,
            sequence=f"{record.seq:020d}",  # 20 digits: the order as text is the order as numbers
            data=record.data if data is None else data,
        )
    )
