from __future__ import annotations

import pytest
from doctor_facts import facts, found, wrong

from bridge.doctor.versions import HOLES, Version, parse

HOLE = "version.CVE-2024-42365"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("22.10.1+dfsg+~cs6.17.60671434-1", Version(22, 10, 1)),
        ("16.28.0~dfsg-0+deb11u4", Version(16, 28, 0)),
        ("certified/20.7-cert2", Version(20, 7, 0, 2)),
        ("18.9-cert11", Version(18, 9, 0, 11)),
        ("20.9", Version(20, 9)),
        ("GIT-master-abcdef", None),
        ("", None),
    ],
)
def test_versions_as_asterisk_tells_them(text: str, version: Version | None) -> None:
    assert parse(text) == version


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("22.1.0", "ok"),
        ("16.28.0", "ok"),
        ("20.9.2", "warn"),
        ("23.1.0", "warn"),
        ("13.38.3", "fail"),
        ("GIT-1", "warn"),
    ],
)
def test_which_lines_are_tested(text: str, status: str) -> None:
    assert found(facts(version=text), "version").status == status


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("18.24.1", True),
        ("18.24.2", False),
        ("20.9.1", True),
        ("20.9.2", False),
        ("20.10.0", False),
        ("21.4.1", True),
        ("21.4.2", False),
        ("22.0.0", False),
        ("23.0.0", False),
        ("16.28.0~dfsg-0+deb11u4", True),
        ("19.8.1", True),
        ("18.9-cert10", True),
        ("18.9-cert11", False),
        ("certified/20.7-cert1", True),
        ("certified/20.7-cert2", False),
        ("16.8-cert14", True),
    ],
)
def test_the_hole_is_found_in_every_release_that_has_it(text: str, is_open: bool) -> None:  # noqa: FBT001  a column of the table
    assert (HOLE in wrong(facts(version=text))) is is_open


def test_a_user_who_may_not_ask_for_the_version_is_not_blamed_for_it() -> None:
    assert found(facts(version=None), "version").status == "unknown"


def test_every_hole_names_the_releases_that_closed_it() -> None:
    for hole in HOLES:
        assert not any(hole.open_in(release) for release in hole.fixed.values())
