"""Plays cases, each on a copy of the world."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from replaying import client
from replaying.cases import Case
from replaying.comparing import Outcome, compare
from replaying.differences import Rule
from replaying.observed import Observed, Store
from replaying.running import serving
from replaying.scene import Stage, UnheardError, settings_of

_APIS = ("agent", "non_agent")


async def play(case: Case, world: Path, folder: Path, rules: Sequence[Rule]) -> Outcome:
    """Play one case.

    Args:
        case: what is asked.
        world: the store to be copied.
        folder: where the copy goes.
        rules: intended differences.
    """
    if case.api not in _APIS:
        return Outcome(case=case, skipped=f"there is no {case.api} API")
    file = Path(shutil.copy(world, folder / "bridge.db"))
    try:
        scene = Stage(file, reported=case.api == "non_agent").set(case.preconditions)
    except UnheardError as unknown:
        return Outcome(case=case, problems=[f"this precondition cannot be set up: {unknown}"])
    scene.params = case.params
    async with serving(file, scene.stand_in, settings_of(case.preconditions)) as port:
        seen = Observed(scene, Store(file))
        reply = await client.get(port, case.api, case.params)
        outcome = await compare(case, reply, seen, rules)
        if not outcome.good or outcome.difference is None:
            outcome.problems += seen.not_as_set()
        return outcome


async def play_all(
    cases: Sequence[Case],
    world: Path,
    rules: Sequence[Rule],
    *,
    at_once: int,
    done: Callable[[Outcome], None],
) -> None:
    """Play cases, some at the same time; `done` is told of each as it ends."""
    places = asyncio.Semaphore(at_once)

    async def one(case: Case) -> None:
        async with places:
            with tempfile.TemporaryDirectory() as folder:
                done(await played(case, Path(folder)))

    async def played(case: Case, folder: Path) -> Outcome:
        try:
            return await play(case, world, folder, rules)
        except Exception as error:  # noqa: BLE001  one case that cannot be played must not hide the others
            return Outcome(case=case, problems=[f"it could not be played: {error!r}"])

    async with asyncio.TaskGroup() as group:
        for case in cases:
            group.create_task(one(case))
