"""The client loses its link and comes back: gaps, and what is said of them."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from ami_waits import take
from fake_ami import FakeAmi, block
from fake_ami.waiting import eventually

from bridge.ami import AmiClient, Gap, LinkDown, LinkState, LinkUp, events, keeper
from bridge.ami.state import CloseKind


async def test_comes_back_and_announces_the_gap(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client, client.subscribe(["Hangup"]) as subscription:
        fake.session.event("Hangup", [("Uniqueid", "before")])
        up_item, event = await take(subscription, 2)
        heard = datetime.now(UTC)
        assert isinstance(up_item, LinkUp)
        assert up_item.first
        assert isinstance(event, events.Hangup)
        fake.session.drop()
        down, again, gap = await take(subscription, 3)
        assert isinstance(down, LinkDown)
        assert down.reason.kind is not CloseKind.LOCAL
        assert isinstance(again, LinkUp)
        assert not again.first
        assert isinstance(gap, Gap)
        assert (gap.reason, gap.restarted) == ("link", False)
        assert gap.since <= heard <= gap.until
        fake.session.event("Hangup", [("Uniqueid", "after")])
        (after,) = await take(subscription, 1)
        assert isinstance(after, events.Hangup)
        assert after.uniqueid == "after"
    assert fake.connections == 2


async def test_the_gap_stands_before_the_first_event_of_the_new_link(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client, client.subscribe(["Hangup"]) as subscription:
        fake.after_login = block([("Event", "Hangup"), ("Uniqueid", "early")])
        fake.session.drop()
        items = await take(subscription, 5)
        assert [type(item) for item in items] == [LinkUp, LinkDown, LinkUp, Gap, events.Hangup]


async def test_a_restart_of_asterisk_is_known_by_its_startup_time(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client, client.subscribe(["Hangup"]) as subscription:
        await fake.down()
        await eventually(lambda: client.state is LinkState.BACKING_OFF)
        fake.started = "2026-11-24 02:30:00"
        await fake.listen()
        items = await take(subscription, 4)
        assert isinstance(items[2], LinkUp)
        assert items[2].started_at == "2026-11-24 02:30:00"
        assert isinstance(items[3], Gap)
        assert items[3].restarted
        assert client.started_at == "2026-11-24 02:30:00"


async def test_an_asterisk_that_was_still_booting_at_login_is_known_later(
    fake: FakeAmi, up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "BOOT_POLL", 0.01)
    fake.started = ""
    async with up(fake) as client, client.subscribe(["Hangup"]) as subscription:
        assert client.started_at == ""
        fake.started = "2026-11-24 02:30:00"
        await eventually(lambda: client.started_at == "2026-11-24 02:30:00")
        await fake.down()
        await eventually(lambda: client.state is LinkState.BACKING_OFF)
        fake.started = "2026-11-24 02:31:00"
        await fake.listen()
        items = await take(subscription, 4)
        assert isinstance(items[3], Gap)
        assert items[3].restarted


async def test_a_subscription_made_while_up_begins_with_the_link(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        subscription = client.subscribe(["Hangup"])
        (first,) = await take(subscription, 1)
        assert isinstance(first, LinkUp)
        assert (first.first, first.asterisk_version, first.at) == (True, "22.10.1", client.up_since)


async def test_a_subscription_made_while_down_hears_of_no_gap(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        await fake.down()
        await eventually(lambda: client.state is LinkState.BACKING_OFF)
        subscription = client.subscribe(["Hangup"])
        await fake.listen()
        (first,) = await take(subscription, 1)
        assert isinstance(first, LinkUp)
        assert first.first
        fake.session.event("Hangup")
        assert [type(item) for item in await take(subscription, 1)] == [events.Hangup]


async def test_a_silent_peer_is_left_and_called_again(fake: FakeAmi, up: Any) -> None:
    async with (
        up(fake, ping_interval=0.05, ping_timeout=0.05) as client,
        client.subscribe(["Hangup"]) as subscription,
    ):
        fake.session.frozen = True
        items = await take(subscription, 4)
        assert isinstance(items[1], LinkDown)
        assert items[1].reason.kind is CloseKind.SILENT
        assert isinstance(items[3], Gap)
        assert (items[3].until - items[3].since).total_seconds() >= 0.1


async def test_many_losses_leave_one_watch_and_one_link(fake: FakeAmi, up: Any) -> None:
    async with up(fake, ping_interval=0.02) as client:
        for number in range(2, 7):
            fake.session.drop()
            await eventually(lambda wanted=number: fake.connections == wanted)  # type: ignore[misc]
            await client.connected(5)
        watches = [task for task in asyncio.all_tasks() if task.get_name().startswith("ami-watch")]
        assert len(watches) == 1
        before = fake.count("Ping")
        await asyncio.sleep(0.3)
        assert 1 <= fake.count("Ping") - before <= 16


async def test_a_peer_that_takes_each_login_and_drops_it_is_not_called_without_a_pause(
    fake: FakeAmi, settings: Any
) -> None:
    fake.answers["CoreStatus"] = lambda session, _: session.drop()
    async with AmiClient(settings(fake, backoff_min=0.05, backoff_max=10)):
        await eventually(lambda: fake.connections >= 2)
        await asyncio.sleep(0.4)
        assert fake.connections <= 6


async def test_a_loss_after_a_long_life_is_a_first_one_again(
    fake: FakeAmi, up: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bridge.ami.keeper.STABLE_AFTER", 0.0)
    caplog.set_level(logging.INFO)
    async with up(fake, backoff_min=0.01, backoff_max=10) as client:
        for number in range(2, 10):
            fake.session.drop()
            await eventually(lambda wanted=number: fake.connections == wanted)  # type: ignore[misc]
            await client.connected(5)
    pauses = [float(pause) for pause in re.findall(r"next connection in ([0-9.]+) s", caplog.text)]
    assert len(pauses) == 8
    assert max(pauses) <= 0.01


async def test_an_unforeseen_fault_does_not_end_the_only_task(
    fake: FakeAmi, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = AmiClient(settings(fake))
    identify = client._keeper._identify
    failures = iter([ZeroDivisionError("bug")])

    async def fail_once(connection: Any) -> Any:
        for failure in failures:
            raise failure
        return await identify(connection)

    monkeypatch.setattr(client._keeper, "_identify", fail_once)
    async with client:
        await client.connected(5)
        assert fake.connections == 2
