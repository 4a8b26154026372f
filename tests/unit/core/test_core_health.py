"""Whether the bridge can do its work, thing by thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from core_bench import EAST, MAIN, Bench

from bridge.agi.relays import Relays
from bridge.ami.errors import AmiLoginRefused
from bridge.ami.state import LinkState
from bridge.calls import holds
from bridge.health import Health
from bridge.rules import Held
from bridge.services import Check
from bridge.watch import Watch

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def behind() -> set[Watch]:
    """Those that have to compare yet."""
    return set()


@pytest.fixture
def watches(bench: Bench, behind: set[Watch], monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Watch]:
    """All are ready but those that are `behind`."""
    monkeypatch.setattr(Watch, "ready", property(lambda watch: watch not in behind))
    return bench.core.watches


async def checks(
    bench: Bench,
    relays: Mapping[str, Relays] | None = None,
    sinks: Mapping[str, Callable[[], str]] | None = None,
) -> dict[str, Check]:
    found = await health(bench, relays or {}, sinks or {}).checks()
    return {check.name: msgspec.structs.replace(check, since=None) for check in found}


def health(
    bench: Bench,
    relays: Mapping[str, Relays],
    sinks: Mapping[str, Callable[[], str]],
    clock: Callable[[], datetime] = lambda: NOON,
) -> Health:
    core = bench.core
    return Health(
        core.db,
        clients=core.clients,
        watches=core.watches,
        relays=relays,
        sinks=sinks,
        duties=core.duties,
        clock=clock,
    )


async def test_all_is_well(bench: Bench, watches: Mapping[str, Watch]) -> None:
    found = await checks(bench)
    assert list(found) == ["database", "dialing", f"asterisk:{MAIN}", f"asterisk:{EAST}"]
    assert all(check.ok for check in found.values())
    assert [name for name, check in found.items() if not check.needed] == ["dialing"]
    assert found["database"].detail == "sqlite"
    assert found[f"asterisk:{MAIN}"].detail.startswith("22.10.1, since ")
    assert watches[MAIN].ready


async def test_database_that_cannot_be_read(bench: Bench, watches: Mapping[str, Watch]) -> None:
    await bench.core.db.close()
    found = await checks(bench)
    assert found["database"] == Check(name="database", ok=False, detail="The store is closed.")
    assert watches
    assert found[f"asterisk:{MAIN}"].ok


async def test_a_hold_is_told_with_its_end_and_the_bridge_works_all_the_same(
    bench: Bench, watches: Mapping[str, Watch]
) -> None:
    await bench.core.db.write(lambda tx: holds.put(tx, Held.DRAINING))
    found = (await checks(bench))["dialing"]
    assert (found.ok, found.needed) == (False, False)
    assert found.detail.startswith("nobody is called since 2026-")
    assert found.detail.endswith("(agent-bridge drain --off ends that)")
    await bench.core.db.write(lambda tx: holds.take_back(tx, Held.DRAINING))
    assert (await checks(bench))["dialing"].ok
    assert watches


async def test_link_that_is_down_says_why(bench: Bench, watches: Mapping[str, Watch]) -> None:
    ami = bench.amis[EAST]
    ami.lose_link()
    assert (await checks(bench))[f"asterisk:{EAST}"].detail == LinkState.BACKING_OFF.value
    ami.last_error = AmiLoginRefused("the secret is wrong")
    found = await checks(bench)
    assert found[f"asterisk:{EAST}"] == Check(name=f"asterisk:{EAST}", ok=False, detail="the secret is wrong")
    assert found[f"asterisk:{MAIN}"].ok
    assert watches


async def test_link_is_not_enough_before_the_comparison(
    bench: Bench, watches: Mapping[str, Watch], behind: set[Watch]
) -> None:
    behind.add(watches[MAIN])
    found = (await checks(bench))[f"asterisk:{MAIN}"]
    assert (found.ok, found.detail) == (False, "comparing with Asterisk")


async def test_each_asterisk_has_to_have_its_own_relay(bench: Bench) -> None:
    relays = Relays((MAIN, EAST), MAIN)
    relays.joined("", object())  # one that names no Asterisk is the first's
    relays.refused(EAST, "10.0.0.9: the relay does not know the secret")
    found = await checks(bench, relays={MAIN: relays, EAST: relays})
    main, east = found[f"relay:{MAIN}"], found[f"relay:{EAST}"]
    assert (main.ok, main.needed, main.detail[:8]) == (True, True, "since 20")
    assert (east.ok, east.needed) == (False, True)
    assert east.detail.endswith(": 10.0.0.9: the relay does not know the secret")


async def test_relay_counts_only_where_one_is_expected(bench: Bench) -> None:
    relays = Relays((MAIN, EAST), MAIN)
    found = await checks(bench, relays={EAST: relays})
    assert f"relay:{MAIN}" not in found
    assert found[f"relay:{EAST}"] == Check(name=f"relay:{EAST}", ok=False, detail="none has connected yet")


@pytest.mark.parametrize("why", ["", "the broker refuses us"])
async def test_sink_is_told_of_but_calls_do_not_need_it(bench: Bench, why: str) -> None:
    found = await checks(bench, sinks={"mqtt": lambda: why})
    assert found["mqtt"] == Check(name="mqtt", ok=not why, detail=why, needed=False)


async def test_since_when_a_thing_is_as_it_is(bench: Bench) -> None:
    now, why = [NOON], [""]
    asked = health(bench, {}, {"mqtt": lambda: why[0]}, lambda: now[0])

    async def since(minute: int, reason: str) -> datetime | None:
        now[0], why[0] = NOON + timedelta(minutes=minute), reason
        return {check.name: check.since for check in await asked.checks()}["mqtt"]

    assert await since(0, "") == NOON
    assert await since(1, "") == NOON
    assert await since(2, "gone") == NOON + timedelta(minutes=2)
    assert await since(3, "refused") == NOON + timedelta(minutes=2), "it is still not there"
    assert await since(4, "") == NOON + timedelta(minutes=4)


async def test_duties_are_told(bench: Bench) -> None:
    duties, asked = bench.core.duties, health(bench, {}, {})
    for name in ("mqtt", "bridge:one"):
        duties.duty(name).want()
    assert asked.duties == []
    await duties.start()
    assert asked.duties == ["mqtt"]
    await duties.close()
