"""What a case says about data: leads, callbacks, do-not-call numbers, the queue of manual dials."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from replaying.asked import Wanted
from replaying.observed import Observed, Row
from replaying.world import ZONE

NOW: Final = timedelta(minutes=10)
"""How near `<now>` is."""
TABLES: Final = {
    "lead": "leads",
    "callback": "callbacks",
    "dnc": "dnc",
    "manual_dial_queue": "manual_dials",
}
_NAMES: Final = {"lead_id": "id"}
_EMPTY_DATES: Final = frozenset({"0000-00-00", "0000-00-00 00:00:00"})
_OWN: Final = frozenset({"modify_date", "custom"})
"""Columns that the original's effects do not tell of."""


def lead_value(row: Row, name: str) -> str:
    """A field of a lead, as the original would have it."""
    if name == "gmt_offset_now":
        return f"{(row['gmt_offset_minutes'] or 0) / 60:.2f}"
    value = row[_NAMES.get(name, name)]
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    if name == "date_of_birth" and not value:
        return "0000-00-00"
    return "" if value is None else str(value)


def same(told: str, value: str) -> bool:
    """Whether a value is the one that was recorded, times being near now."""
    if told == "<now>":
        try:
            return abs(datetime.fromisoformat(value).replace(tzinfo=ZONE) - datetime.now(UTC)) < NOW
        except ValueError:
            return False
    if "<epoch>" in told or "<now14>" in told:
        pattern = re.escape(told).replace(re.escape("<epoch>"), r"\d{10}")
        return re.fullmatch(pattern.replace(re.escape("<now14>"), r"\d{14}"), value) is not None
    return told == value or (told in _EMPTY_DATES and not value)


def wanted_data(effects: Iterable[Mapping[str, Any]]) -> list[Wanted]:
    """What the effects say of data, and that no lead is changed otherwise."""
    effects = list(effects)
    return [*_told(effects), Wanted("no other lead is changed", lambda seen: not _untold(seen, effects))]


def _told(effects: Iterable[Mapping[str, Any]]) -> Iterator[Wanted]:
    for effect in effects:
        what = effect.get("new") or effect.get("changed") or effect.get("removed")
        if what in {"agent", "ami_action"}:
            continue
        rule = _RULES.get(str(what))
        if rule is None:
            yield Wanted(f"effects on {what} are not known here", lambda _: False)
        else:
            yield from rule(effect)


def _lead(effect: Mapping[str, Any]) -> Iterator[Wanted]:
    fields = effect.get("fields", {})
    if "new" in effect:
        yield Wanted(
            f"new lead {fields}", lambda seen: any(_is_lead(row, fields) for row in seen.new("leads"))
        )
    elif "changed" in effect:
        lead_id = int(effect["id"])
        for name, (_, after) in fields.items():
            yield _field(lead_id, name, str(after))
    else:
        lead_id = int(effect["id"])
        yield Wanted(f"lead {lead_id} is gone", lambda seen: lead_id not in seen.after["leads"])


def _field(lead_id: int, name: str, after: str) -> Wanted:
    return Wanted(
        f"lead {lead_id}: {name} is {after!r}",
        lambda seen: same(after, lead_value(seen.after["leads"][lead_id], name)),
    )


def _is_lead(row: Row, fields: Mapping[str, str]) -> bool:
    told = all(same(str(value), lead_value(row, name)) for name, value in fields.items())
    named = (
        {_NAMES.get(name, name) for name in fields} | {"gender", "entry_date", "gmt_offset_minutes"} | _OWN
    )
    return told and not any(row[name] for name in row if name not in named)


def _hopper(effect: Mapping[str, Any]) -> Iterator[Wanted]:
    """A row of the hopper; what the original keeps of the lead in it is the lead's."""
    if "new" in effect:
        fields = effect["fields"]
        told = {
            "lead_id": int(fields["lead_id"]),
            "campaign": fields.get("campaign_id", ""),
            "list_id": int(fields["list_id"]),
            "status": fields["status"],
            "priority": int(fields["priority"]),
            "source": fields["source"],
        }
        yield Wanted(
            f"in the hopper: {told}", lambda seen: any(_has(row, told) for row in seen.new("hopper"))
        )
    else:
        row_id = int(effect["id"])
        yield Wanted(f"row {row_id} of the hopper is gone", lambda seen: row_id not in seen.after["hopper"])


def _alt_number(effect: Mapping[str, Any]) -> Iterator[Wanted]:
    fields = effect["fields"]
    told = {
        "lead_id": int(fields["lead_id"]),
        "phone_code": fields["phone_code"],
        "number": fields["phone_number"],
        "note": fields.get("alt_phone_note", ""),
        "rank": int(fields["alt_phone_count"]),
        "active": fields["active"] == "Y",
    }
    yield Wanted(f"number {told}", lambda seen: any(_has(row, told) for row in seen.new("alt_numbers")))


