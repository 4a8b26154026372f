"""`call_status_stats` and `call_dispo_report`: calls counted by status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from bridge.api.every import every
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import Answer, cleaned
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, Did, InGroup
from bridge.reports.counts import Span, answered_by_people, by_span, by_status
from bridge.reports.model import Counting

_EVERY: Final = frozenset({"ALL", "ALLCAMPAIGNS", "ALLGROUPS"})
"""Words for all that the caller sees; without the signs around them."""
_HOURS: Final = 24
_PLAIN: Final = {"Content-Type": "text/plain;charset=UTF-8"}
_FILE: Final = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": 'attachment; filename="call_dispo_report.csv"',
}


async def call_status_stats(call: NonAgentCall) -> str:
    """A line for each campaign and in-group: total, answered by people, by hour, by status."""
    if not call["campaigns"]:
        raise _missing(call, "CAMPAIGNS")
    day = _day(call, "query_date")
    campaigns = await _names(call, Campaign, "campaigns")
    queues = await _names(call, InGroup, "ingroups") if call["ingroups"] else await _queues(call, campaigns)
    hours = _hours_of(day)
    wanted: tuple[tuple[By, list[str]], ...] = (("campaign", campaigns), ("queue", queues))
    lines = []
    for by, names in wanted:
        wish = Counting(by=by, names=names, begin=day, end=_next(day))
        counts = await by_span(call.services.reports, wish, hours, call.sight, _split(call["statuses"]))
        lines += [_line(name, counts.get(name, ())) for name in sorted(names)]
    return "".join(lines)


def _missing(call: NonAgentCall, what: str) -> Answer:
    source = call["source"]
    why = f"{call.function} INVALID OR MISSING {what}"
    return Answer(f"ERROR: {why} - {source}\nERROR: Invalid Source: |{source}|\n")


def _dids(call: NonAgentCall) -> str:
    return call["dids"] or call["did_patterns"]


async def _names(call: NonAgentCall, kind: type[SiteItem], parameter: str, text: str = "") -> list[str]:
    """What of a kind is asked for: all of it that the caller sees, or what is named, divided by `-`."""
    asked = text or call[parameter]
    if asked.strip("-") in _EVERY:
        found = [one.key async for one in every(call.services.site, kind)]
    else:
        found = _split(asked)
    named = list(dict.fromkeys(found))
    return [name for name in named if call.may_use_campaign(name)] if kind is Campaign else named


async def _queues(call: NonAgentCall, campaigns: Iterable[str]) -> list[str]:
    """The in-groups of campaigns."""
    found = [await call.services.site.get(Campaign, name) for name in campaigns]
    return sorted({queue for one in found if one is not None for queue in one.queues})


By = Literal["campaign", "queue", "did"]


def _hours_of(day: datetime) -> list[Span]:
    """The hours of a day at the site."""
    begins = [day.replace(hour=hour) for hour in range(_HOURS)]
    return list(zip(begins, [*begins[1:], _next(day)], strict=True))


def _line(name: str, hours: Sequence[Counter[str]]) -> str:
    """A line without hours has no calls."""
    statuses: Counter[str] = sum(hours, Counter())
    totals = [sum(one.values()) for one in hours] or [0] * _HOURS
    by_hour = ",".join(f"{hour:02d}-{total}" for hour, total in enumerate(totals))
    by_status = ",".join(f"{cleaned(status)}-{statuses[status]}" for status in sorted(statuses))
    people = answered_by_people(statuses)
    return f"{cleaned(name)}|{sum(totals)}|{people}|{by_hour}|{by_status}|\n"


async def call_dispo_report(call: NonAgentCall) -> str:
    """Comma-separated: a line for each name that has calls, and their sum; no newline at the end."""
    if not (call["campaigns"] or call["ingroups"] or _dids(call)):
        raise _missing(call, "CAMPAIGNS, INGROUPS, OR DIDS")
    begin = _day(call, "query_date")
    end = _next(_day(call, "end_date") if call["end_date"] else begin)
    wanted, users = frozenset(_split(call["statuses"])), _split(call["users"])
    counts: dict[str, Counter[str]] = {}
    for by, names in await _asked(call):
        wish = Counting(by=by, names=names, begin=begin, end=end, users=users)
        for name, found in (await by_status(call.services.reports, wish, call.sight, wanted)).items():
            counts.setdefault(name, Counter()).update(found)
    call.headers.update(_FILE if call["file_download"] == "1" else _PLAIN)
    return "\n".join(_table(call, counts))


async def _asked(call: NonAgentCall) -> list[tuple[By, list[str]]]:
    """By what is counted, and the names."""
    return [
        ("campaign", await _names(call, Campaign, "campaigns")),
        ("queue", await _names(call, InGroup, "ingroups")),
        ("did", await _names(call, Did, "dids", _dids(call))),
    ]


def _table(call: NonAgentCall, counts: Mapping[str, Counter[str]]) -> list[str]:
    total: Counter[str] = sum(counts.values(), Counter())
    statuses = sorted(total) if call["status_breakdown"] == "1" else []
    percent = call["show_percentages"] == "1"
    lines = [",".join(("CAMPAIGN", "TOTAL CALLS", *map(cleaned, statuses)))]
    for name, own in (*counts.items(), ("TOTAL", total)):
        total_calls = sum(own.values())
        parts = (f"{own[status]}{_share(own[status], total_calls) if percent else ''}" for status in statuses)
        lines.append(",".join((cleaned(name), str(total_calls), *parts)))
    return lines


def _share(part: int, every: int) -> str:
    return f" ({100 * part / every if every else 0:.1f}%)"


def _split(text: str) -> list[str]:
    return [part for part in text.split("-") if part]


def _day(call: NonAgentCall, name: str) -> datetime:
    """The begin of the day that a parameter names; of today if it names none."""
    day = call.day(name)
    return day[0] if day else call.now.replace(hour=0, minute=0, second=0, microsecond=0)


def _next(day: datetime) -> datetime:
    return day + timedelta(days=1)
