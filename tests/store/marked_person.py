"""A person whose name, number and words are in every place of a store, and a neighbour who must stay."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, select

from bridge.agents.model import AgentState
from bridge.events.catalogue import (
    AgentPreviewing,
    CallDisposed,
    CallPlanned,
    CallRefused,
    Event,
    LeadAdded,
    ScreenNotified,
)
from bridge.screens.model import Look
from bridge.store import schema
from bridge.store.database import Database, Transaction

NUMBER: Final = "7275550199"
OTHER: Final = "7275550188"
"""Another one of hers."""
E164: Final = f"+1{NUMBER}"
WORDS: Final = (
    "Zerlinde",
    "Markward",
    "markward.example",
    "Markwardstreet",
    "Markward-note",
    "Markward-custom",
)
NEIGHBOUR: Final = "7275550111"
AT: Final = datetime(2026, 11, 27, 10, tzinfo=UTC)
HERS, ARCHIVED, SHARED, FOREIGN = 201, 202, 203, 204
CALL, CALL_IN, CALL_OTHER = ("0193-call-out", "0193-call-in", "0193-call-neighbour")
FILE: Final = f"20261127-100000_{NUMBER}_SALES"


def lead(lead_id: int, **more: Any) -> dict[str, Any]:
    return {"id": lead_id, "list_id": 101, "phone_code": "1", **more}


def hers(lead_id: int) -> dict[str, Any]:
    return lead(
        lead_id,
        phone_number=NUMBER,
        alt_phone=OTHER,
        first_name="Zerlinde",
        last_name="Markward",
        email="zerlinde@markward.example",
        address1="Markwardstreet 9",
        comments="Markward-note",
        custom={"plan": "Markward-custom"},
    )


def call(call_id: str, number: str, lead_id: int | None, **more: Any) -> dict[str, Any]:
    return {
        "id": call_id,
        "legacy_id": f"M{call_id}",
        "legacy_uniqueid": f"1.{call_id}",
        "kind": "M",
        "state": "disposed",
        "campaign": "SALES",
        "number": number,
        "e164": f"+1{number}",
        "dial": f"PJSIP/1{number}@carrier",
        "lead_id": lead_id,
        "asked_at": AT,
        "ended_at": AT,
        "disposed_at": AT,
        "status": "SALE",
        **more,
    }


def rows() -> dict[Any, list[dict[str, Any]]]:
    """Table → what stands in it."""
    form = f"first_name=Zerlinde&last_name=Markward&phone=%2B1%20{NUMBER}&comments=Markward-note"
    post = {"key": "form", "at": AT, "outcome": "added", "subscriber": NUMBER, "user_agent": "Markward-note"}
    delivery = {"source": "crm", "kind": "dispo_call", "event_seq": 1, "made_at": AT, "give_up_at": AT}
    consent = {"purpose": "sales", "given_at": AT, "recorded_at": AT}
    refused = {"import_id": "i", "column": "phone"}
    dial = {"user": "1000", "state": "dropped", "made_at": AT}
    notice = {"recipient": "1000", "recipient_type": "USER", "due_at": AT, "made_at": AT}
    answer = {"scope": "crm", "key": "k", "state": "done", "created_at": AT, "expires_at": AT}
    hold = {"first_open": [{"number": NUMBER}]}
    nobody = {"number": "", "subscriber": "", "user_agent": ""}
    recording = {"session_id": "s", "user": "1000", "campaign": "SALES", "started_at": AT, "ended_at": AT}
    return {
        schema.lists: [{"id": 101, "name": "web", "campaign": "SALES"}],
        schema.leads: [
            hers(HERS),
            lead(SHARED, phone_number=NEIGHBOUR, alt_phone=NUMBER, first_name="Ned"),
            lead(FOREIGN, phone_number=NEIGHBOUR, first_name="Ned", comments="a talk with the neighbour"),
        ],
        schema.archived_leads: [hers(ARCHIVED)],
        schema.alt_numbers: [
            {"lead_id": HERS, "number": OTHER, "note": "Markward-note"},
            {"lead_id": SHARED, "number": NUMBER, "note": "Markward-note"},
            {"lead_id": SHARED, "number": NEIGHBOUR, "note": "his"},
        ],
        schema.callbacks: [
            {"call_id": "cb1", "lead_id": HERS, "comments": "Markward-note", "user": "1000", "made_at": AT},
            {"call_id": CALL_IN, "lead_id": None, "comments": "Markward-note", "made_at": AT},
            {"call_id": "cb3", "lead_id": FOREIGN, "comments": "his", "made_at": AT},
        ],
        schema.hopper: [{"lead_id": HERS, "campaign": "SALES", "list_id": 101, "created_at": AT}],
        schema.calls: [
            call(CALL, NUMBER, HERS),
            call(CALL_IN, NUMBER, None, kind="Y", caller_id=NUMBER),
            call(CALL_OTHER, NEIGHBOUR, FOREIGN),
        ],
        schema.verdicts: [
            {"call_id": CALL, "at": AT, "e164": E164, "allowed": True, "why": f"{E164} may be called"},
            {"call_id": CALL_OTHER, "at": AT, "e164": f"+1{NEIGHBOUR}", "allowed": True},
        ],
        schema.consents: [
            {**consent, "lead_id": HERS, "e164": E164},
            {**consent, "lead_id": FOREIGN, "e164": f"+1{NEIGHBOUR}"},
        ],
        schema.deliveries: [
            {
                **delivery,
                "id": "d1",
                "once": "1",
                "lead_id": HERS,
                "url": f"https://crm/?n=Zerlinde&p={NUMBER}",
            },
            {**delivery, "id": "d2", "once": "2", "call_id": CALL_IN, "error": "Markward-note"},
            {**delivery, "id": "d3", "once": "3", "lead_id": FOREIGN, "url": "https://crm/?n=Ned"},
        ],
        schema.intake_posts: [
            {**post, "number": E164, "lead_id": HERS, "size": len(form), "body": form.encode()},
            {**post, **nobody, "outcome": "refused", "body": form.encode()},
            {**post, **nobody, "number": NEIGHBOUR, "body": b"first_name=Ned"},
        ],
        schema.import_refusals: [
            {**refused, "row": 7, "why": f"{NUMBER} is no number", "cells": ["Markward", "(727) 555-0199"]},
            {**refused, "row": 8, "why": "no number", "cells": ["Ned", "12"]},
        ],
        schema.manual_dials: [
            {**dial, "number": NUMBER, "request": {"number": NUMBER}},
            {**dial, "number": NEIGHBOUR, "request": {}},
        ],
        schema.notifications: [
            {**notice, "text": f"ring Zerlinde Markward at {NUMBER}"},
            {**notice, "text": "a cake in the kitchen"},
        ],
        schema.agent_screens: [
            {"session_id": "s", "data": {"timer": {"message": f"say hello to Zerlinde Markward, {E164}"}}}
        ],
        schema.agent_sessions: [
            {
                "id": "s",
                "user": "1000",
                "state": "logged_out",
                "state_since": AT,
                "logged_out_at": AT,
                "preview": {"number": NUMBER, "lead_id": HERS},
            }
        ],
        schema.idempotency: [{**answer, "body": json.dumps({"number": NUMBER})}],
        schema.breaches: [{"user": "crm", "rule": "dnc", "number": E164, "at": AT}],
        schema.settings: [{"key": "hold.restored", "value": hold, "updated_at": AT}],
        schema.recordings: [
            {**recording, "filename": FILE, "call_id": CALL, "lead_id": HERS},
            {**recording, "filename": "20261127-1_his", "call_id": CALL_OTHER, "lead_id": FOREIGN},
        ],
        schema.dnc: [{"campaign": "", "number": NUMBER, "added_by": "crm", "added_at": AT}],
    }


def events() -> list[Event]:
    base: dict[str, Any] = {"legacy_id": "M1", "kind": "M", "campaign": "SALES"}
    disposed: dict[str, Any] = {**base, "state": "disposed", "status": "SALE", "source": "agent"}
    session: dict[str, Any] = {"user": "1000", "session_id": "s", "campaign": "SALES"}
    return [
        LeadAdded(lead_id=HERS, list_id=101),
        CallPlanned(call_id=CALL, state="planned", number=NUMBER, lead_id=HERS, **base),  # type: ignore[arg-type]
        CallDisposed(call_id=CALL, number=NUMBER, lead_id=HERS, **disposed),
        CallDisposed(call_id=CALL_IN, number=NUMBER, **disposed),
        CallRefused(call_id="0193-refused", number=E164, rule="dnc", why=f"{E164} asked not to be called"),
        AgentPreviewing(state=AgentState.READY, number=OTHER, preview_lead_id=HERS, **session),
        ScreenNotified(notification=1, text="ring Zerlinde Markward", look=Look(), **session),
        CallDisposed(call_id=CALL_OTHER, number=NEIGHBOUR, lead_id=FOREIGN, **disposed),
        ScreenNotified(notification=2, text="a cake in the kitchen", look=Look(), **session),
    ]


async def fill(db: Database) -> None:
    """Put it all in."""

    async def work(tx: Transaction) -> None:
        for table, found in rows().items():
            for row in found:
                await tx.conn.execute(insert(table).values(**row))
        for event in events():
            tx.emit(event)

    await db.write(work)


async def dump(db: Database) -> dict[str, list[str]]:
    """Every row of every table as text."""
    async with db.read() as conn:
        return {
            table.name: [repr(tuple(row)) for row in await conn.execute(select(table))]
            for table in schema.metadata.tables.values()
        }


def naming_her(found: dict[str, list[str]], *marks: str) -> dict[str, int]:
    """Table → rows in which one of her marks stands."""
    wanted = marks or (*WORDS, NUMBER, OTHER)
    hits = {
        table: sum(any(mark in row for mark in wanted) for row in lines) for table, lines in found.items()
    }
    return {table: count for table, count in hits.items() if count}
