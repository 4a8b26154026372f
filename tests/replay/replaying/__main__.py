"""`python -m replaying FILE`: replay a file of recorded requests."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

import structlog

from replaying.cases import UnreadableFileError, read
from replaying.comparing import Outcome
from replaying.differences import rules
from replaying.replay import play_all
from replaying.report import report
from replaying.world import build

WIDTH = 40


def main() -> int:
    """0 if every line matches or differs on purpose, 1 if not, 2 if the file cannot be read."""
    parser = argparse.ArgumentParser(prog="replay", description=__doc__)
    parser.add_argument("file", type=Path, help="one case a line, as JSON")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name has this text")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="cases at the same time")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    try:
        cases = [case for case in read(asked.file) if asked.only in case.name]
    except (OSError, UnreadableFileError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    outcomes: list[Outcome] = []

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome)
        _progress(len(outcomes), len(cases))

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            world = Path(folder) / "world.db"
            await build(world)
            await play_all(cases, world, rules(), at_once=max(1, asked.at_once), done=done)

    asyncio.run(run())
    places = {case.name: place for place, case in enumerate(cases)}
    outcomes.sort(key=lambda outcome: places[outcome.case.name])
    for line in report(outcomes):
        sys.stdout.write(f"{line}\n")
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        filled = WIDTH * done // of
        end = "\n" if done == of else ""
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{of}{end}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
