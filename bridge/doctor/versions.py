"""Which Asterisk is it: tested, of a known line, without the holes that concern the bridge's AMI user?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bridge.doctor.facts import Facts
from bridge.doctor.model import Check, fail, ok, unknown, warn

__all__ = ["HOLES", "NEWEST", "Hole", "Version", "check_version", "parse"]

TESTED = {16: "16.28", 22: "22.10"}
"""The lines that the real-call tests run on, and the release of each."""
OLDEST, NEWEST = min(TESTED), max(TESTED)


class Version(NamedTuple):
    """A release of Asterisk; `certified` counts the certified releases of a line (0: none)."""

    major: int
    minor: int = 0
    patch: int = 0
    certified: int = 0


class Hole(NamedTuple):
    """A published hole that opens more than the bridge's AMI user is meant to have.

    Attributes:
        name: its number.
        text: what it opens.
        fixed: the first release without it, by line; later lines never had it, others get no fix.
        certified: the same for certified releases, by major and minor number.
    """

    name: str
    text: str
    fixed: Mapping[int, Version]
    certified: Mapping[tuple[int, int], int]

    def open_in(self, version: Version) -> bool:
        """Whether a release, as published by the project, has it."""
        if version.certified:
            first = self.certified.get((version.major, version.minor))
            return first is None or version.certified < first
        fixed = self.fixed.get(version.major)
        if fixed is None:
            return version.major < max(self.fixed)
        return version < fixed


HOLES = (
    Hole(
        "CVE-2024-42365",
        "an AMI user with originate can write files and so run programs",
        {18: Version(18, 24, 2), 20: Version(20, 9, 2), 21: Version(21, 4, 2)},
        {(18, 9): 11, (20, 7): 2},
    ),
)
"""Source: the Asterisk project's security advisories (GHSA-c4cg-9275-6w44)."""

_VERSION = re.compile(r"(?:certified/)?(\d+)\.(\d+)(?:\.(\d+))?(?:-cert(\d+))?")


def parse(text: str) -> Version | None:
    """Read a version (`22.10.1+dfsg…`, `certified/20.7-cert2`); `None` if it is no release."""
    found = _VERSION.match(text)
    return Version(*(int(part or 0) for part in found.groups())) if found else None


def check_version(facts: Facts) -> Iterator[Check]:
    """Tested or not, and known holes."""
    if not facts.version:
        yield unknown(
            "version", "the AMI user may not ask for Asterisk's version", "give it write = reporting"
        )
        return
    version = parse(facts.version)
    if version is None:
        yield warn("version", f"Asterisk {facts.version} is no release", "use one of the lines 16 to 22")
        return
    yield _tested(facts.version, version.major)
    yield from (_hole(facts.version, version, hole) for hole in HOLES)


def _tested(text: str, major: int) -> Check:
    lines = " and ".join(TESTED.values())
    if major in TESTED:
        return ok("version", f"Asterisk {text} is of a tested line (tests run on {lines})")
    if OLDEST < major < NEWEST:
        return warn(
            "version", f"Asterisk {text} should work but is not tested (tests run on {lines})", "prefer 22"
        )
    if major > NEWEST:
        return warn(
            "version", f"Asterisk {text} is newer than what is tested ({lines})", "try it out before use"
        )
    return fail(
        "version", f"Asterisk {text} is older than {OLDEST}", "update: 22 is the line with long support"
    )


def _hole(text: str, version: Version, hole: Hole) -> Check:
    check = f"version.{hole.name}"
    if not hole.open_in(version):
        return ok(check, f"Asterisk {text} is not open to {hole.name}")
    fixed = ", ".join(".".join(map(str, release[:3])) for release in hole.fixed.values())
    return warn(
        check,
        f"Asterisk {text} has {hole.name} unless its packager closed it: {hole.text}",
        f"update to {fixed} or newer; if the package's changelog names {hole.name}: --ignore {check}",
    )
