"""`agent-bridge restore`, `confirm-restore` and `drain`: what a person sees, and what is on the disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from admin_service import serving_in_a_thread

from bridge.store import backup as copies
from bridge.store.errors import BackupFailed
from bridge.store.restore import restore
from bridge.store.verify import verify

Command = Callable[..., Any]
NOW = datetime.now(UTC).replace(microsecond=0)
LIST = "INSERT INTO lists (id, name) VALUES (?, ?)"
CALL = "0198c0de-0000-7000-8000-000000000001"


def sql(file: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file, isolation_level=None)) as conn:
        return conn.execute(statement, values).fetchall()


def lists(file: Path) -> list[str]:
    with closing(copies.reading(file)) as conn:
        return [name for (name,) in conn.execute("SELECT name FROM lists ORDER BY id")]


def stamp(ago: timedelta) -> str:
    return (NOW - ago).isoformat(timespec="microseconds")


@pytest.fixture
def copy(command: Command, store: Path, tmp_path: Path) -> Path:
    """A backup with list `old`, a do-not-call entry of 26 hours ago and an open call; then came `new`."""
    sql(store, LIST, 1, "old")
    dnc = "INSERT INTO dnc (campaign, number, added_by, added_at) VALUES ('', '+17275550100', '', ?)"
    sql(store, dnc, stamp(timedelta(hours=26)))
    sql(
        store,
        "INSERT INTO calls (id, legacy_id, legacy_uniqueid, kind, state, number, user, asked_at)"
        " VALUES (?, 'M1', '1.1', 'M', 'bridged', '7275550123', '1000', ?)",
        CALL,
        stamp(timedelta(minutes=90)),
    )
    file = tmp_path / "kept.db"
    assert command("backup", str(file)).status == 0
    sql(store, "DELETE FROM calls")
    sql(store, LIST, 2, "new")
    return file


def former(tmp_path: Path) -> Path:
    (found,) = tmp_path.glob("bridge.db.before-*Z")
    return found


# -- restore


def test_the_copy_is_the_store_and_the_former_one_is_kept(
    command: Command, copy: Path, store: Path, tmp_path: Path
) -> None:
    before = copy.read_bytes()
    answer = command("restore", str(copy))
    assert (answer.status, answer.err) == (0, "")
    kept = former(tmp_path)
    assert answer.out.splitlines()[-2:] == [
        f"the former store is {kept}",
        "nobody is called until: agent-bridge confirm-restore",
    ]
    assert (lists(store), lists(kept)) == (["old"], ["old", "new"])
    assert copy.read_bytes() == before
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    assert command("list", "list", "--json").status == 0


def test_what_was_only_in_the_log_is_kept_too_and_not_taken_for_the_copys(
    command: Command, copy: Path, store: Path, tmp_path: Path
) -> None:
    """A bridge that was killed leaves its last commits in the -wal."""
    child = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode=WAL')\n"
        f"c.execute({LIST!r}, (3, 'in the log'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", child, str(store)], check=False)
    assert (tmp_path / "bridge.db-wal").stat().st_size > 0
    assert command("restore", str(copy)).status == 0
    assert lists(store) == ["old"]
    assert lists(former(tmp_path)) == ["old", "new", "in the log"]
    assert not (tmp_path / "bridge.db-wal").exists()


def test_a_damaged_store_is_replaced_and_kept_with_its_log(
    command: Command, copy: Path, store: Path, tmp_path: Path
) -> None:
    store.write_bytes(b"no database any more" * 1000)
    (tmp_path / "bridge.db-wal").write_bytes(b"what is left")
    assert command("restore", str(copy)).status == 0
    kept = former(tmp_path)
    assert kept.read_bytes().startswith(b"no database any more")
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"what is left"
    assert not (tmp_path / "bridge.db-wal").exists()
    assert lists(store) == ["old"]


def test_a_store_that_is_gone_is_put_back(command: Command, copy: Path, store: Path, tmp_path: Path) -> None:
    store.unlink()
    answer = command("restore", str(copy), "--json")
    assert (answer.status, answer.json["former"]) == (0, None)
    assert lists(store) == ["old"]
    assert list(tmp_path.glob("*.before-*")) == []


def test_a_faulty_copy_is_refused_and_nothing_is_changed(
    command: Command, copy: Path, store: Path, tmp_path: Path
) -> None:
    sql(copy, "UPDATE counters SET value = 7")
    sql(
        copy, "INSERT INTO events (seq, id, type, subject, time, data) VALUES (3, 'a', 't', 's', 'now', '{}')"
    )
    before = store.read_bytes()
    answer = command("restore", str(copy))
    assert answer.status == 1
    fault, error = answer.err.splitlines()
    assert fault.startswith(f"fault: {copy}: event log: ")
    assert error == f"error: {copy} is not sound; the store is as it was"
    assert store.read_bytes() == before
    assert list(tmp_path.glob("*.before-*")) == []


def test_the_store_cannot_be_its_own_copy(command: Command, copy: Path, store: Path) -> None:
    del copy
    answer = command("restore", str(store))
    assert answer.err.endswith("bridge.db is the store itself\n")


def test_while_a_bridge_runs_it_is_refused(command: Command, copy: Path, store: Path, tmp_path: Path) -> None:
    with serving_in_a_thread(f"sqlite:///{store}", store.with_suffix(".db.sock")):
        answer = command("restore", str(copy))
    assert answer.status == 1
    assert answer.err == "error: a bridge, or a command, is at work on the store: stop the bridge first\n"
    assert lists(store) == ["old", "new"]
    assert list(tmp_path.glob("*.before-*")) == []


def test_a_bridge_whose_socket_is_elsewhere_is_seen_too(command: Command, copy: Path, store: Path) -> None:
    holder = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(1, flush=True); input()"
    words = [sys.executable, "-c", holder, f"{store}.serving"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bridge:
        assert bridge.stdout is not None
        bridge.stdout.readline()
        answer = command("restore", str(copy))
        bridge.kill()
    assert answer.err == f"error: a bridge serves on {store}: stop it first\n"
    assert lists(store) == ["old", "new"]


def test_a_program_that_reads_the_store_is_waited_for_by_the_person(
    command: Command, copy: Path, store: Path
) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as reader:
        reader.execute("PRAGMA journal_mode=WAL")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM lists").fetchall()
        sql(store, LIST, 4, "newer")
        answer = command("restore", str(copy))
    assert answer.err == f"error: another program has {store} open\n"
    assert lists(store) == ["old", "new", "newer"]


def test_too_little_room_changes_nothing(
    command: Command, copy: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = copies._empty

    def narrow(path: Path) -> sqlite3.Connection:
        conn = wide(path)
        conn.execute("PRAGMA max_page_count=4")
        return conn

    monkeypatch.setattr(copies, "_empty", narrow)
    answer = command("restore", str(copy))
    assert answer.err == f"error: no room for the copy on the disk of {tmp_path}\n"
    assert lists(store) == ["old", "new"]


SLOW = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from bridge.store import backup
from bridge.store.restore import restore
from bridge.store.verify import verify
backup.STEP = 1
def tell(_):
    print("step", flush=True)
    time.sleep(600)
restore(verify(Path(sys.argv[1])), Path(sys.argv[2]), now=datetime.now(UTC), progress=tell)
"""


