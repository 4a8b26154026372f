"""The pages of an agent who logs out: they end with her shift, whoever has asked for it."""

from __future__ import annotations

from bridge.access import console_queries
from bridge.agents import signals
from bridge.agents.model import AgentSession, AgentState
from bridge.turn import Turn


async def end_pages(turn: Turn, before: AgentSession, after: AgentSession) -> None:
    """Log her out of her page too, in the same transaction: `Sessions.on_step`.

    A phone that is lost or never answered ends no page: there she is told of it, and logs in again.
    """
    over = after.state is AgentState.LOGGED_OUT and before.state is not AgentState.LOGGED_OUT
    if over and after.logged_in_at is not None and after.logout_reason == signals.ASKED:
        await console_queries.log_out(turn.tx.conn, after.user)
