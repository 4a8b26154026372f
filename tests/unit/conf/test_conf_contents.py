from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from bridge.conf import contents
from bridge.conf.errors import NotShipped
from bridge.conf.families import ACCESS, FAMILIES, FILTERS, Family, chosen
from bridge.conf.shipped import shipped
from bridge.doctor.versions import Version

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_is_shipped_and_included_files_come_along(family: Family) -> None:
    files = family.files
    first = contents.content(files[0], None, ())
    for name in files:
        assert contents.content(name, None, ["127.0.0.1/255.255.255.255"])
    assert {line.split()[1].decode() for line in first.splitlines() if line.startswith(b"#include")} == set(
        files[1:]
    )


@pytest.mark.parametrize(
    ("version", "by_name"),
    [
        (None, False),
        (Version(16, 28, 0), False),
        (Version(18, 26, 2), False),
        (Version(20, 11, 1), False),
        (Version(20, 12, 0), True),
        (Version(21, 6, 1), False),
        (Version(21, 7, 0), True),
        (Version(22, 1, 1), False),
        (Version(22, 2, 0), True),
        (Version(23, 0, 0), True),
    ],
)
def test_filters_are_in_the_form_that_the_version_knows(version: Version | None, by_name: bool) -> None:  # noqa: FBT001  a column of the table
    assert (b"name(Newexten)" in contents.content(FILTERS, version, ())) is by_name


def test_secrets_are_new_each_time_and_read_back() -> None:
    one, two = (contents.read_secrets(contents.content(ACCESS, None, ())) for _ in range(2))
    assert one.keys() == {"bridge", "bridge-view"}
    values = [*one.values(), *two.values()]
    assert len(set(values)) == 4
    assert all(len(value) == 48 for value in values)


def test_whoever_is_not_permitted_is_denied_whatever_the_family_of_her_address() -> None:
    lines = contents.access(["fd00::1/128"]).splitlines()
    for user in ("bridge", "bridge-view"):
        start = lines.index(f"[{user}-access](!)")
        rules = ["deny = 0.0.0.0/0.0.0.0", "deny = ::/0", "permit = fd00::1/128"]
        assert lines[start + 2 : start + 5] == rules
    assert contents.access([]).count("permit = 127.0.0.1/255.255.255.255") == 2
    assert (ROOT / "asterisk-conf/bridge_access.conf.sample").read_text().count(contents.NOBODY) == 2


def test_networks_as_asterisk_reads_them() -> None:
    assert contents.networks([]) == []
    assert contents.networks(["10.1.2.3", "10.0.0.7/8"]) == ["10.1.2.3/255.255.255.255", "10.0.0.0/255.0.0.0"]
    assert contents.networks(["fd00::1"]) == ["fd00::1/128"]
    with pytest.raises(ValueError, match="nonsense"):
        contents.networks(["nonsense\npermit = 0.0.0.0/0"])


def test_a_part_that_does_not_exist_cannot_be_left_out() -> None:
    assert [family.name for family in chosen(["queues"])] == ["extensions", "confbridge", "manager"]
    with pytest.raises(ValueError, match=r"queue'.*queues"):
        chosen(["queue"])


def test_a_wheel_has_the_files_within_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "bridge"
    monkeypatch.setattr(resources, "files", lambda _: package)
    with pytest.raises(NotShipped, match=r"bridge_queues\.conf"):
        shipped("bridge_queues.conf")
    (package / "_asterisk_conf").mkdir(parents=True)
    (package / "_asterisk_conf" / "bridge_queues.conf").write_text("[packed]\n")
    assert shipped("bridge_queues.conf") == "[packed]\n"
