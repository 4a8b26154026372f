"""Tracebacks as the log may have them."""

from __future__ import annotations

import traceback

from bridge.audit.entry import current


def frames(error: BaseException) -> str:
    """Where an error came from, without what it says: its message may quote what a caller has sent."""
    told: list[str] = []
    seen: set[int] = set()
    follows: BaseException | None = error
    while follows is not None and id(follows) not in seen:
        seen.add(id(follows))
        told.append(_one(follows))
        follows = follows.__cause__ or (None if follows.__suppress_context__ else follows.__context__)
    return "\nwhich led to\n\n".join(reversed(told))


def plain(error: BaseException) -> str:
    """A traceback without the values of variables and, while a request is served, without messages."""
    if current.get() is not None:
        return frames(error)
    return "".join(traceback.format_exception(error))


def _one(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    lines = "".join(traceback.format_tb(error.__traceback__))
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    parts = "".join(f"\nin this group: {frames(each)}" for each in inner)
    return f"Traceback (most recent call last):\n{lines}{kind}\n{parts}"
