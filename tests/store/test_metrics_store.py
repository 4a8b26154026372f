"""The page of figures, read from a real store."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from bridge.events.catalogue import CallRefused, LeadAdded
from bridge.events.envelope import EventRecord
from bridge.events.log import EventLog
from bridge.metrics.service import FORGOTTEN, Metrics
from bridge.services import Check
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreUnavailable
from bridge.store.schema import agent_sessions, calls

EXAMPLES = Path(__file__).parents[2] / "examples"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Health:
    """One dependency is there, one is not."""

    duties: Sequence[str] = ("mqtt",)

    async def checks(self) -> Sequence[Check]:
        return [Check(name="database", ok=True), Check(name="mqtt", ok=False, needed=False)]


@pytest.fixture
def metrics(db: Database) -> Metrics:
    return Metrics(db, EventLog(db), Health(), listeners=lambda: 3, clock=lambda: NOON, version="1.2")


async def figures(metrics: Metrics) -> Figures:
    families = text_string_to_metric_families((await metrics.page()).decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def of(found: Figures, name: str, **labels: str) -> float | None:
    return found.get((f"agent_bridge_{name}", frozenset(labels.items())))


async def put(db: Database) -> None:
    """An agent who waits, a call that rings, one that was over long ago and is not disposed."""
    usual: dict[str, Any] = {"kind": "M", "asked_at": NOON}
    over = NOON - FORGOTTEN - timedelta(seconds=1)
    rows: list[dict[str, Any]] = [
        {"id": "a", "state": "ringing", "ended_at": None},
        {"id": "b", "state": "ended", "ended_at": over},
        {"id": "c", "state": "ended", "ended_at": NOON},
    ]

    async def work(tx: Transaction) -> None:
        for row in rows:
            ids = {"legacy_id": row["id"], "legacy_uniqueid": row["id"]}
            await tx.conn.execute(insert(calls).values(**usual, **ids, **row))
        await tx.conn.execute(
            insert(agent_sessions).values(
                id="s",
                user="1000",
                phone="1000",
                room="8600051",
                asterisk="main",
                state="ready",
                state_since=NOON,
            )
        )

    await db.write(work)


async def test_what_is_there_now(db: Database, metrics: Metrics) -> None:
    await put(db)
    for sink in ("mqtt", "gone"):
        await EventLog(db).advance(sink, 0)
    found = await figures(metrics)
    assert of(found, "info", version="1.2") == 1
    assert (of(found, "agents", state="ready"), of(found, "agents", state="incall")) == (1, 0)
    assert (of(found, "calls", state="ringing"), of(found, "calls", state="ended")) == (1, 2)
    assert of(found, "calls", state="disposed") is None
    assert of(found, "calls_not_disposed") == 1
    assert of(found, "up", dependency="database", needed="yes") == 1
    assert of(found, "up", dependency="mqtt", needed="no") == 0
    assert of(found, "duty", duty="mqtt") == 1
    assert of(found, "event_listeners") == 3
    assert of(found, "deliveries", state="failed") == 0
    assert of(found, "sink_behind_events", sink="mqtt") == 0
    assert of(found, "sink_behind_events", sink="gone") is None


async def test_events_are_counted_as_they_are_committed_and_a_sink_that_waits_is_seen(
    db: Database, metrics: Metrics
) -> None:
    await EventLog(db).advance("mqtt", 0)
    task = asyncio.create_task(metrics.run())
    try:
        async with asyncio.timeout(20):
            while not of(found := await figures(metrics), "calls_refused_total", rule="dnc"):

                async def work(tx: Transaction) -> None:
                    tx.emit(CallRefused(call_id="c1", number="+17275550199", rule="dnc", why=""))

                await db.write(work)
        assert (of(found, "sink_behind_events", sink="mqtt") or 0) > 0
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_an_event_that_cannot_be_counted_does_not_stop_the_counting(
    db: Database, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bridge stops if a part of it that runs all the time does."""
    take = metrics.counted.take

    def stumble(record: EventRecord) -> None:
        if record.type == LeadAdded.type:
            raise ValueError("not such an event")
        take(record)

    async def work(tx: Transaction) -> None:
        tx.emit(LeadAdded(lead_id=1, list_id=101))
        tx.emit(CallRefused(call_id="c1", number="+17275550199", rule="dnc", why=""))

    monkeypatch.setattr(metrics.counted, "take", stumble)
    task = asyncio.create_task(metrics.run())
    try:
        async with asyncio.timeout(20):
            while not of(await figures(metrics), "calls_refused_total", rule="dnc"):
                await db.write(work)  # it counts from the moment on at which it has begun
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_without_the_store_what_needs_none_is_told(
    db: Database, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_: object) -> object:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(db, "read", gone)
    found = await figures(metrics)
    assert of(found, "up", dependency="mqtt", needed="no") == 0
    assert of(found, "agents", state="ready") is None
    assert ("process_open_fds", frozenset()) in found


@pytest.mark.parametrize("file", ["alerts.yml", "grafana.json"])
async def test_the_examples_ask_for_figures_that_there_are(db: Database, metrics: Metrics, file: str) -> None:
    await put(db)
    text = (EXAMPLES / file).read_text(encoding="utf-8")
    asked = set(re.findall(r"\b(agent_bridge_\w+|process_\w+)", text))
    page = (await metrics.page()).decode()
    there = set(re.findall(r"^# TYPE (\w+) ", page, re.MULTILINE))
    there |= {name for name, _ in await figures(metrics)}
    assert asked - there == set()
    assert len(asked) >= 5


async def test_names_and_help_are_as_prometheus_wants_them(db: Database, metrics: Metrics) -> None:
    await put(db)
    for family in text_string_to_metric_families((await metrics.page()).decode()):
        assert family.documentation, family.name
        assert not family.name.endswith("_created")
        if family.name.startswith("agent_bridge_"):
            assert family.type in ("counter", "gauge", "histogram"), family.name
            assert family.name.islower()
