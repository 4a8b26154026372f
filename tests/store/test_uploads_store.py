"""Files that are sent over HTTP, on each database and a real disk: what is here, what is taken in."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET, UnsetType
from msgspec.structs import replace
from sqlalchemy import func, select

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.errors import (
    DiskFull,
    ImportElsewhere,
    ImportTooLarge,
    InvalidInput,
    NotInThisState,
    OffsetMismatch,
    PartUnderWay,
    TooManyImports,
)
from bridge.events.log import EventLog
from bridge.imports.model import ConsentOfAll, Import
from bridge.leads.model import LeadList
from bridge.store.database import Database
from bridge.store.schema import consents, leads
from bridge.uploads import desk as desk_module
from bridge.uploads import runner as runner_module
from bridge.uploads.desk import ImportDesk
from bridge.uploads.folder import write_all
from bridge.uploads.model import Reading, Target, Upload, UploadLimits, UploadState
from bridge.uploads.runner import ImportRunner

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LIMITS = UploadLimits(part_bytes=100_000, most_bytes=1_000_000, per_user=2, free_bytes=0)
US = Reading(country="US")
INTO = Target(list_id=101, custom=("colour",))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Place:
    """A desk with its runner, over one folder."""

    def __init__(
        self, db: Database, folder: Path, bridge: str = "one", limits: UploadLimits = LIMITS
    ) -> None:
        self.db, self.folder, self.clock = db, folder, Clock()
        site = Site(db)
        self.runner = ImportRunner(db, site, bridge, folder, clock=self.clock)
        self.desk = ImportDesk(db, site, bridge, folder, limits=limits, runner=self.runner, clock=self.clock)

    async def sent(self, content: bytes, by: str = "crm", name: str = "may.csv") -> Upload:
        """A file that is here whole."""
        upload = await self.desk.create(name, len(content), by)
        return await self.desk.append(upload, 0, pieces(content))

    async def taken(
        self,
        content: bytes,
        target: Target = INTO,
        consent: ConsentOfAll | UnsetType = UNSET,
        **reading: Any,
    ) -> Upload:
        """A file that was taken in."""
        upload = await self.desk.start(
            await self.sent(content), replace(US, consent=consent, **reading), target
        )
        while await self.runner.step():
            pass
        return await self.now(upload)

    async def now(self, upload: Upload) -> Upload:
        found = await self.desk.get(upload.id)
        assert found is not None
        return found

    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.glob("*"))


@pytest.fixture
async def place(db: Database, tmp_path: Path) -> Place:
    site = Site(db)
    await site.add(Campaign(id="SALES"))
    await site.add(LeadList(id=101, campaign="SALES"))
    return Place(db, tmp_path / "imports")


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def rows(count: int) -> Iterator[str]:
    return (f"727{555_0000 + number},Ann{number}" for number in range(count))


def csv(count: int, *more: str) -> bytes:
    return "\n".join(("Phone,First name", *rows(count), *more, "")).encode()


async def numbers(db: Database) -> list[str]:
    async with db.read() as conn:
        return list((await conn.execute(select(leads.c.phone_number).order_by(leads.c.id))).scalars())


async def events(db: Database, kind: str) -> list[dict[str, Any]]:
    page = await EventLog(db).read_after(0)
    return [json.loads(bytes(one.data)) for one in page.records if one.type == kind]


async def test_sent_in_parts_a_broken_one_goes_on_where_it_was(place: Place) -> None:
    content = csv(20)
    upload = await place.desk.create("may.csv", len(content), "crm")

    async def broken() -> AsyncIterator[bytes]:
        yield content[:30]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await place.desk.append(upload, 0, broken())
    upload = await place.now(upload)
    assert (upload.received, upload.state) == (30, UploadState.UPLOADING)
    again = Place(place.db, place.folder)  # the bridge was started anew
    for offset in (0, 29, 31, 10**15):
        with pytest.raises(OffsetMismatch) as wrong:
            await again.desk.append(upload, offset, pieces(b"x"))
        assert wrong.value.details["offset"] == "30"
    upload = await again.desk.append(upload, 30, pieces(content[30:50], b"", content[50:]))
    assert (upload.received, upload.state) == (len(content), UploadState.UPLOADED)
    assert (place.folder / f"{upload.id}.part").read_bytes() == content
    assert (place.folder / f"{upload.id}.part").stat().st_mode & 0o077 == 0


async def test_two_parts_at_a_time_do_not_mix(place: Place) -> None:
    upload = await place.desk.create("may.csv", 10, "crm")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"12345"
        begun.set()
        await go_on.wait()
        yield b"67890"

    first = asyncio.create_task(place.desk.append(upload, 0, slow()))
    await begun.wait()
    with pytest.raises(PartUnderWay):
        await place.desk.append(upload, 5, pieces(b"xxxxx"))
    go_on.set()
    assert (await first).state is UploadState.UPLOADED
    with pytest.raises(NotInThisState):
        await place.desk.append(await place.now(upload), 10, pieces(b"x"))


async def test_what_is_too_much_is_not_taken(place: Place) -> None:
    with pytest.raises(ImportTooLarge):
        await place.desk.create("huge.csv", 2 << 30, "crm")
    upload = await place.desk.create("may.csv", 10, "crm")
    with pytest.raises(ImportTooLarge):
        await place.desk.append(upload, 0, pieces(b"1234", b"567890x"))
    assert (await place.now(upload)).received == 0
    await place.desk.create("two.csv", 10, "crm")
    with pytest.raises(TooManyImports):
        await place.desk.create("three.csv", 10, "crm")
    await place.desk.create("three.csv", 10, "somebody else")
    await place.desk.cancel(upload)
    await place.desk.create("three.csv", 10, "crm")


async def test_a_disk_that_is_full_is_said_and_the_upload_goes_on_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await place.desk.create("may.csv", 10, "crm")
    written: list[bytes] = []
    write = write_all

    def full(descriptor: int, data: bytes) -> None:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(data)
        write(descriptor, data)

    monkeypatch.setattr(desk_module, "write_all", full)
    with pytest.raises(DiskFull):
        await place.desk.append(upload, 0, pieces(b"1234", b"5678"))
    monkeypatch.undo()
    assert (await place.now(upload)).received == 4
    assert (await place.desk.append(upload, 4, pieces(b"567890"))).state is UploadState.UPLOADED
    crowded = Place(place.db, place.folder, limits=replace(LIMITS, free_bytes=1 << 60))
    with pytest.raises(DiskFull) as error:
        await crowded.desk.create("may.csv", 10, "other")
    assert int(error.value.details["free"]) > 0


async def test_taken_in_with_the_rows_that_were_refused(place: Place) -> None:
    content = csv(1200, "no number,Eve", f"{'1' * 40},Bob", '7275559999,"An\nn"', "7275559998")
    upload = await place.taken(content)
    state = await place.desk.imported(upload)
    assert state is not None
    assert (upload.state, upload.list_id, state.by) == (UploadState.DONE, 101, "crm")
    assert (state.added, state.refused, state.done) == (1201, 3, True)
    assert [one.row for one in await place.desk.refusals(upload.import_id)] == [1202, 1203, 1205]
    async with place.db.read() as conn:
        names = (
            await conn.execute(select(leads.c.first_name).where(leads.c.phone_number == "7275559999"))
        ).all()
    assert [tuple(name) for name in names] == [("An n",)]
    assert place.files() == []
    assert [one["state"] for one in await events(place.db, "import.changed")] == ["running", "done"]
    assert [one["row"] for one in await events(place.db, "import.advanced")][-1] == 1205


async def test_the_same_file_the_same_way_is_not_taken_in_twice(place: Place) -> None:
    await place.taken(csv(10))
    upload = await place.taken(csv(10))
    assert (upload.state, upload.again) == (UploadState.DONE, True)
    assert len(await numbers(place.db)) == 10


async def test_consents_come_with_their_leads(place: Place) -> None:
    content = b"""Phone,Opt-in date,Consent text
