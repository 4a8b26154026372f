"""Whatever was there comes back byte for byte, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from conf_folders import FREEPBX, IS_ROOT, PLAIN, fill, picture, planned, put_in, take_out
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.conf import contents
from bridge.conf.families import FAMILIES
from bridge.conf.scan import includes, is_generated
from bridge.conf.shipped import shipped

LINES = st.lists(
    st.sampled_from(
        [b"[general]", b"a = b", b"", b"; a comment", b"\xff\xfe not UTF-8", b"  ", b"#include x.conf"]
    )
)
DATA = st.builds(
    lambda lines, end, last: end.join(lines) + last,
    LINES,
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\n", b"\r\n", b"\n\n"]),
) | st.binary(max_size=200).filter(lambda data: not is_generated(data))
MODES = st.sampled_from([0o600, 0o640, 0o644, 0o664, 0o660, 0o444])
OWNERS = st.sampled_from([0, 4711] if IS_ROOT else [os.getuid()])
OPTIONAL = [name for name in PLAIN if name != "asterisk.conf"]


class Crash(BaseException):
    """The machine stops here."""


def crash_at(step: int) -> Callable[[int], None]:
    """An fsync that ends it all the given time it is called: before and after each file changes its name."""
    count = 0

    def fsync(_: int) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise Crash

    return fsync


@st.composite
def folders(draw: st.DrawFn) -> dict[str, tuple[bytes, int, int]]:
    """Files with content, mode and owner; all but one may be missing."""
    missing = draw(st.sets(st.sampled_from(OPTIONAL)))
    names = [name for name in PLAIN if name not in missing]
    return {name: (draw(DATA), draw(MODES), draw(OWNERS)) for name in names}


def build(folder: Path, files: dict[str, tuple[bytes, int, int]]) -> None:
    for name, (data, mode, owner) in files.items():
        path = folder / name
        path.write_bytes(data)
        os.chown(path, owner, owner if IS_ROOT else -1)
        path.chmod(mode)


def nothing_is_half_there(folder: Path) -> None:
    """An include of a missing file would keep Asterisk from reading the rest."""
    for family in FAMILIES:
        for path in folder.glob("*.conf"):
            assert not includes(path.read_bytes(), family.include) or (folder / family.include).is_file(), (
                path
            )


@settings(max_examples=40, deadline=None)
@given(folders())
def test_apply_adds_lines_and_remove_puts_every_byte_mode_and_owner_back(
    files: dict[str, tuple[bytes, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as name, mock.patch("os.fsync"):
        folder = Path(name)
        build(folder, files)
        before = picture(folder)
        put_in(folder)
        for family in FAMILIES:
            target = (folder / family.plain).read_bytes()
            assert includes(target, family.include)
            assert (folder / family.include).is_file()
            if family.plain in files:
                assert target.startswith(files[family.plain][0])
        assert not planned(folder).changes
        take_out(folder)
        assert picture(folder) == before


@settings(max_examples=60, deadline=None)
@given(folders(), st.integers(1, 45), st.integers(1, 45), st.booleans(), st.booleans())
def test_a_crash_at_any_point_is_mended_by_the_next_run(
    files: dict[str, tuple[bytes, int, int]],
    first: int,
    second: int,
    again: bool,  # noqa: FBT001  drawn
    crash_in_removal: bool,  # noqa: FBT001  drawn
) -> None:
    with tempfile.TemporaryDirectory() as name, mock.patch("os.fsync"):
        folder = Path(name)
        build(folder, files)
        before = picture(folder)
        with mock.patch("os.fsync", crash_at(first)), contextlib.suppress(Crash):
            put_in(folder)
        nothing_is_half_there(folder)
        if again:
            put_in(folder)
            assert not planned(folder).changes
        if crash_in_removal:
            with mock.patch("os.fsync", crash_at(second)), contextlib.suppress(Crash):
                take_out(folder)
            nothing_is_half_there(folder)
        take_out(folder)
        assert picture(folder) == before


def test_the_crash_tests_do_reach_the_last_step(tmp_path: Path) -> None:
    with mock.patch("os.fsync") as fsync:
        put_in(fill(tmp_path, PLAIN))
    assert 20 < fsync.call_count <= 45


def test_freepbx_is_added_to_in_its_custom_files_only(tmp_path: Path) -> None:
    before = picture(fill(tmp_path, FREEPBX))
    put_in(tmp_path, freepbx=True)
    after = picture(tmp_path)
    changed = {name for name, seen in before.items() if after[name] != seen}
    assert changed == {"extensions_custom.conf", "confbridge_custom.conf", "manager_custom.conf"}
    assert "queues_custom.conf" in after
    take_out(tmp_path)
    assert picture(tmp_path) == before


def test_a_newer_version_replaces_our_files_and_the_old_state_still_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = picture(fill(tmp_path, PLAIN))
    put_in(tmp_path)
    secrets = (tmp_path / "bridge_access.conf").read_bytes()
    monkeypatch.setattr("bridge.conf.contents.shipped", lambda name: shipped(name) + "; newer\n")
    put_in(tmp_path)
    assert (tmp_path / "bridge_queues.conf").read_bytes().endswith(b"; newer\n")
    assert (tmp_path / "bridge_access.conf").read_bytes() == secrets
    take_out(tmp_path)
    assert picture(tmp_path) == before


def test_files_of_ours_that_somebody_put_there_by_hand(tmp_path: Path) -> None:
    fill(
        tmp_path,
        PLAIN
        | {"bridge_queues.conf": b"[mine]\n", "bridge_access.conf": b"[bridge-access](!)\nsecret = x\n"},
    )
    same = contents.content("bridge_extensions.conf", None, ())
    (tmp_path / "bridge_extensions.conf").write_bytes(same)
    before = picture(tmp_path)
    plan = put_in(tmp_path)
    assert {"bridge_extensions.conf", "bridge_access.conf"}.isdisjoint(change.name for change in plan.changes)
    assert (tmp_path / "bridge_queues.conf").read_bytes() != b"[mine]\n"
    take_out(tmp_path)
    assert picture(tmp_path) == before


def test_an_include_that_somebody_wrote_by_hand_is_left_alone(tmp_path: Path) -> None:
    by_hand = PLAIN["extensions.conf"] + b'#include "bridge_extensions.conf"\n'
    before = picture(fill(tmp_path, PLAIN | {"extensions.conf": by_hand}))
    plan = put_in(tmp_path)
    assert "extensions.conf" not in {change.name for change in plan.changes}
    take_out(tmp_path)
    assert picture(tmp_path) == before


def test_line_ends_of_the_file_are_kept(tmp_path: Path) -> None:
    fill(tmp_path, PLAIN | {"extensions.conf": b"[general]\r\nstatic = yes"})
    put_in(tmp_path)
    data = (tmp_path / "extensions.conf").read_bytes()
    assert data.startswith(b"[general]\r\nstatic = yes\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == 5


def test_extended_attributes_survive(tmp_path: Path) -> None:
    fill(tmp_path, PLAIN)
    try:
        os.setxattr(tmp_path / "queues.conf", "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    put_in(tmp_path)
    assert os.getxattr(tmp_path / "queues.conf", "user.note") == b"kept"
    take_out(tmp_path)
    assert os.getxattr(tmp_path / "queues.conf", "user.note") == b"kept"


def test_removing_what_was_never_applied_changes_nothing(tmp_path: Path) -> None:
    before = picture(fill(tmp_path, PLAIN))
    assert take_out(tmp_path).changes == ()
    assert picture(tmp_path) == before


@pytest.mark.skipif(not IS_ROOT, reason="only root may give files away")
def test_new_files_belong_to_whom_the_configuration_belongs(tmp_path: Path) -> None:
    fill(tmp_path, PLAIN)
    os.chown(tmp_path / "asterisk.conf", 4711, 4712)
    put_in(tmp_path)
    seen = picture(tmp_path)["bridge_access.conf"]
    assert (seen.uid, seen.gid, seen.mode & 0o777) == (4711, 4712, 0o640)
    assert picture(tmp_path)["bridge_queues.conf"].mode & 0o777 == 0o644
