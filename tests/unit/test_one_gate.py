"""Nothing is dialled towards the network but through the gate: read from the source of every module.

The tables below are the whole list of exceptions. To make a new place that may send one of these, add it here
and say why; the test fails for every other place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "bridge", ROOT / "agi_scripts"]

DIALLING_ACTIONS = {"Originate", "Redirect", "BlindTransfer", "Atxfer", "DialplanExtensionAdd"}
"""AMI actions that can make a channel leave towards the network."""

SENDERS = {
    "bridge/calls/asterisk.py": {"Originate"},  # takes a Permit, checked below
    "bridge/agents/asterisk.py": {"Originate"},  # the agent's own phone, a sound for her room: checked below
    "bridge/doctor/probe.py": {"Originate"},  # a Local channel to an extension that cannot exist
}
"""Module → the dialling actions that it may build."""

GATED = {"bridge/calls/asterisk.py"}
"""Modules whose public functions reach an Originate only with a `Permit` among their parameters."""

RAW_SENDERS = {"bridge/ami/cli.py"}  # `agent-bridge ami send`: the administrator's own words
"""Modules that may build an action out of a name given at run time."""

OWN_PHONES = {"bridge/agents/asterisk.py": "bridge-agent"}
"""Modules that ring agents' phones, and the only context into which such a call may go."""

INTO_ROOMS = {"bridge-play": "Local/{}@bridge-room/n"}
"""Contexts that only play or listen, and the only channel by which they may: one whose other half sits in a
room of ours. It calls nobody."""

DIAL_VARIABLE = "BRIDGE_DIAL"
DIAL_SETTERS = {
    "bridge/calls/asterisk.py",  # a manual call's own dial string, under its permit
    "agi_scripts/call_start.py",  # what `bridge.desk` has decided, after the gate
}
"""Modules that may name the variable which the dialplan dials."""

PERMIT_MAKERS = "bridge/rules/"

# -- reading the source


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.AST) -> str:
    """The last part of the name of what is called: `Originate` for `actions.Originate(…)`."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def aliases(tree: ast.Module) -> dict[str, str]:
    """Local name → imported name, so that `import … as` hides nothing."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {name.asname or name.name: name.name for node in imports for name in node.names}


