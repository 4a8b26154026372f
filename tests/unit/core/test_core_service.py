"""The parts put together: the order of start and stop, and what happens when one of them dies."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from core_bench import EAST, MAIN, Bench, FakeAmi, ami_event, core_on, eventually, settings
from sqlalchemy import update
from structlog.testing import capture_logs

from bridge import service
from bridge.agents.asterisk import interface
from bridge.agents.model import AgentState
from bridge.agi.desk import InboundCall
from bridge.agi.desk_link import Address, DeskLink, open_link
from bridge.ami.events import AgentConnect, ConfbridgeJoin, Hangup
from bridge.background import background
from bridge.events.catalogue import BridgeStarted
from bridge.events.filters import EVERYTHING
from bridge.secret import Secret, SecretUrl
from bridge.service import Core, Interfaces, run
from bridge.settings import AgiSettings, AsteriskSettings, HttpSettings, MqttSettings, Settings, StoreSettings
from bridge.store.database import Transaction
from bridge.store.errors import StoreClosed, StoreError, StoreFull
from bridge.store.schema import events


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals that the process would have raised at itself."""
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    return raised


@pytest.fixture
def core(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Core:
    """A core that interfaces can be put on."""
    return core_on(
        store_url, monkeypatch, http=HttpSettings(port=free_port()), agi=AgiSettings(port=free_port())
    )


async def all_ready(core: Core) -> None:
    async def ready() -> bool:
        return all(watch.ready for watch in core.watches.values())

    await eventually(ready)


class TestTheCore:
    async def test_runs_and_leaves_nothing_behind(self, core: Core) -> None:
        before = asyncio.all_tasks()
        async with core.running():
            bench = Bench(core)
            assert all(ami.started for ami in bench.amis.values())
            await all_ready(core)
            assert await bench.told(f"asterisk/{MAIN}") == ["asterisk.up"]
        assert not any(ami.started for ami in bench.amis.values())
        assert asyncio.all_tasks() == before
        with pytest.raises(StoreClosed):
            await core.db.write(lambda tx: asyncio.sleep(0, tx.now))

    async def test_follows_from_event_to_session_and_call(self, core: Core) -> None:
        async with core.running():
            bench = Bench(core)
            await all_ready(core)
            session = await core.agent_commands.login("1000", "1000", "TEST", asked_by="")
            bench.ami.tell(ami_event(ConfbridgeJoin, Uniqueid=session.id))

            async def seated() -> bool:
                return (await bench.session("1000")).state is AgentState.PAUSED

            await eventually(seated)

    async def test_knows_whose_room_a_member_of_a_queue_is(self, core: Core) -> None:
        async with core.running():
            bench = Bench(core)
            await all_ready(core)
            session = await bench.ready("1000")
            asked = InboundCall(did="7275551234", channel="", unique_id="1.1")
            call_id = (await core.desk.inbound(asked)).call_id
            bench.ami.tell(ami_event(AgentConnect, Uniqueid="1.1", Interface=interface(session.room)))

            async def talks() -> bool:
                return (await bench.session("1000")).call_id == call_id

            await eventually(talks)

    async def test_adopts_at_a_start_what_was_there(
        self, core: Core, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with core.running():
            await all_ready(core)
            session = await core.agent_commands.login("1000", "1000", "TEST", asked_by="")
        again = core_on(store_url, monkeypatch)
        bench = Bench(again)
        async with again.running():
            await all_ready(again)
            bench.ami.tell(ami_event(Hangup, Uniqueid=session.id))

            async def lost() -> bool:
                return await again.agent_commands.session("1000") is None

            await eventually(lost)

    async def test_takes_the_numbers_of_a_site_from_before_as_its_own(self, core: Core) -> None:
        async with core.running():
            assert await core.site.is_own("7275551234"), "a DID of the site"
            assert not await core.site.is_own("7275550101")

    async def test_that_cannot_open_its_store_starts_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = core_on("sqlite:////no/such/folder/bridge.db", monkeypatch)
        with pytest.raises(StoreError):
            async with made.running():
                pass
        assert not any(ami.started for ami in Bench(made).amis.values())

    async def test_that_cannot_read_its_store_lets_all_go(
        self, core: Core, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = asyncio.all_tasks()

        async def fail() -> None:
            raise StoreFull

        monkeypatch.setattr(core.calls, "restore", fail)
        with pytest.raises(StoreFull):
            async with core.running():
                pass
        assert asyncio.all_tasks() == before
        with pytest.raises(StoreClosed):
            await core.access.principal("1000")


class TestTrimming:
    async def age(self, core: Core, days: float) -> None:
        """Let every event be so old."""

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(update(events).values(time=datetime.now(UTC) - timedelta(days=days)))

        await core.db.write(work)

    async def emit(self, core: Core) -> None:
        async def work(tx: Transaction) -> None:
            tx.emit(BridgeStarted(bridge="old", version="1"))

        await core.db.write(work)

    async def test_removes_events_that_are_past_their_time(self, bench: Bench) -> None:
        await self.emit(bench.core)
        await self.age(bench.core, 29)
        async with background(bench.core._trim):
            await asyncio.sleep(0)
        assert await bench.told("bridge/old") == ["bridge.started"]
        await self.age(bench.core, 31)

        async def gone() -> bool:
            return await bench.told("bridge/old") == []

        async with background(bench.core._trim):
            await eventually(gone)

    async def test_that_fails_ends_nothing_and_is_tried_again(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, signals: list[int]
    ) -> None:
        tries: list[int] = []

        async def fail() -> None:
            tries.append(len(tries))
            raise StoreFull

        monkeypatch.setattr(service, "TRIM_EVERY", 0.001)
        monkeypatch.setattr(bench.core.keys, "trim", fail)

        async def again() -> bool:
            return len(tries) > 2

        async with background(bench.core._trim):
            await eventually(again)
        assert signals == []


class TestABackgroundPart:
    async def test_runs_as_long_as_its_context(self, signals: list[int]) -> None:
        ended: list[str] = []

        async def part() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("ended")

        async with background(part):
            await asyncio.sleep(0)
            assert ended == []
        assert ended == ["ended"]
        assert signals == []

    async def test_that_dies_stops_the_whole_service(self, signals: list[int]) -> None:
        """A bridge that follows only half of what happens is worse than one that is started again."""

        async def part() -> None:
            raise LookupError("a fault of ours")

        async def told() -> bool:
            return bool(signals)

        with capture_logs() as logged:
            async with background(part):
                await eventually(told)
        assert signals == [signal.SIGTERM]
        (line,) = logged
        assert (line["log_level"], line["part"]) == ("critical", part.__qualname__)


@asynccontextmanager
async def serving(core: Core) -> AsyncIterator[tuple[Interfaces, asyncio.Task[None]]]:
    """The interfaces on a running core; ended by the signal that says stop."""
    async with core.running():
        interfaces = Interfaces(core)
        task = asyncio.create_task(interfaces.serve())

        async def listens() -> bool:
            assert not task.done(), task.result()
            return interfaces.http.started

        await eventually(listens)
        yield interfaces, task
        if not (interfaces.http.should_exit or task.done()):  # a second one would end the tests themselves
            signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(task, 10)


class TestTheInterfaces:
    async def test_answer_and_end_in_order_at_a_signal(self, core: Core) -> None:
        bench = Bench(core)
        async with serving(core), httpx.AsyncClient() as client:
            await all_ready(core)
            base = f"http://127.0.0.1:{core.settings.http.port}"
            assert (await client.get(f"{base}/ready")).status_code == 200
            assert (await client.get(f"{base}/v1/agents")).status_code == 401
            bench.ami.lose_link()

            async def unready() -> bool:
                return (await client.get(f"{base}/ready")).status_code == 503

            await eventually(unready)
            signal.raise_signal(signal.SIGTERM)

            async def said() -> bool:
                return [name for name in await bench.told() if name.startswith("bridge.")] == [
                    "bridge.started",
                    "bridge.stopped",
                ]

            await eventually(said)

    async def test_serve_the_scripts_to_the_dialplan(self, core: Core) -> None:
        async with serving(core):
            reader, writer = await asyncio.open_connection("127.0.0.1", core.settings.agi.port)
            writer.write(
                b"agi_network: yes\nagi_network_script: call_answered\nagi_request: agi://x/call_answered\n"
                b"agi_channel: PJSIP/carrier-1\nagi_uniqueid: 1.1\n\n"
            )
            asked = await asyncio.wait_for(reader.readline(), 5)
            assert asked.startswith(b'GET FULL VARIABLE "${BRIDGE_CALL_ID}')
            mark = asked.partition(b"}")[2].strip(b'"\n')
            writer.write(b"200 result=1 (nobody" + mark + b")\n")
            assert b"BRIDGE_ROOM" in await asyncio.wait_for(reader.readline(), 5)
            writer.close()

    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
    async def test_end_though_somebody_listens_for_ever(self, core: Core, how: signal.Signals) -> None:
        async with serving(core) as (interfaces, task):
            listener = asyncio.create_task(anext(interfaces.stream.stream(after=None, wanted=EVERYTHING)))
            await asyncio.sleep(0)
            signal.raise_signal(how)
            await asyncio.wait_for(task, 10)
            await asyncio.wait({listener}, timeout=5)
            assert listener.done()

    async def test_expect_a_relay_where_there_is_a_secret(
        self, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alone = AsteriskSettings(name="alone", relay=False)
        servers = AsteriskSettings(name=MAIN), AsteriskSettings(name=EAST), alone
        for secret, expected in (("", []), ("s" * 20, [f"relay:{MAIN}", f"relay:{EAST}"])):
            agi = AgiSettings(secret=Secret(secret))
            made = core_on(store_url, monkeypatch, agi=agi, asterisk=servers)
            async with made.running():
                names = [check.name for check in await Interfaces(made)._health().checks()]
            assert [name for name in names if name.startswith("relay")] == expected

    async def test_are_ready_when_each_asterisk_has_its_relay(
        self, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        agi = AgiSettings(secret=Secret("s" * 20), port=free_port())
        made = core_on(store_url, monkeypatch, http=HttpSettings(port=free_port()), agi=agi)
        relays: list[DeskLink] = []
        async with serving(made), httpx.AsyncClient() as client:
            await all_ready(made)
            url = f"http://127.0.0.1:{made.settings.http.port}/ready"
            for name, ready in (("", False), (MAIN, False), (EAST, True)):
                relays.append(await open_link(Address("127.0.0.1", agi.port), "s" * 20, 5, asterisk=name))

                async def told(ready: bool = ready) -> bool:  # noqa: FBT001
                    checks = (await client.get(url)).json()["checks"]
                    return checks[f"relay:{MAIN}"] is True and checks[f"relay:{EAST}"] is ready

                await eventually(told)
            assert (await client.get(url)).status_code == 200
            for relay in relays:
                relay.close()

            async def lost() -> bool:
                return (await client.get(url)).status_code == 503

            await eventually(lost)

    async def test_serve_though_the_broker_is_not_there(
        self, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mqtt = MqttSettings(url=SecretUrl(f"mqtt://127.0.0.1:{free_port()}"))
        ports = {"http": HttpSettings(port=free_port()), "agi": AgiSettings(port=free_port())}
        made = core_on(store_url, monkeypatch, mqtt=mqtt, **ports)
        async with serving(made), httpx.AsyncClient() as client:
            await all_ready(made)
            reply = await client.get(f"http://127.0.0.1:{made.settings.http.port}/ready")
            assert reply.status_code == 200

    async def test_tell_a_broker_where_one_is_named(
        self, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mqtt = MqttSettings(url=SecretUrl(f"mqtt://127.0.0.1:{free_port()}"), client_id="bridge-1")
        made = core_on(store_url, monkeypatch, mqtt=mqtt)
        async with made.running():
            interfaces = Interfaces(made)
            found = {check.name: check for check in await interfaces._health().checks()}
        assert interfaces.name == "bridge-1"
        assert (found["mqtt"].ok, found["mqtt"].needed) == (False, False)


class TestTheCommand:
    @pytest.mark.parametrize("url", ["sqlite:////no/such/folder/bridge.db", "mysql://nobody@nowhere/db"])
    def test_that_has_no_store_says_so_and_fails(self, capsys: pytest.CaptureFixture[str], url: str) -> None:
        assert run(Settings(store=StoreSettings(url=SecretUrl(url)))) == 1
        assert "the bridge cannot serve" in capsys.readouterr().err

    def test_that_is_asked_to_stop_ends_well(self, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        begun: list[Any] = []

        async def stopped_at_once(_settings: Settings) -> None:
            begun.append(True)
            raise KeyboardInterrupt

        monkeypatch.setattr(service, "serve", stopped_at_once)
        assert run(Settings(store=StoreSettings(url=SecretUrl(store_url)))) == 0
        assert begun

    def test_serves_until_the_signal(
        self, store_url: str, monkeypatch: pytest.MonkeyPatch, stop_when_up: Callable[[], None]
    ) -> None:
        monkeypatch.setattr(service, "AmiClient", FakeAmi)
        stop_when_up()
        given = settings(store_url, http=HttpSettings(port=free_port()), agi=AgiSettings(port=free_port()))
        try:
            assert run(given) == 0
            assert gc.get_freeze_count() > 10_000  # what the start has made holds up no later collection
        finally:
            gc.unfreeze()


@pytest.fixture
def stop_when_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Raise the signal that says stop as soon as the bridge has said that it is there."""

    def arrange() -> None:
        say = Interfaces._say

        async def say_and_stop(self: Interfaces, event: Any) -> None:
            await say(self, event)
            if isinstance(event, BridgeStarted):
                asyncio.get_running_loop().call_later(0.1, signal.raise_signal, signal.SIGTERM)

        monkeypatch.setattr(Interfaces, "_say", say_and_stop)

    return arrange
