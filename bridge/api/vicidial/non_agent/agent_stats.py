"""`agent_stats_export`: how agents have spent a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import streamed
from bridge.reports.agent_time import AgentTime, OfAgents
from bridge.reports.figures import Figures, ratio

_COLUMNS: Final = (
    *("user", "full_name", "user_group", "calls", "login_time", "total_talk_time", "avg_talk_time"),
    *("avg_wait_time", "pct_of_queue", "pause_time", "sessions", "avg_session", "pauses", "avg_pause_time"),
    *("pause_pct", "pauses_per_session", "wait_time", "talk_time", "dispo_time", "dead_time"),
)


async def agent_stats_export(call: NonAgentCall) -> str:
    """A row for each agent, or with `group_by_campaign=YES` for each of her campaigns."""
    asked = (call["agent_user"], call["datetime_start"], call["datetime_end"], call["campaign_id"])
    begin, end = _moment(call, "datetime_start"), _moment(call, "datetime_end")
    if begin is None or end is None:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, *asked)
    wanted = OfAgents(
        begin=begin,
        end=end,
        user=call["agent_user"],
        campaign=call["campaign_id"],
        by_campaign=call["group_by_campaign"] == "YES",
    )
    columns = ("campaign_id", *_COLUMNS) if wanted.by_campaign else _COLUMNS
    return await streamed(call, columns, _rows(call, wanted)) or call.none_found("NO RECORDS FOUND", *asked)


def _moment(call: NonAgentCall, name: str) -> datetime | None:
    try:
        return datetime.strptime(call[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=call.zone)
    except ValueError:
        return None


async def _rows(call: NonAgentCall, wanted: OfAgents) -> AsyncIterator[list[tuple[str, ...]]]:
    reports, told = call.services.reports, _FORMATS.get(call["time_format"], _hours)
    queue = await reports.agents_calls(wanted, call.sight)
    async for page in reports.agents_time(wanted, call.sight):
        of_campaign = [(one.campaign,) if wanted.by_campaign else () for one in page]
        yield [(*key, *_row(one, queue, told)) for key, one in zip(of_campaign, page, strict=True)]


def _row(one: AgentTime, queue: int, told: Callable[[int], str]) -> tuple[str, ...]:
    has = Figures.of(one)
    return (
        one.user,
        one.name,
        one.group,
        str(one.calls),
        *map(told, (has.login, has.talk, has.average_talk, has.average_wait)),
        f"{ratio(100 * one.calls, queue)}%",
        str(has.pause),
        str(one.sessions),
        told(has.average_session),
        str(one.pauses),
        told(has.average_pause),
        f"{_tenths(100 * has.pause, has.login)}%",
        _tenths(one.pauses, one.sessions),
        *map(told, (has.wait, has.talk, has.wrapup, _DEAD)),
    )


_DEAD: Final = 0
"""Seconds of calls whose customer has hung up: an agent is in her wrap-up then."""


def _tenths(part: int, whole: int) -> str:
    """With one decimal, if it is none of a whole number."""
    return f"{round(part / whole, 1):g}" if whole else "0"


def _hours(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _minutes(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


_FORMATS: Final[Mapping[str, Callable[[int], str]]] = {"M": _minutes, "S": str}
"""By `time_format`; all others are hours."""
