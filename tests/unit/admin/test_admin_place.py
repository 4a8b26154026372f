from __future__ import annotations

import asyncio
import os
import socket
import stat
from pathlib import Path

import pytest

from bridge.admin import place
from bridge.admin.errors import AdminError
from bridge.admin.place import listening, no_service, socket_path
from bridge.secret import SecretUrl
from bridge.settings import AdminSettings, Settings, StoreSettings

SECONDS = 10.0


def path_for(url: str, setting: str = "") -> Path:
    store = StoreSettings(url=SecretUrl(url))
    return socket_path(Settings(store=store, admin=AdminSettings(socket=setting)))


def left_behind(path: Path) -> None:
    """A socket as a service leaves it that was killed."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


@pytest.mark.parametrize(
    ("url", "setting", "path"),
    [
        ("sqlite:////var/lib/agent-bridge/bridge.db", "", "/var/lib/agent-bridge/bridge.db.sock"),
        ("sqlite:////var/lib/agent-bridge/bridge.db", "/run/bridge/a.sock", "/run/bridge/a.sock"),
        ("postgresql://bridge@db/bridge", "", "/var/lib/agent-bridge/admin.sock"),
        ("postgresql://bridge@db/bridge", "/run/bridge/a.sock", "/run/bridge/a.sock"),
    ],
)
def test_each_store_has_its_socket(url: str, setting: str, path: str) -> None:
    assert path_for(url, setting) == Path(path)


def test_a_path_that_no_socket_can_have_is_told_with_the_setting() -> None:
    with pytest.raises(AdminError, match=r"at most 107 bytes; set \[admin\] socket"):
        path_for(f"sqlite:////{'x' * 110}/bridge.db")


async def test_it_is_its_owners_alone_and_gone_afterwards(path: Path) -> None:
    async with listening(path):
        found = path.stat()
        assert (stat.S_ISSOCK(found.st_mode), stat.S_IMODE(found.st_mode)) == (True, 0o600)
        assert stat.S_IMODE(Path(f"{path}.lock").stat().st_mode) == 0o600
    assert not path.exists()


async def test_one_that_was_left_behind_is_replaced(path: Path) -> None:
    left_behind(path)
    async with listening(path):
        _, writer = await asyncio.open_unix_connection(str(path))
        writer.close()


async def test_one_that_lives_is_not_taken(path: Path) -> None:
    async with listening(path) as first:
        with pytest.raises(AdminError, match=f"another bridge has {path}: each needs a store, or"):
            async with listening(path):
                pass
        _, writer = await asyncio.open_unix_connection(str(path))
        link, _ = await asyncio.wait_for(asyncio.get_running_loop().sock_accept(first), SECONDS)
        link.close()
        writer.close()


async def test_what_is_no_socket_is_left_alone(path: Path) -> None:
    path.write_text("a person's")
    with pytest.raises(AdminError, match="is no socket: move it away, or set"):
        async with listening(path):
            pass
    assert path.read_text() == "a person's"


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match=r"cannot make the socket .*No such file or directory"):
        async with listening(tmp_path / "none" / "a.sock"):
            pass


async def test_a_start_waits_for_those_who_write_into_the_store(path: Path) -> None:
    async def start() -> bool:
        async with listening(path):
            with no_service(path) as down:
                return down

    with no_service(path) as first, no_service(path) as second:
        assert (first, second) == (True, True)
        starting = asyncio.create_task(start())
        await asyncio.wait({starting}, timeout=0.2)
        assert not starting.done()
    assert await asyncio.wait_for(starting, SECONDS) is False


async def test_but_not_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "WRITERS_SECONDS", 0.1)
    with no_service(path), pytest.raises(AdminError, match=r"has been writing into the store for 0.1 s"):
        async with listening(path):
            pass


def test_where_no_lock_can_be_there_is_no_service(tmp_path: Path) -> None:
    with no_service(tmp_path / "none" / "a.sock") as down:
        assert down


def test_a_lock_that_root_makes_belongs_to_the_owner_of_the_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))
    with no_service(path):
        folder = path.parent.stat()
        assert given == [(folder.st_uid, folder.st_gid)]


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
async def test_a_link_in_its_place_gives_away_nobody_elses_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    given: list[int] = []
    others = tmp_path / "others"
    others.touch()
    getattr(Path(f"{path}.lock"), link)(others)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda file, *_: given.append(file))
    with no_service(path):
        assert given == []
