"""`call_status_stats` and `call_dispo_report`: calls counted by status."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import Answer, cleaned
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, Did, InGroup
from bridge.reports.model import Counting, Tally

_EVERY: Final = frozenset({"ALL", "ALLCAMPAIGNS", "ALLGROUPS"})
"""Words for all that the caller sees; without the signs around them."""
_NOT_PERSON: Final = (
    *("NEW", "QUEUE", "INCALL", "NA", "A", "AA", "AM", "AL", "AFAX", "B", "AB", "DC", "ADC", "ADCT", "N"),
    *("PU", "PM", "LRERR", "NANQUE", "WAITTO", "HOLDTO", "TIMEOT", "AFTHRS", "NOAGNT"),
)
"""Statuses of calls that no person has answered, or of which nobody knows yet."""
_OPEN: Final = "INCALL"
"""Status of a call that has none yet."""
_HOURS: Final = range(24)
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
    lines = []
    wanted: tuple[tuple[By, list[str]], ...] = (("campaign", campaigns), ("queue", queues))
    for by, names in wanted:
        counts = await _by_hour(call, by, names, day)
        lines += [_line(name, counts[name]) for name in sorted(names)]
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
        found = [one.key for one in await call.services.site.list(kind)]
    else:
        found = _split(asked)
    named = list(dict.fromkeys(found))
    return [name for name in named if call.may_use_campaign(name)] if kind is Campaign else named


async def _queues(call: NonAgentCall, campaigns: Iterable[str]) -> list[str]:
    """The in-groups of campaigns."""
    found = [await call.services.site.get(Campaign, name) for name in campaigns]
    return sorted({queue for one in found if one is not None for queue in one.queues})


By = Literal["campaign", "queue", "did"]
Hours = dict[int, Counter[str]]


async def _by_hour(
    call: NonAgentCall, by: By, names: Sequence[str], day: datetime
) -> defaultdict[str, Hours]:
    """Of each name, for each hour at the site, how many calls have which status."""
    counts: defaultdict[str, Hours] = defaultdict(dict)
    wanted = frozenset(_split(call["statuses"]))
    for hour in _HOURS if names else ():
        begin = day.replace(hour=hour)
        end = day.replace(hour=hour + 1) if hour + 1 in _HOURS else _next(day)
        wish = Counting(by=by, names=names, begin=begin, end=end)
        for one in await call.services.reports.tally(wish, call.sight):
            status = one.status or _OPEN
            if not wanted or status in wanted:
                counts[one.name].setdefault(hour, Counter())[status] += one.count
    return counts


def _line(name: str, hours: Hours) -> str:
    statuses: Counter[str] = sum(hours.values(), Counter())
    people = sum(count for status, count in statuses.items() if status not in _NOT_PERSON)
    by_hour = ",".join(f"{hour:02d}-{sum(hours.get(hour, Counter()).values())}" for hour in _HOURS)
    by_status = ",".join(f"{cleaned(status)}-{statuses[status]}" for status in sorted(statuses))
    return f"{cleaned(name)}|{sum(statuses.values())}|{people}|{by_hour}|{by_status}|\n"


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
        found = await call.services.reports.tally(wish, call.sight) if names else ()
        for one in sorted(found, key=lambda one: one.name):
            _count(counts, one, wanted)
    call.headers.update(_FILE if call["file_download"] == "1" else _PLAIN)
    return "\n".join(_table(call, counts))


def _count(counts: dict[str, Counter[str]], one: Tally, wanted: frozenset[str]) -> None:
    status = one.status or _OPEN
    if not wanted or status in wanted:
        counts.setdefault(one.name, Counter())[status] += one.count


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
        every = sum(own.values())
        parts = (f"{own[status]}{_share(own[status], every) if percent else ''}" for status in statuses)
        lines.append(",".join((cleaned(name), str(every), *parts)))
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
