"""Asterisk on a processor of its own, as on a machine of its own: what is measured takes none of its time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

CONTAINERS = ("ASTERISK_CONTAINER", "CARRIER_CONTAINER")


@contextmanager
def apart(stack: Mapping[str, str]) -> Iterator[None]:
    """Keep Asterisk and the carrier on the first processor, this process and its children on the others."""
    all_of_them = sorted(os.sched_getaffinity(0))
    if len(all_of_them) < 2:
        sys.exit("--apart needs two processors")
    try:
        _pin(stack, all_of_them[:1])
        os.sched_setaffinity(0, all_of_them[1:])
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)
        _pin(stack, all_of_them)


def _pin(stack: Mapping[str, str], processors: list[int]) -> None:
    names = [stack[name] for name in CONTAINERS]
    wanted = ",".join(map(str, processors))
    subprocess.run(
        ["docker", "update", "--cpuset-cpus", wanted, *names], stdout=subprocess.DEVNULL, check=True
    )