def test_a_kill_in_the_midst_leaves_the_store_as_it_was(command: Command, copy: Path, store: Path) -> None:
    words = [sys.executable, "-c", SLOW, str(copy), str(store)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "step\n"
        child.send_signal(signal.SIGKILL)
    assert lists(store) == ["old", "new"]
    assert command("restore", str(copy)).status == 0
    assert lists(store) == ["old"]


@pytest.mark.parametrize("step", ["hardlink_to", "replace"])
def test_a_failure_at_the_last_steps_leaves_a_whole_store(
    copy: Path, store: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(Path, step, fail)
    with pytest.raises(BackupFailed, match="Input/output error"):
        restore(verify(copy), store, now=NOW)
    assert lists(store) == ["old", "new"]
    assert not store.with_name("bridge.db.part").exists()


def test_on_postgresql_the_command_of_its_own_is_said(command: Command, tmp_path: Path) -> None:
    url = "postgresql://bridge:s3cret@db.example/calls"
    answer = command("restore", str(tmp_path / "x.dump"), AGENT_BRIDGE_STORE__URL=url)
    assert answer.status == 1
    assert "pg_restore --clean --if-exists --exit-on-error --dbname=postgresql://bridge@db" in answer.err
    assert "s3cret" not in answer.err


# -- confirm-restore


@pytest.mark.usefixtures("copy")
def test_without_a_restore_there_is_nothing_to_confirm(command: Command) -> None:
    answer = command("confirm-restore", "--yes")
    assert (answer.status, answer.err.startswith("error: there is nothing to confirm: ")) == (1, True)


def test_what_has_to_be_looked_at_is_shown_and_asked(command: Command, copy: Path) -> None:
    command("restore", str(copy))
    answer = command("confirm-restore", stdin="n\n")
    assert (answer.status, answer.err) == (1, "error: nobody is called; --yes says that it was looked at\n")
    told = answer.out
    at = (NOW - timedelta(hours=26)).strftime("%Y-%m-%d %H:%MZ")
    assert f"do-not-call entries: 1, the newest of {at} (26 h ago); who has asked since" in told
    assert "calls that were open in the copy: 1" in told
    assert CALL in told
    assert "7275550123" in told
    assert "may calls begin? [y/N]:" in told
    again = command("confirm-restore", stdin="y\n")
    assert (again.status, again.out.endswith("calls may begin\n")) == (0, True)
    assert command("confirm-restore", "--yes").status == 1


def test_nobody_at_the_keyboard_is_no_yes(command: Command, copy: Path) -> None:
    command("restore", str(copy))
    assert command("confirm-restore", stdin="").status == 1
    assert command("confirm-restore", "--json").status == 1
    answer = command("confirm-restore", "--json", "--yes")
    assert answer.status == 0
    assert answer.json["restored"]["first_open"][0]["id"] == CALL


def test_a_copy_of_a_store_that_was_drained_or_restored_is_only_restored(
    command: Command, store: Path, tmp_path: Path
) -> None:
    assert command("drain").status == 0
    assert command("backup", str(tmp_path / "drained.db")).status == 0
    assert command("restore", str(tmp_path / "drained.db")).status == 0
    assert [key for (key,) in sql(store, "SELECT key FROM settings WHERE key LIKE 'hold.%'")] == [
        "hold.restored"
    ]


# -- drain


@pytest.mark.usefixtures("either_way")
def test_it_is_drained_until_it_is_off(command: Command) -> None:
    assert command("drain").out == "no new call is dialled; calls open: 0\n"
    assert command("drain", "--json").json == {"draining": True, "changed": False, "calls": 0}
    assert command("drain", "--wait").status == 0
    assert command("drain", "--off").out == "calls may begin\n"
    assert command("drain", "--off").out == "it was not drained\n"


def test_off_and_wait_do_not_go_together(command: Command) -> None:
    assert command("drain", "--off", "--wait").err == "error: --off does not go with --wait\n"


def test_the_wait_counts_until_no_call_is_open(
    command: Command, copy: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("restore", str(copy)).status == 0
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            sql(store, "UPDATE calls SET state = 'ended', ended_at = ?", stamp(timedelta()))

    monkeypatch.setattr("bridge.cli.drain.time.sleep", wait)
    answer = command("drain", "--wait")
    assert (answer.out, answer.err) == ("no new call is dialled; calls open: 0\n", "calls open: 1\n")
    assert len(waits) == 2
