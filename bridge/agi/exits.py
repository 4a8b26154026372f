"""A script that means to exit ends alone: also where it says so in a task that it has started itself.

asyncio lets `SystemExit` and `KeyboardInterrupt` of any task through to whoever runs the event loop
(`Task.__step` of CPython, and so on uvloop), which ends the whole server. Here the tasks of scripts, known by
their context, raise `ScriptExit` instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from bridge.agi.errors import ScriptExit

in_script: ContextVar[bool] = ContextVar("in_script", default=False)
"""Set in the context of each script; its tasks inherit it."""


def contain_exits(loop: asyncio.AbstractEventLoop) -> None:
    """Let no task that a script starts on this loop end the loop. Stays in force."""
    before = loop.get_task_factory()
    if not isinstance(before, _TaskFactory):
        loop.set_task_factory(_TaskFactory(before))


class _TaskFactory:
    """Makes tasks as before, those of scripts around a coroutine that cannot exit."""

    __slots__ = ("_before",)

    def __init__(self, before: Any) -> None:
        self._before = before or _plain_task

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        if in_script.get() and isinstance(coro, Coroutine):
            coro = _Contained(coro)
        return self._before(loop, coro, **options)


def _plain_task(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.Task(coro, loop=loop, **options)


class _Contained(Coroutine[Any, Any, Any]):
    """A coroutine that is as the one inside, but for its exits."""

    __slots__ = ("_inside",)

    def __init__(self, inside: Coroutine[Any, Any, Any]) -> None:
        self._inside = inside

    def __getattr__(self, name: str) -> Any:
        """Its name, code and frame: what a task prints of it."""
        return getattr(self._inside, name)

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inside.__await__()

    def send(self, value: Any) -> Any:
        """Go on."""
        try:
            return self._inside.send(value)
        except (SystemExit, KeyboardInterrupt) as error:
            raise _contained(error) from error

    def throw(
        self, kind: Any, value: BaseException | object = None, trace: TracebackType | None = None
    ) -> Any:
        """Go on with an exception: a cancellation."""
        try:
            return self._inside.throw(kind) if value is None else self._inside.throw(kind, value, trace)
        except (SystemExit, KeyboardInterrupt) as error:
            raise _contained(error) from error

    def close(self) -> None:
        """Do not go on."""
        self._inside.close()


def _contained(error: BaseException) -> ScriptExit:
    return ScriptExit(f"a script meant to end the whole process ({type(error).__name__}: {error})")
