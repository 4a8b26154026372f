"""The settings as a table for programs, and as a commented TOML file for people. Secrets are masked."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from typing import Any

import msgspec

from bridge.secret import Secret
from bridge.settings import AsteriskSettings, Settings


def as_table(settings: Settings) -> dict[str, Any]:
    """Plain values; secrets masked."""
    table: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=_mask)
    return table


def as_toml(settings: Settings) -> str:
    """A file that would give these settings, but for the secrets; each line says what it means."""
    lines: list[str] = []
    for section in settings.__struct_fields__:
        value = getattr(settings, section)
        for entry in value if isinstance(value, tuple) else (value,):
            lines += _section(section, entry)
    return "\n".join(lines[1:]) + "\n"


def _section(name: str, entry: msgspec.Struct) -> Iterator[str]:
    head = f"[[{name}]]" if isinstance(entry, AsteriskSettings) else f"[{name}]"
    yield from ("", f"# {(type(entry).__doc__ or '').strip()}", head)
    hints = typing.get_type_hints(type(entry), include_extras=True)
    for field in entry.__struct_fields__:
        yield f"{field} = {_toml(getattr(entry, field))}  # {_meaning(hints[field])}"


def _meaning(hint: Any) -> str:
    texts = [extra.description for extra in typing.get_args(hint)[1:] if isinstance(extra, msgspec.Meta)]
    return next(text for text in reversed(texts) if text)


def _toml(value: Any) -> str:
    """Text, numbers, truth and lists of text are written in TOML as in JSON."""
    plain = value.masked() if isinstance(value, Secret) else value
    return json.dumps(list(plain) if isinstance(plain, tuple) else plain, ensure_ascii=False)


def _mask(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.masked()
    raise NotImplementedError(f"no plain form of {type(value).__name__}")
