"""Reports on disk, and their delivery: `spool`, `delivery`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from agi_peer import until

from bridge.agi import delivery, spool
from bridge.agi.delivery import Delivery
from bridge.agi.desk import CallReport
from bridge.agi.errors import DeskError, DeskRefused, DeskUnavailable
from bridge.agi.spool import Spool


class Bridges:
    """Bridges that take reports, or raise what a test wants."""

    def __init__(self) -> None:
        self.connected = asyncio.Event()
        self.is_connected = True
        self.asked = 0
        self.taken: list[CallReport] = []
        self.fault: Callable[[CallReport], Exception | None] = lambda _: None

    async def ask(self, _name: str, report: CallReport, _timeout: float) -> None:
        self.asked += 1
        error = self.fault(report)
        if error is not None:
            raise error
        self.taken.append(report)


async def test_a_report_is_on_disk_once_it_is_added(tmp_path: Path) -> None:
    kept = Spool(tmp_path / "reports")
    await kept.add(CallReport("c1", dialstatus="BUSY"))
    (batch,) = kept.batches()
    assert list(kept.read(batch)) == [CallReport("c1", dialstatus="BUSY")]
    assert kept.arrived.is_set()


async def test_reports_that_come_together_are_written_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = 0

    def count(_descriptor: int) -> None:
        nonlocal synced
        synced += 1

    monkeypatch.setattr(os, "fsync", count)
    kept = Spool(tmp_path)
    await asyncio.gather(*(kept.add(CallReport(f"c{n}")) for n in range(200)))
    found = [report.call_id for batch in kept.batches() for report in kept.read(batch)]
    assert sorted(found) == sorted(f"c{n}" for n in range(200))
    assert synced <= 6


async def test_both_the_file_and_its_name_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(Path(f"/proc/self/fd/{fd}").readlink().name))
    await Spool(tmp_path).add(CallReport("c1"))
    assert synced[0].endswith(".part")
    assert synced[1] == tmp_path.name


async def test_a_disk_that_refuses_is_an_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    kept = Spool(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            await kept.add(CallReport("c1"))
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a list of names
    await kept.add(CallReport("c2"))
    assert len(kept.batches()) == 1


def test_a_process_killed_right_after_the_add_loses_nothing(tmp_path: Path) -> None:
    program = (
        "import asyncio, os, sys\n"
        "from bridge.agi.spool import Spool\nfrom bridge.agi.desk import CallReport\n"
        "async def main():\n"
        "    await Spool(sys.argv[1]).add(CallReport('c1'))\n    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, timeout=30)
    (batch,) = Spool(tmp_path).batches()
    assert [r.call_id for r in Spool(tmp_path).read(batch)] == ["c1"]


async def test_what_a_crash_left_half_written_is_thrown_away_when_it_is_old(tmp_path: Path) -> None:
    old, new = tmp_path / "old.part", tmp_path / "new.part"
    for file in (old, new):
        file.write_text("{")
    os.utime(old, (1, 1))
    Spool(tmp_path).prepare()
    assert not old.exists()
    assert new.exists()  # a forked script may be at it


async def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert Spool(tmp_path / "none").batches() == []


async def test_a_line_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").write_bytes(b'{"call_id": "c1"}\nnonsense\n{"call_id": 7}\n')
    kept = Spool(tmp_path)
    assert [r.call_id for r in kept.read(kept.batches()[0])] == ["c1"]
    assert (tmp_path / "rejected").read_bytes() == b'nonsense\n{"call_id": 7}\n'


@pytest.fixture
def bridges() -> Bridges:
    return Bridges()


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "RETRY_EVERY", 0.02)
    monkeypatch.setattr(delivery, "LOOK_EVERY", 0.05)


async def delivering(kept: Spool, bridges: Bridges, until_: Callable[[], object]) -> None:
    task = asyncio.ensure_future(Delivery(kept, cast("Any", bridges)).run())
    try:
        await until(until_)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_reports_are_delivered_oldest_first_and_forgotten(tmp_path: Path, bridges: Bridges) -> None:
    kept = Spool(tmp_path)
    for n in range(3):
        await kept.add(CallReport(f"c{n}"))
    await delivering(kept, bridges, lambda: not kept.batches())
    assert [r.call_id for r in bridges.taken] == ["c0", "c1", "c2"]


async def test_a_report_that_comes_later_is_delivered_at_once(tmp_path: Path, bridges: Bridges) -> None:
    kept = Spool(tmp_path)
    task = asyncio.ensure_future(Delivery(kept, cast("Any", bridges)).run())
    await asyncio.sleep(0.05)
    await kept.add(CallReport("c1"))
    await until(lambda: bridges.taken, 1)
    task.cancel()


@pytest.mark.usefixtures("hurry")
async def test_while_no_bridge_is_there_reports_wait(tmp_path: Path, bridges: Bridges) -> None:
    kept = Spool(tmp_path)
    await kept.add(CallReport("c1"))
    bridges.fault = lambda _: DeskUnavailable()
    await delivering(kept, bridges, kept.batches)
    assert len(kept.batches()) == 1
    bridges.fault = lambda _: None
    await delivering(kept, bridges, lambda: not kept.batches())
    assert bridges.taken == [CallReport("c1")]


@pytest.mark.usefixtures("hurry")
async def test_while_no_bridge_is_connected_none_is_asked_and_the_log_stays_quiet(
    tmp_path: Path, bridges: Bridges, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Spool(tmp_path)
    await asyncio.gather(*(kept.add(CallReport(f"c{n}")) for n in range(100)))
    bridges.is_connected = False
    looks: list[int] = []
    looked = kept.batches

    def look() -> list[Path]:
        looks.append(1)
        return looked()

    kept.batches = look  # type: ignore[method-assign]
    await delivering(kept, bridges, lambda: len(looks) > 3)
    assert bridges.asked == 0
    assert not caplog.records
    bridges.is_connected = True
    await delivering(kept, bridges, lambda: not looked())
    assert len(bridges.taken) == 100


@pytest.mark.usefixtures("hurry")
async def test_one_that_fails_does_not_hold_up_the_others(tmp_path: Path, bridges: Bridges) -> None:
    kept = Spool(tmp_path)
    for n in range(3):
        await kept.add(CallReport(f"c{n}"))
    bridges.fault = lambda report: DeskError() if report.call_id == "c0" else None
    await delivering(kept, bridges, lambda: len(kept.batches()) == 1)
    assert {r.call_id for r in bridges.taken} == {"c1", "c2"}


@pytest.mark.usefixtures("hurry")
async def test_one_that_no_bridge_will_ever_take_is_set_aside(tmp_path: Path, bridges: Bridges) -> None:
    kept = Spool(tmp_path)
    await kept.add(CallReport("c0"))
    bridges.fault = lambda _: DeskRefused()
    await delivering(kept, bridges, lambda: not kept.batches())
    assert b'"call_id": "c0"' in (tmp_path / "rejected").read_bytes()


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("name", ["batches", "read", "remove", "reject"])
async def test_a_disk_that_fails_once_does_not_end_the_delivery(
    tmp_path: Path, bridges: Bridges, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kept = Spool(tmp_path)
    await kept.add(CallReport("c0"))
    works, fails = getattr(kept, name), [OSError(5, "Input/output error")]

    def sometimes(*given: Any) -> Any:
        if fails:
            raise fails.pop()
        return works(*given)

    monkeypatch.setattr(kept, name, sometimes)
    if name == "reject":
        bridges.fault = lambda _: DeskRefused()
    await delivering(kept, bridges, lambda: not fails and not works_batches(kept))
    told = {report.call_id for report in bridges.taken}
    assert told == {"c0"} or b'"call_id": "c0"' in (tmp_path / "rejected").read_bytes()


def works_batches(kept: Spool) -> list[Path]:
    """What waits on the disk, past whatever a test has done to the spool."""
    return Spool(kept.folder).batches()


@pytest.mark.usefixtures("hurry")
async def test_what_a_forked_script_left_is_found(tmp_path: Path, bridges: Bridges) -> None:
    kept = Spool(tmp_path)
    task = asyncio.ensure_future(Delivery(kept, cast("Any", bridges)).run())
    await asyncio.sleep(0.02)
    await Spool(tmp_path).add(CallReport("forked"))
    await until(lambda: bridges.taken)
    task.cancel()


async def test_more_than_one_batch_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "BATCH_LIMIT", 2)
    kept = Spool(tmp_path)
    await asyncio.gather(*(kept.add(CallReport(f"c{n}")) for n in range(5)))
    assert [len(list(kept.read(b))) for b in kept.batches()] == [2, 2, 1]
