"""Only what a recording names is opened, and only in the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.recordings.files import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.wav").write_bytes(b"not for you")
    return tmp_path / "inside"


def test_a_file_is_read_in_parts(folder: Path) -> None:
    (folder / "one.wav").write_bytes(b"RIFF\x08\0\0\0WAVEabcd")
    file = Folder(str(folder)).open("one")
    assert file is not None
    assert (file.size, file.complete) == (16, True)
    assert (file.read(12, 2), file.read(12, 100), file.read(99, 1)) == (b"ab", b"abcd", b"")
    file.close()


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEabcd"])
def test_a_file_that_is_still_written_is_not_complete(folder: Path, data: bytes) -> None:
    (folder / "one.wav").write_bytes(data)
    file = Folder(str(folder)).open("one")
    assert file is not None
    assert not file.complete
    file.close()


@pytest.mark.parametrize(
    "name", ["../secret", "..", "", "a/b", "secret\0", "secret\n", "/etc/passwd", "x" * 200]
)
def test_no_way_leads_out_of_the_folder(folder: Path, name: str) -> None:
    assert Folder(str(folder)).open(name) is None


def test_what_is_no_plain_file_is_not_opened(folder: Path) -> None:
    (folder / "link.wav").symlink_to(folder.parent / "secret.wav")
    (folder / "folder.wav").mkdir()
    os.mkfifo(folder / "pipe.wav")
    for name in ("link", "folder", "pipe", "missing"):
        assert Folder(str(folder)).open(name) is None


def test_without_a_folder_there_is_nothing() -> None:
    assert not Folder("").known
    assert Folder("").open("one") is None
