"""A site file: TOML that says what campaigns, phones, trunks, groups and users there are to be.

    [[trunk]]
    name = "carrier"
    template = "PJSIP/{number}@carrier"

Reading it gives plain values; nothing is written here. What a file does not name is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bridge.access.limits import limits_from
from bridge.access.model import ALL_RIGHTS, PrincipalKind, UserSpec
from bridge.access.names import All, parse_names
from bridge.access.rights import FUNCTIONS
from bridge.campaigns.item import SiteItem
from bridge.campaigns.queries import KINDS
from bridge.tables import TableError, build, near, read_toml

ORDER = (
    "trunk",
    "ownnumber",
    "groupalias",
    "cidgroup",
    "ingroup",
    "calltime",
    "campaign",
    "list",
    "intake",
    "webhook",
    "usergroup",
    "phone",
    "phonealias",
    "did",
)
"""Kinds in the order in which they may refer to each other."""
USER_KINDS: Mapping[str, PrincipalKind] = {
    "agent": PrincipalKind.AGENT,
    "apiuser": PrincipalKind.API,
    "manager": PrincipalKind.MANAGER,
}


class User(NamedTuple):
    """A user of the file."""

    spec: UserSpec
    secret: str | None
    """None: an API user who is new gets one that is shown once; others none."""


class SiteFile(NamedTuple):
    """What a site file says."""

    items: list[SiteItem]
    """In an order in which none refers to a later one."""
    users: list[User]


def read(text: str, *, base: Path, environ: Mapping[str, str]) -> SiteFile:
    """Read a site file.

    Args:
        text: the TOML.
        base: folder to which the paths of secrets are relative.
        environ: environment in which named secrets are found.

    Raises:
        TableError: which key is wrong, and what it may be.
    """
    table = read_toml(text, "")
    known = (*ORDER, *USER_KINDS)
    for section in table:
        if section not in known:
            raise TableError(
                section, f"unknown section{near(section, known) or '; known are ' + ', '.join(known)}"
            )
    items = [_item(kind, entry) for kind in ORDER for entry in _entries(table, kind)]
    users = [_user(kind, entry, base, environ) for kind in USER_KINDS for entry in _entries(table, kind)]
    _refuse_twice([(item.kind, item.key) for item in items] + [("user", user.spec.user) for user in users])
    return SiteFile(items, users)


def _entries(table: Mapping[str, Any], section: str) -> list[dict[str, Any]]:
    entries = table.get(section, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TableError(section, f"must be written as [[{section}]]")
    return entries


def _refuse_twice(keys: list[tuple[str, str]]) -> None:
    for kind, key in keys:
        if keys.count((kind, key)) > 1:
            raise TableError(f"{kind} {key!r}", "is there twice")


def _item(section: str, entry: dict[str, Any]) -> SiteItem:
    kind = KINDS[section]
    where = f"{section} {entry.get(kind.key_field, '(without ' + kind.key_field + ')')!r}"
    return build(kind, _shorthand(entry, where), where)


def _user(section: str, entry: dict[str, Any], base: Path, environ: Mapping[str, str]) -> User:
    where = f"{section} {entry.get('user', '(without user)')!r}"
    if "secret" in entry:
        raise TableError(where, "secret does not belong in this file: use secret_file or secret_env")
    secret = _secret(entry.pop("secret_file", None), entry.pop("secret_env", None), where, base, environ)
    defaults = {"kind": USER_KINDS[section], "api_access": USER_KINDS[section] is PrincipalKind.API}
    if section == "agent":
        defaults["group"] = "AGENTS"
    spec = build(UserSpec, defaults | _shorthand(entry, where), where)
    for name in sorted(() if isinstance(spec.functions, All) else spec.functions - FUNCTIONS):
        raise TableError(where, f"functions: there is no function {name!r}{near(name, FUNCTIONS)}")
    return User(spec, secret)


def _secret(file: object, variable: object, where: str, base: Path, environ: Mapping[str, str]) -> str | None:
    if isinstance(file, str) and isinstance(variable, str):
        raise TableError(where, "secret_file and secret_env are both given: leave one out")
    if isinstance(file, str):
        return _first_line(base / file, where)
    if isinstance(variable, str):
        if not environ.get(variable):
            raise TableError(where, f"secret_env names {variable}, which is not set")
        return environ[variable]
    return None


def _first_line(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise TableError(where, f"secret_file: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TableError(where, f"secret_file: {path} is not UTF-8") from None


def _shorthand(entry: dict[str, Any], where: str) -> dict[str, Any]:
    """What people write, made into what the fields are."""
    found = dict(entry)
    for field, long in _SHORT.items():
        if field in found:
            try:
                found[field] = long(found[field])
            except (TypeError, AttributeError):
                raise TableError(where, f"{field}: a list or a text is needed") from None
    return found


def _names(value: Any) -> Any:
    """`"ALL"`, `"a b"` and `["a", "b"]` are all fine."""
    names = parse_names(value)
    return names.value if isinstance(names, All) else sorted(names)


def _codes(field: str) -> Callable[[Any], list[Any]]:
    """`["LUNCH"]` is short for `[{code = "LUNCH"}]`."""
    return lambda value: [{field: entry} if isinstance(entry, str) else entry for entry in value]


def _rights(value: Any) -> Any:
    return dict(ALL_RIGHTS) if value == "ALL" else value


def _limits(value: Any) -> Any:
    return limits_from(value) if isinstance(value, Mapping) else value


_SHORT: Mapping[str, Callable[[Any], Any]] = {
    "functions": _names,
    "campaigns": _names,
    "sees_groups": _names,
    "pause_codes": _codes("code"),
    "statuses": _codes("status"),
    "recycle": _codes("status"),
    "rights": _rights,
    "limits": _limits,
}


def dump(item: msgspec.Struct) -> dict[str, Any]:
    """A thing as plain values, as the command line and `/v1` show it."""
    plain: dict[str, Any] = msgspec.to_builtins(item)
    return plain
