"""A person is erased: nothing of her is left but what is kept on purpose, on both databases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec
import pytest
from marked_person import (
    ARCHIVED,
    CALL,
    CALL_IN,
    CALL_OTHER,
    FILE,
    FOREIGN,
    HERS,
    NEIGHBOUR,
    NUMBER,
    OTHER,
    SHARED,
    WORDS,
    dump,
    fill,
    naming_her,
)
from sqlalchemy import Update, insert, select, update

from bridge.events.log import EventLog
from bridge.leads.errors import InvalidLead, PersonBusy
from bridge.persons import service
from bridge.persons.model import Erased, Wish
from bridge.persons.places import KEPT, PLACES, WITHOUT
from bridge.persons.service import Persons
from bridge.recordings.files import Folder
from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.transaction import Work

WISH = Wish(number=f"+1 {NUMBER}")
ALL_OF_IT = msgspec.structs.replace(WISH, evidence_too=True)
EVIDENCE = {"dnc": 1, "calls": 2, "verdicts": 1, "consents": 1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Asterisk's recordings."""
    made = tmp_path / "monitor"
    made.mkdir()
    for name in (FILE, "20261127-1_his"):
        (made / f"{name}.wav").write_bytes(b"RIFF")
    return made


@pytest.fixture
async def filled(db: Database) -> Database:
    await fill(db)
    return db


@pytest.fixture
def persons(filled: Database, folder: Path) -> Persons:
    return Persons(filled, "US", Folder(str(folder)))


def test_every_table_has_its_place() -> None:
    known = {place.table for place in PLACES} | KEPT | WITHOUT | {schema.recordings}
    missing = [name for name, table in schema.metadata.tables.items() if table not in known]
    assert missing == [], "say in bridge/persons/places.py what an erasure does with them"


async def test_her_marks_are_everywhere(filled: Database) -> None:
    """Else what follows would show nothing."""
    found = set(naming_her(await dump(filled)))
    assert found >= {place.table.name for place in PLACES} | {"recordings", "dnc"}


async def test_nothing_is_left_but_the_evidence(filled: Database, persons: Persons, folder: Path) -> None:
    done = await persons.erase(WISH)
    left = naming_her(await dump(filled))
    assert left == EVIDENCE
    assert naming_her(await dump(filled), *WORDS, OTHER) == {}
    assert done.kept == EVIDENCE
    assert [path.name for path in folder.iterdir()] == ["20261127-1_his.wav"]
    assert done.files_left == []
    assert done.leads == [HERS, ARCHIVED]
    assert done.other_numbers == [f"…{OTHER[-4:]}"]


async def test_the_evidence_goes_when_it_is_said(filled: Database, persons: Persons) -> None:
    done = await persons.erase(ALL_OF_IT)
    assert naming_her(await dump(filled)) == {"dnc": 1}
    assert done.kept == {"dnc": 1}


async def test_others_keep_what_is_theirs(filled: Database, persons: Persons) -> None:
    before = await dump(filled)
    await persons.erase(ALL_OF_IT)
    after = await dump(filled)
    his = {
        table: [line for line in lines if (NEIGHBOUR in line or "'his'" in line) and NUMBER not in line]
        for table, lines in before.items()
    }
    assert len([table for table, lines in his.items() if lines]) > 5
    assert {table: [line for line in lines if line not in after[table]] for table, lines in his.items()} == {
        table: [] for table in his
    }
    assert "a cake in the kitchen" in "".join(after["notifications"] + after["events"])
    async with filled.read() as conn:
        shared = (await conn.execute(select(schema.leads).where(schema.leads.c.id == SHARED))).one()
        foreign = (await conn.execute(select(schema.leads).where(schema.leads.c.id == FOREIGN))).one()
    assert (shared.phone_number, shared.alt_phone, shared.first_name) == (NEIGHBOUR, "", "Ned")
    assert foreign.comments == "a talk with the neighbour"


async def test_the_stream_has_no_gap(filled: Database, persons: Persons) -> None:
    async with filled.read() as conn:
        columns = [schema.events.c[name] for name in ("seq", "id", "type", "subject", "time")]
        before = (await conn.execute(select(*columns).order_by(schema.events.c.seq))).all()
        await persons.erase(WISH)
        after = (await conn.execute(select(*columns).order_by(schema.events.c.seq))).all()
    assert after[: len(before)] == before
    assert [row.seq for row in after] == list(range(1, len(after) + 1))
    assert after[-1].type == "person.erased"


async def test_who_listens_is_told_without_her(filled: Database, persons: Persons) -> None:
    """Also of events that were read, and are remembered, before."""
    log = EventLog(filled)
    assert NUMBER in str([bytes(record.data) for record in (await log.read_after(0)).records])
    done = await persons.erase(WISH)
    records = (await log.read_after(0)).records
    assert NUMBER not in str([bytes(record.data) for record in records])
    told = msgspec.json.decode(records[-1].data)
    assert told["erasure_id"] == done.id
    assert (told["leads"], told["calls"]) == ([HERS, ARCHIVED], sorted([CALL, CALL_IN]))
    assert (told["rows"], told["evidence"], told["files_left"]) == (sum(done.rows.values()), "kept", 0)


async def test_a_look_says_the_same_and_changes_nothing(
    filled: Database, persons: Persons, folder: Path
) -> None:
    before = await dump(filled)
    looked = await persons.look(WISH)
    assert (await dump(filled), len(list(folder.iterdir()))) == (before, 2)
    done = await persons.erase(WISH)
    assert looked.dry_run
    assert (looked.rows, looked.kept, looked.leads) == (done.rows, done.kept, done.leads)


