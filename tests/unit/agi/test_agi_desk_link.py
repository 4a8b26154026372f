"""Questions over a real connection: `desk_link`, `desk_server`, `gate`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agi_desk import TestDesk
from agi_peer import Channel, dialplan_calls, environment, until

from bridge.agi import desk_link, desk_server
from bridge.agi.desk import CallReport, CallStart, StartDecision
from bridge.agi.desk_link import Address, DeskLink, open_link
from bridge.agi.desk_server import DeskConnection
from bridge.agi.errors import DeskError, DeskRefused, DeskUnavailable, HandshakeFailed
from bridge.agi.questions import Answered, Offered
from bridge.agi.server import FastAgiServer
from bridge.agi.session import AgiSession

START = CallStart("PJSIP/1000-1", "1.1", "15551234567")


async def nothing(_agi: AgiSession) -> None:
    """A script of the bridge's that nobody asks for here."""


@contextlib.asynccontextmanager
async def bridge(desk: TestDesk | None, secret: str = "s", **settings: object) -> AsyncIterator[Address]:
    server = FastAgiServer(nothing, port=0, secret=secret, desk=desk, **settings)  # type: ignore[arg-type]
    await server.start()
    try:
        yield Address("127.0.0.1", server.port)
    finally:
        await server.stop()


async def test_a_question_and_its_answer() -> None:
    desk = TestDesk()
    async with bridge(desk) as address:
        link = await open_link(address, "s", 1)
        answer = await link.ask("call_start", START, 1)
        assert answer == StartDecision.allow("call-1", "PJSIP/15551234567@carrier", "15550009999", 30)
        assert desk.asked == [START]
        link.close()
        await link.closed


async def test_many_questions_at_a_time_each_get_their_own_answer() -> None:
    async with bridge(TestDesk()) as address:
        link = await open_link(address, "s", 1)
        desk_answers = await asyncio.gather(*(link.ask("agent_offer", _offer(str(n)), 5) for n in range(500)))
        assert [a.room for a in desk_answers] == [str(n) for n in range(500)]
        link.close()


@pytest.mark.parametrize(("allow", "in_"), [(["127.0.0.0/8"], True), (["192.0.2.0/24"], False)])
async def test_the_secret_opens_nothing_to_an_address_that_may_not_connect(
    allow: list[str], *, in_: bool
) -> None:
    async with bridge(TestDesk(), allow=allow) as address:
        if in_:
            (await open_link(address, "s", 1)).close()
            return
        with pytest.raises(DeskUnavailable):
            await open_link(address, "s", 1)


async def test_more_connections_than_sessions_could_need_are_refused() -> None:
    async with bridge(TestDesk(), max_sessions=-50) as address:  # 2 x -50 + 100: the first is one too many
        with pytest.raises(DeskUnavailable):
            await open_link(address, "s", 1)


async def test_each_asterisk_has_a_desk_of_its_own() -> None:
    first, east = TestDesk(), TestDesk()
    server = FastAgiServer(nothing, port=0, secret="s", desk=first, desks={"main": first, "east": east})
    await server.start()
    address = Address("127.0.0.1", server.port)
    for name, desk in (("", first), ("main", first), ("east", east)):
        link = await open_link(address, "s", 1, asterisk=name)
        await link.ask("call_start", START, 1)
        assert desk.asked.pop() == START
        link.close()
    assert not first.asked + east.asked
    with pytest.raises(HandshakeFailed, match="'west'"):
        await open_link(address, "s", 1, asterisk="west")
    await server.stop()


async def test_a_desk_knows_how_long_its_answer_is_waited_for() -> None:
    desk = TestDesk()
    async with bridge(desk) as address:
        link = await open_link(address, "s", 1)
        await link.ask("call_answered", Answered("c", "PJSIP/x"), 4)
        assert 3 < desk.patience <= 4.001
        link.close()


async def test_over_a_unix_socket_nobody_needs_a_secret(tmp_path: Path) -> None:
    desk = TestDesk()
    path = tmp_path / "desk.sock"
    server = await asyncio.get_running_loop().create_unix_server(lambda: DeskConnection(desk), str(path))
    link = await open_link(Address.parse(str(path)), None, 1)
    await link.ask("call_end", CallReport("c"), 1)
    assert desk.reports == [CallReport("c")]
    link.close()
    server.close()


