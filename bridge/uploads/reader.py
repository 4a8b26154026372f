"""Files are read in a process of their own: numbers and spreadsheets take none of the bridge's time."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from bridge.imports.errors import Unusable
from bridge.uploads.frames import (
    HEAD,
    Answer,
    Broken,
    Counted,
    Ended,
    Look,
    Looked,
    Question,
    Read,
    Stretch,
    framed,
    read_answer,
)

_PIECE: Final = 65_536
_NEEDED: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")


class ReaderDied(Exception):  # noqa: N818  the name says what happened
    """The process ended in the midst of its answer."""


async def look(question: Look) -> Looked:
    """What is in a file.

    Raises:
        Unusable: it cannot be read so.
        ReaderDied: nobody knows.
    """
    async with _answers(question) as found:
        async for answer in found:
            if isinstance(answer, Looked):
                return answer
    raise ReaderDied


@asynccontextmanager
async def rows(question: Read) -> AsyncIterator[AsyncIterator[Counted | Stretch]]:
    """The rows of a file; the process ends with the context.

    Yields:
        The number of its last row, if that was asked, then its rows. It raises `Unusable` and `ReaderDied`.
    """
    async with _answers(question) as found:
        yield (answer async for answer in found if isinstance(answer, Counted | Stretch))


@asynccontextmanager
async def _answers(question: Question) -> AsyncIterator[AsyncIterator[Answer]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge.uploads.child", stdin=PIPE, stdout=PIPE, env=_environment()
    )
    try:
        yield _told(process, question)
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill it, and wait for its end: asyncio tells of that only when all that it has said was taken."""
    with suppress(ProcessLookupError):
        process.kill()
    assert process.stdout is not None  # noqa: S101  a pipe
    while await process.stdout.read(_PIECE):
        pass
    await process.wait()


def _environment() -> dict[str, str]:
    """What an interpreter needs to find its modules: secrets of the bridge may stand in its own."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}


async def _told(process: asyncio.subprocess.Process, question: Question) -> AsyncIterator[Answer]:
    asked, told = process.stdin, process.stdout
    assert asked is not None  # noqa: S101  both are pipes
    assert told is not None  # noqa: S101
    try:
        asked.write(framed(question))
        await asked.drain()
        while True:
            length = int.from_bytes(await told.readexactly(HEAD))
            answer = read_answer(await told.readexactly(length))
            if isinstance(answer, Broken):
                raise Unusable(answer.why, answer.field)
            if isinstance(answer, Ended):
                return
            yield answer
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise ReaderDied from error