async def test_a_second_time_nothing_is_left_to_do(filled: Database, persons: Persons) -> None:
    await persons.erase(WISH)
    before = await dump(filled)
    again = await persons.erase(WISH)
    assert (again.rows, again.leads) == ({}, [])
    after = await dump(filled)
    assert {table for table in after if after[table] != before[table]} == {"events", "counters"}


@pytest.mark.parametrize("writes", range(1, 24))
async def test_cut_off_anywhere_the_same_wish_goes_on(
    sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """Killed before one of its transactions: what is done is done, the rest is found again."""
    async with Database(sqlite_url) as db:
        await fill(db)
        persons = Persons(db, "US", Folder(str(folder)))
        with monkeypatch.context() as killed:
            left, write = [writes], db.write

            async def cut(work: Work[object]) -> object:
                if not left[0]:
                    raise Killed
                left[0] -= 1
                return await write(work)

            killed.setattr(db, "write", cut)
            ended = await _stopped(persons)
        assert ended or writes < 22, "all transactions were let through"
        await persons.erase(ALL_OF_IT)
        assert naming_her(await dump(db)) == {"dnc": 1}


class Killed(Exception):  # noqa: N818  what has happened
    """Nothing is done any more."""


async def _stopped(persons: Persons) -> Erased | None:
    try:
        return await persons.erase(ALL_OF_IT)
    except Killed:
        return None


async def test_small_transactions_let_others_in(
    filled: Database, persons: Persons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows are more than one page of each table."""
    monkeypatch.setattr(service, "PAGE", 2)
    await persons.erase(ALL_OF_IT)
    assert naming_her(await dump(filled)) == {"dnc": 1}


@pytest.mark.parametrize(
    "busy",
    [
        update(schema.calls)
        .where(schema.calls.c.id == CALL)
        .values(state="bridged", disposed_at=None, status=""),
        update(schema.hopper).values(status="QUEUE"),
        update(schema.recordings).where(schema.recordings.c.lead_id == HERS).values(ended_at=None),
        update(schema.agent_sessions).values(state="paused", logged_out_at=None),
    ],
    ids=["call", "dialled", "recorded", "previewed"],
)
async def test_in_a_call_she_is_not_erased(filled: Database, persons: Persons, busy: Update) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(busy)

    await filled.write(work)
    before = await dump(filled)
    assert (await persons.look(WISH)).in_call
    with pytest.raises(PersonBusy):
        await persons.erase(WISH)
    assert await dump(filled) == before


async def test_a_file_that_cannot_be_removed_is_told_and_found_again(
    filled: Database, tmp_path: Path
) -> None:
    elsewhere = Persons(filled, "US", Folder(str(tmp_path / "nowhere")))
    done = await elsewhere.erase(ALL_OF_IT)
    assert done.files_left == [FILE]
    assert naming_her(await dump(filled))["recordings"] == 1
    again = await elsewhere.erase(msgspec.structs.replace(ALL_OF_IT, files_gone=True))
    assert again.files_left == []
    assert naming_her(await dump(filled)) == {"dnc": 1}


async def test_a_lead_that_is_named_is_hers(filled: Database, persons: Persons) -> None:
    done = await persons.erase(msgspec.structs.replace(WISH, leads=(FOREIGN,)))
    assert done.leads == [HERS, ARCHIVED, FOREIGN]
    async with filled.read() as conn:
        found = select(schema.calls.c.dial).where(schema.calls.c.id == CALL_OTHER)
        assert (await conn.execute(found)).scalar_one() == ""
        assert list((await conn.execute(select(schema.leads.c.id))).scalars()) == [SHARED]


async def test_what_is_no_number_is_refused(persons: Persons) -> None:
    for number in ("", "anybody", "911x", "1' OR 1=1"):
        with pytest.raises(InvalidLead, match="number"):
            await persons.erase(Wish(number=number))


async def test_where_she_is_may_be_asked(persons: Persons) -> None:
    found = await persons.reach(WISH)
    assert (set(found.lists), set(found.campaigns)) == ({101}, {"SALES"})


async def test_her_bytes_are_not_in_the_files(sqlite_url: str, folder: Path) -> None:
    """Of rows that were deleted, and of pages of the log, SQLite leaves nothing behind."""
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    async with Database(sqlite_url) as db:
        await fill(db)
        await db.write(lambda tx: tx.conn.execute(schema.dnc.delete()))
        for count in range(300):  # pages are split and merged
            await db.write(partial(add_neighbour, comments=f"x{count}" * 40))
        assert NUMBER.encode() in bytes_of(file)
        done = await Persons(db, "US", Folder(str(folder))).erase(ALL_OF_IT)
        assert done.clean
        found = bytes_of(file)
        assert [mark for mark in (*WORDS, NUMBER, OTHER) if mark.encode() in found] == []


async def add_neighbour(tx: Transaction, comments: str) -> None:
    await tx.conn.execute(insert(schema.leads).values(list_id=1, comments=comments, phone_number=NEIGHBOUR))


def bytes_of(file: Path) -> bytes:
    """The store's file and its log, as somebody who has got the disk reads them."""
    log = file.with_name(f"{file.name}-wal")
    return file.read_bytes() + (log.read_bytes() if log.exists() else b"")


async def test_whoever_reads_an_older_state_is_told_of(
    sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.store.sqlite_thread.BUSY_MILLISECONDS", 50)
    async with Database(sqlite_url) as db:
        await fill(db)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM leads").fetchone()
            done = await Persons(db, "US", Folder(str(folder))).erase(WISH)
        assert done.clean is False
        assert await db.clean()
