"""The command line's end: the service where there is one, the store only where there is none."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from admin_service import SECONDS, Service, serving_in_a_thread

from bridge.admin import client, wire
from bridge.admin.client import ask, perform
from bridge.admin.command import Command
from bridge.admin.errors import AdminError, ServiceDown
from bridge.admin.place import listening
from bridge.admin.site_commands import AddItem, Fields, Item, ListItems
from bridge.campaigns.model import Trunk
from bridge.secret import SecretUrl
from bridge.settings import Settings, StoreSettings
from bridge.store.database import Database

ADD = AddItem(item=Item.of(Trunk(name="carrier", template="PJSIP/{number}@carrier")), replace=False)
LIST = ListItems(kind="trunk", after="", limit=10)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The store."""
    return f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.fixture
def settings(url: str) -> Settings:
    """Those of the service and of the command line."""
    return Settings(store=StoreSettings(url=SecretUrl(url)))


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stores that the command line has opened by itself."""
    opened: list[str] = []

    def recorded(url: str) -> object:
        opened.append(url)
        return Database(url)

    monkeypatch.setattr("bridge.admin.client.Database", recorded)
    return opened


@contextmanager
def peer(path: Path, behave: Callable[[socket.socket], None]) -> Iterator[None]:
    """Somebody who listens, and does something with the first who comes."""

    def main() -> None:
        link, _ = listener.accept()
        with link:
            behave(link)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=main)
        thread.start()
        yield
        thread.join(SECONDS)
    assert not thread.is_alive()


def test_without_a_service_it_goes_into_the_store(settings: Settings, stores: list[str], url: str) -> None:
    assert perform(settings, ADD) == "added"
    assert [item["name"] for item in perform(settings, LIST)] == ["carrier"]
    assert stores == [url, url]


def test_only_a_service_has_a_greatest_length(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, path: Path, url: str, cheap_hasher: None
) -> None:
    del cheap_hasher
    monkeypatch.setattr(wire, "MOST_BYTES", 100)
    with serving_in_a_thread(url, path), pytest.raises(AdminError, match="100 are taken at once: divide it"):
        perform(settings, ADD)
    assert perform(settings, ADD) == "added"


def test_with_a_service_the_store_is_not_touched(
    settings: Settings, stores: list[str], url: str, path: Path, cheap_hasher: None
) -> None:
    del cheap_hasher
    with serving_in_a_thread(url, path):
        assert perform(settings, ADD) == "added"
        with pytest.raises(AdminError, match=r"^trunk 'carrier' exists already$"):
            perform(settings, ADD)
    assert stores == []


@pytest.mark.parametrize("left", [False, True], ids=["no socket", "one of a service that was killed"])
def test_nobody_listens(path: Path, left: bool) -> None:  # noqa: FBT001  a case
    if left:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
    with pytest.raises(ServiceDown):
        ask(path, LIST)


def test_a_socket_of_somebody_else_is_told_and_the_store_not_touched(
    settings: Settings, stores: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Guarded(socket.socket):
        def connect(self, _address: object) -> None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("bridge.admin.client.socket.socket", Guarded)
    with pytest.raises(AdminError, match="is closed to this user: run this as the service's user"):
        perform(settings, ADD)
    assert stores == []


class Hasty(Command[list[Fields]], frozen=True, kw_only=True):
    """A command that is not waited for long."""

    seconds = 0.1


def test_a_service_that_does_not_answer_is_told_and_the_store_not_touched(
    settings: Settings, stores: list[str], path: Path
) -> None:
    ended = threading.Event()

    def wait(_: socket.socket) -> None:
        ended.wait(SECONDS)

    with peer(path, wait):
        with pytest.raises(AdminError, match=r"has not answered within 0.1 s: look whether it was done"):
            perform(settings, Hasty())
        ended.set()
    assert stores == []


@pytest.mark.parametrize("answer", [b"", b'{"resu'], ids=["at once", "in mid answer"])
def test_a_service_that_ends_is_told_and_the_store_not_touched(
    settings: Settings, stores: list[str], path: Path, answer: bytes
) -> None:
    def end(link: socket.socket) -> None:
        link.recv(65_536)
        link.sendall(answer)

    with peer(path, end), pytest.raises(AdminError, match=r"ended before it answered.*look whether"):
        perform(settings, ADD)
    assert stores == []


def test_a_refusal_is_heard_though_it_was_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a request that is too long for a service with another limit."""
    monkeypatch.setattr(wire, "request", lambda _: b"x" * 10_000_000)
    with peer(path, lambda link: link.sendall(wire.failure("too long"))), pytest.raises(AdminError) as caught:
        ask(path, LIST)
    assert str(caught.value) == "too long"


async def test_a_service_at_its_start_is_waited_for(settings: Settings, service: Service) -> None:
    """It has the lock, but nobody listens yet."""
    elsewhere = service.path.rename(service.path.with_suffix(".away"))
    asked = asyncio.create_task(asyncio.to_thread(perform, settings, ADD))
    await asyncio.wait({asked}, timeout=0.2)
    assert not asked.done()
    elsewhere.rename(service.path)
    assert await asyncio.wait_for(asked, SECONDS) == "added"
    assert await service.parts.site.trunk("carrier") is not None


async def test_but_not_for_ever(
    settings: Settings, stores: list[str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "BETWEEN_SECONDS", 0.1)
    async with listening(path):
        path.unlink()
        with pytest.raises(AdminError, match="is starting or stopping, and does not answer: see its log"):
            await asyncio.to_thread(perform, settings, ADD)
    assert stores == []


async def test_a_service_that_accepts_nobody_is_not_waited_for_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, with as many before us as may wait."""
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1)
    with socket.socket(socket.AF_UNIX) as full:
        full.bind(str(path))
        full.listen(0)
        with socket.socket(socket.AF_UNIX) as first:
            first.connect(str(path))
            with pytest.raises(AdminError, match="the service does not take commands"):
                await asyncio.wait_for(asyncio.to_thread(ask, path, LIST), SECONDS)
