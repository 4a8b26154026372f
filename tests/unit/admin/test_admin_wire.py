from __future__ import annotations

import typing
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from bridge.access.console_model import ConsoleLink
from bridge.access.keys import Key, NewKey
from bridge.access.model import GroupScope, Principal, PrincipalKind, UserSpec
from bridge.access.names import ALL
from bridge.admin import wire
from bridge.admin.audit_commands import ListUsage, ReadAudit, ShowUsage
from bridge.admin.command import Command
from bridge.admin.commands import AnyCommand
from bridge.admin.consent_commands import AddConsent, ListConsents, RevokeConsent
from bridge.admin.delivery_commands import ListDeliveries, RetryDelivery
from bridge.admin.dnc_commands import (
    AddDnc,
    BeginDncList,
    ListDnc,
    ListDncVersions,
    RemoveDnc,
    ShowDnc,
    TakeDncRows,
    WithdrawDncList,
)
from bridge.admin.errors import AdminError
from bridge.admin.event_commands import EventsRead, ReadEvents
from bridge.admin.evidence_commands import CollectEvidence
from bridge.admin.hold_commands import ShowHolds, StartDraining, TakeHoldBack
from bridge.admin.hopper_commands import AddToHopper, FlushHopper, ListHopper
from bridge.admin.import_commands import BeginImport, ShowListFields, ShowRefusals, TakeRows
from bridge.admin.intake_commands import (
    AddIntake,
    IntakeState,
    ListPosts,
    RotateIntake,
    SetIntakeActive,
    ShowIntake,
)
from bridge.admin.key_commands import ListKeys, MakeKey, ReplaceKey, RevokeKey
from bridge.admin.now_commands import AgentNow, CallNow, CampaignNow, Picture, ShowNow
from bridge.admin.person_commands import ErasePerson, LookForPerson
from bridge.admin.phone_commands import ListBrowserPhones, SetPhoneSecret
from bridge.admin.process_commands import ProcessState, ShowProcess
from bridge.admin.recording_commands import NewRecordingKey
from bridge.admin.site_commands import AddItem, Item, ListItems, LoadSite, RemoveItem, ShowItem
from bridge.admin.user_commands import (
    AddUser,
    ListUsers,
    MakeConsoleLink,
    NewSecret,
    RemoveUser,
    SetActive,
    SetConsolePassword,
    SetLimits,
    ShowUser,
    Unlock,
)
from bridge.admin.why_commands import WhyCampaign, WhyLead
from bridge.audit.entry import Result
from bridge.audit.model import AuditQuery, AuditRow, Usage, Used
from bridge.calls.holds import OpenCall, Restored, Standing
from bridge.calls.verdicts import Verdict
from bridge.campaigns.browser_server import BrowserPhoneState
from bridge.campaigns.load import Change, Changes
from bridge.campaigns.model import Campaign, Trunk, UserGroup
from bridge.campaigns.site_file import User, dump
from bridge.consent.model import Consent, Given
from bridge.delivery.model import Delivery, DeliveryState
from bridge.dialer.by_hand import HopperPut
from bridge.dialer.model import HopperRow, HopperStatus
from bridge.dnc.model import Entry, Stretch, Version
from bridge.events.envelope import EventRecord
from bridge.evidence.model import Attempt, Drops, Evidence
from bridge.imports.model import Batch, Import, Layout, Plan, Refusal, Row
from bridge.intake.model import Entry as Post
from bridge.intake.model import IntakeKey, Outcome, TokenState
from bridge.leads.model import DncEntry, DncKind, LeadList, NewLead
from bridge.persons.model import Erased, Wish
from bridge.rules import Ground, Held, Rule
from bridge.why.model import Because, CampaignWhy, Count, LeadWhy

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
AGENTS = frozenset({PrincipalKind.AGENT})
TRUNK = Trunk(name="carrier", template="PJSIP/{number}@carrier")
SPEC = UserSpec(user="crm", functions=frozenset({"logout"}), rights={"view_reports": 1})
TOLD = Delivery(
    id="01920b5d-e820-7c11-8a10-5f0e6c3b2a19",
    source="crm",
    kind="dispo_call",
    event_seq=7,
    subject="calls/1",
    call_id="1",
    lead_id=201,
    url="https://crm.example/?lead=--A--lead_id--B--",
    state=DeliveryState.FAILED,
    attempts=9,
    made_at=datetime(2026, 11, 24, tzinfo=UTC),
    next_at=None,
    tried_at=datetime(2026, 11, 25, tzinfo=UTC),
    settled_at=datetime(2026, 11, 25, tzinfo=UTC),
    status=None,
    error="crm.example has not answered within 10 s",
)
ENTRY = DncEntry(number="3125559999", added_by="cli", added_at=NOW)
GIVEN = Given(purpose="sales", given_at=NOW, source="form", shown="I agree", number="+17275550100")
CONSENT = Consent(
    id=1,
    lead_id=7,
    e164="+17275550100",
    purpose="sales",
    given_at=NOW,
    source="form",
    recorded_at=NOW,
    recorded_by="cli",
)
DNC_LIST = Version(
    key="k", name="US", source="FTC", version="11a", dated=date(2026, 11, 2), total=9, in_force_at=NOW, id=7
)
PERSON = Wish(number="7275550100", leads=(7,), evidence_too=True)
ERASED = Erased(id="01920b5d", dry_run=False, leads=[7], rows={"leads": 1}, kept={"dnc": 1}, clean=True)
EVIDENCE = Evidence(
    number="+17275550100",
    begin=NOW,
    end=NOW,
    made_at=NOW,
    consents=[CONSENT],
    attempts=[
        Attempt(
            call_id="c",
            asked_at=NOW,
            campaign="SALES",
            kind="M",
            lead_id=None,
            user="1000",
            asked_by="",
            caller_id="",
            sent_at=NOW,
            answered_at=None,
            ended_at=None,
            status="",
            end_reason="",
            verdict=Verdict(
                call_id="c",
                at=NOW,
                e164="+17275550100",
                campaign="SALES",
                allowed=True,
                grounds=(Ground(rule=Rule.DNC_SYSTEM, found="not on it"),),
            ),
        )
    ],
    entries=[ENTRY],
    versions=[DNC_LIST],
    drops=[Drops(campaign="SALES", answered=9, abandoned=1, percent=11.11)],
)
DNC_ROWS = Stretch(
    start=0,
    end=2,
    entries=(Entry(number="1727", kind=DncKind.PREFIX),),
    refused=(Refusal(row=2, column="", why="none", cells=("x", "\0")),),
)
PRINCIPAL = Principal(user="crm", functions=ALL, scope=GroupScope(), locked_until=NOW, changed_at=NOW)
HOPPED = HopperRow(id=1, lead_id=7, campaign="SALES", list_id=101, due_at=NOW, created_at=NOW)
CHANGES = Changes(
    changes=(Change(kind="trunk", key="carrier", what="changed", fields=("active",)),), secrets={"crm": "s"}
)

