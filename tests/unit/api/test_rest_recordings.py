"""`/v1/recordings`: lists, links, and the files behind them; `/v1/agents/{user}/recording`."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client
from api_fakes.recorder import FakeDownloads

from bridge.access.model import ALL_RIGHTS, GroupScope, UserSpec
from bridge.access.names import ALL
from bridge.recordings.model import Recording
from bridge.services import ApiOptions

SOUND = os.urandom(200_000)


def wav(sound: bytes = SOUND) -> bytes:
    """As much of a WAV file as is looked at: its name, and its length."""
    return b"RIFF" + (len(sound) + 4).to_bytes(4, "little") + b"WAVE" + sound


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    world.downloads = FakeDownloads(world.recordings, str(tmp_path))
    return tmp_path


@pytest.fixture
def recorded(world: World, folder: Path) -> Recording:
    """A recording that is over, with its file."""
    begun = world.recordings.add(world.agents.open["1000"], "_abc", "crm")
    over = msgspec.structs.replace(begun, ended_at=datetime.now(UTC))
    world.recordings.kept[over.id] = over
    (folder / f"{over.filename}.wav").write_bytes(wav())
    return over


@pytest.fixture
async def admin(world: World, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator, in the world with a folder."""
    del folder
    async with client(world, auth=basic()) as made:
        yield made


async def link(admin: httpx.AsyncClient, recording: Recording) -> str:
    found = await admin.get(f"/v1/recordings/{recording.id}")
    assert found.status_code == 200, found.text
    url: str = found.json()["url"]
    return url


def over_for_long(world: World, recorded: Recording) -> None:
    """It ended long before Asterisk could still be at its file."""
    long_ago = datetime(2026, 11, 20, tzinfo=UTC)
    world.recordings.kept[recorded.id] = msgspec.structs.replace(recorded, ended_at=long_ago)


def changed(url: str, **query: str) -> str:
    parts = urlsplit(url)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()} | query
    return str(httpx.URL(url).copy_with(params=given))


class TestTheCommand:
    async def test_starts_tells_and_stops(self, admin: httpx.AsyncClient, world: World) -> None:
        path = "/v1/agents/1000/recording"
        none = await admin.get(path)
        assert (none.status_code, none.json()["error_id"]) == (409, "not-recording")
        begun = (await admin.post(path, json={"suffix": "_abc"})).json()
        assert (begun["agent"], begun["ended_at"]) == ("1000", None)
        assert begun["url"].startswith("http://bridge/v1/recordings/901/audio?")
        running = (await admin.get(path)).json()
        assert running["url"]
        assert {**running, "url": "", "url_expires_at": ""} == {**begun, "url": "", "url_expires_at": ""}
        assert (await admin.post(path)).json()["id"] == begun["id"]
        over = await admin.delete(path)
        assert (over.status_code, over.json()["id"]) == (200, begun["id"])
        assert over.json()["ended_at"] is not None
        assert over.json()["url"].startswith("http://bridge/v1/recordings/901/audio?")
        again = await admin.delete(path)
        assert (again.status_code, again.json()["error_id"]) == (409, "not-recording")
        assert world.record.commands == [
            ("record", "1000", "_abc", "6666"),
            ("record", "1000", "", "6666"),
            ("stop recording", "1000", "6666"),
        ]

    @pytest.mark.parametrize("suffix", ["a/b", "..", "x" * 15, "a b", "a\n", 7])
    async def test_a_suffix_that_no_file_may_have(
        self, admin: httpx.AsyncClient, world: World, suffix: object
    ) -> None:
        reply = await admin.post("/v1/agents/1000/recording", json={"suffix": suffix})
        assert (reply.status_code, reply.json()["field"]) == (400, "suffix")
        assert world.record.commands == []

    async def test_of_an_agent_who_is_not_there(self, admin: httpx.AsyncClient) -> None:
        for method in ("GET", "POST", "DELETE"):
            reply = await admin.request(method, "/v1/agents/1001/recording")
            assert (reply.status_code, reply.json()["error_id"]) == (409, "agent-not-logged-in")


