"""The site on each database: what is written, what is refused, what the cache shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from fake_ami.waiting import eventually
from sqlalchemy import update

from bridge.access.hashing import Hasher
from bridge.access.model import PrincipalKind, Reason
from bridge.access.names import ALL
from bridge.access.service import Access
from bridge.campaigns.caller_id_group import CallerIdEntry, CallerIdGroup
from bridge.campaigns.errors import InvalidField, ItemExists, ItemInUse, NoSuchItem
from bridge.campaigns.item import SiteItem
from bridge.campaigns.load import Change, Changes, load
from bridge.campaigns.model import (
    ApiManualDial,
    Campaign,
    DialMethod,
    Did,
    InGroup,
    PauseCode,
    Phone,
    Preview,
    Status,
    Trunk,
    UserGroup,
)
from bridge.campaigns.own_number import OwnNumber
from bridge.campaigns.service import TOPIC, Site
from bridge.campaigns.site_file import read
from bridge.leads.model import LeadList
from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.listener import Listener

CARRIER = Trunk(name="carrier", template="PJSIP/{number}@carrier")
CAMPAIGN = Campaign(
    id="TESTCAMP",
    name="Test Campaign",
    active=False,
    dial_method=DialMethod.RATIO,
    dial_level=1.5,
    dial_statuses=("NEW", "A", "NA"),
    call_time="9am-9pm",
    api_manual_dial=ApiManualDial.QUEUE,
    inbound=True,
    queues=("SALESLINE", "SUPPORT"),
    default_transfer_queue="SUPPORT",
    manual_list=998,
    trunk="carrier",
    caller_id="7275550000",
    dial_timeout=45,
    wrapup_seconds=30,
    default_status="DISPO",
    drop_seconds=2.5,
    abandon_message="bridge/sorry",
    preview=Preview.PREVIEW_AND_SKIP,
    alt_number_dialing=True,
    inbound_lead_search=True,
    presets={"Front Desk": "7275550110"},
    pause_codes=(PauseCode(code="BRK", name="Break", billable=True), PauseCode(code="LUNCH")),
    statuses=(Status(status="CSALE", selectable=False), Status(status="XCB", callback=True)),
)
SHOWN = OwnNumber(number="+17275550000", name="Sales")
ITEMS: list[SiteItem] = [
    SHOWN,
    CallerIdGroup(
        name="LOCAL",
        title="By area",
        entries=(
            CallerIdEntry(area="727", number="7275550000", active=False, description="Tampa Bay"),
            CallerIdEntry(area="NONE", number="7275550000"),
        ),
    ),
    CARRIER,
    CAMPAIGN,
    Phone(login="1000", name="Öne", template="SIP/{phone}", asterisk="west", active=False),
    Phone(login="1020", extension="ann", browser=True),
    Did(number="+7275551234", name="Main DID", queue="SALESLINE", campaign="TESTCAMP", active=False),
    Did(number="7275551235", line_settings={"did_route": "EXTEN", "extension": "8300"}),
    Did(number="7275551237", queue="SALESLINE", opt_out=True),
    Did(number="7275551236", queue="SALESLINE", opt_out_key="9", opt_out_sound="custom/no-more"),
    InGroup(name="CLOSEDIG", title="Closed", active=False),
    UserGroup(name="AGENTS", title="Agents", campaigns=frozenset({"TESTCAMP"}), sees_groups=frozenset()),
    UserGroup(name="ADMIN"),
    LeadList(id=101, name="One", campaign="TESTCAMP", active=False, custom_fields={"favcolor": "text"}),
]


@pytest.fixture
def site(db: Database) -> Site:
    return Site(db)


@pytest.fixture
async def access(db: Database) -> AsyncIterator[Access]:
    found = Access(db, hasher=Hasher(time_cost=1, memory_cost=8, parallelism=1))
    yield found
    found.close()


async def test_changes_at_the_same_time_are_all_there(site: Site) -> None:
    entries = [CallerIdEntry(area=str(area), number="100") for area in range(701, 713)]

    def adding(entry: CallerIdEntry) -> Callable[[CallerIdGroup | None], CallerIdGroup]:
        return lambda group: CallerIdGroup(name="G", entries=(*(group.entries if group else ()), entry))

    await asyncio.gather(*(site.edit(CallerIdGroup, "G", adding(entry)) for entry in entries))
    assert await site.get(CallerIdGroup, "G") == CallerIdGroup(name="G", entries=tuple(entries))


async def test_a_group_that_a_campaign_shows_is_there_and_stays(site: Site) -> None:
    with pytest.raises(InvalidField, match="caller_id_group: there is no cidgroup 'G'"):
        await site.put(Campaign(id="A", caller_id_group="G"))
    await site.put(CallerIdGroup(name="G"))
    await site.put(Campaign(id="A", caller_id_group="G"))
    with pytest.raises(ItemInUse, match="in use by campaign A"):
        await site.remove(CallerIdGroup, "G")
    await site.put(Campaign(id="A"))
    await site.remove(CallerIdGroup, "G")
    await site.put(CallerIdGroup(name="G"))
    assert await site.get(CallerIdGroup, "G") == CallerIdGroup(name="G")


async def test_everything_of_each_thing_comes_back(db: Database, site: Site) -> None:
    for item in ITEMS:
        assert await site.put(item) is None
    again = Site(db)
    for item in ITEMS:
        assert await again.get(type(item), item.key) == item
        assert await site.put(item) == ()


async def test_what_differs_is_named_and_written(site: Site) -> None:
    await site.put(SHOWN)
    await site.put(CARRIER)
    await site.put(CAMPAIGN)
    changed = msgspec.structs.replace(
        CAMPAIGN, wrapup_seconds=0, pause_codes=(PauseCode(code="WC"),), presets={}
    )
    assert await site.put(changed) == ("wrapup_seconds", "presets", "pause_codes")
    assert await site.campaign("TESTCAMP") == changed


async def test_a_thing_is_added_once(site: Site) -> None:
    await site.add(CARRIER)
    with pytest.raises(ItemExists, match="trunk 'carrier' exists already"):
        await site.add(msgspec.structs.replace(CARRIER, template="SIP/{number}"))
    assert await site.trunk("carrier") == CARRIER


@pytest.mark.parametrize(
    ("item", "error"),
    [
        (Campaign(id="A", trunk="carier"), "trunk: there is no trunk 'carier'; did you mean 'carrier'?"),
        (Did(number="727", queue="Q", campaign="B"), "campaign: there is no campaign 'B'"),
        (LeadList(id=1, campaign="B"), "campaign: there is no campaign 'B'"),
        (UserGroup(name="G", campaigns=frozenset({"B"})), "campaigns: there is no campaign 'B'"),
    ],
)
async def test_what_it_refers_to_must_be_there(site: Site, item: SiteItem, error: str) -> None:
    await site.put(CARRIER)
    with pytest.raises(InvalidField) as caught:
        await site.put(item)
    assert str(caught.value) == error
    assert await site.get(type(item), item.key) is None


async def test_what_is_in_use_is_not_removed(site: Site) -> None:
    for item in ITEMS:
        await site.put(item)
    with pytest.raises(ItemInUse, match="trunk 'carrier' is in use by campaign TESTCAMP"):
        await site.remove(Trunk, "carrier")
    with pytest.raises(ItemInUse, match=r"campaign 'TESTCAMP' is in use by DID \+7275551234"):
        await site.remove(Campaign, "TESTCAMP")


async def test_an_in_group_that_a_campaign_or_a_did_uses_is_not_removed(site: Site) -> None:
    await site.put(CARRIER)
    for name in ("BY_DID", "BY_QUEUES", "BY_TRANSFER", "BYXQUEUES", "QUEUES"):
        await site.put(InGroup(name=name))
    await site.put(Did(number="7275551234", queue="BY_DID"))
    await site.put(Campaign(id="SERVES", queues=("OTHER", "BY_QUEUES")))
    await site.put(Campaign(id="GIVES", default_transfer_queue="BY_TRANSFER"))
    for name, user in (
        ("BY_DID", "DID 7275551234"),
        ("BY_QUEUES", "campaign SERVES"),
        ("BY_TRANSFER", "campaign GIVES"),
    ):
        with pytest.raises(ItemInUse, match=f"ingroup '{name}' is in use by {user}"):
            await site.remove(InGroup, name)
    await site.remove(InGroup, "BYXQUEUES")
    await site.remove(InGroup, "QUEUES")


async def test_what_is_removed_is_gone_with_all_below_it(db: Database, site: Site) -> None:
    await site.put(SHOWN)
    await site.put(CARRIER)
    await site.put(CAMPAIGN)
    await site.remove(Campaign, "TESTCAMP")
    await site.remove(Trunk, "carrier")
    assert await site.campaign("TESTCAMP") is None
    async with db.read() as conn:
        for table in (schema.pause_codes, schema.statuses, schema.presets):
            assert (await conn.execute(table.select())).all() == []


async def test_what_is_not_there_cannot_be_removed(site: Site) -> None:
    await site.put(CARRIER)
    with pytest.raises(NoSuchItem, match=r"there is no trunk 'carier'; did you mean 'carrier'\?"):
        await site.remove(Trunk, "carier")


async def test_things_are_listed_by_key_and_page(site: Site) -> None:
    for login in ("1002", "1000", "1001"):
        await site.put(Phone(login=login))
    assert [phone.login for phone in await site.list(Phone)] == ["1000", "1001", "1002"]
    assert [phone.login for phone in await site.list(Phone, after="1000", limit=1)] == ["1001"]


async def test_lists_are_in_the_order_of_their_numbers(site: Site) -> None:
    for number in (1000, 99, 998):
        await site.put(LeadList(id=number))
    assert [entry.id for entry in await site.list(LeadList)] == [99, 998, 1000]
    assert [entry.id for entry in await site.list(LeadList, after="99")] == [998, 1000]


@pytest.mark.parametrize("key", ["", "\0", "x\r\n", "\ud800", "x" * 100_000, "'; DROP TABLE phones; --"])
async def test_odd_keys_find_nothing(site: Site, key: str) -> None:
    assert await site.phone(key) is None
    assert await site.get(LeadList, key) is None


async def test_a_did_is_found_with_and_without_plus(site: Site) -> None:
    with_plus = Did(number="+17275551234", queue="Q")
    without = Did(number="17275559999", queue="Q")
    await site.put(with_plus)
    await site.put(without)
    assert await site.did("17275551234") == with_plus
    assert await site.did("+17275551234") == with_plus
    assert await site.did("+17275559999") == without


async def test_a_write_shows_at_once(db: Database) -> None:
    site = Site(db)
    assert await site.trunk("carrier") is None
    await site.put(CARRIER)
    assert await site.trunk("carrier") == CARRIER
    changed = msgspec.structs.replace(CARRIER, template="SIP/{number}")
    await site.put(changed)
    assert await site.trunk("carrier") == changed
    await site.remove(Trunk, "carrier")
    assert await site.trunk("carrier") is None


async def hearing(db: Database) -> None:
    """Wait until the process hears of others' changes, if there can be others."""
    await eventually(lambda: not db.shared or db.notices.listening)