INTAKE = IntakeKey(name="shop", list_id=101, fields={"data.tel": "phone_number"})
POST = Post(
    key="shop",
    at=NOW,
    outcome=Outcome.ADDED,
    address="192.0.2.7",
    subscriber="192.0.2.7",
    user_agent="",
    content_type="application/json",
    size=2,
    body=b"{}",
)
NEW_KEY = NewKey(key=Key(id="abk_12345678", user="crm", name="forms", created_at=NOW), token="abk_1234")
ROW = AuditRow(
    id="0192",
    time=NOW,
    user="crm",
    key="",
    address="192.0.2.7",
    function="logout",
    target="agent=1000",
    result=Result.OK,
    reason="",
    status=200,
    milliseconds=1.5,
    events=["e"],
)
USAGE = Usage(
    user="crm",
    days=90,
    rights=1,
    used=1,
    unused=(),
    last_used=NOW,
    last_address="192.0.2.7",
    functions={"logout": Used(NOW, "192.0.2.7")},
)
PLAN = Plan(layout=Layout(kind="xlsx", sheet="May"), list_id=101, country="US", columns=("phone_number", ""))
IMPORT = Import(id="a", name="may.xlsx", list_id=101, plan=PLAN, titles=("Phone", "x"), total=3, position=2)
BATCH = Batch(
    start=1,
    end=3,
    rows=(Row(row=2, lead=NewLead(list_id=101, phone_number="7275550100", custom={"size": "XL"})),),
    refused=(Refusal(row=3, column="Phone", why="the number is empty", cells=("", "\0")),),
)

