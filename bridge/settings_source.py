"""Where the settings come from: a TOML file, environment variables over it, files that hold secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.secret import Secret
from bridge.settings import AsteriskSettings, Settings
from bridge.tables import TableError, build, near, read_toml

DEFAULT_PATH = Path("/etc/agent-bridge/bridge.toml")
CONFIG_VARIABLE = "AGENT_BRIDGE_CONFIG"
PREFIX = "AGENT_BRIDGE_"

_Table = dict[str, Any]


def load(path: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force.

    Args:
        path: the file; else the one that `AGENT_BRIDGE_CONFIG` names, else the usual one if there is one.
        environ: environment; the process's own if left out.

    Raises:
        TableError: which key is wrong, and what it may be.
    """
    environ = os.environ if environ is None else environ
    file = find(path, environ)
    table = _read(file) if file else {}
    if isinstance(table.get("asterisk"), dict):
        table["asterisk"] = [table["asterisk"]]  # `[asterisk]` is as clear as `[[asterisk]]` for one server
    for name in sorted(environ):
        _override(table, name, environ[name])
    base = file.parent if file else Path()
    for section, entry in _sections(table):
        _read_secrets(entry, section, base)
        _place_files(entry, base)
    return build(Settings, table, "")


def find(path: Path | str | None, environ: Mapping[str, str]) -> Path | None:
    """The file of the settings; none if none is asked for and the usual one is not there."""
    wanted = path or environ.get(CONFIG_VARIABLE)
    if wanted:
        return Path(wanted)
    return DEFAULT_PATH if DEFAULT_PATH.exists() else None


def _read(file: Path) -> _Table:
    return read_toml(_text(file, str(file)), str(file))


def _text(file: Path, key: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise TableError(key, f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TableError(key, f"{file} is not UTF-8") from None


def _override(table: _Table, name: str, value: str) -> None:
    """Put one environment variable over the table, if it is one of ours."""
    if not name.startswith(PREFIX):
        return
    words = name.removeprefix(PREFIX).lower().split("__")
    if len(words) == 1:
        _refuse_single_underscore(name, words[0])
        return
    section, *middle, field = words
    if section not in Settings.__struct_fields__:
        raise TableError(name, f"there is no section {section!r}{near(section, Settings.__struct_fields__)}")
    entry = _section(table, section, middle, name)
    hint = _default(section)
    if field not in hint.__struct_fields__:
        raise TableError(name, f"there is no field {field!r}{near(field, hint.__struct_fields__)}")
    entry.pop(field.removesuffix("_file") if field.endswith("_file") else f"{field}_file", None)
    is_list = isinstance(getattr(hint, field), tuple)
    entry[field] = [part.strip() for part in value.split(",") if part.strip()] if is_list else value


def _refuse_single_underscore(name: str, rest: str) -> None:
    """`AGENT_BRIDGE_HTTP_PORT` would otherwise be passed over without a word."""
    section, _, field = rest.partition("_")
    if section in Settings.__struct_fields__ and field in _default(section).__struct_fields__:
        right = f"{PREFIX}{section}__{field}".upper()
        raise TableError(name, f"needs two underscores behind the section: {right}")


def _default(section: str) -> Any:
    return AsteriskSettings() if section == "asterisk" else getattr(Settings(), section)


def _section(table: _Table, section: str, middle: list[str], name: str) -> _Table:
    """The table that a variable changes; an Asterisk is named in the middle if there are several."""
    if section != "asterisk":
        if middle:
            raise TableError(name, f"{PREFIX}{section.upper()}__<FIELD> has no further part")
        found: _Table = table.setdefault(section, {})
        return found
    servers: list[_Table] = table.setdefault("asterisk", [{}])
    if not middle and len(servers) == 1:
        return servers[0]
    names = [str(server.get("name", "asterisk")) for server in servers]
    wanted = "__".join(middle)
    for server, known in zip(servers, names, strict=True):
        if known.lower().replace("-", "_") == wanted.replace("-", "_"):
            return server
    several = f"name one of the servers ({', '.join(names)}): {PREFIX}ASTERISK__<NAME>__<FIELD>"
    raise TableError(name, several if not middle else f"there is no server {wanted!r}{near(wanted, names)}")


def _sections(table: _Table) -> list[tuple[str, _Table]]:
    found: list[tuple[str, _Table]] = []
    for section, value in table.items():
        if section not in Settings.__struct_fields__:
            raise TableError(section, f"unknown section{near(section, Settings.__struct_fields__)}")
        entries = value if isinstance(value, list) else [value]
        found += [(section, entry) for entry in entries if isinstance(entry, dict)]
    return found


def _place_files(entry: _Table, base: Path) -> None:
    """Certificates stand beside the settings, as secrets do, unless they are named in full."""
    for field in ("tls_ca", "tls_cert", "tls_key"):
        if (file := entry.get(field)) and isinstance(file, str):
            entry[field] = str(base.absolute() / file)


def _read_secrets(entry: _Table, section: str, base: Path) -> None:
    """Replace each `<field>_file` by what the file holds."""
    defaults = _default(section)
    for field in defaults.__struct_fields__:
        file = entry.get(f"{field}_file")
        if not isinstance(getattr(defaults, field), Secret) or not file or not isinstance(file, str):
            continue
        key = f"{section}.{field}_file"
        if entry.get(field):
            raise TableError(key, f"{field} is given as well: leave one of the two out")
        entry[field] = _text(base / file, key).strip()
        if not entry[field]:
            raise TableError(key, f"{file} is empty")