class TestTheList:
    async def test_newest_first_in_pages(self, admin: httpx.AsyncClient, world: World) -> None:
        for _ in range(3):
            world.recordings.add(world.agents.open["1000"])
        page = await admin.get("/v1/recordings?limit=2")
        assert [one["id"] for one in page.json()] == [903, 902]
        assert "url" not in page.json()[0]
        rest = await admin.get(page.links["next"]["url"])
        assert [one["id"] for one in rest.json()] == [901]
        assert "next" not in rest.links

    async def test_by_agent_and_time(self, admin: httpx.AsyncClient, world: World) -> None:
        wanted = "/v1/recordings?agent=1000&since=2026-11-20T10:00:00-05:00&until=2026-11-21T00:00:00Z"
        assert (await admin.get(wanted.replace("+", "%2B"))).status_code == 200
        (query,) = world.recordings.listed
        assert query.user == "1000"
        assert query.since == datetime(2026, 11, 20, 15, tzinfo=UTC)
        assert query.until == datetime(2026, 11, 21, tzinfo=UTC)

    async def test_by_a_call_that_is_not_there(self, admin: httpx.AsyncClient) -> None:
        reply = await admin.get("/v1/recordings?call=nothing")
        assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-call")

    @pytest.mark.parametrize(
        "wrong", ["since=yesterday", "cursor=x", "cursor=99999999999999999999", "limit=501", "user=1000"]
    )
    async def test_that_cannot_be(self, admin: httpx.AsyncClient, wrong: str) -> None:
        assert (await admin.get(f"/v1/recordings?{wrong}")).status_code == 400

    async def test_shows_what_the_group_sees(self, world: World, folder: Path, recorded: Recording) -> None:
        del folder
        narrow = GroupScope(campaigns=frozenset({"OTHERCMP"}), groups=frozenset({"NARROW"}))
        world.access.scopes["NARROW"] = narrow
        spec: dict[str, Any] = {"level": 9, "api_access": True, "functions": ALL, "rights": ALL_RIGHTS}
        await world.access.create(UserSpec(user="narrow", group="NARROW", **spec), "secret")
        async with client(world, auth=basic("narrow", "secret")) as someone:
            await someone.get("/v1/recordings")
            reply = await someone.get(f"/v1/recordings/{recorded.id}")
        assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-recording")
        (query,) = world.recordings.listed
        assert (query.sight.campaigns, query.sight.groups) == (narrow.campaigns, narrow.groups)


class TestTheLink:
    async def test_has_all_that_is_needed(self, admin: httpx.AsyncClient, recorded: Recording) -> None:
        found = (await admin.get(f"/v1/recordings/{recorded.id}")).json()
        assert found["url"].startswith(f"http://bridge/v1/recordings/{recorded.id}/audio?expires=")
        left = datetime.fromisoformat(found["url_expires_at"]).timestamp() - time.time()
        assert 890 < left <= 900

    async def test_leads_to_the_public_address(self, world: World, recorded: Recording) -> None:
        world.options = ApiOptions(public_url="https://bridge.example/calls")
        async with client(world, auth=basic()) as admin:
            assert (await link(admin, recorded)).startswith(
                "https://bridge.example/calls/v1/recordings/901/audio?"
            )

    async def test_is_good_when_the_file_is_there(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World, folder: Path
    ) -> None:
        """It may be passed on while the recording runs; whoever uses it then is told when to come back."""
        running = world.recordings.add(world.agents.open["1000"])
        url = await link(admin, running)
        (folder / f"{running.filename}.wav").write_bytes(wav())
        early = await http.get(url)
        assert (early.status_code, early.json()["error_id"]) == (409, "recording-not-ready")
        assert early.headers["retry-after"] == "2"
        await world.recordings.stop("1000", asked_by="crm")
        assert (await http.get(url)).content == wav()

    async def test_is_none_without_the_file(
        self, admin: httpx.AsyncClient, world: World, folder: Path, recorded: Recording
    ) -> None:
        (folder / f"{recorded.filename}.wav").unlink()
        assert await link(admin, recorded), "Asterisk may still be about to write it"
        over_for_long(world, recorded)
        found = (await admin.get(f"/v1/recordings/{recorded.id}")).json()
        assert (found["url"], found["url_expires_at"]) == (None, None)

    async def test_is_none_without_a_folder(self, world: World, recorded: Recording) -> None:
        world.downloads = FakeDownloads(world.recordings)
        async with client(world, auth=basic()) as admin:
            assert (await admin.get(f"/v1/recordings/{recorded.id}")).json()["url"] is None

    async def test_of_nothing(self, admin: httpx.AsyncClient) -> None:
        for wrong in ("1", "99999999999999999999", "x", "0", "-1"):
            assert (await admin.get(f"/v1/recordings/{wrong}")).status_code in (400, 404), wrong


