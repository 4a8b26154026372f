"""Evidence as a folder: a page to read, tables for a spreadsheet, and all of it as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final

import msgspec

from bridge.csv_safe import csv_lines
from bridge.evidence.model import Attempt, Evidence

Table = tuple[Sequence[str], list[Sequence[object]]]
_STYLE: Final = (
    "body{font:15px/1.4 sans-serif;margin:2em;max-width:80em}"
    "table{border-collapse:collapse;margin:.5em 0 2em}"
    "td,th{border:1px solid #bbb;padding:.25em .6em;text-align:left;vertical-align:top}th{background:#eee}"
)
_TITLES: Final = {
    "consents": "Consents for the number",
    "attempts": "Calls to the number, dialled or refused",
    "rules": "What each rule has found when a call was dialled",
    "opt_outs": "Opt-outs: consents taken back, do-not-call entries, calls that ended with DNC",
    "lists": "Do-not-call lists from elsewhere that were in force within the time",
    "drops": "Abandoned calls of the campaigns, in the 30 days before the end of the time",
}


def write(found: Evidence, folder: Path) -> list[str]:
    """Write the folder, readable for its owner alone; the names of its files.

    Raises:
        FileExistsError: there is something in it already.
        OSError: it cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    tables = _tables(found)
    contents = {f"{name}.csv": csv_lines([columns, *rows]) for name, (columns, rows) in tables.items()}
    contents["evidence.json"] = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    contents["summary.html"] = _page(found, tables)
    for name, text in contents.items():
        made = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(made, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123  for its owner alone
            file.write(text)
    return sorted(contents)


def _tables(found: Evidence) -> dict[str, Table]:
    return {
        "consents": _consents(found),
        "attempts": _attempts(found.attempts),
        "rules": _rules(found.attempts),
        "opt_outs": _opt_outs(found),
        "lists": _lists(found),
        "drops": (
            ("campaign", "answered", "abandoned", "per cent"),
            [(one.campaign, one.answered, one.abandoned, one.percent) for one in found.drops],
        ),
    }


def _consents(found: Evidence) -> Table:
    columns = ("id", "lead", "purpose", "given", "given by", "source", "shown", "recorded", "recorded by")
    rows: list[Sequence[object]] = [
        (
            *(one.id, one.lead_id, one.purpose, _time(one.given_at), one.given_by, one.source, one.shown),
            *(
                _time(one.recorded_at),
                one.recorded_by,
                _time(one.revoked_at),
                one.revoked_how,
                one.revoked_by,
            ),
        )
        for one in found.consents
    ]
    return (*columns, "taken back", "how", "by"), rows


def _attempts(attempts: Iterable[Attempt]) -> Table:
    columns = ("call", "asked", "campaign", "kind", "lead", "agent", "asked by", "shown number", "dialled")
    rows: list[Sequence[object]] = []
    for one in attempts:
        said = one.verdict
        word = "" if said is None else "allowed" if said.allowed else f"refused: {said.rule}"
        rows.append(
            (
                *(one.call_id, _time(one.asked_at), one.campaign, one.kind, one.lead_id, one.user),
                *(one.asked_by, one.caller_id, _time(one.sent_at), _time(one.answered_at)),
                *(
                    _time(one.ended_at),
                    one.status,
                    word,
                    said.purpose if said else "",
                    said.why if said else "",
                ),
            )
        )
    return (*columns, "answered", "ended", "status", "gate", "purpose", "why refused"), rows


def _rules(attempts: Iterable[Attempt]) -> Table:
    rows: list[Sequence[object]] = [
        (one.call_id, _time(one.verdict.at), ground.rule.value, ground.found)
        for one in attempts
        if one.verdict is not None
        for ground in one.verdict.grounds
    ]
    return ("call", "at", "rule", "found"), rows


def _opt_outs(found: Evidence) -> Table:
    rows: list[Sequence[object]] = [
        (
            _time(one.revoked_at),
            f"consent {one.id} for {one.purpose} taken back",
            one.revoked_how,
            one.revoked_by,
        )
        for one in found.consents
        if one.revoked_at is not None
    ]
    for entry in found.entries:
        where = f"list {entry.list}, version {entry.version}" if entry.list else "the site's own list"
        whose = f" of campaign {entry.campaign}" if entry.campaign else ""
        what = f"{entry.kind.value} {entry.number} on {where}{whose}"
        rows.append((_time(entry.added_at), what, "", entry.added_by))
    rows += [
        (_time(one.ended_at), f"call {one.call_id} ended with DNC", "", one.user)
        for one in found.attempts
        if one.status == "DNC"
    ]
    return ("at", "what", "how", "by"), rows


def _lists(found: Evidence) -> Table:
    columns = ("list", "campaign", "source", "version", "dated", "entries", "in force", "until")
    rows: list[Sequence[object]] = [
        (
            *(one.name, one.campaign, one.source, one.version, one.dated.isoformat(), one.numbers),
            *(_time(one.in_force_at), _time(one.replaced_at)),
        )
        for one in found.versions
    ]
    return columns, rows


def _page(found: Evidence, tables: dict[str, Table]) -> str:
    refused = sum(one.verdict is not None and not one.verdict.allowed for one in found.attempts)
    head = (
        f"{len(found.attempts) - refused} calls dialled, {refused} refused;"
        f" {len(found.consents)} consents. From {_time(found.begin)} until before {_time(found.end)};"
        f" made {_time(found.made_at)}. Times are in UTC."
    )
    parts = [f"<h2>{escape(_TITLES[name])}</h2>{_html(table)}" for name, table in tables.items()]
    title = f"Evidence for {found.number}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1><p>{escape(head)}</p>"
        f"{''.join(parts)}</body></html>\n"
    )


def _html(table: Table) -> str:
    columns, rows = table
    if not rows:
        return "<p>Nothing is on record.</p>"
    head = "".join(f"<th>{escape(one)}</th>" for one in columns)
    lines = ("".join(f"<td>{escape(_text(one))}</td>" for one in row) for row in rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}Z"
