"""The client that keeps a link: reconnection, gaps, and what callers get meanwhile."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from fake_ami import FakeAmi, Received, Session, block, say_nothing
from fake_ami.waiting import eventually, never

from bridge.ami import AmiClient, AmiEvent, Gap, LinkDown, LinkState, LinkUp, actions, events, keeper
from bridge.ami.errors import (
    ActionTimeout,
    AmiLoginRefused,
    InvalidAction,
    NotConnected,
    OutcomeUnknown,
)
from bridge.ami.state import CloseKind
from bridge.ami.subscriptions import Item, Subscription

CALL = actions.Originate(channel="PJSIP/1", context="x", exten="s", channel_id="id-1")


async def take(subscription: Subscription, count: int, within: float = 5.0) -> list[Item]:
    async with asyncio.timeout(within):
        return [await anext(subscription) for _ in range(count)]


# -- coming up ---------------------------------------------------------------------------------------------


async def test_start_returns_at_once_and_the_link_comes_up(fake: FakeAmi, settings: Any) -> None:
    client = AmiClient(settings(fake))
    states = [client.state]
    await client.start()
    states.append(client.state)
    await client.connected(5)
    states.append(client.state)
    assert client.asterisk_version == "22.10.1"
    assert client.started_at == "2026-11-24 01:00:00"
    assert client.up_since is not None
    assert client.last_error is None
    await client.stop()
    states.append(client.state)
    assert states == [LinkState.NEW, LinkState.CONNECTING, LinkState.UP, LinkState.STOPPED]
    assert not client.up_since
    assert fake.count("Logoff") == 1


async def test_a_client_is_used_once(fake: FakeAmi, settings: Any) -> None:
    client = AmiClient(settings(fake))
    await client.start()
    with pytest.raises(RuntimeError):
        await client.start()
    await client.stop()
    await client.stop()
    with pytest.raises(RuntimeError):
        await client.start()
    with pytest.raises(NotConnected, match="stopped"):
        await client.connected()
    with pytest.raises(NotConnected, match="stopped"):
        await client.send(actions.Ping())


async def test_stopping_before_starting(fake: FakeAmi, settings: Any) -> None:
    await AmiClient(settings(fake)).stop()
    assert fake.connections == 0


async def test_works_without_fully_booted_and_without_any_rights(fake: FakeAmi, up: Any) -> None:
    denied: Callable[[Session, Received], None] = lambda s, a: s.respond(  # noqa: E731 - used twice
        a, "Error", [("Message", "Permission denied")]
    )
    fake.answers.update({"CoreStatus": denied, "CoreSettings": denied})
    async with up(fake) as client:
        assert (client.asterisk_version, client.started_at, client.fully_booted) == ("", "", None)


async def test_fully_booted_is_used_when_it_comes(fake: FakeAmi, up: Any) -> None:
    fake.after_login = block([("Event", "FullyBooted"), ("Uptime", "5"), ("Status", "Fully Booted")])
    async with up(fake) as client, client.subscribe(["FullyBooted"]) as subscription:
        assert isinstance((await take(subscription, 1))[0], LinkUp)
        assert client.fully_booted is not None


async def test_a_refused_login_is_one_clear_state_and_no_storm(
    fake: FakeAmi, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fake.refuse_login = True
    with caplog.at_level(logging.DEBUG):
        async with AmiClient(settings(fake)) as client:
            with pytest.raises(AmiLoginRefused, match="Authentication failed"):
                await client.connected(5)
            assert client.state is LinkState.LOGIN_REFUSED
            assert isinstance(client.last_error, AmiLoginRefused)
            with pytest.raises(AmiLoginRefused):
                await client.send(actions.Ping(), wait_for_link=True)
            with pytest.raises(NotConnected, match="refused"):
                await client.send(actions.Ping())
            await never(lambda: fake.connections > 1)
    told = [record for record in caplog.records if record.levelno > logging.DEBUG]
    assert [record.levelname for record in told if "refused" in record.message] == ["ERROR"]
    assert "s3cret" not in caplog.text


async def test_a_refused_login_is_tried_again_slowly_and_mends_itself(fake: FakeAmi, settings: Any) -> None:
    fake.refuse_login = True
    async with AmiClient(settings(fake, refused_retry=0.2)) as client:
        with pytest.raises(AmiLoginRefused):
            await client.connected(5)
        fake.refuse_login = False
        await eventually(lambda: client.state is LinkState.UP)
    assert fake.connections == 2


async def test_a_peer_that_is_not_asterisk_is_called_again_but_told_nothing(
    fake: FakeAmi, settings: Any
) -> None:
    fake.banner = b"HTTP/1.1 400 Bad Request\r\n"
    async with AmiClient(settings(fake)) as client:
        await eventually(lambda: fake.connections >= 3)
        assert "greeted" in str(client.last_error)
        assert not fake.raw


async def test_waiting_for_a_link_has_a_limit_and_says_why(fake: FakeAmi, settings: Any) -> None:
    await fake.down()
    async with AmiClient(settings(fake)) as client:
        with pytest.raises(NotConnected, match="ConnectionRefusedError"):
            await client.connected(0.1)


async def test_back_off_grows_and_is_jittered(
    fake: FakeAmi, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await fake.down()
    with caplog.at_level(logging.INFO):
        async with AmiClient(settings(fake, backoff_min=0.1, backoff_max=0.8)):
            await eventually(lambda: caplog.text.count("next connection in") >= 5)
    found = (re.search(r"next connection in ([0-9.]+) s", record.message) for record in caplog.records)
    pauses = [float(match[1]) for match in found if match]
    ceilings = [0.1, 0.2, 0.4, 0.8, 0.8]
    shares = [pause / ceiling for pause, ceiling in zip(pauses, ceilings, strict=False)]
    assert all(0.45 <= share <= 1.05 for share in shares)
    assert len(set(shares)) > 1


# -- loss --------------------------------------------------------------------------------------------------


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


async def test_nothing_in_flight_is_sent_again(fake: FakeAmi, up: Any) -> None:
    def execute_and_die(session: Session, _: Received) -> None:
        session.drop()

    fake.answers["Originate"] = execute_and_die
    async with up(fake) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.send(CALL, action_id="intent-1")
        assert caught.value.action_id == "intent-1"
        await eventually(lambda: fake.connections == 2 and client.state is LinkState.UP)
        await client.send(actions.Ping())
        assert fake.count("Originate") == 1


async def test_an_action_while_down_fails_at_once(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        await fake.down()
        await eventually(lambda: client.state is not LinkState.UP)
        async with asyncio.timeout(0.5):
            with pytest.raises(NotConnected, match="no link to asterisk"):
                await client.send(CALL)
            with pytest.raises(NotConnected):
                await client.send_list(actions.CoreShowChannels())
            with pytest.raises(NotConnected):
                await client.ask(actions.RawAction("Ping"))
    assert fake.count("Originate") == 0


async def test_an_action_waits_for_the_link_if_asked_to(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        await fake.down()
        await eventually(lambda: client.state is not LinkState.UP)
        waiting = asyncio.create_task(client.send(CALL, wait_for_link=True))
        await never(waiting.done, during=0.05)
        await fake.listen()
        assert (await waiting).message == "Originate successfully queued"
    assert fake.count("Originate") == 1


async def test_waiting_for_the_link_uses_up_the_actions_own_time(fake: FakeAmi, up: Any) -> None:
    fake.answers["Originate"] = say_nothing
    async with up(fake) as client:
        await fake.down()
        await eventually(lambda: client.state is not LinkState.UP)
        with pytest.raises(NotConnected):
            await client.send(CALL, wait_for_link=True, timeout=0.05)
        loop = asyncio.get_running_loop()
        began = loop.time()
        waiting = asyncio.create_task(client.send(CALL, wait_for_link=True, timeout=1.0))
        await asyncio.sleep(0.5)
        await fake.listen()
        with pytest.raises(ActionTimeout):
            await waiting
        assert 0.95 <= loop.time() - began < 1.45  # a second full time would end at 1.5


async def test_stopping_tells_those_in_flight_and_ends_subscriptions(fake: FakeAmi, up: Any) -> None:
    fake.answers["Originate"] = say_nothing
    async with up(fake) as client:
        subscription = client.subscribe(["Hangup"])
        calling = asyncio.create_task(client.send(CALL))
        await eventually(lambda: fake.count("Originate"))
        await client.stop()
        with pytest.raises(OutcomeUnknown):
            await calling
        kinds = [type(item) async for item in subscription]
        assert kinds == [LinkUp, LinkDown]


async def test_stopping_wakes_those_who_wait_for_a_link(fake: FakeAmi, settings: Any) -> None:
    await fake.down()
    async with AmiClient(settings(fake)) as client:
        waiting = asyncio.create_task(client.connected())
        await asyncio.sleep(0)
        await client.stop()
        with pytest.raises(NotConnected):
            await waiting


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


# -- events ------------------------------------------------------------------------------------------------


async def test_a_handler_that_raises_harms_nobody(
    fake: FakeAmi, up: Any, caplog: pytest.LogCaptureFixture
) -> None:
    got: list[AmiEvent] = []

    def fail(_: AmiEvent) -> None:
        raise ZeroDivisionError("handler")

    async with up(fake) as client, client.subscribe(["Hangup"]) as subscription:
        client.on("Hangup", fail)
        remove = client.on("Hangup", got.append)
        fake.session.write(block([("Event", "Hangup"), ("Cause", "16")]) * 3)
        assert len(await take(subscription, 4)) == 4
        assert len(got) == 3
        assert client.handler_errors == 3
        assert client.state is LinkState.UP
        remove()
        fake.session.event("Hangup")
        await take(subscription, 1)
        assert len(got) == 3
    assert "a handler of Hangup failed" in caplog.text
    assert fake.connections == 1


async def test_handlers_stay_over_a_reconnection(fake: FakeAmi, up: Any) -> None:
    got: list[AmiEvent] = []
    async with up(fake) as client:
        client.on("Hangup", got.append)
        fake.session.drop()
        await eventually(lambda: fake.connections == 2 and client.state is LinkState.UP)
        fake.session.event("Hangup")
        await eventually(lambda: got)


async def test_a_coroutine_is_no_handler(fake: FakeAmi, settings: Any) -> None:
    async def wrong(_: AmiEvent) -> None: ...

    with pytest.raises(TypeError, match="subscribe"):
        AmiClient(settings(fake)).on("Hangup", wrong)  # type: ignore[arg-type]


async def test_events_keep_their_order_with_a_slow_consumer(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client, client.subscribe(["A", "B", "C"]) as subscription:
        sent = [("A", "B", "C")[number % 3] + str(number) for number in range(300)]
        for name in sent:
            fake.session.event(name[0], [("N", name)])
        got: list[str] = []
        while len(got) < len(sent):
            (item,) = await take(subscription, 1)
            if isinstance(item, AmiEvent):
                got.append(item["N"])
                await asyncio.sleep(0.0002 * (len(got) % 3))
        assert got == sent


async def test_a_consumer_that_stands_still_never_stops_the_reader(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client, client.subscribe(["VarSet"], maxsize=100, policy="drop") as stuck:
        event = block([("Event", "VarSet"), ("Value", "v" * 300)])
        for _ in range(100):
            fake.session.write(event * 200)
            # Asterisk drops a client whose socket is full for 100 ms.
            async with asyncio.timeout(2):
                await fake.session.writer.drain()
        await client.send(actions.Ping())
        assert len(stuck) == 100
        assert stuck.dropped == 20_000 - 99  # the report that the link is up takes one place


class Model:
    """What a consumer believes about channels: events applied, state read again after each gap."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client
        self.up: set[str] = set()
        self.gaps = 0

    async def follow(self, subscription: Subscription) -> None:
        async for item in subscription:
            match item:
                case events.Newchannel():
                    self.up.add(item.uniqueid)
                case events.Hangup():
                    self.up.discard(item.uniqueid)
                case Gap() | LinkUp(first=True):
                    self.gaps += isinstance(item, Gap)
                    rows = await self._client.send_list(actions.CoreShowChannels(), wait_for_link=True)
                    self.up = {row.uniqueid for row in rows}
            await asyncio.sleep(0)


