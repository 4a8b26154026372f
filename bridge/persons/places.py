"""Where something of a person may stand, and what becomes of it there.

A place is one table. Its rows are looked through in the order of their keys, some hundreds at a time. Leads
and recordings are erased by `bridge.persons.service`. `WITHOUT` are the tables in which nothing of customers
stands; a table that is in none of these makes a test fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Row, Table, or_

from bridge.calls.holds import PREFIX
from bridge.events.catalogue import PERSONAL
from bridge.persons.finding import PARTS, number_is
from bridge.persons.model import Person, Wish
from bridge.persons.words import Words
from bridge.store import schema

GONE: Final = "gone"
"""In place of new values: the row is deleted."""

Change = Mapping[str, Any] | str | None
"""New values, `GONE`, or nothing."""
_LEADS_OF_EVENTS: Final = ("lead_id", "preview_lead_id", "before")


class Looker(NamedTuple):
    """What rows are looked through for."""

    person: Person
    words: Words
    wish: Wish


class Place(NamedTuple):
    """One table."""

    table: Table
    change: Callable[[Looker, Row[Any]], Change]
    """What becomes of a row."""
    where: Callable[[Person], ColumnElement[bool]] | None = None
    """Which rows are looked at, if an index tells; else all."""


def _event(look: Looker, row: Row[Any]) -> Change:
    """Number, type, time and ids stay: the stream has no gap."""
    fields: dict[str, Any] = msgspec.json.decode(row.data)
    told = look.words.out_of(fields)
    if _is_hers(look.person, row.subject, fields):
        told |= {name: "" for name in PERSONAL.get(row.type, {}) if isinstance(told.get(name), str)}
    return None if told == fields else {"data": msgspec.json.encode(told).decode()}


def _is_hers(person: Person, subject: str, fields: Mapping[str, Any]) -> bool:
    call = subject.removeprefix("calls/")
    return (
        person.owns(lead_id=None, call_id=call)
        or person.owns(call_id=fields.get("call_id"), number=fields.get("number"))
        or any(person.owns(lead_id=fields.get(name)) for name in _LEADS_OF_EVENTS)
    )


def _delivery(look: Looker, row: Row[Any]) -> Change:
    """A webhook's body is made of the log when it is sent: what waits there says nothing of her any more."""
    if row.source != "webhook" and look.person.owns(lead_id=row.lead_id, call_id=row.call_id):
        return GONE
    return GONE if look.words.within(row.url) or look.words.within(row.error) else None


def _post(look: Looker, row: Row[Any]) -> Change:
    """That it came, when, by which key and what became of it stays."""
    body = bytes(row.body).decode("utf-8", "replace")
    if not (look.person.owns(lead_id=row.lead_id, number=row.number) or look.words.within(body)):
        return None
    empty = dict.fromkeys(("number", "address", "subscriber", "user_agent", "fingerprint"), "")
    return _if_new(row, {**empty, "body": b""})


def _refusal(look: Looker, row: Row[Any]) -> Change:
    if not any(look.words.within(str(cell)) for cell in row.cells):
        return None
    return {"cells": [""] * len(row.cells), "why": look.words.out_of(row.why)}


def _dial(look: Looker, row: Row[Any]) -> Change:
    wish = row.request if isinstance(row.request, dict) else {}
    hers = look.person.owns(number=row.number, call_id=row.call_id, lead_id=wish.get("lead_id"))
    return GONE if hers or look.words.out_of(wish) != wish else None


def _session(look: Looker, row: Row[Any]) -> Change:
    """An agent who looks at her now would have refused the erasure."""
    seen = row.preview or {}
    return (
        {"preview": None}
        if look.person.owns(lead_id=seen.get("lead_id"), number=seen.get("number"))
        else None
    )


def _json(name: str) -> Callable[[Looker, Row[Any]], Change]:
    def change(look: Looker, row: Row[Any]) -> Change:
        value = getattr(row, name)
        told = look.words.out_of(value)
        return None if told == value else {name: told}

    return change


def _answer(look: Looker, row: Row[Any]) -> Change:
    """The stored answer of a request that may come again; it is JSON."""
    if not row.body or not look.words.within(row.body):
        return None
    return {"body": msgspec.json.encode(look.words.out_of(msgspec.json.decode(row.body))).decode()}


def _breach(look: Looker, row: Row[Any]) -> Change:
    return {"number": ""} if look.person.owns(number=row.number) else None


def _setting(look: Looker, row: Row[Any]) -> Change:
    """A hold after a restore names the open calls of the copy."""
    return _json("value")(look, row)


