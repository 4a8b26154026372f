"""What keeps a whole campaign from dialling, in the order in which its dialler meets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from sqlalchemy import Row, bindparam, select

from bridge.agents.model import AgentState
from bridge.agents.queries import on_hook_ready
from bridge.calls import history
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer import figures
from bridge.dialer.causes import Block, Reason, of_decision
from bridge.dialer.figures import Way
from bridge.dialer.lines import find_way, follow
from bridge.dialer.pacing import decide, may_ring
from bridge.dialer.words import words_of
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.duties import Duties
from bridge.store.prepared import Prepared
from bridge.store.schema import agent_sessions as sessions

_ITS_OWN: Final = frozenset(
    {
        Block.AUTOMATIC_OFF,
        Block.ASTERISK_DOWN,
        Block.NOT_IN_STEP,
        Block.NO_TRUNK,
        Block.ASTERISK_REFUSES,
        Block.PACING,
        Block.PER_SECOND,
    }
)
"""What only the dialler knows; all else is read from the store as it is now."""
_SESSIONS = Prepared(
    select(sessions.c.state, sessions.c.asterisk, sessions.c.blended, sessions.c.on_hook).where(
        sessions.c.logged_out_at.is_(None), sessions.c.campaign == bindparam("of_campaign")
    )
)


class OfCampaign:
    """Looks at campaigns.

    Args:
        db: the open store.
        site: where campaigns and trunks are.
        duties: by which a bridge follows an Asterisk.
        asterisks: those that the settings name; the first is that of trunks that name none.
        here: what the bridge that answers finds against dialling on an Asterisk that it follows itself.
        zone: of the site.
    """

    def __init__(  # noqa: PLR0913 - the parts that it asks
        self,
        db: Database,
        site: Site,
        duties: Duties,
        asterisks: Sequence[str],
        *,
        here: Callable[[str], Reason | None],
        zone: tzinfo,
    ) -> None:
        self._db = db
        self._site = site
        self._duties = duties
        self._asterisks = asterisks
        self._here = here
        self._zone = zone

    async def reasons(self, campaign: Campaign, now: datetime) -> list[Reason]:
        """All that keeps it. No connection is held while another is asked for."""
        found = await find_way(self._site, campaign, self._asterisks[0])
        reasons = list(found.reasons)
        if found.way is None:
            return reasons
        way = found.way
        if way.asterisk not in self._asterisks:
            why = f"trunk {way.trunk} is on Asterisk {way.asterisk}, which the bridge does not know"
            return [*reasons, Reason(cause=Block.NO_TRUNK, why=why)]
        if reasons:
            return reasons
        async with self._db.read() as conn:
            said = await self._of_bridge(conn, campaign, way, now)
            paced = await self._of_pacing(conn, campaign, way, now)
        if paced:  # of what the dialler has learned nothing is needed then
            said = [reason for reason in said if reason.cause != Block.PACING]
        return [*said, *paced]

    async def _of_bridge(self, conn: Connection, campaign: Campaign, way: Way, now: datetime) -> list[Reason]:
        """Who dials on this Asterisk, and what only she knows."""
        duty = follow(way.asterisk)
        if self._duties.duty(duty).held:
            now_here = self._here(way.asterisk)
            if now_here is not None:
                return [now_here]
        elif not await self._duties.is_held(conn, duty):
            why = f"no bridge follows Asterisk {way.asterisk}: none is running, or none has a link to it"
            return [Reason(cause=Block.NO_BRIDGE, why=why)]
        words = await words_of(conn, way.asterisk, campaign.id)
        return [
            Reason(cause=word.cause, why=word.why, until=word.until)
            for word in words
            if word.cause in _ITS_OWN and word.holds(now)
        ]

    async def _of_pacing(self, conn: Connection, campaign: Campaign, way: Way, now: datetime) -> list[Reason]:
        """What pacing says of agents, drops and lines as they are."""
        drops = await history.drops(conn, campaign.id, now)
        found = await figures.read(
            conn, campaign, way, now, zone=self._zone, drops=drops, may_start=figures.UNLIMITED
        )
        decision = decide(found)
        reason = of_decision(decision)
        if reason is None:
            return []
        if may_ring(found, decision) and await on_hook_ready(conn, way.asterisk, campaign.id, 1):
            return []
        if reason.cause in (Block.NO_AGENT, Block.PACING) and not found.ready:
            reason = Reason(cause=Block.NO_AGENT, why=await _agents(conn, campaign, way))
        return [reason]


async def _agents(conn: Connection, campaign: Campaign, way: Way) -> str:
    """Why no agent of a campaign waits for a call."""
    rows = list(await conn.execute(_SESSIONS, {"of_campaign": campaign.id}))
    if not rows:
        return f"no agent is logged in to campaign {campaign.id}"
    doing = Counter(_doing(row, way) for row in rows)
    told = ", ".join(f"{count} {what}" for what, count in sorted(doing.items()))
    many = "1 agent is" if len(rows) == 1 else f"{len(rows)} agents are"
    return f"{many} logged in, and none waits for a call: {told}"


def _doing(row: Row[Any], way: Way) -> str:
    if row.state != AgentState.READY:
        return str(row.state)
    if row.asterisk != way.asterisk:
        return f"ready on Asterisk {row.asterisk}, and the trunk is on {way.asterisk}"
    return "ready on hook" if row.on_hook else "ready for inbound calls only"