WHY = CampaignWhy(
    campaign="SALES",
    at=NOW,
    why="no list of campaign SALES is active",
    reasons=(Because(cause="no_leads", why="no list of campaign SALES is active", until=NOW),),
    counts=(Count(cause="list_inactive", leads=2, at_least=True, why="at least 2 leads are …"),),
    dialable=0,
    asked=0,
    all_asked=True,
)

EVENTS = EventsRead(
    records=[EventRecord(7, "0192", "hopper.filled", "hopper/A", NOW, msgspec.Raw(b'{"leads":1}'))],
    begin=6,
    seq=7,
    oldest=1,
    newest=7,
)

PICTURE = Picture(
    at=NOW,
    agents=[
        AgentNow(
            agent="1000",
            state="incall",
            since=NOW,
            campaign="SALES",
            phone="1001",
            pause_reason="",
            number="1",
            call_id="c",
        )
    ],
    calls=[
        CallNow(
            id="c",
            state="bridged",
            since=NOW,
            kind="M",
            number="1",
            agent="1000",
            campaign="SALES",
            queue="",
            lead_id=None,
        )
    ],
    campaigns=[
        CampaignNow(
            campaign="SALES",
            active=True,
            dial_method="RATIO",
            dial_level=1.5,
            agents={"incall": 1},
            calls=1,
            hopper={"READY": 7},
        )
    ],
)

HOLDS = [
    Standing(reason=Held.DRAINING, since=NOW),
    Standing(
        reason=Held.RESTORED,
        since=NOW,
        restored=Restored(
            file="/var/backups/a.db",
            newest_event=7,
            newest_event_at=NOW.isoformat(),
            open_calls=1,
            first_open=(
                OpenCall(id="c", state="bridged", number="1", agent="1000", asked_at=NOW.isoformat()),
            ),
        ),
    ),
]

EACH: list[tuple[Command[Any], Any]] = [
    (AddItem(item=Item.of(TRUNK), replace=True), "changed"),
    (NewRecordingKey(), None),
    (ListItems(kind="trunk", after="", limit=1000), [dump(TRUNK)]),
    (ShowItem(kind="trunk", key="carrier"), dump(TRUNK)),
    (RemoveItem(kind="trunk", key="carrier"), None),
    (SetPhoneSecret(login="1020", secret="sip-secret"), None),
    (ListBrowserPhones(), [BrowserPhoneState(login="1020", device="1020", asterisk="", secret=True)]),
    (AddUser(spec=SPEC, secret=None), PRINCIPAL),
    (ListUsers(kinds=AGENTS, after="1000", limit=1), [PRINCIPAL]),
    (ShowUser(user="1000", kinds=AGENTS), PRINCIPAL),
    (RemoveUser(user="1000", kinds=AGENTS), None),
    (SetActive(user="1000", kinds=AGENTS, active=False), None),
    (SetLimits(user="crm", kinds=AGENTS, change={"rate": "5", "lists": ""}), PRINCIPAL),
    (Unlock(user="1000", kinds=AGENTS), None),
    (NewSecret(user="1000", kinds=AGENTS, secret="given-secret"), "given-secret"),
    (
        MakeConsoleLink(user="1000", kinds=AGENTS, minutes=15),
        ConsoleLink(token="abl_x", user="1000", ends_at=NOW),
    ),
    (SetConsolePassword(user="1000", kinds=AGENTS, password="given-password"), None),
    (AddDnc(number="+1 312 555 9999", campaign=""), True),
    (RemoveDnc(number="3125559999", campaign="SALES"), False),
    (ShowDnc(number="3125559999", campaign=""), [ENTRY]),
    (ListDnc(campaign="", after="", limit=10), [ENTRY]),
    (CollectEvidence(number="7275550100", begin=NOW, end=NOW), EVIDENCE),
    (LookForPerson(wish=PERSON), ERASED),
    (ErasePerson(wish=PERSON), ERASED),
    (AddConsent(lead_id=7, given=GIVEN), CONSENT),
    (RevokeConsent(lead_id=7, purpose="", how="by letter"), None),
    (ListConsents(lead_id=7), [CONSENT]),
    (BeginDncList(new=DNC_LIST), DNC_LIST),
    (TakeDncRows(key="k", stretch=DNC_ROWS), DNC_LIST),
    (WithdrawDncList(name="US"), True),
    (ListDncVersions(after=0, limit=10), [DNC_LIST]),
    (ListDeliveries(states=[DeliveryState.FAILED], call_id="", before="", limit=10), [TOLD]),
    (RetryDelivery(id="01920b5d-e820-7c11-8a10-5f0e6c3b2a19"), True),
    (AddToHopper(lead_id=7, priority=-99), HopperPut(lead_id=7, campaign="SALES", hopper_id=None)),
    (FlushHopper(campaign="SALES"), 7),
    (ListHopper(campaign="SALES", status=HopperStatus.HOLD, limit=10), [HOPPED]),
    (ShowHolds(), HOLDS),
    (StartDraining(), True),
    (TakeHoldBack(reason=Held.RESTORED), False),
    (ShowListFields(list_id=101), ["size"]),
    (BeginImport(new=IMPORT), IMPORT),
    (TakeRows(import_id="a", batch=BATCH), IMPORT),
    (ShowRefusals(import_id="a", after=0, limit=10), list(BATCH.refused)),
    (MakeKey(user="crm", name="forms"), NEW_KEY),
    (ReplaceKey(user="crm", key="forms", overlap_seconds=60), NEW_KEY),
    (RevokeKey(user="crm", key=NEW_KEY.key.id), NEW_KEY.key),
    (ListKeys(user="crm"), [NEW_KEY.key]),
    (AddIntake(key=INTAKE), "in_1234"),
    (ShowIntake(name="shop"), IntakeState(key=INTAKE, tokens=[TokenState(made_at=NOW)])),
    (RotateIntake(name="shop", overlap_seconds=60), "in_5678"),
    (SetIntakeActive(name="shop", active=False), None),
    (ListPosts(name="shop", outcomes=[Outcome.ADDED], before=0, limit=10), [POST]),
    (ReadAudit(query=AuditQuery(user="crm", since=NOW)), [ROW]),
    (ListUsage(kinds=AGENTS, after="", limit=10), [USAGE]),
    (ShowUsage(user="crm", kinds=AGENTS), USAGE),
    (WhyCampaign(campaign="SALES"), WHY),
    (WhyLead(lead_id=7), LeadWhy(lead_id=7, list_id=101, campaign="", at=NOW, why="", reasons=())),
    (ShowProcess(), ProcessState(uid=998, capabilities=0, root_is_read_only=True)),
    (ReadEvents(after=6, since=NOW, types=("call",), call="c", wait=0.5), EVENTS),
    (ShowNow(agent="1000", campaign="SALES", call="c"), PICTURE),
    (LoadSite(items=[Item.of(TRUNK)], users=[User(SPEC, "a-secret")], dry_run=True), CHANGES),
]


