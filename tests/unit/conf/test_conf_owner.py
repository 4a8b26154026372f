from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from bridge.conf.disk import Found
from bridge.conf.errors import NoConfiguration
from bridge.conf.owner import neighbour, parse_owner, secretive

ROOTS = Found(b"", 0o644, 0, 0)


def a_group() -> grp.struct_group:
    return next(group for group in grp.getgrall() if group.gr_gid not in {0, os.getgid()})


def test_owners_by_name_and_number() -> None:
    user = pwd.getpwuid(os.getuid())
    assert parse_owner(f"{user.pw_name}:{grp.getgrgid(user.pw_gid).gr_name}") == (user.pw_uid, user.pw_gid)
    assert parse_owner("101:102") == (101, 102)


@pytest.mark.parametrize("text", ["", "asterisk", "a:", ":b", "no-such-user:0", "0:no-such-group"])
def test_owners_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="--owner"):
        parse_owner(text)


@pytest.mark.parametrize(
    ("mode", "becomes"), [(0o644, 0o644), (0o640, 0o640), (0o755, 0o644), (0o440, 0o640)]
)
def test_new_files_are_as_those_beside_them(tmp_path: Path, mode: int, becomes: int) -> None:
    (tmp_path / "asterisk.conf").touch()
    (tmp_path / "asterisk.conf").chmod(mode)
    assert neighbour(tmp_path, None) == Found(
        b"", becomes, os.getuid(), (tmp_path / "asterisk.conf").stat().st_gid
    )
    assert neighbour(tmp_path, (101, 102)) == Found(b"", becomes, 101, 102)


def test_a_directory_without_neighbours(tmp_path: Path) -> None:
    with pytest.raises(NoConfiguration):
        neighbour(tmp_path, None)


def test_the_secrets_of_a_configuration_that_is_roots_are_asterisks_groups(tmp_path: Path) -> None:
    group = a_group()
    file = tmp_path / "asterisk.conf"
    file.write_text(f"[options]\n;runuser = nobody\nrungroup = {group.gr_name} ; as it was\n")
    assert secretive(ROOTS, tmp_path, None) == Found(b"", 0o640, 0, group.gr_gid)
    user = next(user for user in pwd.getpwall() if user.pw_gid != 0)
    file.write_text(f"[options]\nrunuser => {user.pw_name}\n")
    assert secretive(ROOTS, tmp_path, None).gid == user.pw_gid


def test_the_secrets_of_a_configuration_that_is_asterisks_stay_hers(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text(f"rungroup = {a_group().gr_name}\n")
    hers = Found(b"", 0o644, 101, 101)
    assert secretive(hers, tmp_path, None) == Found(b"", 0o640, 101, 101)
    assert secretive(Found(b"", 0o644, 0, 7), tmp_path, (0, 7)).gid == 7


def test_a_group_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text("rungroup = no-such-group\n")
    assert secretive(ROOTS, tmp_path, None).gid == 0
