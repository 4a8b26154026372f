"""Passwords and sessions of agents' consoles on each database: made, used, ended."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from login_fixtures import Clock, CountingHasher
from sqlalchemy import func, select

from bridge.access.attempts import WRONG_BURST
from bridge.access.console import MOST_SESSIONS
from bridge.access.errors import Forbidden, InvalidUser, NoSuchUser, TooManyLogins, TooManyRequests
from bridge.access.limits import Limits
from bridge.access.model import PrincipalKind, Reason, UserSpec
from bridge.access.names import ALL
from bridge.access.service import Access
from bridge.access.tokens import CONSOLE_PREFIX, LONG, is_token, new_token
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.page_logout import end_pages
from bridge.campaigns.model import UserGroup
from bridge.campaigns.service import Site
from bridge.store.database import Database, Transaction
from bridge.store.schema import console_links, console_passwords, console_sessions
from bridge.turn import Turn

PASSWORD = "correct horse battery"
HERS, THEIRS = "192.0.2.7", "198.51.100.66"


@pytest.fixture
async def access(db: Database, hasher: CountingHasher, clock: Clock) -> Access:
    await Site(db).put(UserGroup(name="AGENTS"))
    made = Access(db, hasher=hasher, clock=clock)
    for user in ("1000", "1001", "1002"):
        await made.create(UserSpec(user=user, kind=PrincipalKind.AGENT, group="AGENTS"), "its-secret")
    for user in ("1000", "1001"):
        await made.console.set_password(user, PASSWORD)
    await made.create(UserSpec(user="crm", level=8, api_access=True, functions=ALL), "its-secret")
    return made


async def log_in(access: Access, user: str = "1000", password: str = PASSWORD) -> str:
    done = await access.console.log_in(user, password, HERS)
    assert done.reason is Reason.GOOD, done
    return done.token


async def user_of(access: Access, token: str) -> str:
    """Whom a token lets in; empty: nobody."""
    found = await access.in_console(token, HERS)
    return "" if found is None else found[0].user


async def test_a_session_lets_in_its_agent_alone_and_for_twelve_hours(access: Access, clock: Clock) -> None:
    token = await log_in(access)
    assert is_token(token, CONSOLE_PREFIX, LONG)
    found = await access.in_console(token, HERS)
    assert found is not None
    agent, session = found
    assert (agent.user, agent.console, agent.key) == ("1000", session.id, "")
    assert session.ends_at - clock.now == timedelta(hours=12)
    clock.now += timedelta(hours=11, minutes=59)
    assert await user_of(access, token) == "1000"
    assert await access.console.is_good(session.id)
    clock.now += timedelta(minutes=1)
    assert await user_of(access, token) == ""
    assert not await access.console.is_good(session.id)


async def test_how_long_it_lasts_is_set(db: Database, hasher: CountingHasher, clock: Clock) -> None:
    await Site(db).put(UserGroup(name="AGENTS"))
    access = Access(db, hasher=hasher, clock=clock, console_lasts=timedelta(hours=1))
    await access.create(UserSpec(user="1000", kind=PrincipalKind.AGENT, group="AGENTS"))
    await access.console.set_password("1000", PASSWORD)
    token = await log_in(access)
    clock.now += timedelta(hours=1)
    assert await user_of(access, token) == ""


async def test_the_store_has_hashes_alone(access: Access, db: Database) -> None:
    token = await log_in(access)
    async with db.read() as conn:
        sessions = (await conn.execute(select(console_sessions))).all()
        passwords = (await conn.execute(select(console_passwords))).all()
    assert len(passwords) == 2
    assert all(row.hash.startswith("$argon2id$") for row in passwords)
    assert passwords[0].hash != passwords[1].hash, "the same password, another salt"
    written = repr((sessions, passwords))
    assert token not in written
    assert token[4:20] not in written
    assert PASSWORD not in written


@pytest.mark.parametrize(
    "password",
    ["", "123456789", "x" * 201, "correct\nhorse battery", "correct\x00horse battery", "x" * 1_000_000],
    ids=["none", "short", "long", "line", "null", "megabyte"],
)
async def test_a_password_that_can_be_none_is_refused(access: Access, password: str) -> None:
    token = await log_in(access)
    with pytest.raises(InvalidUser, match="password"):
        await access.console.set_password("1000", password)
    assert await user_of(access, token) == "1000", "nothing was changed"


async def test_only_agents_have_one(access: Access) -> None:
    for user in ("crm", "nobody"):
        with pytest.raises(NoSuchUser):
            await access.console.set_password(user, PASSWORD)


async def test_a_password_is_the_same_however_a_keyboard_writes_it(access: Access) -> None:
    await access.console.set_password("1000", "Mu\u0308ller wohnt da")
    assert await log_in(access, password="M\u00fcller wohnt da")


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("1000", "wrong horse battery"),
        ("1000", ""),
        ("1000", "x" * 1_000_000),
        ("1000", "its-secret"),
        ("1002", PASSWORD),
        ("crm", PASSWORD),
        ("crm", "its-secret"),
        ("nobody", PASSWORD),
        ("", ""),
        ("10\x0000", PASSWORD),
        ("\ud800", "\ud800"),
    ],
    ids=[
        "wrong",
        "empty",
        "huge",
        "secret",
        "none set",
        "api",
        "api secret",
        "nobody",
        "nothing",
        "null",
        "half",
    ],
)
async def test_whatever_is_wrong_costs_as_much_and_tells_nothing(
    access: Access, hasher: CountingHasher, user: str, password: str
) -> None:
    before = hasher.checks
    done = await access.console.log_in(user, password, HERS)
    assert (done.reason, done.session, done.token) == (Reason.BAD, None, "")
    assert hasher.checks == before + 1


async def test_ten_wrong_passwords_lock_the_address_and_nobody_else(access: Access, clock: Clock) -> None:
    tries = [(await access.console.log_in("1000", f"wrong number {one}", THEIRS)).reason for one in range(11)]
    assert tries == [Reason.BAD] * 10 + [Reason.LOCK]
    assert (await access.console.log_in("1000", PASSWORD, THEIRS)).reason is Reason.LOCK
    assert await log_in(access)
    clock.now += timedelta(minutes=15)
    assert (await access.console.log_in("1000", PASSWORD, THEIRS)).reason is Reason.GOOD


async def test_names_that_nobody_has_are_locked_like_others(access: Access) -> None:
    tries = [(await access.console.log_in("nobody", PASSWORD, THEIRS)).reason for _ in range(11)]
    assert tries[-1] is Reason.LOCK


async def test_an_address_that_guesses_at_everybody_has_to_wait(access: Access) -> None:
    async def guess() -> None:
        for one in range(WRONG_BURST + 2):
            await access.console.log_in(f"1{one:03}", "wrong horse battery", THEIRS)

    with pytest.raises(TooManyLogins):
        await guess()
    assert await log_in(access)


async def test_another_password_ends_sessions_and_locks(access: Access) -> None:
    token, other = await log_in(access), await log_in(access, "1001")
    for one in range(10):
        await access.console.log_in("1000", f"wrong number {one}", THEIRS)
    await access.console.set_password("1000", "another horse")
    assert await user_of(access, token) == ""
    assert await user_of(access, other) == "1001"
    assert (await access.console.log_in("1000", PASSWORD, THEIRS)).reason is Reason.BAD
    assert (await access.console.log_in("1000", "another horse", THEIRS)).reason is Reason.GOOD


async def test_who_is_switched_off_is_out_and_stays_out_when_switched_on(access: Access) -> None:
    token, other = await log_in(access), await log_in(access, "1001")
    await access.set_active("1000", active=False)
    assert await user_of(access, token) == ""
    assert (await access.console.log_in("1000", PASSWORD, HERS)).reason is Reason.INACTIVE
    await access.set_active("1000", active=True)
    assert await user_of(access, token) == ""
    assert await user_of(access, other) == "1001"
    assert await log_in(access)


async def test_a_change_that_switches_off_does_the_same(access: Access) -> None:
    token = await log_in(access)
    spec = UserSpec(user="1000", kind=PrincipalKind.AGENT, group="AGENTS", name="Ann")
    await access.change(spec)
    assert await user_of(access, token) == "1000"
    await access.change(UserSpec(user="1000", kind=PrincipalKind.AGENT, group="AGENTS", active=False))
    await access.change(spec)
    assert await user_of(access, token) == ""


async def test_a_group_that_is_not_there_lets_nobody_in(access: Access) -> None:
    token = await log_in(access)
    await access.change(UserSpec(user="1000", kind=PrincipalKind.AGENT, group="NOTHERE"))
    assert await user_of(access, token) == ""
    assert (await access.console.log_in("1000", PASSWORD, HERS)).reason is Reason.INACTIVE


async def test_who_is_removed_leaves_nothing_for_who_gets_her_name(access: Access) -> None:
    token = await log_in(access)
    await access.remove("1000")
    await access.create(UserSpec(user="1000", kind=PrincipalKind.AGENT, group="AGENTS"))
    assert await user_of(access, token) == ""
    assert (await access.console.log_in("1000", PASSWORD, HERS)).reason is Reason.BAD


async def test_pages_end_one_by_one_or_all_at_once(access: Access) -> None:
    one, two, three = [await log_in(access) for _ in range(3)]
    other = await log_in(access, "1001")
    await access.console.end(one)
    await access.console.end("garbage")
    await access.console.end(new_token(CONSOLE_PREFIX, LONG))
    assert [await user_of(access, token) for token in (one, two, three)] == ["", "1000", "1000"]
    assert await access.console.end_all("1000") == 2
    assert [await user_of(access, token) for token in (two, three, other)] == ["", "", "1001"]


async def test_of_too_many_pages_the_oldest_ends_and_old_rows_go(
    access: Access, clock: Clock, db: Database
) -> None:
    tokens = []
    for _ in range(MOST_SESSIONS + 1):
        tokens.append(await log_in(access))
        clock.now += timedelta(seconds=1)
    assert [await user_of(access, token) for token in tokens] == ["", *["1000"] * MOST_SESSIONS]
    clock.now += timedelta(hours=12)
    await log_in(access, "1001")
    async with db.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(console_sessions))).scalar() == 1


def shift(state: AgentState, clock: Clock, *, reason: str = "", seated: bool = True) -> AgentSession:
    return AgentSession(
        id="s",
        user="1000",
        phone="1000",
        campaign="DEMO",
        asterisk="main",
        room="8600051",
        state=state,
        state_since=clock.now,
        logged_in_at=clock.now if seated else None,
        logged_out_at=clock.now if state is AgentState.LOGGED_OUT else None,
        logout_reason=reason,
    )


@pytest.mark.parametrize(
    ("before", "reason", "seated", "ends"),
    [
        (AgentState.PAUSED, "asked", True, True),
        (AgentState.WRAPUP, "asked", True, True),
        (AgentState.PAUSED, "phone_lost", True, False),
        (AgentState.CONNECTING, "asked", False, False),
        (AgentState.CONNECTING, "phone_failed", False, False),
        (AgentState.LOGGED_OUT, "asked", True, False),
    ],
)
async def test_her_pages_end_with_her_shift(
    access: Access, db: Database, clock: Clock, before: AgentState, reason: str, *, seated: bool, ends: bool
) -> None:
    token, other = await log_in(access), await log_in(access, "1001")

    async def work(tx: Transaction) -> None:
        over = shift(AgentState.LOGGED_OUT, clock, reason=reason, seated=seated)
        await end_pages(Turn(tx), shift(before, clock, seated=seated), over)

    await db.write(work)
    assert await user_of(access, token) == ("" if ends else "1000")
    assert await user_of(access, other) == "1001"


async def test_what_another_process_ends_is_over_here(
    access: Access, db: Database, hasher: CountingHasher, clock: Clock
) -> None:
    token = await log_in(access)
    assert await user_of(access, token) == "1000"
    await Access(db, hasher=hasher, clock=clock).console.set_password("1000", "another horse")
    assert await user_of(access, token) == ""


async def test_a_password_that_is_changed_during_the_check_begins_no_session(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = CountingHasher.verify

    async def slow(self: CountingHasher, encoded: str | None, secret: str) -> bool:
        right = await check(self, encoded, secret)
        await access.console.set_password("1000", "another horse")
        return right

    monkeypatch.setattr(CountingHasher, "verify", slow)
    assert (await access.console.log_in("1000", PASSWORD, HERS)).reason is Reason.BAD


@pytest.mark.parametrize("limits", [Limits(addresses=("203.0.113.0/24",)), Limits(rate=0.001, burst=1)])
async def test_her_own_limits_hold_for_her_page(access: Access, limits: Limits) -> None:
    token = await log_in(access)
    await access.set_limits("1000", lambda _: limits)

    async def twice() -> None:
        for _ in range(2):
            await access.in_console(token, HERS)

    with pytest.raises((Forbidden, TooManyRequests)):
        await twice()


async def test_a_link_logs_in_once_and_the_store_has_its_digest(
    access: Access, db: Database, clock: Clock
) -> None:
    link = await access.console.make_link("1000")
    assert link.ends_at - clock.now == timedelta(minutes=15)
    assert link.at("https://bridge.example") == f"https://bridge.example/console#link={link.token}"
    assert link.token not in repr(link)
    async with db.read() as conn:
        assert link.token not in repr((await conn.execute(select(console_links))).all())
    done = await access.console.log_in_by_link(link.token, HERS)
    assert done.reason is Reason.GOOD
    assert await user_of(access, done.token) == "1000"
    again = await access.console.log_in_by_link(link.token, HERS)
    assert (again.reason, again.token) == (Reason.BAD, "")


async def test_of_two_who_open_a_link_at_once_one_gets_in(access: Access) -> None:
    link = await access.console.make_link("1000")
    both = await asyncio.gather(*(access.console.log_in_by_link(link.token, HERS) for _ in range(5)))
    assert sorted(done.reason for done in both) == [Reason.BAD] * 4 + [Reason.GOOD]


async def test_a_link_is_good_for_its_time(access: Access, clock: Clock) -> None:
    link = await access.console.make_link("1002", timedelta(minutes=5))
    clock.now += timedelta(minutes=5)
    assert (await access.console.log_in_by_link(link.token, HERS)).reason is Reason.BAD


async def test_a_new_link_a_new_password_and_a_supervisor_end_a_link(access: Access) -> None:
    first = await access.console.make_link("1000")
    second = await access.console.make_link("1000")
    await access.console.set_password("1000", PASSWORD)
    third = await access.console.make_link("1000")
    await access.console.end_all("1000")
    for link in (first, second, third):
        assert (await access.console.log_in_by_link(link.token, HERS)).reason is Reason.BAD


async def test_a_link_lets_in_nobody_who_is_switched_off(access: Access) -> None:
    link = await access.console.make_link("1000")
    await access.set_active("1000", active=False)
    await access.set_active("1000", active=True)
    assert (await access.console.log_in_by_link(link.token, HERS)).reason is Reason.BAD
    await access.set_active("1000", active=False)
    with pytest.raises(InvalidUser):
        await access.console.make_link("1000")
    for user in ("crm", "nobody"):
        with pytest.raises(NoSuchUser):
            await access.console.make_link(user)


@pytest.mark.parametrize("minutes", [0, -1, 1441])
async def test_a_link_is_no_password(access: Access, minutes: int) -> None:
    with pytest.raises(InvalidUser):
        await access.console.make_link("1000", timedelta(minutes=minutes))


@pytest.mark.parametrize("token", ["", "x", "abl_", "abl_" + "0" * 49, "\ud800", "x" * 1_000_000])
async def test_what_is_no_link_opens_nothing(access: Access, token: str) -> None:
    assert (await access.console.log_in_by_link(token, HERS)).reason is Reason.BAD
