"""The shapes that events have had: `python tests/unit/events/event_shapes.py` writes down the new ones.

A shape is kept for good. Added may be: a type, a field that need not be there, a value of an enumeration.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "data" / "event_shapes.json"

Shape = Mapping[str, Any]


def kept() -> Mapping[str, Shape]:
    """Those that are written down."""
    found: Mapping[str, Shape] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def broken(before: Mapping[str, Shape], now: Mapping[str, Shape]) -> list[str]:
    """What those who listen would stumble over, one line each."""
    return [line for kind, shape in before.items() for line in _broken(kind, shape, now.get(kind))]


def _broken(kind: str, before: Shape, now: Shape | None) -> Iterator[str]:
    if now is None:
        yield f"{kind} is gone"
        return
    for name in ("right", "retained", "final"):
        if before[name] != now[name]:
            yield f"{kind}: {name} was {before[name]!r} and is {now[name]!r}"
    for field, schema in before["fields"].items():
        if field not in now["fields"]:
            yield f"{kind}.{field} is gone"
        elif not _holds(schema, now["fields"][field]):
            yield f"{kind}.{field} was {schema} and is {now['fields'][field]}"
    for field in now["required"]:
        if field not in before["required"]:
            yield f"{kind}.{field} must be there now: give it a default, the log has events without it"


def _holds(before: Any, now: Any) -> bool:
    """Whether whoever knows one schema can read what the other lets through."""
    if isinstance(before, dict) and isinstance(now, dict):
        same = {key: value for key, value in before.items() if key not in ("enum", "required")}
        return (
            all(key in now and _holds(value, now[key]) for key, value in same.items())
            and set(before.get("enum", ())) <= set(now.get("enum", ()))
            and ("enum" in before) >= ("enum" in now)
        )
    if isinstance(before, list) and isinstance(now, list):
        return len(before) == len(now) and all(
            _holds(one, other) for one, other in zip(before, now, strict=True)
        )
    return bool(before == now)


def main() -> None:
    """Write down what is new; nothing if something is broken."""
    from bridge.events.described import shapes  # noqa: PLC0415  a test reads the file without it

    now = shapes()
    if lines := broken(kept() if FILE.exists() else {}, now):
        raise SystemExit(
            "\n".join([*lines, "", "Give the changed event a new type, and emit both for a while."])
        )
    FILE.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
