"""The automatic dialler: calls the leads of each campaign's hopper when its agents are there for them.

It is woken by what happens (an agent is ready, a lead comes, a call ends, a campaign is changed) and by the
moment for which a lead waits; a clock ticks only where calls are placed ahead of agents who are busy. Of
several bridges on one database, the one that follows an Asterisk dials for the campaigns whose trunks it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Final, NamedTuple

import structlog

from bridge.agents.queries import on_hook_ready
from bridge.agents.waiting import Waiting
from bridge.calls.intents import Intents
from bridge.calls.service import Calls
from bridge.campaigns.model import Trunk
from bridge.campaigns.service import Site
from bridge.dialer import figures
from bridge.dialer.again import Again
from bridge.dialer.attempt import Attempts, Outcome
from bridge.dialer.causes import Block, Reason, of_decision
from bridge.dialer.hopper import Hopper
from bridge.dialer.lines import Line, Lines, Side
from bridge.dialer.model import HopperRow
from bridge.dialer.pacing import AGAIN, decide, looks_ahead, may_ring
from bridge.dialer.pacing_model import AUTOMATIC, Cause
from bridge.dialer.trunks import TrunkPace
from bridge.dialer.watcher import TOLD, Watcher
from bridge.dialer.words import EVERY, Words
from bridge.errors import AsteriskUnavailable, InvalidInput
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.events.log import EventLog
from bridge.leads.service import Leads
from bridge.locks import KeyedLocks
from bridge.store.database import Database
from bridge.store.duties import Duty, while_held
from bridge.store.errors import DutyLost, StoreError
from bridge.timers import Timers
from bridge.turn import Turn, Turns

AT_ONCE: Final = 20
"""Rows that are pulled together: their commits are one, and a crash gives back no more."""
WAKING: Final = (
    "agent.ready",
    "call.ended",
    "call.disposed",
    "hopper.added",
    "lead.added",
    "lead.changed",
    "import.advanced",
    "asterisk.up",
    "asterisk.down",
    "dnc.list",
    "lead.consent",
    "hold.changed",
)
"""Events after which more, or other, calls may be placed."""
_LINE_FREE: Final = frozenset({"call.ended", "call.disposed"})
RETRY: Final = 1.0
"""Seconds until the event log is read again, after the store could not."""
LONGEST_WAIT: Final = 3600.0
"""Seconds for which a timer is set at most: the clock may be set meanwhile."""

_log = structlog.get_logger(__name__)


class Wanted(NamedTuple):
    """What a campaign is to dial now."""

    calls: int
    """Calls whose customers are given to who is ready."""
    on_hook: list[str]
    """Agents on hook whose phone is rung first, each for a lead."""
    kept: Reason | None
    """Why nothing."""


class Dialer:
    """Dials for all campaigns of a store."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        db: Database,
        *,
        name: str,
        duties: Mapping[str, Duty],
        hopper: Hopper,
        calls: Calls,
        intents: Intents,
        leads: Leads,
        site: Site,
        log: EventLog,
        waiting: Waiting,
        in_step: Callable[[str], bool],
        zone: tzinfo,
    ) -> None:
        """Take the parts.

        `name` is that of this bridge, `duties` are those to follow each Asterisk, `in_step` tells whether
        what the store says of an Asterisk's channels is so: after a gap an agent who looks ready may have
        gone. `zone` is the site's.
        """
        self._db = db
        self._name = name
        self._hopper = hopper
        self._calls = calls
        self._site = site
        self._log = log
        self._in_step = in_step
        self._zone = zone
        sides: dict[str, Side] = {}
        for asterisk, duty in duties.items():
            turns = Turns(db, duty.fence)
            attempts = Attempts(
                turns,
                hopper=hopper,
                calls_=calls,
                intents=intents,
                leads=leads,
                site=site,
                waiting=waiting,
            )
            sides[asterisk] = Side(duty, turns, attempts)
        self._lines = Lines(site, sides, intents.asterisk)
        self._timers = Timers()
        self._words = Words(db, name)
        self._at_work = False
        self._locks = KeyedLocks()
        self._paces: dict[str, TrunkPace] = {}
        self._watcher = Watcher()
        self._reclaimed: set[str] = set()
        """Campaigns whose hoppers hold no row that was pulled by somebody who is gone."""
        self._wants_line: set[str] = set()
        """Campaigns that would dial more if the trunk had a free line."""
        self._ahead: set[str] = set()
        """Campaigns that dial for agents who are busy: time alone changes what they want."""
        calls.on_disposed(Again(hopper).disposed)
        hopper.on_change(self.wake)
        site.on_change(self._wake_all)

    async def run(self) -> None:
        """Dial for each Asterisk while it is ours to follow; until cancelled."""
        self._at_work = True
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            for asterisk, side in self._lines.sides.items():
                group.create_task(while_held(side.duty, partial(self._taken, asterisk)))

    async def rest(self) -> None:
        """Dial nothing by itself, and say so for each Asterisk that is ours to follow; until cancelled."""
        async with asyncio.TaskGroup() as group:
            for asterisk, side in self._lines.sides.items():
                group.create_task(while_held(side.duty, partial(self._resting, asterisk)))

    async def stop(self) -> None:
        """Wait for what is being dialled; what is in the hoppers stays there."""
        await self._timers.stop()
        await self._words.stop()

    def against(self, asterisk: str) -> Reason | None:
        """What now keeps all dialling on an Asterisk that is ours to follow."""
        try:
            self._calls.check_link(asterisk)
        except AsteriskUnavailable:
            return Reason(cause=Block.ASTERISK_DOWN, why=f"there is no link to Asterisk {asterisk}")
        if self._in_step(asterisk):
            return None
        why = f"after a gap it is not known yet what goes on in Asterisk {asterisk}"
        return Reason(cause=Block.NOT_IN_STEP, why=why)

    def wake(self, campaign: str) -> None:
        """Look at a campaign now."""
        if self._at_work:
            self._timers.start(("now", campaign), 0.0, partial(self._look, campaign))

    # -- what wakes

    async def _resting(self, asterisk: str) -> None:
        why = "[site] automatic = false in the settings: no campaign dials by itself"
        self._words.say(asterisk, EVERY, Reason(cause=Block.AUTOMATIC_OFF, why=why))
        await asyncio.Event().wait()

    async def _taken(self, asterisk: str) -> None:
        """An Asterisk is ours to follow: whoever had it before may have pulled leads and ended."""
        self._words.say(asterisk, EVERY, None)
        self._reclaimed.clear()
        self._wake_all()
        await asyncio.Event().wait()

    async def _follow(self) -> None:
        """Look at what happens; where the store could not tell, at all campaigns."""
        while True:
            try:
                await self._follow_log()
            except StoreError as error:
                _log.warning("the dialler cannot read the event log", error=str(error))
            await asyncio.sleep(RETRY)
            self._wake_all()

    async def _follow_log(self) -> None:
        begun = (await self._log.span()).newest
        async with aclosing(self._log.follow(begun, Filter(types=(*WAKING, *TOLD)))) as pages:
            async for page in pages:
                self._take(page.records)

    def _take(self, records: Sequence[EventRecord]) -> None:
        self._watcher.take(records)
        waking = [record for record in records if record.type in WAKING]
        campaigns = {getattr(record.event, "campaign", "") for record in waking}
        if any(record.type in _LINE_FREE for record in waking):
            campaigns |= self._wants_line
        if "" in campaigns:  # of a lead, or of an Asterisk
            self._wake_all()
        for campaign in campaigns - {""}:
            self.wake(campaign)

    def _wake_all(self) -> None:
        if self._at_work:
            self._timers.start(("all",), 0.0, self._look_at_all)

    async def _look_at_all(self) -> None:
        for campaign in await self._site.campaigns_by(AUTOMATIC):
            self.wake(campaign)

    # -- one campaign

    async def _look(self, campaign: str) -> None:
        """Dial for a campaign, once at a time; who comes while somebody looks lets him look again."""
        if self._locks.users(campaign) > 1:
            return
        async with self._locks.hold(campaign):
            line = await self._lines.of(campaign)
            if line is None or not line.side.duty.held:
                return
            with suppress(DutyLost):
                await self._dial_for(line)

    async def _dial_for(self, line: Line) -> None:
        try:
            while self._may_dial(line) and await self._round(line):
                pass
        except InvalidInput as error:
            self._say(line, Reason(cause=Block.NO_TRUNK, why=error.message))
            _log.warning("a campaign cannot dial", campaign=line.campaign.id, error=str(error))
            return
        await self._set_timers(line)

    def _say(self, line: Line, reason: Reason | None) -> None:
        self._words.say(line.way.asterisk, line.campaign.id, reason)

    def _may_dial(self, line: Line) -> bool:
        kept = self.against(line.way.asterisk)  # `asterisk.up` wakes
        if kept is not None:
            self._say(line, kept)
        return kept is None

    async def _reclaim(self, line: Line) -> None:
        """Give back, once, what whoever dialled before had pulled when it ended."""
        campaign = line.campaign.id
        if campaign in self._reclaimed:
            return
        back = await line.side.turns.run(lambda turn: self._hopper.reclaim(turn.tx, campaign))
        self._reclaimed.add(campaign)
        if back:
            _log.info("leads that were about to be dialled are in the hopper again", leads=back)

    async def _round(self, line: Line) -> bool:
        """Place as many calls as are wanted now; whether it is worth to look again at once."""
        await self._reclaim(line)
        wanted = await self._wanted(line)
        rows, may_have_more = await self._rows(line, min(wanted.calls + len(wanted.on_hook), AT_ONCE))
        if not rows:
            none = Reason(cause=Block.NO_LEADS, why="there is no lead that may be dialled now")
            self._say(line, wanted.kept or none)
            return False
        outcomes = await self._dial_rows(rows, wanted.on_hook, line)
        if Outcome.STOPPED in outcomes:
            self._later("stopped", line.campaign.id, LONGEST_WAIT)
        self._say(line, self._kept_by_trunk(line.trunk) if Outcome.BACK in outcomes else None)
        # Else hopper and lists are at their end, and what comes, wakes.
        return may_have_more and outcomes.isdisjoint({Outcome.BACK, Outcome.STOPPED})

    async def _rows(self, line: Line, count: int) -> tuple[list[HopperRow], bool]:
        """The next rows, and whether there may be more behind them."""
        if count <= 0:
            return [], False
        if ready := await self._hopper.ready(line.campaign.id, count, datetime.now(UTC)):
            return ready, True
        pulled = await self._pull(line, count)
        return pulled, len(pulled) >= min(count, line.campaign.hopper_level)

    async def _wanted(self, line: Line) -> Wanted:
        """How many calls are wanted now, and why none."""
        campaign, trunk = line.campaign, line.trunk
        may_start = self._pace(trunk).may_start(_clock(), trunk.calls_per_second)
        if not may_start:
            return Wanted(0, [], self._kept_by_trunk(trunk))
        now = datetime.now(UTC)
        async with self._db.read() as conn:
            drops = await self._calls.drops.of(conn, campaign.id, now)
            found = await figures.read(
                conn, campaign, line.way, now, zone=self._zone, drops=drops, may_start=may_start
            )
            on_hook = await on_hook_ready(conn, line.way.asterisk, campaign.id, AT_ONCE)
        decision = decide(self._watcher.add_to(found, campaign.id))
        for those, wanted in (
            (self._ahead, looks_ahead(found)),
            (self._wants_line, decision.cause is Cause.TRUNKS),
        ):
            (those.add if wanted else those.discard)(campaign.id)
        on_hook = on_hook[: may_ring(found, decision)]
        return Wanted(decision.count, on_hook, None if on_hook else of_decision(decision))

    def _kept_by_trunk(self, trunk: Trunk) -> Reason:
        """Why a trunk takes no call now, and when it does."""
        pace, clock = self._pace(trunk), _clock()
        seconds = pace.opens(clock, trunk.calls_per_second) - clock
        cause, why = (
            Block.PER_SECOND,
            f"trunk {trunk.name} is given {trunk.calls_per_second:g} calls a second",
        )
        if pace.paused(clock):
            cause, why = Block.ASTERISK_REFUSES, f"Asterisk has refused a call on trunk {trunk.name}"
        return Reason(cause=cause, why=why, until=datetime.now(UTC) + timedelta(seconds=seconds))

    async def _pull(self, line: Line, count: int) -> list[HopperRow]:
        campaign = line.campaign

        async def work(turn: Turn) -> list[HopperRow]:
            await self._hopper.due(turn.tx, campaign.id)
            rows = await self._hopper.pull(turn.tx, campaign.id, count, self._name)
            if len(rows) < count:
                await self._hopper.fill(
                    turn.tx,
                    campaign.id,
                    campaign.dial_statuses,
                    campaign.hopper_level,
                    campaign.call_count_limit,
                )
                rows += await self._hopper.pull(turn.tx, campaign.id, count - len(rows), self._name)
            return rows

        return await line.side.turns.run(work)

    async def _dial_rows(self, rows: list[HopperRow], on_hook: list[str], line: Line) -> set[Outcome]:
        """Dial all of them, the first ones for agents on hook; a row that cannot be dialled is given back."""
        users = [*on_hook, *[""] * len(rows)]
        dials = [self._dial_row(row, line, user) for row, user in zip(rows, users, strict=False)]
        results = await asyncio.gather(*dials, return_exceptions=True)
        for found in results:
            if isinstance(found, BaseException):
                raise found
        return {found for found in results if isinstance(found, Outcome)}

    async def _dial_row(self, row: HopperRow, line: Line, user: str) -> Outcome:
        pace = self._pace(line.trunk)
        pace.started(_clock())
        try:
            outcome = await line.side.attempts.dial(row, line.campaign, user)
        except BaseException:
            await self._release(row, line)
            raise
        if outcome is Outcome.PLACED:
            pace.accepted()
        elif outcome is Outcome.BACK:
            pace.refused(_clock())
        else:
            pace.forgo()
        return outcome

    async def _release(self, row: HopperRow, line: Line) -> None:
        """Give a row back that is not dialled; should the store not take it now, the next look does it."""
        try:
            await line.side.turns.run(lambda turn: self._hopper.release(turn.tx, row))
        except StoreError as error:
            self._reclaimed.discard(row.campaign)
            _log.warning("a lead could not be given back to the hopper", error=str(error))

    # -- later

    async def _set_timers(self, line: Line) -> None:
        """Look again when a lead that waits is due, and when the trunk takes the next call."""
        campaign, per_second = line.campaign.id, line.trunk.calls_per_second
        due, now = await self._hopper.first_due(campaign), datetime.now(UTC)
        if due is not None and due > now:  # those of before are made ready by the next pull
            self._later("due", campaign, (due - now).total_seconds())
        if campaign in self._ahead:
            self._later("ahead", campaign, AGAIN)
        pace, clock = self._pace(line.trunk), _clock()
        if not pace.may_start(clock, per_second):
            self._later("pace", campaign, pace.opens(clock, per_second) - clock)

    def _later(self, why: str, campaign: str, seconds: float) -> None:
        look: Callable[[], Awaitable[object]] = partial(self._look, campaign)
        self._timers.start((why, campaign), min(max(seconds, 0.0), LONGEST_WAIT), look)

    def _pace(self, trunk: Trunk) -> TrunkPace:
        return self._paces.setdefault(trunk.name, TrunkPace())


def _clock() -> float:
    return asyncio.get_running_loop().time()
