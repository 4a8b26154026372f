"""Steps of a dialplan: read from our own file, and compared with what Asterisk has loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Step", "difference", "parse"]

_COMMENT = re.compile(r"(?<!\\);.*")
_SECTION = re.compile(r"\[([^\]]+)\]")
_STEP = re.compile(r"(?P<priority>\d+|n)(?:\((?P<label>[^)]*)\))?,\s*(?P<name>\w+)(?:\((?P<data>.*)\))?\s*")


class Step(NamedTuple):
    """One priority of an extension."""

    extension: str
    priority: int
    label: str
    application: str
    data: str

    def __str__(self) -> str:
        label = f"({self.label})" if self.label else ""
        return f"{self.extension},{self.priority}{label},{self.application}({self.data})"


def parse(text: str) -> dict[str, tuple[Step, ...]]:
    """The steps of each context of an `extensions.conf`, in order.

    Understands what our own file uses: `exten =>`, `same =>`, numbers, `n` and labels.

    Raises:
        ValueError: a line is none of these.
    """
    contexts: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for line in _lines(text):
        section = _SECTION.fullmatch(line)
        if section:
            steps = contexts.setdefault(section[1], [])
        else:
            steps.append(_step(line, steps))
    return {name: tuple(found) for name, found in contexts.items()}


def _lines(text: str) -> Iterator[str]:
    for raw in text.splitlines():
        line = _COMMENT.sub("", raw).strip()
        if line and not line.startswith("#include"):
            yield line


def _step(line: str, before: Sequence[Step]) -> Step:
    keyword, arrow, rest = line.partition("=>")
    extension = before[-1].extension if before else ""
    if keyword.strip() == "exten":
        extension, _, rest = rest.strip().partition(",")
    match = _STEP.fullmatch(rest.strip())
    if not arrow or not match:
        raise ValueError(f"not a step of a dialplan: {line}")
    number = match["priority"]
    priority = before[-1].priority + 1 if number == "n" else int(number)
    return Step(extension, priority, match["label"] or "", match["name"], match["data"] or "")


def difference(ours: Sequence[Step], theirs: Sequence[Step]) -> str:
    """Say where two versions of a context first differ; empty if they do not."""
    wanted = {(step.extension, step.priority): step for step in ours}
    found = {(step.extension, step.priority): step for step in theirs}
    for key, step in wanted.items():
        if key not in found:
            return f"{step} is missing"
        if found[key] != step:
            return f"it has {found[key]} in the place of {step}"
    more = [step for key, step in found.items() if key not in wanted]
    return f"{more[0]} is not of ours" if more else ""