async def test_what_was_read_is_not_read_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    site, told = Site(db), asyncio.Event()
    db.notices.hear(TOPIC, lambda _: told.set(), own=True)
    await hearing(db)
    await site.put(CARRIER)
    if db.shared:  # its own change reaches it once more
        await asyncio.wait_for(told.wait(), 5)
    assert await site.trunk("carrier") == CARRIER
    assert await site.trunk("none") is None
    monkeypatch.setattr(db, "read", None)
    assert await site.trunk("carrier") == CARRIER
    assert await site.trunk("none") is None


async def test_another_processes_write_shows_as_soon_as_it_is_told(postgres_url: str) -> None:
    async with Database(postgres_url) as db, Database(postgres_url) as elsewhere:
        site, told = Site(db), asyncio.Event()
        db.notices.hear(TOPIC, lambda _: told.set())
        await hearing(db)
        assert await site.trunk("carrier") is None
        await Site(elsewhere).put(CARRIER)
        await asyncio.wait_for(told.wait(), 5)
        assert await site.trunk("carrier") == CARRIER


async def test_who_cannot_be_told_remembers_nothing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, listen = asyncio.Event(), Listener._listen

    async def later(self: Listener) -> None:
        await again.wait()
        await listen(self)

    async with Database(postgres_url) as db, Database(postgres_url) as elsewhere:
        site = Site(db)
        await hearing(db)
        assert await site.trunk("carrier") is None
        monkeypatch.setattr(Listener, "_listen", later)
        await end_listeners(elsewhere)
        await eventually(lambda: not db.notices.listening)
        assert await site.trunk("carrier") is None
        await Site(elsewhere).put(CARRIER)
        assert await site.trunk("carrier") == CARRIER
        again.set()
        await hearing(db)
        assert await site.trunk("carrier") == CARRIER