class TestTheFile:
    async def test_comes_whole_without_a_login(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World, recorded: Recording
    ) -> None:
        reply = await http.get(await link(admin, recorded))
        assert (reply.status_code, reply.content) == (200, wav())
        headers = reply.headers
        assert (headers["content-type"], headers["content-length"]) == ("audio/wav", str(len(wav())))
        assert headers["content-disposition"] == f'attachment; filename="{recorded.filename}.wav"'
        assert (headers["accept-ranges"], headers["cache-control"]) == ("bytes", "private, no-store")
        assert world.downloads.noted == [(901, "6666", "127.0.0.1", "")]
        row = world.audit.entries[-1]
        assert (row.user, row.key, row.function) == ("6666", "link", "recordings.audio")
        assert row.target(frozenset()) == "recording=901"

    @pytest.mark.parametrize(
        ("wanted", "start", "end"),
        [("bytes=0-43", 0, 43), ("bytes=150000-", 150_000, 200_011), ("bytes=-9", 200_003, 200_011)],
    )
    async def test_comes_in_parts(
        self,
        admin: httpx.AsyncClient,
        http: httpx.AsyncClient,
        world: World,
        recorded: Recording,
        wanted: str,
        start: int,
        end: int,
    ) -> None:
        reply = await http.get(await link(admin, recorded), headers={"Range": wanted})
        assert (reply.status_code, reply.content) == (206, wav()[start : end + 1])
        assert reply.headers["content-range"] == f"bytes {start}-{end}/200012"
        assert reply.headers["content-length"] == str(end + 1 - start)
        assert world.downloads.noted == [(901, "6666", "127.0.0.1", f"{start}-{end}")]

    async def test_has_no_part_behind_its_end(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World, recorded: Recording
    ) -> None:
        reply = await http.get(await link(admin, recorded), headers={"Range": "bytes=999999-"})
        assert (reply.status_code, reply.headers["content-range"]) == (416, "bytes */200012")
        assert world.downloads.noted == []

    async def test_has_a_head(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World, recorded: Recording
    ) -> None:
        reply = await http.head(await link(admin, recorded))
        assert (reply.status_code, reply.content, reply.headers["content-length"]) == (200, b"", "200012")
        assert world.downloads.noted == []

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"signature": "0f" * 32}, 403),
            ({"expires": "9999999999"}, 403),
            ({"for": "crm"}, 403),
            ({"signature": "nonsense"}, 400),
            ({"expires": "never"}, 400),
            ({"for": "a b"}, 400),
        ],
    )
    async def test_does_not_come_by_a_link_that_was_changed(
        self,
        admin: httpx.AsyncClient,
        http: httpx.AsyncClient,
        world: World,
        recorded: Recording,
        change: dict[str, str],
        status: int,
    ) -> None:
        reply = await http.get(changed(await link(admin, recorded), **change))
        assert reply.status_code == status, reply.text
        assert reply.headers["content-type"] == "application/problem+json"
        assert world.downloads.noted == []

    async def test_of_another_recording_does_not_come_by_this_link(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World, recorded: Recording
    ) -> None:
        other = msgspec.structs.replace(recorded, id=902, filename="other")
        world.recordings.kept[902] = other
        reply = await http.get((await link(admin, recorded)).replace("/901/", "/902/"))
        assert (reply.status_code, reply.json()["error_id"]) == (403, "link-invalid")

    @pytest.mark.parametrize("without", ["expires", "for", "signature"])
    async def test_does_not_come_without_a_part_of_the_link(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, recorded: Recording, without: str
    ) -> None:
        url = httpx.URL(await link(admin, recorded))
        assert (await http.get(url.copy_remove_param(without))).status_code == 400

    async def test_does_not_come_when_the_time_is_over(
        self, world: World, folder: Path, recorded: Recording
    ) -> None:
        world.downloads = FakeDownloads(world.recordings, str(folder), seconds=-1)
        async with client(world, auth=basic()) as admin:
            reply = await admin.get(await link(admin, recorded))
        assert (reply.status_code, reply.json()["error_id"]) == (410, "link-expired")

    async def test_does_not_come_for_one_who_may_not_have_it_any_more(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World, recorded: Recording
    ) -> None:
        url = await link(admin, recorded)
        user = world.access.users_by_name["6666"]
        world.access.users_by_name["6666"] = msgspec.structs.replace(user, functions=frozenset({"recording"}))
        reply = await http.get(url)
        assert (reply.status_code, reply.json()["error_id"]) == (403, "link-invalid")

    async def test_that_is_just_being_closed_is_not_ready(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, folder: Path, recorded: Recording
    ) -> None:
        url = await link(admin, recorded)
        (folder / f"{recorded.filename}.wav").write_bytes(wav()[:-100])
        reply = await http.get(url)
        assert (reply.status_code, reply.json()["error_id"]) == (409, "recording-not-ready")

    async def test_that_was_cut_off_long_ago_comes_as_it_is(
        self,
        admin: httpx.AsyncClient,
        http: httpx.AsyncClient,
        world: World,
        folder: Path,
        recorded: Recording,
    ) -> None:
        url = await link(admin, recorded)
        (folder / f"{recorded.filename}.wav").write_bytes(wav()[:-100])
        over_for_long(world, recorded)
        assert (await http.get(url)).content == wav()[:-100]

    async def test_that_is_not_there_yet_is_not_ready(
        self, admin: httpx.AsyncClient, http: httpx.AsyncClient, folder: Path, recorded: Recording
    ) -> None:
        url = await link(admin, recorded)
        (folder / f"{recorded.filename}.wav").unlink()
        reply = await http.get(url)
        assert (reply.status_code, reply.json()["error_id"]) == (409, "recording-not-ready")

    async def test_that_is_gone(
        self,
        admin: httpx.AsyncClient,
        http: httpx.AsyncClient,
        world: World,
        folder: Path,
        recorded: Recording,
    ) -> None:
        url = await link(admin, recorded)
        (folder / f"{recorded.filename}.wav").unlink()
        over_for_long(world, recorded)
        reply = await http.get(url)
        assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-recording")


async def test_a_right_of_its_own(world: World, folder: Path, recorded: Recording) -> None:
    del folder
    functions = frozenset({"callid_info", "recording", "agent_status"})
    spec: dict[str, Any] = {"group": "ADMIN", "level": 9, "api_access": True, "rights": ALL_RIGHTS}
    await world.access.create(UserSpec(user="reader", functions=functions, **spec), "secret")
    async with client(world, auth=basic("reader", "secret")) as reader:
        for path in ("/v1/recordings", f"/v1/recordings/{recorded.id}"):
            reply = await reader.get(path)
            assert (reply.status_code, reply.json()["details"]["needs"]) == (403, "recording_lookup")
        for method in ("POST", "GET", "DELETE"):  # she records, and gets no link
            reply = await reader.request(method, "/v1/agents/1000/recording")
            assert (reply.status_code, reply.json()["url"]) == (200, None)
