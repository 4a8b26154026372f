"""Whatever comes over the socket: it is answered, changes nothing that it should not, and harms nobody."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import Any

import pytest
from admin_service import SECONDS, Serve, Service
from fake_ami.waiting import eventually
from structlog.testing import capture_logs

from bridge.admin import server, wire
from bridge.admin.client import ask
from bridge.admin.command import Parts
from bridge.admin.errors import AdminError
from bridge.admin.server import peer_of
from bridge.admin.site_commands import AddItem, Item, ListItems, ShowItem
from bridge.campaigns.model import Phone, Trunk

CARRIER = Trunk(name="carrier", template="PJSIP/{number}@carrier")
ADD = AddItem(item=Item.of(CARRIER), replace=False)
LIST = ListItems(kind="trunk", after="", limit=10)


async def command(service: Service, asked: Any) -> Any:
    """Ask as the command line does."""
    return await asyncio.to_thread(ask, service.path, asked)


def error(answer: bytes) -> str:
    found: str = json.loads(answer)["error"]
    return found


def request(command: object) -> bytes:
    return json.dumps(json.loads(wire.request(LIST)) | {"command": command}).encode() + b"\n"


async def test_a_command_is_carried_out_and_known_at_once(service: Service) -> None:
    assert await service.parts.site.trunk("carrier") is None
    assert await command(service, ADD) == "added"
    assert await service.parts.site.trunk("carrier") == CARRIER
    with pytest.raises(AdminError, match=r"^trunk 'carrier' exists already$"):
        await command(service, ADD)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\n", "no command: Input data was truncated"),
        (b"{}\n", "no command: Object missing required field `version`"),
        (b"\xff\xfe\n", "no command: JSON is malformed"),
        (b"GET / HTTP/1.1\r\n\r\n", "no command: JSON is malformed"),
        (b"[" * 100_000 + b"\n", "no command: "),
        (request([]), "no command: Expected `object`, got `array`"),
        (request({"do": "Juggle"}), "no command: Invalid value 'Juggle' - at `$.do`"),
        (request({"do": "ShowItem", "kind": "trunk"}), "missing required field `key`"),
        (request({"do": "ShowItem", "kind": "users", "key": "a"}), "matching regex"),
        (request({"do": "ShowItem", "kind": "trunk", "key": "a", "x": 1}), "unknown field `x`"),
        (request({"do": "ListItems", "kind": "trunk", "after": "", "limit": -1}), "Expected `int` >= 1"),
        (request({"do": "AddItem", "replace": True, "item": {"kind": "trunk", "fields": {}}}), "missing"),
        (wire.request(ADD) * 2, "no command: JSON is malformed"),
        (wire.request(ADD) + b"x", "no command: JSON is malformed"),
    ],
    ids=[
        "nothing",
        "no version",
        "no text",
        "HTTP",
        "too deep",
        "a list",
        "no such command",
        "a field missing",
        "no such kind",
        "a field too many",
        "below the least",
        "no such trunk",
        "two",
        "one and a half",
    ],
)
async def test_what_is_no_command_changes_nothing(service: Service, data: bytes, why: str) -> None:
    assert why in error(await service.send(data))
    assert await command(service, LIST) == []


async def test_half_a_request_is_none(service: Service) -> None:
    assert error(await service.send(wire.request(ADD)[:-1], end=True)) == "the request has no end"
    assert error(await service.send(b"", end=True)) == "the request has no end"
    assert await command(service, LIST) == []


async def test_a_request_has_a_greatest_length(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1000)
    assert error(await service.send(b"x" * 1001)) == "the request is longer than 1000 bytes"


async def test_a_slow_client_is_let_go(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.1)
    assert error(await service.send(b'{"ver')) == "the request was not here as a whole within 0.1 s"


async def test_one_that_does_not_take_its_answer_is_let_go(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(wire, "success", lambda _: b"x" * 10_000_000)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.connect(str(service.path))
        deaf.sendall(wire.request(LIST))
        await eventually(lambda: service.server._clients)
        await eventually(lambda: not service.server._clients)


async def test_a_client_that_has_gone_harms_nobody_and_its_command_stands(service: Service) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.connect(str(service.path))
        gone.sendall(wire.request(ADD))
    async with asyncio.timeout(SECONDS):
        while await command(service, LIST) == []:
            pass
    assert await service.parts.site.trunk("carrier") == CARRIER


async def test_many_clients_wait_for_a_place_and_hold_up_nothing_else(service: Service) -> None:
    silent = [await asyncio.open_unix_connection(str(service.path)) for _ in range(server.CLIENTS)]
    await eventually(lambda: len(service.server._clients) == server.CLIENTS)
    adds = [AddItem(item=Item.of(Phone(login=str(login))), replace=False) for login in range(1000, 1040)]
    answers = asyncio.gather(*(service.send(wire.request(add)) for add in adds))
    await service.parts.site.put(CARRIER)  # as the API would
    assert not answers.done()
    assert len(service.server._clients) == server.CLIENTS
    for _, writer in silent:
        writer.close()
    assert [wire.result(ADD, answer) for answer in await answers] == ["added"] * len(adds)
    assert len(await service.parts.site.list(Phone)) == len(adds)


async def test_silent_clients_make_room_for_others(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.2)
    silent = [await asyncio.open_unix_connection(str(service.path)) for _ in range(server.CLIENTS * 2)]
    assert wire.result(ADD, await service.send(wire.request(ADD))) == "added"
    for _, writer in silent:
        writer.close()


async def test_only_root_and_the_services_own_user_may_command(serve: Serve) -> None:
    async with serve(frozenset({4711})) as service:
        with capture_logs() as logged, pytest.raises(AdminError, match=r"^user \d+ may not command this"):
            await command(service, ADD)
        assert await service.parts.site.list(Trunk) == []
    assert [(line["log_level"], line["uid"]) for line in logged] == [("warning", os.geteuid())]


def test_who_it_is_comes_from_the_kernel() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert peer_of(one) == (os.getpid(), os.geteuid())


async def test_a_command_is_logged_without_what_is_in_it(service: Service) -> None:
    with capture_logs() as logged:
        await command(service, ADD)
    (line,) = logged
    assert (line["event"], line["command"], line["uid"]) == ("admin command", "AddItem", os.geteuid())
    assert "carrier" not in str(line)


async def test_a_fault_of_ours_is_told_and_ends_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_self: ShowItem, _parts: Parts) -> None:
        raise LookupError("a fault of ours")

    with monkeypatch.context() as patch, capture_logs() as logged:
        patch.setattr(ShowItem, "do", fail)
        with pytest.raises(AdminError, match=r"^the service failed at this command: its log says how$"):
            await command(service, ShowItem(kind="trunk", key="carrier"))
    assert [line["log_level"] for line in logged] == ["info", "error"]
    assert await command(service, LIST) == []


async def test_a_connection_that_cannot_be_accepted_is_not_the_last(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    accept, failed = loop.sock_accept, [OSError(24, "Too many open files")]

    async def once(listener: socket.socket) -> Any:
        if failed:
            raise failed.pop()
        return await accept(listener)

    monkeypatch.setattr(server, "ACCEPT_AGAIN", 0.01)
    monkeypatch.setattr(loop, "sock_accept", once)
    for _ in range(3):  # the first is taken by the accept that was under way
        assert await command(service, LIST) == []
    assert failed == []


async def test_a_stop_lets_a_command_come_to_its_end(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_self: ShowItem, _parts: Parts) -> str:
        begun.set()
        await go_on.wait()
        return "at last"

    monkeypatch.setattr(ShowItem, "do", slowly)
    async with serve(None) as service:
        answer = asyncio.create_task(service.send(wire.request(ShowItem(kind="trunk", key="carrier"))))
        await asyncio.wait_for(begun.wait(), SECONDS)
        asyncio.get_running_loop().call_later(0.1, go_on.set)
    assert json.loads(await answer) == {"result": "at last"}


async def test_but_does_not_wait_for_ever(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LET_GO", 0.1)
    async with asyncio.timeout(SECONDS):
        async with serve(None) as service:
            _, writer = await asyncio.open_unix_connection(str(service.path))
            writer.write(b"{")
            await asyncio.sleep(0)
        writer.close()
    assert not service.path.exists()