def _has(row: Row, told: Mapping[str, Any]) -> bool:
    return all(row[name] == value for name, value in told.items())


_OF_CALLBACK: Final = {
    "campaign_id": "campaign",
    "status": "state",
    "entry_time": "made_at",
    "callback_time": "due_at",
    "lead_status": "status",
}
"""Columns of callbacks by their names in the original."""


def _callback(effect: Mapping[str, Any]) -> Iterator[Wanted]:
    if "removed" in effect:
        yield Wanted(
            "the callback stands no more", lambda seen: seen.after["callbacks"][_KNOWN_CALLBACK]["archived"]
        )
        return
    new = "new" in effect
    fields = {name: value if new else value[1] for name, value in effect["fields"].items()}

    def kept(seen: Observed) -> bool:
        rows = seen.new("callbacks") if new else [seen.after["callbacks"][_KNOWN_CALLBACK]]
        return any(all(_of_callback(row, name, str(value)) for name, value in fields.items()) for row in rows)

    yield Wanted(f"callback {fields}", kept)


_KNOWN_CALLBACK: Final = "callback-of-205"


def _of_callback(row: Row, name: str, told: str) -> bool:
    if name == "callback_id":
        return True
    if name == "recipient":
        return (told == "ANYONE") == (not row["user"])
    value = row[_OF_CALLBACK.get(name, name)]
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return same(told, str(value))


def _custom(effect: Mapping[str, Any]) -> Iterator[Wanted]:
    """Values of a lead's custom fields."""
    if "removed" in effect:
        lead_id = int(effect["id"])
        yield Wanted(
            f"lead {lead_id} has no custom fields", lambda seen: not seen.after["leads"][lead_id]["custom"]
        )
        return
    fields = {
        name: value if "new" in effect else value[1]
        for name, value in effect["fields"].items()
        if name != "lead_id"
    }
    key = int(effect["fields"]["lead_id"] if "new" in effect else effect["id"])

    def kept(seen: Observed) -> bool:
        row = seen.after["leads"].get(key)
        return row is not None and _has(
            row["custom"] | dict.fromkeys(fields.keys() - row["custom"].keys()), fields
        )

    yield Wanted(f"custom fields of {key}: {fields}", kept)


def _forbidden(effect: Mapping[str, Any]) -> Iterator[Wanted]:
    """A number that nobody, or a campaign, may call."""
    if "new" in effect:
        fields = effect["fields"]
        key = (fields.get("campaign_id", ""), fields["phone_number"])
        yield Wanted(f"{key} is forbidden", lambda seen: (*key, "number") in seen.after["dnc"])
    else:
        number, campaign = (*effect["id"], "")[:2]
        yield Wanted(
            f"{number} is allowed again", lambda seen: (campaign, number, "number") not in seen.after["dnc"]
        )


def _queued(effect: Mapping[str, Any]) -> Iterator[Wanted]:
    """It waits in the agent's queue; where she is free, it has been dialled out of it at once."""
    fields = effect["fields"]

    def queued(seen: Observed) -> bool:
        mine = (fields["user"], fields["phone_number"])
        rows = [row for row in seen.new("manual_dials") if (row["user"], row["number"]) == mine]
        calls = [row for row in seen.new("calls") if (row["user"], row["number"]) == mine]
        return bool(rows or calls)

    yield Wanted(f"{fields['phone_number']} is in the dial queue of {fields['user']}, or dialled", queued)


def _untold(seen: Observed, effects: list[Mapping[str, Any]]) -> list[str]:
    """Changes of leads that the original did not make; what acting on the call changes is none of them."""
    told = {
        (int(effect["id"]), _NAMES.get(name, name))
        for effect in effects
        if effect.get("changed") == "lead"
        for name in effect["fields"]
    }
    acted = any(effect.get("changed") == "agent" or effect.get("new") == "ami_action" for effect in effects)
    allowed = _OWN | (_BY_ACTING if acted else frozenset())
    changed = [
        f"{key}.{name}"
        for key, fields in seen.changes("leads").items()
        for name in fields
        if name not in allowed and (key, name) not in told
    ]
    made = any(effect.get("new") in {"lead", "manual_dial_queue"} for effect in effects) or acted
    removed = {int(effect["id"]) for effect in effects if effect.get("removed") == "lead"}
    gone = [str(key) for key in seen.before["leads"].keys() - removed if key not in seen.after["leads"]]
    return changed + gone + ([] if made else [f"new {row['id']}" for row in seen.new("leads")])


_RULES: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Wanted]]]] = {
    "lead": _lead,
    "hopper": _hopper,
    "alt_phone": _alt_number,
    "callback": _callback,
    "custom_fields_101": _custom,
    "manual_dial_queue": _queued,
    "dnc": _forbidden,
    "campaign_dnc": _forbidden,
}
_BY_ACTING: Final = frozenset(
    {"status", "user", "called_count", "called_since_last_reset", "last_local_call_time"}
)
"""Fields that a call which is placed or ended at once changes by itself."""