def _callback(look: Looker, row: Row[Any]) -> Change:
    """Of calls that had no lead; the others go with their leads."""
    return GONE if look.person.owns(call_id=row.call_id) else None


def _call(look: Looker, row: Row[Any]) -> Change:
    """When she was called, by whom, and what came of it stays; her number as evidence alone."""
    texts = ("caller_id", "channel", "room_channel", "extension", "status", "end_reason", "asked_by")
    new = {name: look.words.out_of(getattr(row, name)) for name in texts} | {"dial": ""}
    if look.wish.evidence_too:
        new |= {"number": "", "e164": ""}
    return _if_new(row, new)


def _verdict(look: Looker, row: Row[Any]) -> Change:
    if not look.wish.evidence_too:
        return None
    return GONE if row.e164 == look.person.e164 or look.person.owns(call_id=row.call_id) else None


def _consent(look: Looker, _row: Row[Any]) -> Change:
    return GONE if look.wish.evidence_too else None


def _lead(look: Looker, row: Row[Any]) -> Change:
    """Her number as another one of somebody's: that one keeps the rest."""
    return (
        {"alt_phone": ""} if row.id not in look.person.leads and row.alt_phone in look.person.forms else None
    )


def _alternate(look: Looker, row: Row[Any]) -> Change:
    return GONE if row.lead_id in look.person.leads or row.number in look.person.forms else None


def _if_new(row: Row[Any], values: Mapping[str, Any]) -> Change:
    return None if all(getattr(row, name) == value for name, value in values.items()) else values


def _of_consents(person: Person) -> ColumnElement[bool]:
    table = schema.consents
    return or_(table.c.e164 == person.e164, table.c.lead_id.in_(sorted(person.leads)))


def _of_calls_verdicts(person: Person) -> ColumnElement[bool]:
    return or_(
        schema.verdicts.c.e164 == person.e164,
        *(schema.verdicts.c.call_id.in_(part) for part in parts(sorted(person.calls))),
    )


def parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    """Few enough of them for one statement each time."""
    return [values[begin : begin + PARTS] for begin in range(0, len(values), PARTS)]


PLACES: Final = (
    Place(schema.events, _event),
    Place(schema.deliveries, _delivery),
    Place(schema.intake_posts, _post),
    Place(schema.import_refusals, _refusal),
    Place(schema.manual_dials, _dial),
    Place(schema.notifications, _json("text")),
    Place(schema.agent_screens, _json("data")),
    Place(schema.agent_sessions, _session, lambda _: schema.agent_sessions.c.preview.is_not(None)),
    Place(schema.idempotency, _answer),
    Place(schema.breaches, _breach),
    Place(schema.settings, _setting, lambda _: schema.settings.c.key.startswith(PREFIX)),
    Place(schema.callbacks, _callback),
    Place(schema.leads, _lead, lambda person: schema.leads.c.alt_phone.in_(person.forms)),
    Place(schema.archived_leads, _lead, lambda person: schema.archived_leads.c.alt_phone.in_(person.forms)),
    Place(schema.alt_numbers, _alternate),
    Place(schema.consents, _consent, _of_consents),
    Place(schema.verdicts, _verdict, _of_calls_verdicts),
    Place(schema.calls, _call, lambda person: number_is(schema.calls, person)),
)
"""In the order in which they are erased: what tells whose the rest is comes last."""

KEPT: Final = frozenset({schema.dnc, schema.dnc_numbers, schema.filter_numbers})
"""They have to know her number to do as she, or the site, wants."""

WITHOUT: Final = frozenset(
    {
        *(schema.agent_spans, schema.api_keys, schema.audit, schema.call_times, schema.caller_id_entries),
        *(
            schema.caller_id_groups,
            schema.campaigns,
            schema.console_links,
            schema.console_passwords,
            schema.console_sessions,
            schema.counters,
            schema.dialer_words,
            schema.dids,
        ),
        *(schema.dnc_versions, schema.duties, schema.filter_groups, schema.function_use),
        *(schema.group_aliases, schema.hopper, schema.imports, schema.in_groups, schema.intake_keys),
        *(schema.intake_tokens, schema.lists, schema.login_failures, schema.own_numbers, schema.pause_codes),
        *(
            schema.phone_aliases,
            schema.phone_secrets,
            schema.phones,
            schema.presets,
            schema.sink_cursors,
            schema.statuses,
        ),
        *(schema.trunks, schema.uploads, schema.user_groups, schema.users, schema.webhooks),
    }
)
"""What the site has set up, and what names nobody but its own users."""
