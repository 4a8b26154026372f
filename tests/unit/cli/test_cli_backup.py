"""`agent-bridge backup` and `verify`: what a person who keeps copies sees."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bridge.store import backup as copies
from bridge.store.migrations import HEAD

Command = Callable[..., Any]
LEAD = "INSERT INTO leads (list_id, phone_number, status) VALUES (101, ?, 'NEW')"
EVENT = "INSERT INTO events (seq, id, type, subject, time, data) VALUES (?, ?, 't', 's', ?, '{}')"
AT = "2026-11-27T10:00:0{}.000000+00:00"


def sql(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as conn:
        for statement in statements:
            conn.executescript(statement)


@pytest.fixture
def filled(store: Path) -> Path:
    """A store with three events, a lead and two do-not-call entries."""
    with closing(sqlite3.connect(store, isolation_level=None)) as conn:
        conn.executemany(EVENT, [(seq, str(seq), AT.format(seq)) for seq in (1, 2, 3)])
        conn.execute("UPDATE counters SET value = 3 WHERE name = 'events'")
        dnc = "INSERT INTO dnc (campaign, number, added_by, added_at) VALUES ('', ?, '', ?)"
        conn.executemany(dnc, [("+17275550100", AT.format(1)), ("+17275550101", AT.format(2))])
        conn.execute("INSERT INTO lists (id, name) VALUES (101, 'web')")
        conn.execute(LEAD, ("7275550100",))
    return store


@pytest.fixture
def kept(command: Command, filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    del filled
    file = tmp_path / "kept.db"
    assert command("backup", str(file)).status == 0
    return file


# -- backup


@pytest.mark.usefixtures("filled")
def test_a_backup_is_one_file_for_its_owner(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    answer = command("backup", str(file))
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == f"{file}: {file.stat().st_size:,} bytes\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("kept*")) == ["kept.db"]
    with closing(copies.reading(file)) as conn:
        assert conn.execute("SELECT number FROM dnc").fetchall() == [("+17275550100",), ("+17275550101",)]


def test_a_backup_is_of_one_moment_and_holds_no_writer_up(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bridge commits after each step: the copy has what was there when it began; all commits succeed."""
    monkeypatch.setattr(copies, "STEP", 8)
    with closing(sqlite3.connect(filled, isolation_level=None, timeout=0)) as bridge:
        steps: list[int] = []

        def commit(more: int) -> None:
            steps.append(more)
            bridge.execute(LEAD, (f"727555{len(steps):04}",))

        copies.back_up(filled, tmp_path / "kept.db", progress=commit)
        assert bridge.execute("SELECT count(*) FROM leads").fetchone() == (1 + len(steps),)
    with closing(copies.reading(tmp_path / "kept.db")) as conn:
        assert conn.execute("SELECT count(*) FROM leads").fetchone() == (1,)
        assert sum(steps) == conn.execute("PRAGMA page_count").fetchone()[0]
    assert len(steps) > 5


@pytest.mark.usefixtures("filled")
def test_a_file_that_is_there_stays_unless_it_is_said(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    file.write_text("mine")
    answer = command("backup", str(file))
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"error: {file} is there: name another file, or say --force to replace it\n"
    assert file.read_text() == "mine"
    assert command("backup", str(file), "--force").status == 0
    assert command("verify", str(file)).status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name", ["bridge.db", "./bridge.db", "bridge.db-wal", "bridge.db.sock.lock", "link.db"]
)
def test_the_store_itself_is_never_the_copy(
    command: Command, filled: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "link.db").hardlink_to(filled)
    before = filled.read_bytes()
    answer = command("backup", f"{tmp_path}/{name}", "--force")
    assert answer.status == 1
    assert "is the store itself" in answer.err
    assert filled.read_bytes() == before


