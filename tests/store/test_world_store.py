"""The world of the transcripts in a real store: all of it that concerns users and site has its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.access.errors import Forbidden, Rule
from bridge.access.hashing import Hasher
from bridge.access.model import Principal, Reason
from bridge.access.service import Access
from bridge.campaigns.load import load
from bridge.campaigns.model import ApiManualDial, Campaign, InGroup
from bridge.campaigns.service import Site
from bridge.campaigns.site_file import read
from bridge.store.database import Database

WORLD = Path(__file__).parents[1] / "data" / "world_site.toml"
SECRETS = {user: "1234" if user == "6666" else f"test{user}" for user in ("1000", "1001", "1002", "6666")}
SECRETS |= {str(user): f"test{user}" for user in range(7000, 7009)}


@pytest.fixture
async def access(db: Database) -> AsyncIterator[Access]:
    found = Access(db, hasher=Hasher(time_cost=1, memory_cost=8, parallelism=1))
    environ = {f"SECRET_{user}": secret for user, secret in SECRETS.items()}
    await load(db, Site(db), found, read(WORLD.read_text(), base=WORLD.parent, environ=environ))
    yield found
    found.close()


@pytest.mark.parametrize(
    ("user", "reason", "auth", "auth_api"),
    [
        ("6666", Reason.GOOD, True, True),
        ("1000", Reason.NOAPI, True, False),
        ("7002", Reason.INACTIVE, False, True),
        ("7003", Reason.NOAPI, True, False),
        ("7004", Reason.GOOD, True, True),
    ],
)
async def test_each_user_logs_in_as_recorded(
    access: Access, user: str, reason: Reason, *, auth: bool, auth_api: bool
) -> None:
    answer = await access.authenticate(user, SECRETS[user])
    assert (answer.reason, answer.authenticated, answer.api_access) == (reason, auth, auth_api)


async def test_a_locked_user_is_locked_with_the_right_password(access: Access) -> None:
    for _ in range(10):
        await access.authenticate("7006", "wrong")
    assert (await access.authenticate("7006", SECRETS["7006"])).reason is Reason.LOCK


async def known(access: Access, user: str) -> Principal:
    answer = await access.authenticate(user, SECRETS[user])
    assert answer.principal is not None
    return answer.principal


@pytest.mark.parametrize(
    ("user", "function", "rule"),
    [
        ("7000", "external_pause", Rule.FUNCTION),
        ("7005", "update_fields", Rule.RIGHT),
        ("7005", "change_ingroups", Rule.RIGHT),
        ("7005", "set_timer_action", Rule.RIGHT),
        ("7007", "send_notification", Rule.GROUP),
    ],
)
async def test_each_user_is_refused_as_recorded(access: Access, user: str, function: str, rule: Rule) -> None:
    with pytest.raises(Forbidden) as caught:
        access.authorize(await known(access, user), function)
    assert caught.value.rule is rule


async def test_agents_are_found_and_limited_as_recorded(access: Access) -> None:
    admin = await known(access, "6666")
    one, two = await access.by_crm_id("CRM1000"), await access.by_crm_id("CRM1001")
    assert one is not None
    assert two is not None
    access.authorize(admin, "external_dial", agent=one)
    with pytest.raises(Forbidden) as caught:
        access.authorize(admin, "external_dial", agent=two)
    assert caught.value.rule is Rule.MANUAL_DIAL


async def test_campaigns_have_what_was_recorded(db: Database, access: Access) -> None:
    del access
    site = Site(db)
    test, queue, other = [await site.campaign(name) for name in ("TESTCAMP", "QUEUECMP", "OTHERCMP")]
    assert test is not None
    assert queue is not None
    assert other is not None
    assert [code.code for code in test.pause_codes] == ["BRK", "LOGIN", "LUNCH"]
    assert [test.is_callback(status) for status in ("XCB", "CALLBK", "CSALE")] == [True, True, False]
    assert test.presets == {"Front Desk": "7275550110"}
    assert queue.api_manual_dial is ApiManualDial.QUEUE
    assert (other.inbound, other.manual_list) == (False, None)
    assert [group.name for group in await site.list(InGroup) if not group.active] == ["CLOSEDIG"]
    assert len(await site.list(Campaign)) == 3
