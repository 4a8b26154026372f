"""What each placeholder of an address stands for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.access.model import UserSpec
from bridge.calls.model import Call, CallKind
from bridge.campaigns.model import Campaign
from bridge.crm.values import SAME_IN_LEAD, Facts, values_of
from bridge.leads.callbacks import Callback
from bridge.leads.model import Lead, LeadList
from bridge.recordings.model import Recording

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
TEXTS = {
    name: f"<{name}>"
    for name in SAME_IN_LEAD
    if name not in ("list_id", "entry_list_id", "rank", "called_count")
}
LEAD = Lead(
    **{**TEXTS, "phone_number": "7275550100"},  # type: ignore[arg-type]  # all of them are text
    id=201,
    list_id=101,
    entry_list_id=102,
    rank=7,
    called_count=3,
    gmt_offset_minutes=-300,
    entry_date=NOON,
    custom={"colour": "red", "lead_id": "999"},
)
CALL = Call(
    id="0192f0c1-0000-7000-8000-000000000001",
    legacy_id="M1241200000000000201",
    legacy_uniqueid="1764000000.000000001",
    kind=CallKind.MANUAL,
    asterisk="one",
    campaign="SALES",
    number="17275550100",
    lead_id=201,
    user="1000",
    asked_at=NOON,
    bridged_at=NOON,
    ended_at=NOON + timedelta(seconds=61.4),
    end_reason="hangup",
    dial_status="ANSWER",
    hangup_cause=16,
    status="SALE",
)
FACTS = Facts(
    at=NOON,
    zone=ZoneInfo("America/New_York"),
    call=CALL,
    lead=LEAD,
    lead_list=LeadList(id=101, name="Spring"),
    campaign=Campaign(id="SALES"),
    agent=UserSpec(user="1000", name="Ann Agent", group="AGENTS", crm_id="crm7", team="red"),
    recording=Recording(
        id=9,
        filename="rec-9",
        session_id="s",
        user="1000",
        campaign="SALES",
        asterisk="one",
        room="8600051",
        started_at=NOON,
    ),
    callback=Callback(
        call_id=CALL.id,
        lead_id=201,
        campaign="SALES",
        user="1000",
        status="CALLBK",
        asked="",
        due_at=NOON,
        comments="ask for Bob",
        made_at=NOON,
    ),
)
WANTED = {
    **TEXTS,
    "phone_number": "7275550100",
    "list_id": "101",
    "entry_list_id": "102",
    "rank": "7",
    "called_count": "3",
    "lead_id": "201",
    "vendor_id": "<vendor_lead_code>",
    "status": "NEW",
    "gmt_offset_now": "-5.00",
    "entry_date": "2026-11-24 12:00:00",
    "list_name": "Spring",
    "campaign": "SALES",
    "call_id": "M1241200000000000201",
    "uniqueid": "1764000000.000000001",
    "bridge_call_id": CALL.id,
    "call_kind": "M",
    "group": "SALES",
    "channel_group": "SALES",
    "dialed_number": "17275550100",
    "dispo": "SALE",
    "talk_time": "61",
    "term_reason": "hangup",
    "dial_status": "ANSWER",
    "hangup_cause": "16",
    "recording_id": "9",
    "recording_filename": "rec-9",
    "callback_datetime": "2026-11-24 12:00:00",
    "callback_comments": "ask for Bob",
    "user": "1000",
    "fullname": "Ann Agent",
    "user_group": "AGENTS",
    "user_custom_three": "crm7",
    "user_custom_four": "red",
    "SQLdate": "2026-11-24 12:00:00",
    "epoch": str(int(NOON.timestamp())),
    "colour": "red",
}


def test_every_field() -> None:
    assert values_of(FACTS) == WANTED


def test_every_field_is_in_the_guide_and_no_other() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "crm-urls.md").read_text()
    table = guide[guide.index("## Placeholders") :].partition("\n## ")[0]
    told = set(re.findall(r"`([A-Za-z0-9_]+)`", table))
    assert set(WANTED) - {"colour"} == told


def test_what_is_not_known_is_empty() -> None:
    bare = values_of(Facts(at=NOON, zone=UTC))
    assert bare == {"campaign": "", "SQLdate": "2026-11-24 17:00:00", "epoch": str(int(NOON.timestamp()))}
    call = Call(
        id=CALL.id,
        legacy_id="V",
        legacy_uniqueid="1",
        kind=CallKind.INBOUND,
        asterisk="one",
        campaign="SALES",
        number="123",
        queue="LINE",
        asked_at=NOON,
    )
    found = values_of(Facts(at=NOON, zone=UTC, call=call))
    assert (found["phone_number"], found["group"], found["talk_time"], found["user"]) == (
        "123",
        "LINE",
        "0",
        "",
    )
    assert found["callback_datetime"] == found["hangup_cause"] == found["recording_id"] == ""