async def test_a_wrong_secret() -> None:
    async with bridge(TestDesk(), secret="other") as address:
        with pytest.raises(HandshakeFailed):
            await open_link(address, "s", 1)


async def test_an_address_that_is_no_name_of_a_host() -> None:
    with pytest.raises(DeskUnavailable):
        await open_link(Address("bridge..example", 4574), "s", 1)


async def test_nobody_there() -> None:
    async with bridge(TestDesk()) as address:
        pass
    with pytest.raises(DeskUnavailable):
        await open_link(address, "s", 1)


async def test_somebody_who_says_nothing() -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    with pytest.raises(DeskUnavailable):
        await open_link(Address("127.0.0.1", server.sockets[0].getsockname()[1]), "s", 0.1)
    server.close()


async def test_a_bridge_without_a_desk_closes() -> None:
    async with bridge(None) as address:
        link = await open_link(address, "s", 1)
        await asyncio.wait_for(link.closed, 1)


async def test_a_stranger_at_the_gate_is_turned_away() -> None:
    desk = TestDesk()
    async with bridge(desk) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(environment("call_start"))
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
    assert desk.asked == []


async def test_a_silent_stranger_at_the_gate_is_let_go() -> None:
    async with bridge(TestDesk(), env_timeout=0.05) as address:
        reader, writer = await asyncio.open_connection(*address)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()


async def test_no_answer_in_time() -> None:
    desk = TestDesk()
    desk.frozen = True
    async with bridge(desk) as address:
        link = await open_link(address, "s", 1)
        with pytest.raises(DeskUnavailable):
            await link.ask("call_start", START, 0.05)
        link.close()


async def test_a_desk_that_raises() -> None:
    desk = TestDesk()
    desk.broken = True
    async with bridge(desk) as address:
        link = await open_link(address, "s", 1)
        with pytest.raises(DeskError, match="failed"):
            await link.ask("call_start", START, 1)
        link.close()


async def test_a_question_that_comes_too_late_never_reaches_the_desk() -> None:
    desk = TestDesk()
    async with bridge(desk) as address:
        link = await open_link(address, "s", 1)
        link._clock_ahead -= 60
        with pytest.raises(DeskUnavailable, match="too late"):
            await link.ask("call_start", START, 1)
        assert desk.asked == []
        link.close()


async def test_a_question_that_makes_no_sense_is_refused_for_good() -> None:
    async with bridge(TestDesk()) as address:
        link = await open_link(address, "s", 1)
        with pytest.raises(DeskRefused):
            await link.ask("call_start", CallReport("c"), 1)
        link.close()


async def test_the_connection_goes_with_questions_in_flight() -> None:
    desk = TestDesk()
    desk.frozen = True
    async with bridge(desk) as address:
        link = await open_link(address, "s", 1)
        asked = asyncio.ensure_future(link.ask("call_start", START, 60))
        await until(lambda: desk.asked)
    with pytest.raises(DeskUnavailable):
        await asyncio.wait_for(asked, 1)
    with pytest.raises(DeskUnavailable):
        await link.ask("call_start", START, 60)


async def test_a_bridge_that_falls_silent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_link, "PING_EVERY", 0.02)
    monkeypatch.setattr(desk_link, "DEAD_AFTER", 0.1)
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    link = await open_link(Address("127.0.0.1", server.sockets[0].getsockname()[1]), None, 1)
    asked = asyncio.ensure_future(link.ask("call_start", START, 60))
    with pytest.raises(DeskUnavailable):
        await asyncio.wait_for(asked, 2)
    server.close()


async def test_a_bridge_that_answers_pings_is_alive_however_long_a_question_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_link, "PING_EVERY", 0.02)
    monkeypatch.setattr(desk_link, "DEAD_AFTER", 0.1)
    desk = TestDesk()
    desk.frozen = True
    async with bridge(desk) as address:
        link = await open_link(address, "s", 1)
        with pytest.raises(DeskUnavailable):
            await link.ask("call_start", START, 0.4)
        assert not link.closed.done()
        link.close()


