"""The package as a whole: what it may import, what it offers, and that no action can be bent."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge.ami
from bridge.ami import actions
from bridge.ami.errors import InvalidAction
from bridge.ami.protocol import encode_action

PACKAGE = Path(bridge.ami.__file__).parent
COMMAND_LINE = {"cli.py", "__main__.py"}
OFFERED: list[Any] = [getattr(actions, name) for name in actions.__all__]
BASES = {actions.Action, actions.ListAction, actions.SimpleAction}
ACTIONS = [kind for kind in OFFERED if hasattr(kind, "fields") and kind not in BASES]


def test_needs_nothing_but_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"bridge"}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
                assert not modules[0].startswith("bridge") or modules[0].startswith("bridge.ami"), file
            foreign = {module.partition(".")[0] for module in modules} - allowed
            assert foreign <= ({"typer"} if file.name in COMMAND_LINE else set()), file


def test_importing_it_does_not_load_the_command_line() -> None:
    code = "import sys, bridge.ami; sys.exit('typer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", [bridge.ami, bridge.ami.actions, bridge.ami.events])
def test_everything_that_is_offered_is_there(module: Any) -> None:
    assert all(hasattr(module, name) for name in module.__all__)
    assert list(module.__all__) == sorted(set(module.__all__), key=module.__all__.index)


def test_every_action_is_known_to_this_test() -> None:
    assert {kind.__name__ for kind in ACTIONS} >= {"Originate", "Hangup", "Setvar", "QueueAdd", "UserEvent"}
    assert len(ACTIONS) >= 35


TEXT = st.text(alphabet=st.one_of(st.sampled_from("\r\n\0:/ aA=&"), st.characters()), max_size=40)


def hostile(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Build an action with any text wherever it takes text."""
    values: dict[str, st.SearchStrategy[Any]] = {}
    for field in dataclasses.fields(kind):
        declared = str(field.type)
        if "Mapping" in declared:
            values[field.name] = st.dictionaries(TEXT, TEXT, max_size=3)
        elif "tuple[tuple" in declared:
            values[field.name] = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
        elif "tuple" in declared:
            values[field.name] = st.lists(TEXT, max_size=3).map(tuple)
        elif "str" in declared:
            values[field.name] = TEXT
        elif "bool" in declared:
            values[field.name] = st.booleans()
        else:
            values[field.name] = st.integers()
    return st.builds(kind, **values)


@pytest.mark.parametrize("kind", ACTIONS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_no_text_makes_more_of_an_action_than_it_is(kind: type[Any], data: st.DataObject) -> None:
    action = data.draw(hostile(kind))
    try:
        fields = list(action.fields())
        written = encode_action(action.action, fields, "1")
    except InvalidAction:
        return
    assert written.endswith(b"\r\n\r\n")
    assert written.count(b"\r\n") == written.count(b"\n") == written.count(b"\r") == len(fields) + 3
    names = [line.partition(b":")[0].lower() for line in written.split(b"\r\n")]
    assert names.count(b"action") == names.count(b"actionid") == 1
    if kind is actions.Originate:
        assert not {b"application", b"data"} & set(names)
        assert names.count(b"async") == 1
