"""A command that comes twice within a moment, as a double click does: the second one makes no second call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from bridge.agents.model import AgentSession
from bridge.calls import queries
from bridge.calls.intents import KEPT
from bridge.calls.model import LIVE, NEVER_SENT, REFUSED, Call, CallKind
from bridge.services import DialRequest
from bridge.store.connection import Connection

MOMENT: Final = timedelta(seconds=2)
"""A second command within it is the first one again; so it is for as long as the first call rings."""


async def find(conn: Connection, session: AgentSession, request: DialRequest, next_call: str) -> Call | None:
    """The call that the same command has made a moment ago.

    Args:
        conn: any; inside a transaction for a session that is locked there.
        session: the agent's, as it is now.
        request: what is asked for.
        next_call: id of the call that her last wish for the next lead has made, as far as is known here.
    """
    at = datetime.now(UTC)
    at_rest = session.call_id is None and at - session.state_since > MOMENT
    if at_rest or request.preview:  # most commands end here, and read nothing; to look twice is no harm
        return None
    last = await queries.last_of(conn, session.user)
    if last is None or not _is_same(last, request, next_call) or last.end_reason in (REFUSED, *NEVER_SENT):
        return None
    rings = last.state in LIVE and last.answered_at is None
    return last if rings or at - last.asked_at <= MOMENT else None


def _is_same(call: Call, request: DialRequest, next_call: str) -> bool:
    if call.kind is not CallKind.MANUAL:
        return False
    if request.next_lead:  # once its call is over, the next one is meant
        return call.id == next_call and call.state in LIVE
    return call.number == request.number[:KEPT] and request.lead_id in (None, call.lead_id)