async def test_a_relay_that_falls_silent_is_noticed_and_counts_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_server, "SILENT_AFTER", 0.1)
    server = FastAgiServer(nothing, port=0, secret="s", desk=TestDesk())
    await server.start()
    link = await open_link(Address("127.0.0.1", server.port), "s", 1)
    await until(lambda: server.relays)
    assert link._pulse is not None
    link._pulse.cancel()  # it is stopped: its connection stays, and nothing comes
    await asyncio.wait_for(link.closed, 2)
    assert not server.relays
    await server.stop()


async def test_a_relay_that_gets_answers_all_the_time_still_shows_that_it_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_link, "PING_EVERY", 0.02)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ping = asyncio.ensure_future(reader.readline())
        while not ping.done():
            writer.write(b'{"id": 99, "answer": {}}\n')
            await asyncio.wait({ping}, timeout=0.005)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    link = await open_link(Address("127.0.0.1", server.sockets[0].getsockname()[1]), None, 1)
    await asyncio.wait_for(link.closed, 2)
    server.close()


async def test_a_planned_stop_lets_a_question_under_way_have_its_answer() -> None:
    desk = TestDesk()
    desk.release = asyncio.Event()
    server = FastAgiServer(nothing, port=0, secret="s", desk=desk)
    await server.start()
    link = await open_link(Address("127.0.0.1", server.port), "s", 1)
    asked = asyncio.ensure_future(link.ask("call_start", START, 60))
    await until(lambda: desk.asked)
    draining = asyncio.ensure_future(server.drain(5))
    await asyncio.sleep(0)
    desk.release.set()
    assert (await asked).allowed
    await draining
    await link.closed


async def test_a_question_that_takes_too_long_does_not_hold_up_a_stop() -> None:
    desk = TestDesk()
    desk.frozen = True
    server = FastAgiServer(nothing, port=0, secret="s", desk=desk)
    await server.start()
    link = await open_link(Address("127.0.0.1", server.port), "s", 1)
    asked = asyncio.ensure_future(link.ask("call_start", START, 60))
    await until(lambda: desk.asked)
    await asyncio.wait_for(server.drain(0.05), 2)
    with pytest.raises(DeskUnavailable):
        await asked


@pytest.mark.parametrize("line", [b"nonsense\n", b"[]\n", b"1\n", b"x" * 70_000])
async def test_nonsense_closes_the_connection_on_either_side(line: bytes) -> None:
    async with bridge(TestDesk()) as address:
        link = await open_link(address, "s", 1)
        link._write(line)
        await asyncio.wait_for(link.closed, 1)

    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    link = DeskLink(None)
    port = server.sockets[0].getsockname()[1]
    await asyncio.get_running_loop().create_connection(lambda: link, "127.0.0.1", port)
    await asyncio.wait_for(link.closed, 1)
    server.close()


async def test_an_answer_that_is_no_such_record() -> None:
    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        message = json.loads(await reader.readline())
        writer.write(json.dumps({"id": message["id"], "answer": {"allowed": "yes"}}).encode() + b"\n")

    server = await asyncio.start_server(lie, "127.0.0.1", 0)
    link = await open_link(Address("127.0.0.1", server.sockets[0].getsockname()[1]), None, 1)
    with pytest.raises(DeskError, match="understood"):
        await link.ask("call_start", START, 1)
    link.close()
    server.close()


async def test_sessions_are_passed_through_the_same_gate() -> None:
    async with bridge(TestDesk()) as address:
        # Without the handshake Asterisk itself gets nowhere.
        assert (await dialplan_calls(address.port, "x", Channel())).commands == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("bridge-a", ("bridge-a", 4574)),
        ("bridge-a:99", ("bridge-a", 99)),
        ("[::1]:99", ("::1", 99)),
        ("[::1]", ("::1", 4574)),
        ("/run/x.sock", ("/run/x.sock", 0)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert Address.parse(text) == address


@pytest.mark.parametrize("text", ["", ":1", "a:", "a:0", "a:99999", "a:b"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        Address.parse(text)


def test_how_an_address_is_printed() -> None:
    assert str(Address("a", 1)) == "a:1"
    assert str(Address("/run/x", 0)) == "/run/x"


def _offer(member: str) -> Offered:
    return Offered(member, "c", "PJSIP/x", "q")
