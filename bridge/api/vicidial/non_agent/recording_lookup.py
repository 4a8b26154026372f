"""`recording_lookup`: recordings of a lead, a call, an agent's day or a room's day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from bridge.api.recording_links import signed_url
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import JSON, stage, streamed
from bridge.recordings.model import Recording
from bridge.reports.model import OfRecordings

_COLUMNS: Final = ("start_time", "user", "recording_id", "lead_id", "location")
_MOST: Final = 2**63
_LEAST_NAME: Final = 3
_LEAST_UNIQUE: Final = 9
"""Characters below which it is taken as not said."""
ENOUGH: Final = 2


async def recording_lookup(call: NonAgentCall) -> str:
    """A row for each, the oldest first; where it is, is a link that is good for a while."""
    asked = (call["agent_user"], call["lead_id"], call["date"], call["uniqueid"])
    wanted = await _wanted(call)
    if _points(wanted) < ENOUGH:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, *asked)
    more = call["duration"] == "Y" and stage(call) == JSON  # the original's header does not name it
    columns = (*_COLUMNS[:-1], "duration", _COLUMNS[-1]) if more else _COLUMNS
    text = await streamed(call, columns, _rows(call, call.services.reports.recorded(wanted, call.sight)))
    return text or call.none_found("NO RECORDINGS FOUND", *asked)


async def _wanted(call: NonAgentCall) -> OfRecordings:
    unique, lead_id = call["uniqueid"], int(call["lead_id"] or 0)
    found = await call.services.calls.get(unique) if len(unique) >= _LEAST_UNIQUE else None
    return OfRecordings(
        user=call["agent_user"] if len(call["agent_user"]) >= _LEAST_NAME else "",
        room=call["extension"] if len(call["extension"]) >= _LEAST_NAME else "",
        call_id=found.id if found else "",
        lead_id=lead_id if 0 < lead_id < _MOST else None,
        times=call.day("date"),
    )


def _points(wanted: OfRecordings) -> int:
    """A lead or a call is enough by itself; of agent, room and day it takes two."""
    strong = bool(wanted.lead_id) + bool(wanted.call_id)
    return 2 * strong + bool(wanted.user) + bool(wanted.room) + (wanted.times is not None)


async def _rows(
    call: NonAgentCall, pages: AsyncIterator[Sequence[Recording]]
) -> AsyncIterator[list[tuple[str, ...]]]:
    async for page in pages:
        yield [await _row(call, one) for one in page]


async def _row(call: NonAgentCall, one: Recording) -> tuple[str, ...]:
    """With `duration=Y` there is a column more than the header says, as in the original."""
    link = await signed_url(call.services, call.principal, one, call.base_url())
    length = () if call["duration"] != "Y" else (_seconds(one),)
    start = (call.clock(one.started_at), one.user, str(one.id), str(one.lead_id or 0))
    return (*start, *length, link.url if link else "")


def _seconds(one: Recording) -> str:
    return "" if one.ended_at is None else str(int((one.ended_at - one.started_at).total_seconds()))