def builds(tree: ast.AST, names: set[str], known: dict[str, str]) -> set[str]:
    """Those of `names` that are called or passed on as a value anywhere in `tree`."""
    used = {known.get(node.id, node.id) for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return used & names


def strings(tree: ast.Module) -> set[str]:
    """All string constants that are no docstrings."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {c.value for c in constants if isinstance(c.value, str) and id(c) not in documentation}


# -- the rules, each a list of faults of one module


def stray_senders(path: str, tree: ast.Module) -> list[str]:
    if path.startswith("bridge/ami/"):
        return []
    found = builds(tree, DIALLING_ACTIONS, aliases(tree)) - SENDERS.get(path, set())
    return [f"{path} uses {name}" for name in sorted(found)]


def stray_raw_actions(path: str, tree: ast.Module) -> list[str]:
    """Untyped actions: their name must be there to read, and harmless."""
    if path in RAW_SENDERS:
        return []
    known = aliases(tree)
    raw = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and untyped(n, known)]
    names = [n.args[0].value if n.args and isinstance(n.args[0], ast.Constant) else None for n in raw]
    unsafe = DIALLING_ACTIONS | {"Command", None}
    return [f"{path} sends {name or 'any action'}" for name in names if name in unsafe]


def untyped(node: ast.Call, known: dict[str, str]) -> bool:
    return known.get(called(node), called(node)) in {"RawAction", "RawListAction"}


def stray_permits(path: str, tree: ast.Module) -> list[str]:
    if path.startswith(PERMIT_MAKERS):
        return []
    known = aliases(tree)
    calls = {known.get(called(node), called(node)) for node in ast.walk(tree)}
    inner = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bridge.rules.")
    ]
    faults = [f"{path} makes a permit"] if calls & {"Permit", "__new__"} and "Permit" in known else []
    return faults + [f"{path} reaches into {module}" for module in inner]


def stray_dial_strings(path: str, tree: ast.Module) -> list[str]:
    named = any(
        DIAL_VARIABLE in text or text == DIAL_VARIABLE.removeprefix("BRIDGE_") for text in strings(tree)
    )
    if path in DIAL_SETTERS or not named:
        return []
    return [f"{path} names {DIAL_VARIABLE}"]


def stray_dial_applications(path: str, tree: ast.Module) -> list[str]:
    found = [
        text for text in strings(tree) if re.fullmatch(r"(EXEC )?(Dial|Originate|FollowMe|Page)\b.*", text)
    ]
    return [f"{path} can run {text!r}" for text in found if path.startswith("agi_scripts/")]


Check = Callable[[str, ast.Module], list[str]]
CHECKS: list[Check] = [
    stray_senders,
    stray_raw_actions,
    stray_permits,
    stray_dial_strings,
    stray_dial_applications,
]


@pytest.mark.parametrize("rule", CHECKS)
def test_no_module_goes_round_the_gate(rule: Check) -> None:
    assert [fault for path, tree in modules() for fault in rule(path, tree)] == []


def ungated(tree: ast.Module) -> list[str]:
    """Public functions that reach an Originate, within the module, without a permit."""
    functions = {
        node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    reaching = {name for name, node in functions.items() if builds(node, {"Originate"}, aliases(tree))}
    grown = True
    while grown:
        more = {name for name, node in functions.items() if builds(node, reaching, {})} - reaching
        grown, reaching = bool(more), reaching | more
    return [name for name in sorted(reaching) if not name.startswith("_") and not has_permit(functions[name])]


def has_permit(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    given = [one.arg for one in arguments if one.annotation and ast.unparse(one.annotation) == "Permit"]
    checks = (ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call))
    return bool(given) and f"{given[0]}.check" in checks


@pytest.mark.parametrize("path", sorted(GATED))
def test_who_dials_customers_asks_for_a_permit_and_checks_it(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert builds(tree, {"Originate"}, aliases(tree)), "a module that dials nothing needs no entry"
    assert ungated(tree) == []


@pytest.mark.parametrize(("path", "context"), OWN_PHONES.items())
def test_agents_phones_are_rung_into_their_rooms_only(path: str, context: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    originates = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and called(n) == "Originate"]
    assert originates
    for call in originates:
        fields = {keyword.arg: keyword.value for keyword in call.keywords}
        goes_to = ast.literal_eval(fields["context"])
        if goes_to in INTO_ROOMS:
            assert constants(fields["channel"]) == INTO_ROOMS[goes_to]
        else:
            assert goes_to == context


def constants(text: ast.expr) -> str:
    """An f-string with `{}` for what is filled in."""
    assert isinstance(text, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in text.values)


def test_exceptions_exist() -> None:
    """An entry for a module that has gone would wait there for whoever takes its name."""
    listed = {*SENDERS, *GATED, *RAW_SENDERS, *OWN_PHONES, *DIAL_SETTERS}
    assert [path for path in sorted(listed) if not (ROOT / path).exists()] == []


# -- the dialplan

_DIAL = re.compile(r"\b(?:Dial|RetryDial|FollowMe|Page|Originate|ChanIsAvail)\(")


def dialplan_lines() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "asterisk-conf").glob("*extensions*.conf")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.name, line.partition(";")[0].strip()


def test_the_dialplan_dials_only_what_the_bridge_has_said() -> None:
    dialling = [(name, line) for name, line in dialplan_lines() if _DIAL.search(line)]
    assert dialling, "calls are dialled somewhere"
    assert [(name, line) for name, line in dialling if f"Dial(${{{DIAL_VARIABLE}}}," not in line] == []


def test_the_dialplan_forgets_an_old_word_before_it_asks() -> None:
    """What is dialled is emptied before the gate is asked, and an answer without the ack is none."""
    text = (ROOT / "asterisk-conf/bridge_extensions.conf").read_text(encoding="utf-8")
    out = text[text.index("\n[bridge-out]") :]
    steps = [
        out.index(f"Set({DIAL_VARIABLE}=)"),
        out.index("call_start,1"),
        out.index("call_start:"),
        out.index("Dial("),
    ]
    assert steps == sorted(steps)


# -- the test itself: what it must catch


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (stray_senders, "from bridge.ami.actions import Originate\nOriginate(channel='x')"),
        (stray_senders, "from bridge.ami.actions import Originate as Ring\nRing(channel='x')"),
        (stray_senders, "from bridge.ami import actions\nactions.Redirect(channel='x')"),
        (stray_senders, "from bridge.ami.actions import Originate\nmake = Originate\n"),
        (stray_raw_actions, "from bridge.ami.actions import RawAction\nRawAction('Originate')"),
        (stray_raw_actions, "from bridge.ami.actions import RawAction as Any\nAny(name)"),
        (stray_permits, "from bridge.rules import Permit\nPermit(None, n, p, u)"),
        (stray_permits, "from bridge.rules import Permit\nobject.__new__(Permit)"),
        (stray_permits, "from bridge.rules.permit import issue\nissue(n, p, u)"),
        (stray_dial_strings, "await decide(agi, {'DIAL': 'PJSIP/900@carrier'})"),
        (stray_dial_strings, "variables = {'__BRIDGE_DIAL': 'PJSIP/900@carrier'}"),
    ],
)
def test_a_way_round_is_seen(rule: Check, source: str) -> None:
    assert rule("bridge/dialer/pacing.py", ast.parse(source))


def test_a_script_that_dials_is_seen() -> None:
    assert stray_dial_applications("agi_scripts/mine.py", ast.parse("await session.exec('Dial', target)"))


@pytest.mark.parametrize(
    "source",
    [
        "def call(number):\n    send(Originate(channel=number))",
        "def _make(n):\n    return Originate(channel=n)\ndef call(number):\n    send(_make(number))",
        "def call(number, permit: Permit):\n    send(Originate(channel=number))",
    ],
)
def test_a_public_way_without_a_permit_is_seen(source: str) -> None:
    assert ungated(ast.parse(source)) == ["call"]
