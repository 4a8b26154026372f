"""The world that the original held before each request, written into a store once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, literal, select

from bridge.access.hashing import Hasher
from bridge.access.service import Access
from bridge.agents.model import AgentState
from bridge.agents.spans import Span
from bridge.calls.model import Call, CallKind, CallState
from bridge.campaigns.load import load
from bridge.campaigns.model import GroupAlias
from bridge.campaigns.service import Site
from bridge.campaigns.site_file import SiteFile, read
from bridge.leads.model import DncKind, Lead
from bridge.recordings.model import Recording
from bridge.store.database import Database, Transaction
from bridge.store.rows import to_row
from bridge.store.schema import (
    agent_spans,
    archived_leads,
    callbacks,
    calls,
    dnc,
    filter_groups,
    filter_numbers,
    leads,
    lists,
    login_failures,
    recordings,
)

HERE: Final = Path(__file__).parents[1]
WORLD: Final = HERE / "world.json"
SITE: Final = HERE.parent / "data" / "world_site.toml"
ZONE: Final = ZoneInfo("America/New_York")
FAR: Final = datetime(2100, 1, 1, tzinfo=ZONE)
LOCK_FAILURES: Final = 10

_RENAMED: Final = {"list": "list_id", "entry_date and last_local_call_time": "entry_date"}


def local(text: str) -> datetime:
    """A time of the world's, as it is written there."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def cheap_hasher() -> Hasher:
    """The service's own hashes at costs that do not make hundreds of logins take minutes."""
    return Hasher(time_cost=1, memory_cost=8, parallelism=1)


async def build(file: Path) -> None:
    """Make an SQLite file that holds the world."""
    world = json.loads(WORLD.read_text())
    db = Database(f"sqlite:///{file}")
    async with db:
        access = Access(db, hasher=cheap_hasher())
        secrets = {f"SECRET_{user['user']}": user["pass"] for user in world["users"] if "pass" in user}
        secrets.setdefault("SECRET_7006", "test7006")
        site = read(SITE.read_text(), base=SITE.parent, environ=secrets)
        await load(db, Site(db), access, SiteFile([*_aliases(world), *site.items], site.users))
        await db.write(lambda tx: _fill(tx, world))
        access.close()


def _aliases(world: Mapping[str, Any]) -> Iterator[GroupAlias]:
    for name, number in world["group_aliases"].items():
        yield GroupAlias(name=name, caller_id=number)


async def _fill(tx: Transaction, world: Mapping[str, Any]) -> None:
    await tx.conn.execute(leads.insert(), [to_row(lead) for lead in world_leads(world)])
    await tx.conn.execute(dnc.insert(), list(_forbidden(world["dnc"])))
    await tx.conn.execute(
        callbacks.insert(),
        {
            "call_id": "callback-of-205",
            "lead_id": 205,
            "campaign": "TESTCAMP",
            "user": "",
            "status": "CALLBK",
            "asked": "2026-12-01 10:00:00",
            "due_at": local("2026-12-01 10:00:00"),
            "comments": "call back",
            "made_at": local("2026-11-20 10:00:00"),
            "list_id": 101,
            "made_by": "1000",
        },
    )
    gone = {
        "call_id": "callback-of-206",
        "lead_id": 206,
        "state": "INACTIVE",
        "archived": True,
    }
    await tx.conn.execute(callbacks.insert().from_select(*_like(callbacks, "callback-of-205", gone)))
    await tx.conn.execute(archived_leads.insert(), [to_row(lead) for lead in _archived(world)])
    for name, numbers in world["filter_phone_groups"].items():
        await tx.conn.execute(filter_groups.insert(), {"name": name})
        await tx.conn.execute(filter_numbers.insert(), [{"group": name, "number": one} for one in numbers])
    await tx.conn.execute(calls.insert(), list(_calls(world)))
    known = {"changed_at": local("2026-11-01 08:00:00"), "called_at": local("2026-11-20 10:00:00")}
    await tx.conn.execute(lists.update().values(known))
    await tx.conn.execute(recordings.insert(), list(_recordings(world)))
    await tx.conn.execute(agent_spans.insert(), list(_spans(world)))
    locked = {"user": "7006", "address": "127.0.0.1", "count": LOCK_FAILURES, "failed_at": FAR}
    await tx.conn.execute(login_failures.insert(), locked | {"locked_until": FAR})


def world_leads(world: Mapping[str, Any]) -> Iterator[Lead]:
    """The leads, by their ids."""
    default = world["leads"]["default"]
    for key, own in world["leads"].items():
        if key.isdecimal():
            yield _lead(int(key), default | own)


def _lead(lead_id: int, words: Mapping[str, Any]) -> Lead:
    told = {_RENAMED.get(name, name): value for name, value in words.items()}
    known = {name: told[name] for name in Lead.__struct_fields__ if name in told}
    texts = {
        name: value.replace("<id>", str(lead_id)) for name, value in known.items() if isinstance(value, str)
    }
    moments = {name: local(str(told[name])) for name in ("entry_date",)}
    called = told.get("last_local_call_time", told["entry_date"])
    return Lead(
        **known
        | texts
        | moments
        | {
            "id": lead_id,
            "list_id": int(re.sub(r"\D.*", "", str(told["list_id"]))),
            "gmt_offset_minutes": round(float(told["gmt_offset_now"]) * 60),
            "last_local_call_time": local(called),
            "custom": told.get("custom", {}),
        }
    )


