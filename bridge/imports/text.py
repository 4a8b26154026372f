"""Text files of unknown origin: which characters their bytes are, and their lines, none of them too long."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from bridge.imports.errors import Unusable

LONGEST_LINE: Final = 1_000_000
"""Characters; a file without line breaks is no list of leads, and is not read into memory as a whole."""
CHUNK: Final = 1 << 20

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Survey(NamedTuple):
    """What one look at all of a file's bytes tells."""

    digest: str
    """SHA-256."""
    encoding: str


class _Decoder:
    """Says where bytes stop being text of an encoding, without keeping any."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.fault = ""
        self._lines = 1
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def feed(self, data: bytes, *, final: bool = False) -> None:
        if self.fault:
            return
        try:
            self._lines += self._decoder.decode(data, final).count("\n")
        except UnicodeDecodeError as error:
            line = self._lines + error.object[: error.start].count(b"\n")
            wrong = error.object[error.start : error.start + 1].hex()
            self.fault = f"line {line}: the byte {wrong} is not {self.encoding}"
        except UnicodeError as error:
            self.fault = f"line {self._lines}: this is not {self.encoding}: {error}"


def survey(path: Path, encoding: str = "", progress: Callable[[int], object] = lambda _: None) -> Survey:
    """Read a file once from end to end: what it is told apart by, and which encoding its bytes are.

    Args:
        path: the file.
        encoding: the one to be used; empty: it is guessed. UTF-8 if all of it can be, else Windows-1252.
        progress: is told the number of bytes after each piece.

    Raises:
        Unusable: it is in no such encoding; the line is named.
        OSError: it cannot be read.
    """
    seen = hashlib.sha256()
    with path.open("rb") as file:
        data = file.read(CHUNK)
        decoders = [_Decoder(name) for name in ([known(encoding)] if encoding else _candidates(data))]
        while data:
            seen.update(data)
            for decoder in decoders:
                decoder.feed(data)
            progress(len(data))
            data = file.read(CHUNK)
    return Survey(seen.hexdigest(), _chosen(decoders))


def digest(path: Path, progress: Callable[[int], object] = lambda _: None) -> str:
    """SHA-256 of a file's content."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            found.update(data)
            progress(len(data))
    return found.hexdigest()


def known(encoding: str) -> str:
    """An encoding by the name that Python has for it.

    Raises:
        Unusable: there is none of this name.
    """
    try:
        found = codecs.lookup(encoding)
    except LookupError:
        why = f"encoding: {encoding[:40]!r} is not known (utf-8, utf-16, windows-1252)"
        raise Unusable(why, "encoding") from None
    if not found._is_text_encoding:  # noqa: SLF001  there is no other word for it
        raise Unusable(f"encoding: {encoding[:40]!r} is none of text", "encoding")
    return "utf-8-sig" if found.name == "utf-8" else found.name


def _candidates(data: bytes) -> list[str]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return [name]
    even, odd = data[0::2], data[1::2]
    # Mostly Latin letters: every other byte of UTF-16 is NUL. A file of nothing but NULs is no text.
    for zeros, letters, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros and zeros.count(0) > len(zeros) * 0.4 and letters.count(0) < len(letters) * 0.1:
            return [name]
    return ["utf-8-sig", "cp1252"]


def _chosen(decoders: list[_Decoder]) -> str:
    for decoder in decoders:
        decoder.feed(b"", final=True)
    for decoder in decoders:
        if not decoder.fault:
            return decoder.encoding
    raise Unusable(f"{decoders[0].fault}; name the right encoding")


def lines(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a text, with their ends; at most one of them is in memory.

    Raises:
        Unusable: one is too long.
    """
    with path.open(encoding=encoding, newline="") as file:
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise Unusable(
                    f"line {number} has more than {LONGEST_LINE} characters: this is no list of leads"
                )
            yield line
