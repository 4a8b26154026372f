"""A run with random kills, cuts and freezes, and then the books are checked.

AGENT_BRIDGE_TEST_SEED chooses another run, AGENT_BRIDGE_TEST_SECONDS a longer one. The same seed gives the
same faults at the same times; what they meet is up to the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from proxy import Proxy
from service import Bridge
from stack import Carrier, Stack, until
from steps import RelayProcess
from stories import DID, dials_sent

from bridge.calls.model import NEVER_SENT

SEED = int(os.environ.get("AGENT_BRIDGE_TEST_SEED", "20261124"))
SECONDS = float(os.environ.get("AGENT_BRIDGE_TEST_SECONDS", "20"))
BEHAVIOURS = ("00", "00", "00", "01", "04", "06", "06")
"""How those who are called behave, by the last two digits: talk, are busy, are not there, hang up soon."""
MANUAL = ("1000", "1001")
WAITING = ("1002", "1003")


@dataclass
class Books:
    """What was asked for, and what was answered."""

    intents: dict[str, str] = field(default_factory=dict)
    """Idempotency key to number."""
    answers: dict[str, set[tuple[int, str]]] = field(default_factory=dict)
    """Idempotency key to the final answers that came: status, and call or error."""


class Callers:
    """Everybody who uses the bridge during the run; they repeat a request until they have an answer."""

    def __init__(self, bridge: Bridge, carrier: Carrier, chance: random.Random) -> None:
        self.books = Books()
        self._bridge = bridge
        self._carrier = carrier
        self._chance = chance
        self._count = 0

    async def manual(self, agent: str) -> None:
        """An agent's CRM: log in, dial, talk, hang up, dispose, and again."""
        while True:
            await self._ask("POST", f"/v1/agents/{agent}/login", {"phone": agent, "campaign": "TEST"})
            await self._rest(0.2)
            call_id = await self._dial({"agent": agent})
            if call_id:
                await self._rest(2.5)
                await self._ask("POST", f"/v1/calls/{call_id}/hangup")
                if self._chance.random() < 0.5:
                    await self._ask("PUT", f"/v1/calls/{call_id}/disposition", {"status": "SALE"})

    async def waiting(self, agent: str) -> None:
        """An agent who takes what comes."""
        while True:
            await self._ask("POST", f"/v1/agents/{agent}/login", {"phone": agent, "campaign": "TEST"})
            await self._ask("POST", f"/v1/agents/{agent}/resume")
            await self._rest(1.5)
            session = await self._ask("GET", f"/v1/agents/{agent}")
            if session is not None and session.is_success and session.json()["state"] == "incall":
                await self._ask("POST", f"/v1/calls/{session.json()['call_id']}/hangup")

    async def automatic(self) -> None:
        """A dialler."""
        while True:
            await self._dial({"campaign": "TEST"})
            await self._rest(2.5)

    async def customers(self) -> None:
        """People who call in, and lose patience."""
        while True:
            self._count += 1
            await self._carrier.call_in(DID, f"7273{self._count:04}00")
            await self._rest(8.0)
            if self._chance.random() < 0.3:
                await self._carrier.hang_up_network()

    async def _dial(self, whom: dict[str, str]) -> str:
        self._count += 1
        key = f"intent-{self._count}"
        number = f"7272{self._count:04}{self._chance.choice(BEHAVIOURS)}"
        self.books.intents[key] = number
        return await self.repeat(key, whom | {"number": number})

    async def repeat(self, key: str, body: dict[str, str]) -> str:
        """Ask until there is a final answer; the call's id, or ''."""
        while True:
            reply = await self._ask("POST", "/v1/calls", body, key)
            if reply is None or reply.status_code >= 500 or _is_running(reply):
                await asyncio.sleep(0.1)
                continue
            found = str(reply.json().get("id") or reply.json()["error_id"])
            self.books.answers.setdefault(key, set()).add((reply.status_code, found))
            return found if reply.status_code == 201 else ""

    async def _ask(
        self, method: str, path: str, body: object = None, key: str | None = None
    ) -> httpx.Response | None:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            return await self._bridge.api.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.05)
            return None

    async def _rest(self, most: float) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, most))


def _is_running(reply: httpx.Response) -> bool:
    return reply.status_code == 409 and reply.json()["error_id"] == "idempotency-key-in-use"