@pytest.mark.usefixtures("filled")
def test_what_is_no_plain_file_is_not_replaced(command: Command, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("folder", "pipe", "link"):
        answer = command("backup", str(tmp_path / name), "--force")
        assert (answer.status, "is no plain file" in answer.err) == (1, True)


def test_a_copy_that_a_program_has_open_is_not_replaced(command: Command, kept: Path) -> None:
    """Its log would be taken for that of the new file."""
    kept.with_name("kept.db-wal").write_bytes(b"x")
    answer = command("backup", str(kept), "--force")
    assert answer.status == 1
    assert "kept.db-wal is there" in answer.err


@pytest.mark.usefixtures("filled")
def test_a_folder_that_is_not_there_is_named(command: Command, tmp_path: Path) -> None:
    answer = command("backup", str(tmp_path / "nowhere" / "kept.db"))
    assert answer.status == 1
    assert answer.err.endswith("kept.db cannot be made: No such file or directory\n")


def test_a_store_that_is_not_there_is_said(command: Command, store: Path, tmp_path: Path) -> None:
    store.unlink()
    answer = command("backup", str(tmp_path / "kept.db"))
    assert answer.status == 1
    assert answer.err == f"error: there is no store at {store}\n"
    assert not store.exists()


@pytest.mark.usefixtures("filled")
def test_too_little_room_is_said_before_it_is_taken(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=4096)
    monkeypatch.setattr("bridge.store.backup.shutil.disk_usage", lambda _: usage)
    answer = command("backup", str(tmp_path / "kept.db"))
    assert answer.status == 1
    assert answer.err.startswith("error: no room for the copy: it needs ")
    assert list(tmp_path.glob("kept*")) == []


@pytest.mark.usefixtures("filled")
def test_a_disk_that_fills_up_meanwhile_is_said(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def narrow(path: Path) -> sqlite3.Connection:
        conn = wide(path)
        conn.execute("PRAGMA max_page_count=4")
        return conn

    wide = copies._empty
    monkeypatch.setattr(copies, "_empty", narrow)
    (tmp_path / "kept.db").write_text("mine")
    answer = command("backup", str(tmp_path / "kept.db"), "--force")
    assert answer.status == 1
    assert answer.err == f"error: no room for the copy on the disk of {tmp_path}\n"
    assert [path.name for path in tmp_path.glob("kept*")] == ["kept.db"]
    assert (tmp_path / "kept.db").read_text() == "mine"


SLOW = """
import sys, time
from pathlib import Path
from bridge.store import backup
backup.STEP = 1
def tell(_):
    print("step", flush=True)
    time.sleep(600)
backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]), progress=tell)
"""


@pytest.fixture
def under_way(filled: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A backup to kept.db in the midst."""
    words = [sys.executable, "-c", SLOW, str(filled), str(tmp_path / "kept.db")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "step\n"
        yield child
        child.kill()


def test_a_kill_in_the_midst_leaves_no_half_file_under_the_name(
    command: Command, under_way: subprocess.Popen[str], tmp_path: Path
) -> None:
    file = tmp_path / "kept.db"
    second = command("backup", str(file))
    assert (second.status, second.err) == (1, f"error: another backup is writing {file}.part\n")
    under_way.send_signal(signal.SIGKILL)
    under_way.wait()
    assert not file.exists()
    assert command("backup", str(file)).status == 0
    assert command("verify", str(file)).status == 0
    assert [path.name for path in tmp_path.glob("kept*")] == ["kept.db"]


def test_an_interrupted_backup_takes_its_part_away(under_way: subprocess.Popen[str], tmp_path: Path) -> None:
    under_way.send_signal(signal.SIGINT)
    under_way.wait()
    assert list(tmp_path.glob("kept*")) == []


def test_on_postgresql_the_command_of_its_own_is_said(command: Command, tmp_path: Path) -> None:
    url = "postgresql://bridge:s3cret@db.example:5433/calls?sslmode=require"
    answer = command("backup", f"{tmp_path}/it is.dump", AGENT_BRIDGE_STORE__URL=url)
    assert answer.status == 1
    dump = f"pg_dump --format=custom --file='{tmp_path}/it is.dump'"
    assert f"{dump} 'postgresql://bridge@db.example:5433/calls?sslmode=require'" in answer.err
    assert "s3cret" not in answer.err


# -- verify


def test_what_a_copy_holds_is_told(command: Command, kept: Path) -> None:
    answer = command("verify", str(kept), "--json")
    assert answer.status == 0
    assert answer.json == {
        "file": str(kept),
        "bytes": kept.stat().st_size,
        "revision": HEAD,
        "newest_event": 3,
        "newest_event_at": AT.format(3),
        "leads": 1,
        "calls": 0,
        "open_calls": 0,
        "dnc": 2,
        "newest_dnc_at": AT.format(2),
        "faults": [],
    }
    lines = command("verify", str(kept)).out.splitlines()
    assert "newest_event     3" in lines
    assert "dnc              2" in lines


def test_a_file_is_looked_through_without_a_trace(command: Command, kept: Path, tmp_path: Path) -> None:
    kept.chmod(0o400)
    before = (kept.read_bytes(), kept.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    assert command("verify", str(kept)).status == 0
    assert (kept.read_bytes(), kept.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_a_store_that_runs_is_looked_through_with_its_log(command: Command, filled: Path) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as bridge:
        bridge.execute("PRAGMA journal_mode=WAL")
        bridge.execute(LEAD, ("7275550199",))
        assert command("verify", str(filled), "--json").json["leads"] == 2


UNKNOWN = f"schema: it is at revision 9999, this program knows up to {HEAD}: a newer version has written it"
MQTT_AHEAD = f"INSERT INTO sink_cursors VALUES ('mqtt', 9, '{AT.format(1)}')"  # noqa: S608  of ours
NEWER = "UPDATE alembic_version SET version_num = '9999'"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (NEWER, UNKNOWN),
        (
            "DELETE FROM events WHERE seq = 2",
            "event log: 1 of the numbers 1 to 3 are missing, the first is 2",
        ),
        ("UPDATE counters SET value = 7", "event log: its counter is at 7, its newest event is 3"),
        ("UPDATE counters SET value = 2", "event log: its counter is at 2, its newest event is 3"),
        ("DELETE FROM counters", "event log: its counter is missing"),
        (
            MQTT_AHEAD,
            "event log: sink mqtt is at 9, past its counter",
        ),
        (
            "CREATE TABLE child (list REFERENCES lists (id)); INSERT INTO child VALUES (7)",
            "foreign key: row 1 of child points to none of lists",
        ),
        ("DROP TABLE dnc", "it is no store of a bridge: tables of one are missing"),
    ],
)
def test_a_fault_is_a_line_and_the_status_is_1(command: Command, kept: Path, change: str, fault: str) -> None:
    sql(kept, change)
    answer = command("verify", str(kept))
    assert answer.status == 1
    assert answer.err == f"fault: {kept}: {fault}\n"
    assert command("verify", str(kept), "--json").json["faults"] == [fault]


def test_a_log_whose_oldest_were_taken_away_is_sound(command: Command, kept: Path) -> None:
    sql(kept, "DELETE FROM events WHERE seq < 3")
    assert command("verify", str(kept)).status == 0
    sql(kept, "DELETE FROM events")
    assert command("verify", str(kept), "--json").json["newest_event"] == 3


def test_an_older_store_is_sound(command: Command, kept: Path) -> None:
    sql(kept, "UPDATE alembic_version SET version_num = '0001'")
    answer = command("verify", str(kept), "--json")
    assert (answer.status, answer.json["revision"]) == (0, "0001")


def test_several_faults_are_all_told(command: Command, kept: Path) -> None:
    sql(kept, NEWER, "DELETE FROM events WHERE seq = 2", "UPDATE counters SET value = 9")
    assert len(command("verify", str(kept)).err.splitlines()) == 3


def test_a_cut_off_copy_is_told(command: Command, kept: Path) -> None:
    os.truncate(kept, kept.stat().st_size // 2)
    answer = command("verify", str(kept))
    assert answer.status == 1
    assert "it is cut off: " in answer.err


def test_a_spoilt_page_is_told(command: Command, kept: Path) -> None:
    with kept.open("r+b") as file:
        file.seek(kept.stat().st_size - 4096)
        file.write(os.urandom(4096))
    answer = command("verify", str(kept))
    assert answer.status == 1
    assert all(line.startswith(f"fault: {kept}: ") for line in answer.err.splitlines())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "it is no SQLite database"),
        (b"number,name\r\n" * 100_000, "it is no SQLite database"),
        (b"SQLite format 3\0", "it is no SQLite database"),
        (None, "there is no such file"),
    ],
)
def test_what_is_no_database_is_told(
    command: Command, tmp_path: Path, content: bytes | None, fault: str
) -> None:
    file = tmp_path / "leads.csv"
    if content is not None:
        file.write_bytes(content)
    answer = command("verify", str(file))
    assert (answer.status, answer.err) == (1, f"fault: {file}: {fault}\n")


def test_a_pipe_or_a_folder_is_not_waited_for(command: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        assert command("verify", str(path)).err == f"fault: {path}: it is no file\n"


def test_a_database_of_something_else_is_told(command: Command, tmp_path: Path) -> None:
    sql(tmp_path / "other.db", "CREATE TABLE notes (text)")
    answer = command("verify", str(tmp_path / "other.db"))
    assert answer.err.endswith(": it is no store of a bridge: tables of one are missing\n")
