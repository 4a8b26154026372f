"""No room for the database: nothing is accepted that could not be kept, and all is well with room again."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from proxy import Proxy, Side, Verdict
from service import Bridge
from stack import Carrier, until
from stories import TALKS, dial, dial_by_line, dials_sent, disposed_once, is_dial, ready_agent

NO_ROOM = "ERROR: data store is not available\n"


@contextmanager
def full_disk(bridge: Bridge) -> Iterator[None]:
    """The log of the database's changes can grow no more: each write fails as on a full disk."""
    log = bridge.folder / "bridge.db-wal"
    _, most = resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, most))
    try:
        yield
    finally:
        resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (most, most))


def rows(bridge: Bridge) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(f"file:{bridge.folder}/bridge.db?mode=ro", uri=True)) as conn:
        tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if name not in {"audit", "function_use"}]  # these wait for room
        return {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608 - names of tables


async def test_nothing_is_accepted_and_nothing_dialled(bridge: Bridge, ami: Proxy, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    before = rows(bridge)
    with full_disk(bridge):
        assert await dial_by_line(bridge, "1000", TALKS) == NO_ROOM
        assert await bridge.agc("external_pause", agent_user="1000", value="RESUME") == NO_ROOM
        assert await bridge.agc("logout", agent_user="1000", value="LOGOUT") == NO_ROOM
        for reply in (
            await bridge.api.post("/v1/calls", json={"campaign": "TEST", "number": TALKS}),
            await bridge.api.post(
                "/v1/calls",
                json={"agent": "1000", "number": TALKS},
                headers={"Idempotency-Key": "on-a-full-disk"},
            ),
            await bridge.api.post("/v1/agents/1001/login", json={"phone": "1001", "campaign": "TEST"}),
        ):
            assert (reply.status_code, reply.json()["error_id"]) == (503, "storage-unavailable")
        assert (await bridge.agent("1000"))["state"] == "paused"  # what is there can still be read
    assert rows(bridge) == before
    assert dials_sent(ami) == []
    assert carrier.called == []

    again = await bridge.api.post(
        "/v1/calls",
        json={"agent": "1000", "number": TALKS},
        headers={"Idempotency-Key": "on-a-full-disk"},
    )
    assert again.status_code == 201, again.text
    call_id = again.json()["id"]
    await bridge.call_is(call_id, "bridged")
    await bridge.post(f"/calls/{call_id}/hangup")
    await disposed_once(bridge, call_id)
    assert carrier.called == [TALKS]


async def test_what_happens_meanwhile_is_made_up_for(bridge: Bridge, carrier: Carrier) -> None:
    """Calls end and phones are put down although nobody can write it down."""
    for user in ("1000", "1001"):
        await bridge.log_in(user)
    call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    with full_disk(bridge):
        await carrier.hang_up_network()
        await carrier.hang_up_phone("1001")

        async def noticed() -> bool:
            return not await bridge.ready()

        await until(noticed, "a bridge that says that it is not ready")
        assert (await bridge.get(f"/calls/{call_id}"))["state"] == "bridged"
    await bridge.until_ready()
    assert (await disposed_once(bridge, call_id))["status"] == "TALKED"
    await bridge.agent_is("1000", "paused")

    async def gone() -> bool:
        return not await bridge.agent("1001")

    await until(gone, "agent 1001 without a session")
    await ready_agent(bridge, "1001")


async def test_full_at_the_moment_of_a_dial_whose_link_is_lost(
    bridge: Bridge, ami: Proxy, carrier: Carrier
) -> None:
    """The intent is on disk, its fate cannot be written: it is found out once there is room."""
    await bridge.log_in("1000")
    with ExitStack() as faults:

        def rule(side: Side, message: bytes) -> Verdict | None:
            if side is Side.CLIENT and is_dial(message):
                faults.enter_context(full_disk(bridge))
                return Verdict.CUT
            return None

        ami.rule = rule
        assert (await dial_by_line(bridge, "1000", TALKS)).startswith("ERROR: ")
        ami.mend()
    await bridge.until_ready()
    call = await disposed_once(bridge, (await bridge.last_call())["id"])
    assert call["end_reason"] == "failed_unknown"
    await bridge.agent_is("1000", "paused")
    assert len(dials_sent(ami)) == 1
    assert carrier.called == []
