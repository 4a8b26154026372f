"""The process that reads files of strangers: it has no database and no secret, and yields to everybody.

`python -m bridge.uploads.child` takes one question on its standard input and answers on its standard output.
It ends when its input does: with the bridge that has asked.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import UNSET

from bridge.imports.errors import Unusable
from bridge.imports.model import Plan
from bridge.imports.preview import preview
from bridge.imports.source import Source, Wishes, open_source
from bridge.leads.errors import LeadError
from bridge.uploads.frames import (
    HEAD,
    Answer,
    Broken,
    Counted,
    Ended,
    Look,
    Looked,
    Question,
    Read,
    Stretch,
    framed,
    read_question,
)

_NICE: Final = 10
"""How much it yields to other processes."""


def main() -> None:
    """Answer one question."""
    _yield_to_others()
    asked = sys.stdin.buffer
    question = read_question(asked.read(int.from_bytes(asked.read(HEAD))))
    threading.Thread(target=_end_with, args=(asked.fileno(),), daemon=True).start()
    with suppress(BrokenPipeError):
        for answer in answers(question):
            sys.stdout.buffer.write(framed(answer))
            sys.stdout.buffer.flush()


def answers(question: Question) -> Iterator[Answer]:
    """What there is to say."""
    try:
        yield from [_look(question)] if isinstance(question, Look) else _read(question)
    except Unusable as error:
        yield Broken(str(error), error.field)
    except (LeadError, OSError, UnicodeError) as error:
        yield Broken(str(error))
    else:
        yield Ended()


def _look(question: Look) -> Looked:
    reading, target = question.reading, question.target
    wishes = Wishes(reading.encoding, reading.delimiter, reading.sheet, reading.header)
    source = open_source(Path(question.path), wishes)
    plan = Plan(
        layout=source.layout,
        list_id=target.list_id,
        country=reading.country,
        columns=source.columns(
            reading.country, reading.columns, target.custom, consents=reading.consent is not UNSET
        ),
        duplicates=target.duplicates,
        consent=reading.consent,
    )
    return Looked(source.digest, plan, source.titles, preview(source, plan))


def _read(question: Read) -> Iterator[Answer]:
    plan = question.plan
    source = Source(Path(question.path), "", plan.layout, question.titles, ())
    if question.whole:
        next(source.batches(plan), None)  # a plan that cannot be is found before the whole file is read
        yield Counted(source.last_row())
    for batch in source.batches(plan, question.position):
        yield Stretch(batch)


def _yield_to_others() -> None:
    """Processor time goes to others first, and when memory runs out it is this process that goes."""
    with suppress(OSError):
        os.nice(_NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _end_with(parent: int) -> None:
    while os.read(parent, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
