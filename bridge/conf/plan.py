"""What would be changed. Reads the directory, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.conf.contents import access, content, read_permits, read_secrets
from bridge.conf.disk import Found, look
from bridge.conf.errors import Changed, Generated, NameTaken, NoConfiguration
from bridge.conf.families import ACCESS, Family
from bridge.conf.owner import Owner, neighbour, secretive
from bridge.conf.record import Record, load
from bridge.conf.scan import includes, is_generated, sections, with_block
from bridge.doctor.versions import NEWEST, Version

__all__ = ["Change", "Plan", "Wish", "make_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for.

    Attributes:
        folder: the directory of the configuration.
        families: what to add to.
        freepbx: whether the files are FreePBX's.
        version: Asterisk's, if known.
        permit: networks from which the AMI users may log in. None: those that are permitted already, or
            loopback.
        owner: of new files; that of those beside them if not given.
    """

    folder: Path
    families: Sequence[Family]
    freepbx: bool = False
    version: Version | None = None
    permit: Sequence[str] = ()
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One file, as it is and as it would be.

    Attributes:
        name: within the directory.
        include: the file of ours that it would include; empty for a file of ours itself.
        before: as it is; `None` if there is none.
        after: as it would be; `None` if it would be removed.
    """

    name: str
    include: str
    before: Found | None
    after: Found | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes in the order in which they are made: each file before what includes it.

    Attributes:
        folder: the directory, without symbolic links.
        changes: none if everything is in place.
        record: what was kept by earlier runs.
    """

    folder: Path
    changes: tuple[Change, ...]
    record: Record


def make_plan(wish: Wish) -> Plan:
    """See what would have to be changed.

    Raises:
        ConfError: or one of its kinds; nothing should be changed.
    """
    folder = wish.folder.resolve()
    pattern = neighbour(folder, wish.owner)
    record = load(folder) or Record()
    changes: list[Change] = []
    for family in wish.families:
        _check_names(folder, family)
        changes += _files(folder, family, wish, record, pattern)
        changes += _include(folder, family, record, pattern, freepbx=wish.freepbx)
    return Plan(folder, tuple(changes), record)


def _check_names(folder: Path, family: Family) -> None:
    """Asterisk would join two sections of one name without a word."""
    names = {name for file in family.files if file != ACCESS for name in sections(_wanted(file))}
    for path in sorted(folder.glob(f"{family.name}*.conf")):
        taken = names & set(sections(path.read_bytes())) if path.is_file() else set()
        if taken:
            raise NameTaken(
                f"{path} has sections of the bridge's names already: {', '.join(sorted(taken))}. "
                f"Rename them, or leave this part out: --without {family.name}"
            )


def _wanted(file: str) -> bytes:
    return content(file, None, ())


def _files(folder: Path, family: Family, wish: Wish, record: Record, pattern: Found) -> Iterator[Change]:
    """Our own files: made, or brought to this version."""
    for name in family.files:
        current = look(folder / name)
        entry = record.entry(name)
        if entry and not (entry.is_ours(current) or entry.is_old(current)):
            raise Changed([(name, "keep what you need of it, move it away and run this again")])
        suitable = _suitable(name, wish, current)
        if current is not None and current.data in suitable:
            continue
        fresh = secretive(pattern, folder, wish.owner) if name == ACCESS else pattern
        yield Change(name, "", current, replace(current or fresh, data=suitable[0]))


def _suitable(name: str, wish: Wish, current: Found | None) -> tuple[bytes, ...]:
    """What a file of ours may hold: the first is best. Without a known version, the filters of any."""
    if name == ACCESS and current is not None:
        return (_access(current.data, wish.permit),)
    versions = (wish.version,) if wish.version else (None, Version(NEWEST, 99))
    return tuple(content(name, version, wish.permit) for version in versions)


def _access(current: bytes, permit: Sequence[str]) -> bytes:
    """The access file that is there; other networks change it, but never the secrets that are in use."""
    if not permit or {frozenset(found) for found in read_permits(current).values()} == {frozenset(permit)}:
        return current
    return access(permit, read_secrets(current)).encode()


def _include(
    folder: Path, family: Family, record: Record, pattern: Found, *, freepbx: bool
) -> Iterator[Change]:
    """The administrator's file that takes the `#include`."""
    name = family.target(freepbx=freepbx)
    current = look(folder / name)
    if current is not None and includes(current.data, family.include):
        return
    _check_target(folder, name, current, freepbx=freepbx)
    entry = record.entry(name)
    if entry and not entry.is_old(current):
        raise Changed([(name, "our #include is gone from it; run --remove first, then --apply")])
    data = with_block(current.data if current else b"", family.include)
    yield Change(name, family.include, current, replace(current or pattern, data=data))


def _check_target(folder: Path, name: str, current: Found | None, *, freepbx: bool) -> None:
    if current is not None and is_generated(current.data):
        hint = "" if freepbx else " If this is FreePBX: --freepbx"
        raise Generated(
            f"{folder / name} is written by a program, which would take our lines out again.{hint}"
        )
    if freepbx and not any(
        includes(path.read_bytes(), name) for path in folder.glob("*.conf") if path.is_file()
    ):
        raise NoConfiguration(f"no file in {folder} includes {name}: this is not FreePBX as known here")
