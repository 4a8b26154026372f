"""Only what a recording names is opened, and only in the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.recordings.files import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.wav").write_bytes(b"not for you")
    return tmp_path / "inside"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one recording and a link that leads out; beside it what nobody is to read."""
    made = tmp_path_factory.mktemp("tree")
    (made / "inside").mkdir()
    (made / "secret.wav").write_bytes(b"not for you")
    (made / "inside" / "one.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    (made / "inside" / "link.wav").symlink_to(made / "secret.wav")
    return made


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


@given(
    st.lists(
        st.sampled_from(
            ["..", ".", "/", "\\", "~", "%2e", "\0", "\n", "one", "secret", ".wav", "inside", "link"]
        )
    )
)
@example(["..", "/", "secret"])
@example(["one"])
def test_whatever_the_name_what_is_opened_lies_in_the_folder(tree: Path, parts: list[str]) -> None:
    for name in ("".join(parts), "".join(parts)[::-1]):
        file = Folder(str(tree / "inside")).open(name)
        if file is not None:
            found = Path(f"/proc/self/fd/{file.stream.fileno()}").readlink()
            file.close()
            assert found == (tree / "inside" / "one.wav").resolve()
            assert name == "one"


def test_what_is_no_plain_file_is_not_opened(folder: Path) -> None:
    (folder / "link.wav").symlink_to(folder.parent / "secret.wav")
    (folder / "folder.wav").mkdir()
    os.mkfifo(folder / "pipe.wav")
    for name in ("link", "folder", "pipe", "missing"):
        assert Folder(str(folder)).open(name) is None


def test_without_a_folder_there_is_nothing() -> None:
    assert not Folder("").known
    assert Folder("").open("one") is None
