"""Users on each database: logins, locks, changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from login_fixtures import Clock, CountingHasher

from bridge.access.attempts import PER_ADDRESS
from bridge.access.errors import (
    Forbidden,
    InvalidUser,
    NoSuchUser,
    Rule,
    TooManyLogins,
    UserExists,
    UserInUse,
)
from bridge.access.hashing import Hasher
from bridge.access.limits import NO_LIMITS, Limits
from bridge.access.model import ALL_RIGHTS, Principal, PrincipalKind, Reason, UserSpec, spec_of
from bridge.access.names import ALL
from bridge.access.service import Access
from bridge.agents import queries as session_queries
from bridge.agents.model import AgentSession, AgentState
from bridge.campaigns.model import Campaign, UserGroup
from bridge.campaigns.service import Site
from bridge.store.database import Database


@pytest.fixture
async def access(db: Database, hasher: CountingHasher, clock: Clock) -> Access:
    site = Site(db)
    await site.put(UserGroup(name="ADMIN"))
    return Access(db, hasher=hasher, clock=clock)


def spec(user: str, **fields: Any) -> UserSpec:
    usual: dict[str, Any] = {"level": 8, "api_access": True, "functions": ALL, "rights": ALL_RIGHTS}
    return UserSpec(user=user, **usual | fields)


async def reasons(access: Access, user: str, secrets: Sequence[str]) -> list[Reason]:
    return [(await access.authenticate(user, secret)).reason for secret in secrets]


async def test_the_right_secret_opens_and_brings_the_user_along(access: Access) -> None:
    await access.create(spec("6666", name="Admin"), "1234")
    answer = await access.authenticate("6666", "1234", "10.0.0.1")
    assert answer.ok
    assert answer.principal is not None
    assert answer.principal.name == "Admin"
    access.authorize(answer.principal, "external_dial")


@pytest.mark.parametrize("secret", ["wrong", "", "1234 ", "12345", "1234\0", "\ud800", "é", "x" * 1_000_000])
async def test_every_other_secret_is_wrong(access: Access, secret: str) -> None:
    await access.create(spec("6666"), "1234")
    answer = await access.authenticate("6666", secret)
    assert (answer.reason, answer.principal, answer.api_access) == (Reason.BAD, None, False)


@pytest.mark.parametrize("user", ["nobody", "", "\0", "6666\0", "\ud800", "' OR 1=1 --", "x" * 100_000])
async def test_a_user_who_is_not_there_is_refused_with_as_much_work(
    access: Access, hasher: CountingHasher, user: str
) -> None:
    await access.create(spec("6666"), "1234")
    answer = await access.authenticate(user, "1234")
    assert (answer.reason, answer.principal, answer.api_access) == (Reason.BAD, None, False)
    assert hasher.checks == 1


async def test_a_user_without_a_secret_cannot_log_in(access: Access) -> None:
    await access.create(spec("1000"))
    assert await reasons(access, "1000", ["", "1234"]) == [Reason.BAD, Reason.BAD]


async def test_what_is_changed_counts_from_the_next_request_on(access: Access, db: Database) -> None:
    await access.create(spec("crm", group="ADMIN"), "1234")
    assert (await access.authenticate("crm", "1234")).reason is Reason.GOOD
    await access.set_active("crm", active=False)
    assert (await access.authenticate("crm", "1234")).reason is Reason.INACTIVE
    await access.set_active("crm", active=True)
    assert (await access.authenticate("crm", "1234")).reason is Reason.GOOD
    await Site(db).put(UserGroup(name="ADMIN", campaigns=frozenset()))
    found = (await access.authenticate("crm", "1234")).principal
    assert found is not None
    assert found.scope is not None
    assert found.scope.campaigns == frozenset()
    await access.remove("crm")
    assert (await access.authenticate("crm", "1234")).reason is Reason.BAD


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"active": False}, Reason.INACTIVE),
        ({"level": 0}, Reason.INACTIVE),
        ({"api_access": False}, Reason.NOAPI),
        ({"active": False, "api_access": False}, Reason.INACTIVE),
    ],
)
async def test_with_the_right_secret_one_learns_why_not(
    access: Access, fields: dict[str, Any], reason: Reason
) -> None:
    await access.create(spec("7002", **fields), "test7002")
    answer = await access.authenticate("7002", "test7002")
    assert (answer.reason, answer.principal) == (reason, None)
    assert (await access.authenticate("7002", "wrong")).reason is Reason.BAD


async def test_ten_wrong_secrets_lock_for_fifteen_minutes(access: Access, clock: Clock) -> None:
    await access.create(spec("7006"), "test7006")
    assert await reasons(access, "7006", ["wrong"] * 10) == [Reason.BAD] * 10
    assert await reasons(access, "7006", ["wrong", "test7006"]) == [Reason.LOCK] * 2
    clock.now += timedelta(minutes=14, seconds=59)
    assert await reasons(access, "7006", ["test7006"]) == [Reason.LOCK]
    clock.now += timedelta(seconds=1)
    assert await reasons(access, "7006", ["test7006"]) == [Reason.GOOD]


async def test_after_a_lock_there_are_ten_new_tries(access: Access, clock: Clock) -> None:
    await access.create(spec("7006"), "test7006")
    await reasons(access, "7006", ["wrong"] * 10)
    clock.now += timedelta(minutes=15)
    assert await reasons(access, "7006", ["wrong"] * 10) == [Reason.BAD] * 10
    assert await reasons(access, "7006", ["test7006"]) == [Reason.LOCK]


async def test_a_right_secret_forgets_the_wrong_ones_before_it(access: Access) -> None:
    await access.create(spec("7006"), "test7006")
    for _ in range(3):
        await reasons(access, "7006", ["wrong"] * 9)
        assert await reasons(access, "7006", ["test7006"]) == [Reason.GOOD]


async def test_a_lock_holds_also_against_a_secret_that_was_right_a_moment_ago(access: Access) -> None:
    await access.create(spec("7006"), "test7006")
    assert await reasons(access, "7006", ["test7006"]) == [Reason.GOOD]
    await reasons(access, "7006", ["wrong"] * 10)
    assert await reasons(access, "7006", ["test7006"]) == [Reason.LOCK]


async def test_a_flood_of_one_address_does_not_keep_others_waiting(
    access: Access, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = asyncio.Event()

    async def slow(*_: object) -> bool:
        await free.wait()
        return False

    with monkeypatch.context() as held:
        held.setattr(hasher, "verify", slow)
        flood = [
            asyncio.create_task(access.authenticate(f"guess{n}", "wrong", "192.0.2.1"))
            for n in range(PER_ADDRESS)
        ]
        while access._attempts._checking["192.0.2.1"] < PER_ADDRESS:  # noqa: ASYNC110
            await asyncio.sleep(0)
        with pytest.raises(TooManyLogins):
            await access.authenticate("guess", "wrong", "192.0.2.1")
        held.undo()
        assert (await access.authenticate("other", "wrong", "192.0.2.2")).reason is Reason.BAD
        free.set()
        await asyncio.gather(*flood)
    assert (await access.authenticate("guess", "wrong", "192.0.2.1")).reason is Reason.BAD
    assert not access._attempts._checking


async def test_a_burst_of_guesses_does_not_get_ahead_of_the_lock(
    access: Access, hasher: CountingHasher
) -> None:
    await access.create(spec("7006"), "test7006")
    guesses = [access.authenticate("7006", f"guess{number}") for number in range(60)]
    answers = await asyncio.gather(*guesses)
    assert sorted(answer.reason for answer in answers) == [Reason.BAD] * 10 + [Reason.LOCK] * 50
    assert hasher.checks == 10


async def test_an_administrator_ends_a_lock(access: Access) -> None:
    await access.create(spec("7006"), "test7006")
    await reasons(access, "7006", ["wrong"] * 10)
    assert await access.unlock("7006")
    assert await reasons(access, "7006", ["test7006"]) == [Reason.GOOD]
    assert not await access.unlock("7006")


async def test_a_secret_is_checked_once_for_many_requests(access: Access, hasher: CountingHasher) -> None:
    await access.create(spec("6666"), "1234")
    answers = await asyncio.gather(*(access.authenticate("6666", "1234") for _ in range(50)))
    assert all(answer.ok for answer in answers)
    assert hasher.checks == 1


async def test_a_user_shows_when_it_or_its_secret_was_changed_but_not_who_logged_in(
    access: Access, clock: Clock
) -> None:
    made = await access.create(spec("6666"), "test6666")
    clock.now += timedelta(seconds=1)
    await reasons(access, "6666", ["test6666", "wrong", "test6666"])
    same = await access.principal("6666")
    assert same is not None
    assert same.changed_at == made.changed_at
    await access.new_secret("6666")
    told = await access.principal("6666")
    assert told is not None
    assert told.changed_at == clock.now


async def test_a_new_secret_ends_the_old_one_at_once_and_a_lock(access: Access) -> None:
    await access.create(spec("6666"), "1234")
    assert await reasons(access, "6666", ["1234"]) == [Reason.GOOD]
    await reasons(access, "6666", ["wrong"] * 10)
    fresh = await access.new_secret("6666")
    assert await reasons(access, "6666", [fresh, "1234"]) == [Reason.GOOD, Reason.BAD]


async def test_what_another_process_changes_holds_at_once(db: Database, access: Access) -> None:
    await access.create(spec("6666"), "1234")
    assert await reasons(access, "6666", ["1234"]) == [Reason.GOOD]
    other = Access(db, hasher=CountingHasher())
    await other.set_active("6666", active=False)
    assert await reasons(access, "6666", ["1234"]) == [Reason.INACTIVE]
    await other.set_active("6666", active=True)
    await other.new_secret("6666", "another-one")
    assert await reasons(access, "6666", ["1234", "another-one"]) == [Reason.BAD, Reason.GOOD]
    other.close()


async def test_a_hash_of_yesterdays_costs_is_renewed_at_a_login(db: Database, access: Access) -> None:
    await access.create(spec("6666"), "1234")
    dearer = Hasher(time_cost=2, memory_cost=8, parallelism=1)
    other = Access(db, hasher=dearer)
    assert (await other.authenticate("6666", "1234")).ok
    assert (await other.authenticate("6666", "1234")).ok
    assert await access.is_secret("6666", "1234")
    await other.new_secret("6666", "1234")
    other.close()


async def test_secrets_are_kept_as_hashes_only(db: Database, access: Access) -> None:
    await access.create(spec("6666"), "plain-secret-text")
    async with db.read() as conn:
        rows = (await conn.exec_driver_sql("SELECT * FROM users")).all()
    assert "plain-secret-text" not in str(rows)
    assert "$argon2id$" in str(rows)
    assert "argon2" not in repr(await access.principal("6666"))


@pytest.mark.parametrize("secret", ["a", "blank s", "semi;colon", "x" * 101, "ümlaut"])
async def test_a_secret_that_could_never_log_in_is_refused(access: Access, secret: str) -> None:
    with pytest.raises(InvalidUser, match="secret"):
        await access.create(spec("6666"), secret)
    assert await access.principal("6666") is None


async def test_everything_of_a_user_comes_back(access: Access, clock: Clock) -> None:
    full = UserSpec(
        user="1000",
        kind=PrincipalKind.AGENT,
        name="Agent Öne",
        group="ADMIN",
        level=1,
        active=False,
        api_access=True,
        functions=frozenset({"version", "logout"}),
        rights={"modify_leads": 3},
        crm_id="CRM1000",
        manual_dial=False,
        phone="1000",
        limits=Limits(lists=frozenset({"101"}), expires_at=clock.now, rate=0.5, countries=("US",)),
    )
    made = await access.create(full)
    fields = {name: getattr(full, name) for name in UserSpec.__struct_fields__}
    assert made == Principal(**fields, scope=made.scope, changed_at=clock.now)
    changed = msgspec.structs.replace(full, functions=ALL, rights={}, name="", active=True)
    assert (await access.change(changed)).functions is ALL


async def test_a_user_who_is_stopped_stays_so_until_it_is_switched_on(access: Access, db: Database) -> None:
    made = await access.create(spec("crm", limits=Limits(calls_per_hour=60)), "1234")
    assert await db.write(lambda tx: access.stop(tx, "crm", "61 calls within an hour"))
    assert not await db.write(lambda tx: access.stop(tx, "crm", "another reason")), "the first one stays"
    assert await reasons(access, "crm", ["1234"]) == [Reason.INACTIVE]
    stopped = await access.change(spec("crm"))
    assert stopped.stopped == "61 calls within an hour"
    with pytest.raises(Forbidden) as refused:
        access.authorize(stopped, "external_dial")
    assert refused.value.rule is Rule.STOPPED
    assert (await access.set_active("crm", active=True)).stopped == made.stopped == ""
    assert await reasons(access, "crm", ["1234"]) == [Reason.GOOD]


async def test_limits_are_changed_and_the_rest_stays(access: Access) -> None:
    made = await access.create(spec("crm"))
    assert made.limits == NO_LIMITS
    changed = await access.set_limits("crm", lambda _: Limits(rate=5))
    assert (changed.limits, changed.rights, changed.functions) == (Limits(rate=5), made.rights, ALL)
    with pytest.raises(NoSuchUser):
        await access.set_limits("nobody", lambda limits: limits)


async def test_a_change_that_is_given_up_leaves_user_and_secret(access: Access) -> None:
    made = await access.create(spec("crm"), "1234")

    def give_up(_: Principal) -> UserSpec:
        raise InvalidUser("name", "no")

    with pytest.raises(InvalidUser):
        await access.alter("crm", give_up, "other")
    assert await access.known("crm") == made
    assert await access.is_secret("crm", "1234")
    changed = await access.alter(
        "crm", lambda now: msgspec.structs.replace(spec_of(now), line_settings={"email": "x"}), "new1"
    )
    assert changed.line_settings == {"email": "x"}
    assert await access.is_secret("crm", "new1")
    with pytest.raises(NoSuchUser):
        await access.alter("nobody", spec_of)


async def test_of_changes_at_the_same_moment_none_is_lost(access: Access) -> None:
    await access.create(spec("crm"))

    def keep(name: str) -> Callable[[Principal], UserSpec]:
        def change(now: Principal) -> UserSpec:
            return msgspec.structs.replace(spec_of(now), line_settings={**now.line_settings, name: "x"})

        return change

    names = [f"custom_{number}" for number in range(8)]
    await asyncio.gather(*(access.alter("crm", keep(name)) for name in names))
    assert sorted((await access.known("crm")).line_settings) == names


async def test_names_are_given_once(access: Access) -> None:
    await access.create(spec("6666"), "1234")
    with pytest.raises(UserExists):
        await access.create(spec("6666"), "other")
    assert await access.is_secret("6666", "1234")


async def test_what_is_not_there_cannot_be_changed(access: Access) -> None:
    for attempt in (
        access.change(spec("nobody")),
        access.set_active("nobody", active=False),
        access.new_secret("nobody"),
        access.unlock("nobody"),
        access.remove("nobody"),
    ):
        with pytest.raises(NoSuchUser, match="nobody"):
            await attempt


async def test_an_agent_who_is_logged_in_is_not_removed(db: Database, access: Access) -> None:
    await access.create(spec("1000", kind=PrincipalKind.AGENT))
    session = AgentSession(
        id="s",
        user="1000",
        phone="1000",
        campaign="C",
        asterisk="main",
        room="8600051",
        state=AgentState.PAUSED,
        state_since=datetime.now(UTC),
    )
    await db.write(lambda tx: session_queries.add(tx.conn, session))
    with pytest.raises(UserInUse):
        await access.remove("1000")
    assert await access.principal("1000") is not None


async def test_a_removed_user_is_gone(access: Access) -> None:
    await access.create(spec("6666"), "1234")
    await access.remove("6666")
    assert await access.principal("6666") is None
    assert await reasons(access, "6666", ["1234"]) == [Reason.BAD]


async def test_users_are_listed_by_name_and_page(access: Access) -> None:
    for user in ("7001", "6666", "7000"):
        await access.create(spec(user))
    await access.create(spec("1000", kind=PrincipalKind.AGENT))
    assert [user.user for user in await access.users()] == ["1000", "6666", "7000", "7001"]
    api = await access.users([PrincipalKind.API], after="6666", limit=1)
    assert [user.user for user in api] == ["7000"]


async def test_the_crms_id_finds_the_first_agent(access: Access) -> None:
    await access.create(spec("1001", crm_id="CRM1"))
    await access.create(spec("1000", crm_id="CRM1"))
    await access.create(spec("1002"))
    found = await access.by_crm_id("CRM1")
    assert found is not None
    assert found.user == "1000"
    assert await access.by_crm_id("") is None
    assert await access.by_crm_id("\0") is None
    assert await access.by_crm_id("other") is None


async def test_the_limits_of_the_group_come_with_the_user(db: Database, access: Access) -> None:
    site = Site(db)
    await site.put(Campaign(id="OTHERCMP"))
    limited = UserGroup(name="LIMITED", campaigns=frozenset({"OTHERCMP"}), sees_groups=frozenset({"LIMITED"}))
    await site.put(limited)
    seven = await access.create(spec("7001", group="LIMITED"))
    access.authorize(seven, "calls.dial", campaign="OTHERCMP")
    with pytest.raises(Forbidden) as caught:
        access.authorize(seven, "calls.dial", campaign="TESTCAMP")
    assert caught.value.rule is Rule.CAMPAIGN
    stray = await access.create(spec("7007", group="NOGROUP"))
    assert stray.scope is None