def _like(table: Table, key: str, changed: Mapping[str, Any]) -> tuple[list[str], Select[Any]]:
    """Columns, and a row that is like another but for these."""
    names = [column.name for column in table.columns]
    values = [literal(changed[name]).label(name) if name in changed else table.c[name] for name in names]
    return names, select(*values).where(next(iter(table.primary_key.columns)) == key)


def _archived(world: Mapping[str, Any]) -> Iterator[Lead]:
    """The leads of the archive."""
    default, leads_ = world["leads"]["default"], world["leads"]
    for key, own in leads_["archive"].items():
        like = leads_["203"] | {"last_name": "Other", "email": "lead203@example.com", "source_id": "SRC203"}
        yield _lead(int(key), default | (like if "rest" in own else {}) | own)


def _calls(world: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The calls that are over."""
    talks = _talks(world)
    numbers = {key: entry["phone_number"] for key, entry in world["leads"].items() if key.isdecimal()}
    for entry in world["call_log"]:
        if "log" in entry:  # it is missing
            continue
        lead = re.sub(r"\D.*", "", str(entry["lead"]))
        began = local(entry["at"]) if "at" in entry else datetime.now(ZONE) - timedelta(hours=1)
        ended = began + timedelta(seconds=entry.get("sec", 0))
        talked = talks.get(int(lead))
        call = Call(
            id=f"call-{entry['call_id']}",
            legacy_id=entry["call_id"],
            legacy_uniqueid=entry.get("uniqueid", entry["call_id"]),
            kind=CallKind(entry["call_id"].rstrip("0123456789")),
            state=CallState.DISPOSED,
            asterisk="asterisk",
            campaign=entry.get("out", "TESTCAMP"),
            queue=entry.get("in", ""),
            did=next(iter(world["dids"])) if "in" in entry else "",
            number=numbers.get(lead, ""),
            lead_id=int(lead),
            user=entry.get("user", ""),
            status=entry.get("status", "XFER"),
            asked_at=began,
            answered_at=began,
            bridged_at=None if talked is None else ended - timedelta(seconds=talked),
            ended_at=ended,
            disposed_at=ended,
        )
        yield {name: value for name, value in to_row(call).items() if name in calls.c}


def _talks(world: Mapping[str, Any]) -> dict[int, int]:
    """How long an agent talked with a lead, by lead: what was noted as talk, without the dead end of it."""
    log = next(entries for name, entries in world.items() if name.startswith("agent_log"))
    return {one["lead"]: one["talk"] - one["dead"] for one in log if "lead" in one}


def _spans(world: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What an agent did, one thing after the other: the dead end of a call is wrap-up here."""
    log = next(entries for name, entries in world.items() if name.startswith("agent_log"))
    at = local("2026-11-20 09:00:00")
    for number, entry in enumerate(log):
        doing = {
            AgentState.PAUSED: entry.get("pause", 0),
            AgentState.READY: entry.get("wait", 0),
            AgentState.INCALL: entry.get("talk", 0) - entry.get("dead", 0),
            AgentState.WRAPUP: entry.get("dispo", 0) + entry.get("dead", 0),
        }
        for state, seconds in doing.items():
            if not seconds:
                continue
            span = Span(
                session_id="shift",
                user="1000",
                campaign="TESTCAMP",
                state=state,
                pause_reason=entry.get("sub_status", "") if state is AgentState.PAUSED else "",
                call_id=f"call-{number}" if state in (AgentState.INCALL, AgentState.WRAPUP) else "",
                began_at=at,
                ended_at=(at := at + timedelta(seconds=seconds)),
            )
            yield to_row(span) | {"group": "AGENTS", "milliseconds": span.milliseconds}


def _recordings(world: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The recordings that are over."""
    call_ids = {int(re.sub(r"\D.*", "", str(one["lead"]))): one["call_id"] for one in world["call_log"][:3]}
    for key, text in world["recordings"].items():
        found = re.match(r"lead (\d+), ([-0-9]+ [:0-9]+)", text)
        assert found, text
        began = local(found[2])
        row = Recording(
            id=int(key),
            filename=f"recording_{key}",
            call_id=f"call-{call_ids[int(found[1])]}",
            session_id="",
            user="1000",
            campaign="TESTCAMP",
            asterisk="asterisk",
            room="8600051",
            lead_id=int(found[1]),
            started_at=began,
            ended_at=began + timedelta(seconds=55),
        )
        yield to_row(row)


def _forbidden(lists: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
    for name, entries in lists.items():
        for entry in entries:
            area = entry.startswith("area code ")
            yield {
                "campaign": "" if name == "system" else name,
                "number": entry.removeprefix("area code "),
                "kind": DncKind.AREA_CODE if area else DncKind.NUMBER,
                "added_by": "6666",
                "added_at": local("2026-11-01 09:00:00"),
            }