class Trouble:
    """What goes wrong, by the seed."""

    def __init__(self, bridge: Bridge, ami: Proxy, relay: RelayProcess, seed: int) -> None:
        self._bridge = bridge
        self._ami = ami
        self._relay = relay
        self._chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
        self.made: Counter[str] = Counter()

    async def run(self, seconds: float) -> None:
        """Make trouble for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        faults = (self.kill, self.cut, self.freeze, self.slow, self.kill_relay)
        while loop.time() < end:
            await asyncio.sleep(self._chance.uniform(0.5, 3.0))
            fault = self._chance.choices(faults, (3, 4, 2, 1, 1))[0]
            self.made[fault.__name__] += 1
            await fault()

    async def kill(self) -> None:
        """`kill -9` of the bridge."""
        await self._bridge.kill()
        await asyncio.sleep(self._chance.uniform(0, 1.5))
        await self._bridge.start()

    async def cut(self) -> None:
        """The link to Asterisk goes, for a while."""
        self._ami.cut()
        await asyncio.sleep(self._chance.uniform(0, 2.5))
        self._ami.mend()

    async def freeze(self) -> None:
        """Nothing comes through, for a while; at times long enough to be noticed."""
        self._ami.freeze()
        await asyncio.sleep(self._chance.uniform(0.1, 5.0))
        self._ami.thaw()

    async def slow(self) -> None:
        """Each message takes its time."""
        self._ami.delay = self._chance.uniform(0.01, 0.1)
        await asyncio.sleep(self._chance.uniform(0.5, 2.0))
        self._ami.delay = 0

    async def kill_relay(self) -> None:
        """`kill -9` of the relay."""
        await self._relay.signal("KILL")


@asynccontextmanager
async def busy(callers: Callers) -> AsyncIterator[None]:
    """Everybody at work."""
    work = [
        *(callers.manual(agent) for agent in MANUAL),
        *(callers.waiting(agent) for agent in WAITING),
        callers.automatic(),
        callers.customers(),
    ]
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def everything_over(bridge: Bridge, carrier: Carrier) -> list[dict[str, Any]]:
    """Hang up and log out whatever is left; every call, when all are disposed."""

    async def over() -> list[dict[str, Any]] | None:
        await carrier.hang_up_network()
        for agent in await bridge.get("/agents"):
            await bridge.api.post(f"/v1/agents/{agent['user']}/logout")  # she may have gone meanwhile
        for call in await bridge.get("/calls?live=true&limit=200"):
            await bridge.api.post(f"/v1/calls/{call['id']}/hangup")
        calls: list[dict[str, Any]] = await bridge.get("/calls?limit=200")
        return calls if all(call["state"] == "disposed" for call in calls) else None

    return await until(over, "a call centre at rest", seconds=45)


@pytest.mark.timeout(SECONDS + 160)
async def test_the_books_are_right(bridge: Bridge, ami: Proxy, carrier: Carrier, stack: Stack) -> None:
    chance = random.Random(SEED + 1)  # noqa: S311 - no secret hangs on it
    callers, trouble = Callers(bridge, carrier, chance), Trouble(bridge, ami, RelayProcess(stack), SEED)
    async with busy(callers):
        await trouble.run(SECONDS)
        await bridge.until_ready()
    calls = await everything_over(bridge, carrier)
    books, told = callers.books, f"seed {SEED}, {dict(trouble.made)}, {len(calls)} calls"

    called = Counter(carrier.called)
    assert not {number for number, times in called.items() if times > 1}, told
    assert set(called) <= set(books.intents.values()), told
    sent = Counter(dials_sent(ami))
    assert not {call_id for call_id, times in sent.items() if times > 1}, told

    # One that never reached Asterisk is on record, and asked for again under the same key.
    placed = [call for call in calls if call["kind"] in {"M", "V"} and call["end_reason"] not in NEVER_SENT]
    by_number = Counter(call["number"] for call in placed)
    never = {call["id"] for call in calls if call["end_reason"] in NEVER_SENT - {"originate_refused"}}
    assert not never & sent.keys(), told
    for key, answers in books.answers.items():
        assert len(answers) == 1, (told, key, answers)
        [(status, _)] = answers
        rows = [call for call in placed if call["number"] == books.intents[key]]
        assert by_number[books.intents[key]] == 1 or status != 201, (told, key, rows)
    assert not {number for number, times in by_number.items() if times > 1}, told
    assert len(by_number) > SECONDS / 4, told  # it did work most of the time

    events = read_events(bridge)
    assert [seq for seq, _, _ in events] == list(range(1, len(events) + 1)), told
    for call in calls:
        story = [kind for _, kind, subject in events if subject == f"calls/{call['id']}"]
        assert story[0] == "call.planned", (told, call["id"], story)
        assert story[-1] == "call.disposed", (told, call["id"], story)
        assert story.count("call.disposed") == story.count("call.ended") == 1, (told, call["id"], story)


def read_events(bridge: Bridge) -> list[tuple[int, str, str]]:
    """Number, type and subject of every event, in order."""
    with contextlib.closing(sqlite3.connect(f"file:{bridge.folder}/bridge.db?mode=ro", uri=True)) as conn:
        return conn.execute("SELECT seq, type, subject FROM events ORDER BY seq").fetchall()