def test_every_command_is_tried() -> None:
    assert {type(command) for command, _ in EACH} == set(typing.get_args(AnyCommand))


@pytest.mark.parametrize(("command", "result"), EACH, ids=lambda given: type(given).__name__)
def test_a_command_and_its_result_arrive_as_they_were_sent(command: Command[Any], result: Any) -> None:
    line = wire.request(command)
    assert line.count(b"\n") == 1
    assert wire.command(line) == command
    assert wire.result(command, wire.success(result)) == result


@pytest.mark.parametrize(
    "item",
    [
        TRUNK,
        Campaign(id="SALES", presets={"Desk": "7275550110"}, queues=("A",), drop_seconds=2.5),
        UserGroup(name="AGENTS", campaigns=frozenset({"SALES"})),
        UserGroup(name="ADMIN"),
        LeadList(id=998, custom_fields={"favcolor": "text"}),
    ],
)
def test_a_thing_of_the_site_arrives_as_it_was_sent(item: Any) -> None:
    sent = wire.command(wire.request(AddItem(item=Item.of(item), replace=False)))
    assert isinstance(sent, AddItem)
    assert sent.item.made() == item


def test_why_it_was_not_carried_out_arrives_too() -> None:
    with pytest.raises(AdminError, match="there is no trunk 'carier'; did you mean 'carrier'"):
        wire.result(EACH[0][0], wire.failure("there is no trunk 'carier'; did you mean 'carrier'?"))


def test_a_command_of_another_version_is_refused_before_it_is_read() -> None:
    line = msgspec.json.encode({"version": "0.0.9", "command": {"do": "Juggle"}})
    with pytest.raises(AdminError, match=r"the service is .*, this command 0.0.9: restart the service"):
        wire.command(line)


def test_what_is_too_long_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 100)
    with pytest.raises(AdminError, match="and 100 are taken at once: divide it"):
        wire.request(EACH[0][0])
