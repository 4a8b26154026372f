"""What comes in by the keys of web forms, on each database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, text, update

from bridge.access.tokens import INTAKE_PREFIX, is_token
from bridge.campaigns.errors import InvalidField, ItemExists, ItemInUse, NoSuchItem
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.consent.service import Consents
from bridge.events.log import EventLog
from bridge.intake.errors import NoSuchDoor, OverLimit
from bridge.intake.keys import IntakeKeys
from bridge.intake.model import Entry, IntakeKey, Outcome, Post
from bridge.intake.reading import Unreadable
from bridge.intake.service import DAY_BYTES, Intake
from bridge.leads.model import LeadList
from bridge.leads.service import Leads
from bridge.store.database import Database
from bridge.store.schema import consents, intake_posts, intake_tokens, leads

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"


@dataclass
class Bench:
    """A site with one list, and what posts to it."""

    db: Database
    site: Site
    leads: Leads
    keys: IntakeKeys
    intake: Intake

    async def key(self, **more: Any) -> str:
        """The token of a key `web`."""
        usual: dict[str, Any] = {"name": "web", "list_id": 101}
        return await self.keys.add(IntakeKey(**usual | more))

    async def post(self, token: str, body: str, **more: Any) -> Entry:
        """Post a form; what was kept of it."""
        usual: dict[str, Any] = {
            "body": body.encode(),
            "content_type": FORM,
            "at": NOW,
            "address": "192.0.2.7",
        }
        await self.intake.take(token, Post(**usual | more))
        return (await self.keys.posts())[0]

    async def count(self, table: Any = leads) -> int:
        async with self.db.read() as conn:
            return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())

    async def events(self, kind: str) -> list[dict[str, Any]]:
        page = await EventLog(self.db).read_after(0)
        return [json.loads(bytes(record.data)) for record in page.records if record.type == kind]


@pytest.fixture
async def bench(db: Database) -> Bench:
    site, leads_ = Site(db), Leads(db, country="US", clock=lambda: NOW)
    await site.add(Campaign(id="SALES"))
    await site.add(LeadList(id=101, campaign="SALES"))
    keys = IntakeKeys(db, site, clock=lambda: NOW)
    return Bench(db, site, leads_, keys, Intake(db, site, leads_, country="US"))


# -- what becomes a lead


async def test_a_form_becomes_a_lead_and_is_kept_as_it_came(bench: Bench) -> None:
    token = await bench.key(constants={"status": "WEB"})
    body = "name=Ann+Smith&phone=%28727%29+555-0100&email=ann%40example.com&utm=x"
    entry = await bench.post(token, body, user_agent="curl/8\r\n", address="192.0.2.7")
    assert (entry.outcome, entry.reason, entry.number) == (Outcome.ADDED, "", "17275550100")
    assert (entry.body, entry.size, entry.content_type) == (body.encode(), len(body), FORM)
    assert (entry.address, entry.user_agent, entry.at, entry.key) == ("192.0.2.7", "curl/8  ", NOW, "web")
    lead = await bench.leads.get(entry.lead_id or 0)
    assert lead is not None
    assert (lead.list_id, lead.phone_code, lead.phone_number) == (101, "1", "7275550100")
    assert (lead.first_name, lead.last_name, lead.email) == ("Ann", "Smith", "ann@example.com")
    assert (lead.status, lead.source_id, lead.last_local_call_time) == ("WEB", "web", None)
    (told,) = await bench.events("lead.added")
    assert told == {"lead_id": lead.id, "list_id": 101, "campaign": "SALES", "source": "web"}


CONSENT = {"consent_field": "agree", "consent_purpose": "sales", "consent_shown": "I may be called."}


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("&agree=on", True),
        ("&agree=Yes%2C+call+me", True),
        ("&agree=0&agree=1", True),
        ("&agree=", False),
        ("&agree=off", False),
        ("&agree=No", False),
        ("", False),
        ("&Agree=on", False),
    ],
)
async def test_a_ticked_box_brings_a_consent_with_its_lead(bench: Bench, sent: str, *, given: bool) -> None:
    token = await bench.key(**CONSENT)
    body = f"name=Ann+Smith&phone=7275550100{sent}"
    entry = await bench.post(token, body, origin="https://shop.example")
    assert entry.outcome is Outcome.ADDED
    found = await Consents(bench.db, bench.leads).of_lead(entry.lead_id or 0)
    assert len(found) == given == len(await bench.events("lead.consent"))
    for one in found:
        assert (one.e164, one.purpose, one.given_at) == ("+17275550100", "sales", NOW)
        assert (one.source, one.given_by) == ("web form web on https://shop.example", "Ann Smith")
        assert (one.shown, one.recorded_by) == ("I may be called.", "web")


async def test_the_box_of_a_json_post_is_found_by_its_path(bench: Bench) -> None:
    token = await bench.key(**CONSENT | {"consent_field": "data.0.agree"})
    sent = {"phone": "7275550100", "data": [{"agree": True}]}
    entry = await bench.post(token, json.dumps(sent), content_type="application/json")
    assert len(await Consents(bench.db, bench.leads).of_lead(entry.lead_id or 0)) == 1


async def test_who_comes_back_to_tick_the_box_is_no_duplicate(bench: Bench) -> None:
    token = await bench.key(**CONSENT)
    await bench.post(token, "phone=7275550100")
    entry = await bench.post(token, "phone=7275550100&agree=on")
    assert entry.outcome is Outcome.ADDED
    again = await bench.post(token, "phone=7275550100&agree=on")
    assert again.outcome is Outcome.DUPLICATE
    assert await bench.count(consents) == 1


async def test_what_is_refused_brings_no_consent(bench: Bench) -> None:
    token = await bench.key(**CONSENT)
    for body in ("phone=12345&agree=on", "phone=7275550100&agree=on&website=spam"):
        await bench.post(token, body)
    assert (await bench.count(), await bench.count(consents)) == (0, 0)


async def test_bytes_that_are_no_text_are_kept_all_the_same(bench: Bench) -> None:
    body = b"phone=7275550100&x=\xff\x00"
    await bench.intake.take(await bench.key(), Post(body=body, content_type=FORM, at=NOW))
    (entry,) = await bench.keys.posts()
    assert (entry.outcome, entry.body) == (Outcome.ADDED, body)


async def test_a_number_of_another_country_has_its_code(bench: Bench) -> None:
    entry = await bench.post(await bench.key(), "phone=%2B44+20+7946+0958")
    lead = await bench.leads.get(entry.lead_id or 0)
    assert lead is not None
    assert (lead.phone_code, lead.phone_number, entry.number) == ("44", "2079460958", "442079460958")


async def test_a_number_is_read_in_the_country_of_its_list(bench: Bench) -> None:
    await bench.site.put(LeadList(id=101, campaign="SALES", country="GB"))
    entry = await bench.post(await bench.key(), "phone=020+7946+0958")
    assert (entry.outcome, entry.number) == (Outcome.ADDED, "442079460958")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("name=Ann", "no field is known as a telephone number"),
        ("phone=12345", "has not the length"),
        ("phone=call+me", "something else than digits"),
        ("phone=911", "911"),
        ("phone=7275559999", "do-not-call"),
        ("phone=7275550100&prio=high", "rank"),
    ],
)
async def test_what_is_refused_is_kept_with_the_reason(bench: Bench, body: str, why: str) -> None:
    await bench.leads.add_dnc("7275559999", campaign="SALES")
    entry = await bench.post(await bench.key(fields={"prio": "rank"}), body)
    assert entry.outcome is Outcome.REFUSED
    assert why in entry.reason
    assert (entry.lead_id, entry.body, await bench.count()) == (None, body.encode(), 0)
    (told,) = await bench.events("intake.refused")
    assert told == {"key": "web", "post_id": entry.id, "list_id": 101, "reason": entry.reason}


async def test_a_key_may_take_numbers_of_the_do_not_call_list(bench: Bench) -> None:
    await bench.leads.add_dnc("7275559999")
    entry = await bench.post(await bench.key(check_dnc=False), "phone=7275559999")
    assert entry.outcome is Outcome.ADDED


async def test_a_filled_honeypot_is_thrown_away(bench: Bench) -> None:
    token = await bench.key()
    entry = await bench.post(token, "phone=7275550100&website=http%3A%2F%2Fspam.example")
    assert (entry.outcome, entry.body, entry.number, await bench.count()) == (Outcome.HONEYPOT, b"", "", 0)
    assert (await bench.post(token, "phone=7275550100&website=")).outcome is Outcome.ADDED


async def test_a_page_of_another_site_is_refused_where_sites_are_named(bench: Bench) -> None:
    token = await bench.key(origins=("https://shop.example",))
    assert (await bench.post(token, "phone=7275550100", origin="https://evil.example")).reason == (
        "posted from a page of https://evil.example"
    )
    good = [
        await bench.post(token, f"phone=727555010{n}", origin=origin)
        for n, origin in enumerate(("https://shop.example", ""))
    ]
    assert [entry.outcome for entry in good] == [Outcome.ADDED, Outcome.ADDED]


async def test_a_list_that_is_gone_is_said(bench: Bench) -> None:
    token = await bench.key()
    with pytest.raises(ItemInUse):
        await bench.site.remove(LeadList, "101")
    await bench.db.write(lambda tx: tx.conn.execute(text("DELETE FROM lists")))
    bench.site.forget()
    assert (await bench.post(token, "phone=7275550100")).reason == "the list is not there any more"


# -- once


async def test_the_same_twice_within_a_minute_is_one_lead(bench: Bench) -> None:
    token = await bench.key()
    first = await bench.post(token, "phone=727-555-0100&name=Ann&time=1")
    again = await bench.post(token, "time=2&phone=727-555-0100&name=Ann", at=NOW + timedelta(seconds=59))
    assert (first.outcome, again.outcome, again.lead_id) == (Outcome.ADDED, Outcome.DUPLICATE, None)
    other = await bench.post(token, "phone=727-555-0101&name=Ann", at=NOW + timedelta(seconds=59))
    later = await bench.post(token, "phone=727-555-0100&name=Ann", at=NOW + timedelta(minutes=3))
    assert (other.outcome, later.outcome, await bench.count()) == (Outcome.ADDED, Outcome.ADDED, 3)


async def test_two_clicks_at_once_are_one_lead(bench: Bench) -> None:
    token = await bench.key()
    await asyncio.gather(*(bench.post(token, "phone=7275550100") for _ in range(6)))
    outcomes = sorted(entry.outcome for entry in await bench.keys.posts())
    assert outcomes == ["added", *["duplicate"] * 5]
    assert await bench.count() == 1


async def test_what_a_robot_has_sent_does_not_keep_a_person_out(bench: Bench) -> None:
    token = await bench.key()
    await bench.post(token, "phone=7275550100&website=x")
    assert (await bench.post(token, "phone=7275550100")).outcome is Outcome.ADDED


# -- limits


async def flood(bench: Bench, token: str, count: int, **more: Any) -> list[str]:
    """What became of so many posts, each of another number."""
    became = []
    for n in range(count):
        try:
            became.append(str((await bench.post(token, f"phone=72755501{n:02}", **more)).outcome))
        except OverLimit as over:
            became.append(over.limit)
    return became


async def test_an_address_has_its_limit_and_others_go_on(bench: Bench) -> None:
    token = await bench.key(address_per_hour=2, address_per_day=3)
    assert await flood(bench, token, 3) == ["added", "added", "address_per_hour"]
    assert (await bench.post(token, "phone=7275550150", address="192.0.2.8")).outcome is Outcome.ADDED
    later = {"at": NOW + timedelta(hours=2)}
    assert await flood(bench, token, 2, **later) == ["added", "address_per_day"]
    assert (await bench.post(token, "phone=7275550151", at=NOW + timedelta(days=2))).outcome is Outcome.ADDED


async def test_in_ipv6_a_whole_net_is_one_sender(bench: Bench) -> None:
    token = await bench.key(address_per_hour=1)
    await bench.post(token, "phone=7275550100", address="2001:db8:0:1::1")
    with pytest.raises(OverLimit):
        await bench.post(token, "phone=7275550101", address="2001:db8:0:1:ffff::2")
    await bench.post(token, "phone=7275550101", address="2001:db8:0:2::1")


async def test_a_key_has_its_limit_and_a_flood_leaves_nothing_behind(bench: Bench) -> None:
    token = await bench.key(per_hour=3, address_per_hour=0)
    became = await flood(bench, token, 10)
    assert became == ["added"] * 3 + ["per_hour"] * 7
    assert (await bench.count(intake_posts), await bench.count()) == (3, 3)
    assert len(await bench.events("intake.limited")) == 1, "told once"
    (told,) = await bench.events("intake.limited")
    assert told == {"key": "web", "limit": "per_hour", "address": "192.0.2.7"}


async def test_a_key_takes_so_many_bytes_a_day(bench: Bench) -> None:
    token = await bench.key()
    await bench.post(token, "phone=7275550100")
    await bench.db.write(lambda tx: tx.conn.execute(update(intake_posts).values(size=DAY_BYTES - 20)))
    with pytest.raises(OverLimit):
        await bench.post(token, "phone=7275550101&comments=long")
    await bench.post(token, "phone=7275550101")


async def test_a_number_has_its_limit_and_the_sender_does_not_see_it(bench: Bench) -> None:
    token = await bench.key(number_per_hour=1, number_per_day=2)
    became = [
        (await bench.post(token, "phone=7275550100", at=NOW + timedelta(minutes=minutes))).reason
        for minutes in (0, 2, 62, 180)
    ]
    assert became == ["", "over number_per_hour", "", "over number_per_day"]
    assert await bench.count() == 2


async def test_posts_at_once_do_not_pass_a_limit_together(bench: Bench) -> None:
    token = await bench.key(per_hour=2)
    posts = (bench.post(token, f"phone=727555010{n}") for n in range(6))
    results = await asyncio.gather(*posts, return_exceptions=True)
    assert sum(isinstance(result, OverLimit) for result in results) == 4
    assert await bench.count() == 2


async def test_what_cannot_be_read_is_not_kept(bench: Bench) -> None:
    token = await bench.key()
    with pytest.raises(Unreadable):
        await bench.post(token, "{", content_type="application/json")
    assert await bench.count(intake_posts) == 0


# -- keys and tokens


async def test_a_token_is_shown_once_and_kept_as_a_hash(bench: Bench) -> None:
    token = await bench.key()
    assert is_token(token, INTAKE_PREFIX)
    async with bench.db.read() as conn:
        rows = (await conn.execute(select(intake_tokens))).all()
    assert token not in repr(rows)
    assert token.removeprefix(INTAKE_PREFIX) not in repr(rows)


async def test_no_token_opens_a_door_that_is_closed(bench: Bench) -> None:
    token = await bench.key()
    for wrong in ("", "abi_", token[:-1], token + "\n", token.swapcase(), "x" * 5000, "abi_\0"):
        with pytest.raises(NoSuchDoor):
            await bench.post(wrong, "phone=7275550100")
    for change in ({"active": False}, {"expires_at": NOW}):
        key = await bench.keys.known("web")
        await bench.site.put(msgspec.structs.replace(key, **change))
        with pytest.raises(NoSuchDoor):
            await bench.post(token, "phone=7275550100")
        await bench.site.put(key)
    await bench.post(token, "phone=7275550100")


async def test_a_new_token_takes_the_place_of_the_old_one_after_the_overlap(bench: Bench) -> None:
    old = await bench.key()
    new = await bench.keys.rotate("web", timedelta(hours=1))
    await bench.post(old, "phone=7275550100", at=NOW + timedelta(minutes=59))
    await bench.post(new, "phone=7275550101", at=NOW + timedelta(minutes=59))
    with pytest.raises(NoSuchDoor):
        await bench.post(old, "phone=7275550102", at=NOW + timedelta(hours=1))
    states = sorted(await bench.keys.tokens("web"), key=lambda state: state.good_until or NOW)
    assert [(state.good_until, state.last_used_at) for state in states] == [
        (None, NOW + timedelta(minutes=59)),
        (NOW + timedelta(hours=1), NOW + timedelta(minutes=59)),
    ]
    newest = await bench.keys.rotate("web")
    with pytest.raises(NoSuchDoor):
        await bench.post(new, "phone=7275550103")
    await bench.post(newest, "phone=7275550103")


async def test_a_key_that_is_removed_takes_its_tokens_along(bench: Bench) -> None:
    token = await bench.key()
    await bench.site.remove(IntakeKey, "web")
    assert await bench.count(intake_tokens) == 0
    fresh = await bench.key()
    with pytest.raises(NoSuchDoor):
        await bench.post(token, "phone=7275550100")
    await bench.post(fresh, "phone=7275550100")


async def test_keys_that_cannot_be(bench: Bench) -> None:
    await bench.key()
    with pytest.raises(ItemExists):
        await bench.key()
    with pytest.raises(InvalidField):
        await bench.key(name="other", list_id=999)
    with pytest.raises(NoSuchItem):
        await bench.keys.rotate("wbe")


async def test_a_key_comes_back_as_it_was_written(bench: Bench) -> None:
    key = IntakeKey(
        name="shop",
        list_id=101,
        active=False,
        expires_at=NOW,
        fields={"data.tel": "phone_number"},
        constants={"owner": "Ann"},
        honeypot="fax",
        next_url="https://shop.example/thanks",
        origins=("https://shop.example",),
        check_dnc=False,
        address_per_hour=1,
        address_per_day=2,
        number_per_hour=3,
        number_per_day=4,
        per_hour=5,
        per_day=6,
    )
    await bench.keys.add(key)
    bench.site.forget()
    assert await bench.keys.known("shop") == key


# -- what came in


async def test_posts_are_listed_and_forgotten(bench: Bench) -> None:
    token = await bench.key()
    for n, body in enumerate(("phone=7275550100", "phone=1", "phone=7275550101")):
        await bench.post(token, body, at=NOW + timedelta(days=n))
    third, second, first = await bench.keys.posts("web")
    assert await bench.keys.posts("web", outcomes=[Outcome.REFUSED]) == [second]
    assert await bench.keys.posts(before=second.id) == [first]
    assert await bench.keys.posts("other") == []
    assert await bench.keys.post(second.id) == second
    await bench.keys.trim(NOW + timedelta(days=1))
    assert await bench.keys.posts() == [third, second]