async def test_a_flood_overflows_and_still_ends_in_the_right_state(fake: FakeAmi, up: Any) -> None:
    alive: set[str] = set()

    def snapshot(session: Session, action: Received) -> None:
        rows = [("CoreShowChannel", [("Uniqueid", uniqueid)]) for uniqueid in sorted(alive)]
        session.list(action, rows, "CoreShowChannelsComplete")

    fake.answers["CoreShowChannels"] = snapshot
    names = ["Newchannel", "Hangup"]
    async with up(fake) as client, client.subscribe(names, maxsize=50, policy="gap") as subscription:
        model = Model(client)
        following = asyncio.create_task(model.follow(subscription))
        for number in range(5000):
            alive.add(f"u{number}")
            fake.session.event("Newchannel", [("Uniqueid", f"u{number}")])
            if number % 3:
                alive.discard(f"u{number - 1}")
                fake.session.event("Hangup", [("Uniqueid", f"u{number - 1}")])
            if number % 100 == 0:
                await asyncio.sleep(0)
        await eventually(lambda: model.gaps and model.up == alive)
        assert subscription.dropped > 0
        subscription.close()
        await following


# -- several, and values -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
async def test_several_asterisks_side_by_side(settings: Any) -> None:
    async with AsyncExitStack() as stack:
        fakes = [await stack.enter_async_context(FakeAmi(started=f"2026-11-24 0{n}:00:00")) for n in range(3)]
        clients = [
            await stack.enter_async_context(AmiClient(settings(fake, name=f"pbx{number}")))
            for number, fake in enumerate(fakes)
        ]
        await asyncio.gather(*(client.connected(5) for client in clients))
        subscriptions = [client.subscribe(["Hangup"]) for client in clients]
        for number, fake in enumerate(fakes):
            fake.session.event("Hangup", [("Uniqueid", f"on-{number}")])
        for number, subscription in enumerate(subscriptions):
            _, event = await take(subscription, 2)
            assert isinstance(event, events.Hangup)
            assert event.uniqueid == f"on-{number}"
        await fakes[0].down()
        await eventually(lambda: clients[0].state is not LinkState.UP)
        assert await clients[1].send(actions.Ping())
        with pytest.raises(NotConnected, match="pbx0"):
            await clients[0].send(actions.Ping())
        assert [client.started_at[12] for client in clients] == ["0", "1", "2"]


async def test_a_refused_value_is_refused_before_anything_is_written(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        before = len(fake.raw)
        evil = actions.Originate(channel="c\r\nApplication: System\r\nData: id", context="x", exten="s")
        with pytest.raises(InvalidAction):
            await client.send(evil)
        assert len(fake.raw) == before


def test_settings_do_not_show_the_secret(settings: Any) -> None:
    assert "s3cret" not in repr(settings(FakeAmi()))
