"""What fields of a site's things may hold, and the site read anew."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_fakes import World, crm

from bridge.campaigns.model import Campaign, Phone


@pytest.fixture
def folder(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the site's sounds."""
    services = world.services

    def with_folder() -> Any:
        found = services()
        options = replace(found.options, sounds_folder=str(tmp_path), sounds_url="https://pbx.example/s/")
        return replace(found, options=options)

    monkeypatch.setattr(world, "services", with_folder)
    return tmp_path


async def test_sounds_by_name_in_pages(world: World, folder: Path) -> None:
    for name in ("hello.wav", "a b.gsm", "notes.txt"):
        (folder / name).write_bytes(b"12345")
        os.utime(folder / name, (1_000_000_000, 1_000_000_000))
    (folder / "folder.wav").mkdir()
    async with await crm(world) as http:
        first = await http.get("/v1/sounds?limit=1")
        assert first.json() == [
            {
                "name": "a b.gsm",
                "size": 5,
                "changed_at": "2001-09-09T01:46:40Z",
                "url": "https://pbx.example/s/a%20b.gsm",
            }
        ]
        rest = await http.get(first.links["next"]["url"])
    assert [one["name"] for one in rest.json()] == ["hello.wav"]
    assert "next" not in rest.links


async def test_a_site_without_such_a_folder_says_so(admin: httpx.AsyncClient) -> None:
    reply = await admin.get("/v1/sounds")
    assert (reply.status_code, reply.json()["error_id"]) == (409, "not-set-up")
    assert "sounds_folder" in reply.json()["detail"]


async def test_a_folder_that_is_gone_is_told(world: World, folder: Path) -> None:
    folder.rmdir()
    async with await crm(world) as http:
        reply = await http.get("/v1/sounds")
    assert (reply.status_code, reply.json()["error_id"]) == (409, "not-set-up")
    assert str(folder) not in reply.text


async def test_music_and_boxes_are_those_that_the_site_names(admin: httpx.AsyncClient, world: World) -> None:
    await world.site.put(Campaign(id="QUIET", park_music="calm"))
    await world.site.put(Phone(login="2000", name="Ann", voicemail="2000"))
    assert {"name": "calm"} in (await admin.get("/v1/musicclasses")).json()
    assert {"name": "default"} in (await admin.get("/v1/musicclasses")).json()
    assert (await admin.get("/v1/voicemailboxes")).json() == [{"box": "2000", "name": "Ann"}]


async def test_the_site_is_read_anew(admin: httpx.AsyncClient) -> None:
    assert (await admin.post("/v1/site/refresh")).status_code == 204
