"""What a bridge and the process that reads its files say to each other: length, then msgpack."""

from __future__ import annotations

import msgspec

from bridge.imports.model import Batch, Plan
from bridge.imports.preview import Preview
from bridge.uploads.model import Reading, Target

HEAD = 4
"""Bytes of a length, the highest first."""


class Look(msgspec.Struct, frozen=True, tag=True):
    """Asks what is in a file."""

    path: str
    reading: Reading
    target: Target


class Read(msgspec.Struct, frozen=True, tag=True):
    """Asks for the rows of a file, from one on."""

    path: str
    plan: Plan
    titles: tuple[str, ...]
    position: int
    whole: bool
    """Whether all of it is to be looked through first, and its rows counted."""


class Looked(msgspec.Struct, frozen=True, tag=True):
    """What is in it."""

    digest: str
    plan: Plan
    titles: tuple[str, ...]
    preview: Preview


class Counted(msgspec.Struct, frozen=True, tag=True):
    """It was looked through."""

    total: int
    """Number of its last row."""


class Stretch(msgspec.Struct, frozen=True, tag=True):
    """Some of its rows."""

    batch: Batch


class Ended(msgspec.Struct, frozen=True, tag=True):
    """That was all."""


class Broken(msgspec.Struct, frozen=True, tag=True):
    """It cannot be used."""

    why: str
    field: str = ""


Question = Look | Read
Answer = Looked | Counted | Stretch | Ended | Broken

read_question = msgspec.msgpack.Decoder(Question).decode
read_answer = msgspec.msgpack.Decoder(Answer).decode
write = msgspec.msgpack.Encoder().encode


def framed(message: Question | Answer) -> bytes:
    """A message as it goes through the pipe."""
    body = write(message)
    return len(body).to_bytes(HEAD) + body
