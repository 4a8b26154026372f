"""Reports that wait on disk until a bridge has taken them.

Written to be safe at any moment of a power loss: a file appears under its name only once its bytes are on
disk. All that come while one write is under way go out together in the next, so that syncing costs little
under load.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from bridge.agi.desk import CallReport

log = logging.getLogger(__name__)

BATCH_LIMIT = 500
"""Reports in one file."""


UNFINISHED_AFTER = 60.0
"""Seconds after which a file that is still being written has no writer any more."""


class Spool:
    """A folder of files `<time>-<process>-<number>.jsonl`, one report a line.

    Args:
        folder: made if it is not there; belongs to the spool alone.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.arrived = asyncio.Event()
        """Set whenever there is something new to deliver; whoever delivers clears it."""
        self._waiting: list[tuple[CallReport, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._number = 0

    def prepare(self) -> None:
        """Make the folder, and throw away what a crash left half written: it was never acknowledged.

        Raises:
            OSError: the folder cannot be made.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for part in self.folder.glob("*.part"):
            if time.time() - part.stat().st_mtime > UNFINISHED_AFTER:
                part.unlink(missing_ok=True)

    async def add(self, report: CallReport) -> None:
        """Keep a report. Once this returns it is on disk.

        Raises:
            OSError: it could not be written (a full disk).
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((report, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.ensure_future(self._write_all())
        await done

    def batches(self) -> list[Path]:
        """Files that wait, oldest first."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == ".jsonl")
        except FileNotFoundError:
            return []

    def read(self, batch: Path) -> Iterator[CallReport]:
        """Give the reports of a file. A line that cannot be read is kept in `rejected` and left out."""
        for line in batch.read_bytes().splitlines():
            report = self._parse(line)
            if report is not None:
                yield report

    def _parse(self, line: bytes) -> CallReport | None:
        try:
            return CallReport.from_wire(json.loads(line))
        except ValueError as error:
            self.reject(line, str(error))
            return None

    def remove(self, batch: Path) -> None:
        """Forget a file whose reports have all been taken."""
        batch.unlink()

    def reject(self, line: bytes, why: str) -> None:
        """Put a report that nobody will ever take aside, for a person to look at."""
        log.error("a report of the spool is set aside: %s", why)
        with (self.folder / "rejected").open("ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH_LIMIT], self._waiting[BATCH_LIMIT:]
            error = await self._write_batch([report for report, _ in batch])
            for _, done in batch:
                if not done.done():
                    done.set_exception(error) if error else done.set_result(None)
            self.arrived.set()

    async def _write_batch(self, reports: list[CallReport]) -> OSError | None:
        self._number += 1
        name = f"{time.time_ns():020d}-{os.getpid()}-{self._number}"
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._write, name, reports)
        except OSError as error:
            return error
        return None

    def _write(self, name: str, reports: list[CallReport]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished, finished = self.folder / f"{name}.part", self.folder / f"{name}.jsonl"
        try:
            with unfinished.open("wb") as file:
                for report in reports:
                    file.write(json.dumps(report.to_wire()).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(finished)
            _sync_folder(self.folder)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    """A new name is only safe once its folder is on disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