async def end_listeners(db: Database) -> None:
    """Cut the connections by which processes are told."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%listener'"
    async with db.read() as conn:
        await conn.exec_driver_sql(end)


async def test_a_read_that_a_write_overtakes_is_not_kept(db: Database) -> None:
    site = Site(db)
    await site.put(CARRIER)
    changed = msgspec.structs.replace(CARRIER, template="SIP/{number}")

    async def overtaken(tx: Transaction) -> None:
        assert await site.trunk("carrier") == CARRIER  # read while the write is not committed yet
        await site.put_in(tx, changed)

    await db.write(overtaken)
    assert await site.trunk("carrier") == changed


FILE = """
    [[trunk]]
    name = "carrier"
    template = "PJSIP/{number}@carrier"
    [[campaign]]
    id = "A"
    trunk = "carrier"
    pause_codes = ["LUNCH", "BRK"]
    [[usergroup]]
    name = "ADMIN"
    [[agent]]
    user = "1000"
    [[apiuser]]
    user = "crm"
    functions = "ALL"
"""


async def loaded(
    db: Database, access: Access, text: str, *, dry_run: bool = False, **environ: str
) -> Changes:
    file = read(text, base=Path(), environ=environ)
    return await load(db, Site(db), access, file, dry_run=dry_run)


def brief(changes: Changes) -> list[str]:
    return [" ".join((c.kind, c.key, c.what, *c.fields)) for c in changes.changes if c.what != "unchanged"]


async def test_a_file_is_loaded_once(db: Database, access: Access) -> None:
    first = await loaded(db, access, FILE)
    assert brief(first) == [
        "trunk carrier added",
        "campaign A added",
        "usergroup ADMIN added",
        "agent 1000 added",
        "apiuser crm added",
    ]
    second = await loaded(db, access, FILE)
    assert not second.some
    assert len(second.changes) == 5
    assert second.secrets == {}


async def test_the_secret_of_a_new_api_user_is_given_and_opens(db: Database, access: Access) -> None:
    changes = await loaded(db, access, FILE)
    assert list(changes.secrets) == ["crm"]
    answer = await access.authenticate("crm", changes.secrets["crm"])
    assert answer.reason is Reason.GOOD


async def test_only_what_differs_is_changed(db: Database, access: Access) -> None:
    await loaded(db, access, FILE)
    text = FILE.replace('trunk = "carrier"', 'trunk = "carrier"\nwrapup_seconds = 45').replace("1000", "1001")
    changes = await loaded(db, access, text)
    assert brief(changes) == ["campaign A changed wrapup_seconds", "agent 1001 added"]
    assert await access.principal("1000") is not None


async def test_a_given_secret_is_set_once(db: Database, access: Access) -> None:
    text = FILE + 'secret_env = "CRM"'
    assert "apiuser crm added" in brief(await loaded(db, access, text, CRM="first-secret"))
    assert brief(await loaded(db, access, text, CRM="first-secret")) == []
    assert brief(await loaded(db, access, text, CRM="other-secret")) == ["apiuser crm changed secret"]
    assert (await access.authenticate("crm", "other-secret")).ok


async def test_a_dry_run_says_the_same_and_does_nothing(db: Database, access: Access) -> None:
    tried = await loaded(db, access, FILE, dry_run=True)
    assert tried.secrets == {}
    assert await Site(db).trunk("carrier") is None
    assert await access.principal("crm") is None
    assert tried.changes == (await loaded(db, access, FILE)).changes


async def test_a_file_is_loaded_whole_or_not_at_all(db: Database, access: Access) -> None:
    text = FILE.replace('trunk = "carrier"', 'trunk = "carier"')
    with pytest.raises(InvalidField, match="campaign 'A': trunk: there is no trunk 'carier'"):
        await loaded(db, access, text)
    assert await Site(db).trunk("carrier") is None
    assert await access.users() == []


async def test_users_of_the_file_keep_what_the_file_does_not_decide(db: Database, access: Access) -> None:
    await loaded(db, access, FILE)
    for _ in range(3):
        await access.authenticate("crm", "wrong")
    await loaded(db, access, FILE.replace("[[apiuser]]", "[[apiuser]]\nlevel = 7"))
    crm = await access.principal("crm")
    assert crm is not None
    assert (crm.level, crm.failed_logins, crm.has_secret, crm.functions) == (7, 3, True, ALL)
    assert crm.kind is PrincipalKind.API


async def test_what_was_done_is_plain_data(db: Database, access: Access) -> None:
    changes = await loaded(db, access, '[[trunk]]\nname="a"\ntemplate="SIP/{number}"')
    assert changes == Changes(changes=(Change(kind="trunk", key="a", what="added"),), secrets={})


async def test_a_phone_of_an_open_session_is_not_removed(db: Database, site: Site) -> None:
    await site.put(Phone(login="1000"))
    now = "2026-11-24T09:00:00.000000+00:00"
    columns = 'id, "user", phone, campaign, asterisk, room, state, state_since'
    values = f"'s1', '1000', '1000', 'A', 'asterisk', '8600051', 'paused', '{now}'"

    async def open_session(tx: Transaction) -> None:
        await tx.conn.exec_driver_sql(f"INSERT INTO agent_sessions ({columns}) VALUES ({values})")  # noqa: S608  constants

    await db.write(open_session)
    with pytest.raises(ItemInUse, match="the open agent session s1"):
        await site.remove(Phone, "1000")

    async def close_session(tx: Transaction) -> None:
        done = update(schema.agent_sessions).values(state="logged_out", logged_out_at=tx.now)
        await tx.conn.execute(done)

    await db.write(close_session)
    await site.remove(Phone, "1000")
    assert await site.phone("1000") is None
