from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.agi.errors import ScriptNotFound
from bridge.agi.loader import ScriptLoader, script_name

NOTHING = cast("Any", None)


@pytest.mark.parametrize(
    ("requested", "name"), [("call_end", "call_end"), ("call_end.py", "call_end"), ("2nd", "2nd")]
)
def test_names(requested: str, name: str) -> None:
    assert script_name(requested) == name


@pytest.mark.parametrize(
    "requested",
    [
        "",
        "..",
        "../secret",
        "a/b",
        "/etc/passwd",
        "a\\b",
        "a.b",
        "a.py.py",
        ".py",
        "__init__",
        "A",
        "a b",
        "a\n",
        "a\0",
        "\u0430",
        "a%2fb",
        "x" * 65,
    ],
)
def test_names_that_could_leave_the_folder(requested: str, tmp_path: Path) -> None:
    with pytest.raises(ScriptNotFound):
        ScriptLoader(tmp_path).load(requested)


def write(folder: Path, text: str, moment: int) -> None:
    file = folder / "greet.py"
    file.write_text(text)
    os.utime(file, ns=(moment, moment))


def answering(what: str) -> str:
    return f"async def run(agi, desk):\n    return {what!r}\n"


async def test_a_script_is_read_again_when_it_changes(tmp_path: Path) -> None:
    loader = ScriptLoader(tmp_path)
    write(tmp_path, answering("one"), 1)
    assert await cast("Any", loader.load("greet")(NOTHING, NOTHING)) == "one"
    write(tmp_path, answering("two"), 2)
    assert await cast("Any", loader.load("greet.py")(NOTHING, NOTHING)) == "two"


def test_a_script_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    loader = ScriptLoader(tmp_path)
    write(tmp_path, answering("one"), 1)
    assert loader.load("greet") is loader.load("greet")


async def test_a_broken_change_leaves_the_version_that_worked(tmp_path: Path) -> None:
    loader = ScriptLoader(tmp_path)
    write(tmp_path, answering("one"), 1)
    loader.load("greet")
    for moment, broken in enumerate(["def run(:", "raise ValueError", "run = 1"], 2):
        write(tmp_path, broken, moment)
        assert await cast("Any", loader.load("greet")(NOTHING, NOTHING)) == "one"
    write(tmp_path, answering("three"), 9)
    assert await cast("Any", loader.load("greet")(NOTHING, NOTHING)) == "three"


@pytest.mark.parametrize("text", ["def run(:", "raise ValueError", "x = 1"])
def test_a_script_that_never_worked(tmp_path: Path, text: str) -> None:
    write(tmp_path, text, 1)
    with pytest.raises(ScriptNotFound, match="greet"):
        ScriptLoader(tmp_path).load("greet")


def test_there_is_no_such_script(tmp_path: Path) -> None:
    with pytest.raises(ScriptNotFound, match="no script 'nope'"):
        ScriptLoader(tmp_path).load("nope")


async def test_the_handler_runs_what_the_session_asks_for(tmp_path: Path) -> None:
    write(tmp_path, "async def run(agi, desk):\n    agi.seen = desk\n", 1)

    class Session:
        script = "greet"
        asterisk = ""
        seen: Any = None

    session = Session()
    handler = ScriptLoader(tmp_path).handler(cast("Any", "the first"), cast("Any", {"east": "of the east"}))
    seen = []
    for name in ("", "east"):
        session.asterisk = name
        await handler(cast("Any", session))
        seen.append(session.seen)
    assert seen == ["the first", "of the east"]


def test_dataclasses_work_in_a_script(tmp_path: Path) -> None:
    text = "from __future__ import annotations\nimport dataclasses as d\n@d.dataclass\nclass A:\n    x: int\n"
    write(tmp_path, text + answering("x"), 1)
    ScriptLoader(tmp_path).load("greet")