7275550001,2026-11-01 10:00,"I agree,
of course"
7275550002,,
7275550003,2026-11-01T10:00:00+01:00,
7275550004,soon,
7275550005,2999-01-01,
"""
    common = ConsentOfAll(purpose="sales", source="web form", zone="America/New_York")
    upload = await place.taken(content, consent=common)
    state = await place.desk.imported(upload)
    assert state is not None
    assert (state.added, state.refused) == (3, 2)
    query = select(consents, leads.c.phone_number).join(leads, leads.c.id == consents.c.lead_id)
    async with place.db.read() as conn:
        found = (await conn.execute(query.order_by(consents.c.id))).all()
    assert [(one.phone_number, one.e164) for one in found] == [
        ("7275550001", "+17275550001"),
        ("7275550003", "+17275550003"),
    ]
    assert found[0].given_at == datetime(2026, 11, 1, 15, tzinfo=UTC)
    assert found[1].given_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert (found[0].purpose, found[0].source, found[0].shown) == ("sales", "web form", "I agree,\nof course")
    assert {one.recorded_by for one in found} == {"crm"}
    refused = await place.desk.refusals(upload.import_id)
    assert [(one.row, one.column) for one in refused] == [(5, "Opt-in date"), (6, "Opt-in date")]
    (told,) = await events(place.db, "import.advanced")
    assert told["consents"] == 2


@pytest.mark.parametrize(
    ("content", "reading", "field"),
    [
        (b'Phone\n"7275550100\n', {}, "file"),
        ("Phone\n7275550100 \xfc\n".encode("cp1252"), {"encoding": "utf-8"}, "file"),
        (b"\x00" * 100, {}, "columns"),
        (b"PK\x03\x04 and then nothing", {}, "file"),
        (b"Name\nAnn\n", {}, "columns"),
        (b"Phone\n7275550100\n", {"columns": {"Mobile": "phone_number"}}, "columns"),
        (b"Phone\n7275550100\n", {"columns": {"Phone": "telephone"}}, "columns"),
        (b"Phone\n7275550100\n", {"encoding": "klingon"}, "encoding"),
        (b"Phone\n7275550100\n", {"delimiter": "::"}, "delimiter"),
        (b"Phone\n7275550100\n", {"country": "ZZ"}, "country"),
        (b"Phone\n7275550100\n", {"consent": ConsentOfAll(purpose="sales")}, "consent"),
        (b"Phone\n7275550100\n", {"consent": ConsentOfAll(zone="Mars/Olympus")}, "consent"),
    ],
    ids=[
        *("half a CSV", "another encoding", "NULs", "half an XLSX", "no number", "no such column"),
        *("no such field", "no encoding", "no delimiter", "no country", "half a consent", "no zone"),
    ],
)
async def test_what_cannot_be_read_is_refused_and_nothing_begun(
    place: Place, content: bytes, reading: dict[str, Any], field: str
) -> None:
    upload = await place.sent(content)
    with pytest.raises(InvalidInput) as error:
        await place.desk.start(upload, replace(US, **reading), INTO)
    assert error.value.field == field, error.value
    assert (await place.now(upload)).state is UploadState.UPLOADED
    assert await numbers(place.db) == []


async def test_a_file_that_breaks_off_far_behind_is_found_before_a_row_is_taken_in(place: Place) -> None:
    upload = await place.taken(csv(2000, '"7275559999,Ann'))
    assert upload.state is UploadState.FAILED
    assert "is opened and not closed" in upload.why
    assert await numbers(place.db) == []
    assert place.files() == []


async def test_a_list_or_mode_that_is_none(place: Place) -> None:
    upload = await place.sent(csv(1))
    for target, field in ((Target(list_id=999), "file"), (replace(INTO, duplicates="DUPMOON"), "duplicates")):
        with pytest.raises(InvalidInput) as error:
            await place.desk.start(upload, US, target)
        assert error.value.field == field
    with pytest.raises(InvalidInput, match="no list 999"):
        await place.desk.custom_fields(999)


async def test_cancelled_in_the_midst_no_further_row_is_taken_in(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await place.desk.start(await place.sent(csv(3000)), US, INTO)
    imports = place.runner._imports
    take = imports.take

    async def cancelled_after(*given: Any) -> Import:
        state = await take(*given)
        monkeypatch.undo()
        await place.desk.cancel(upload)
        return state

    monkeypatch.setattr(imports, "take", cancelled_after)
    assert await place.runner.step()
    monkeypatch.undo()
    upload = await place.now(upload)
    assert upload.state is UploadState.CANCELLED
    assert len(await numbers(place.db)) == 500
    assert not await place.runner.step()
    assert place.files() == []
    assert (await place.desk.cancel(upload)).state is UploadState.CANCELLED


async def test_another_bridge_says_whose_it_is_and_leaves_it_alone(place: Place) -> None:
    upload = await place.desk.start(await place.sent(csv(5)), US, INTO)
    other = Place(place.db, place.folder.parent / "other", bridge="two")
    assert not await other.runner.step()
    with pytest.raises(ImportElsewhere) as error:
        await other.desk.append(upload, 0, pieces(b"x"))
    assert error.value.details == {"bridge": "one"}
    assert (await other.desk.cancel(upload)).state is UploadState.CANCELLED
    assert not await place.runner.step()


async def test_what_nobody_goes_on_with_is_removed_in_time(place: Place) -> None:
    waiting = await place.desk.create("may.csv", 10, "crm")
    running = await place.desk.start(await place.sent(csv(5)), US, INTO)
    unknown = place.folder / "unknown.part"
    unknown.write_bytes(b"x")
    for file in place.folder.glob("*"):
        os.utime(file, (0, 0))
    await place.runner.tidy()
    assert place.files() == sorted((f"{waiting.id}.part", f"{running.id}.part"))
    place.clock.now += timedelta(hours=25)
    await place.runner.tidy()
    assert (await place.now(waiting)).state is UploadState.CANCELLED
    assert place.files() == [f"{running.id}.part"]
    place.clock.now += timedelta(days=31)
    await place.runner.tidy()
    assert await place.desk.get(waiting.id) is None
    assert (await place.now(running)).state is UploadState.RUNNING


async def test_a_reader_that_dies_of_a_file_does_not_die_for_ever(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await place.desk.start(await place.sent(csv(5)), US, INTO)
    monkeypatch.setattr("bridge.uploads.reader.sys.executable", "/bin/true")
    for _ in range(runner_module.MOST_DEATHS):
        assert await place.runner.step()
    upload = await place.now(upload)
    assert (upload.state, upload.why) == (UploadState.FAILED, "the process that reads it has died of it")


async def test_killed_in_the_midst_it_goes_on_by_itself_and_no_row_comes_twice(
    db: Database, place: Place, url: str
) -> None:
    upload = await place.desk.start(await place.sent(csv(4000, "no number,Eve")), US, INTO)
    child_file = str(Path(__file__).with_name("importing_child.py"))
    command = [sys.executable, child_file, url, str(place.folder), "3000"]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    for seen in (500, 1500):
        child = subprocess.Popen(command, env=environ)  # noqa: ASYNC220
        async with asyncio.timeout(120):
            while len(await numbers(db)) < seen:  # noqa: ASYNC110  they come from another process
                await asyncio.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        await asyncio.to_thread(child.wait)
    assert len(await numbers(db)) < 4000
    while await place.runner.step():
        pass
    upload = await place.now(upload)
    state = await place.desk.imported(upload)
    assert state is not None
    assert (upload.state, state.added, state.refused) == (UploadState.DONE, 4000, 1)
    assert sorted(await numbers(db)) == sorted(row.partition(",")[0] for row in rows(4000))
    async with db.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(leads))).scalar_one() == 4000
