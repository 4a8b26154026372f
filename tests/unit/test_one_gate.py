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
    # Originates that call somebody take a Permit, checked below; channels are redirected into `PLACES` only.
    "bridge/calls/asterisk.py": {"Originate", "Redirect"},
    "bridge/recordings/asterisk.py": {"Originate"},  # a listener for her room: checked below
    "bridge/agents/asterisk.py": {"Originate"},  # the agent's own phone, a sound for her room: checked below
    "bridge/agents/monitoring.py": {"Originate"},  # a manager's phone, for an agent's room: checked below
    "bridge/doctor/probe.py": {"Originate"},  # a Local channel to an extension that cannot exist
}
"""Module → the dialling actions that it may build."""

GATED = {"bridge/calls/asterisk.py"}
"""Modules whose public functions reach an Originate only with a `Permit` among their parameters."""

RAW_SENDERS = {"bridge/ami/cli.py"}  # `agent-bridge ami send`: the administrator's own words
"""Modules that may build an action out of a name given at run time."""

OWN_PHONES = {"bridge/agents/asterisk.py": "bridge-agent", "bridge/agents/monitoring.py": "bridge-monitor"}
"""Modules that ring phones of the site, and the only context into which such a call of theirs may go."""

INTO_ROOMS = {
    "bridge-play": "Local/{}@bridge-room/n",
    "bridge-dtmf": "Local/{}@bridge-room/n",
    "bridge-consult": "Local/{}@bridge-room/n",
    "bridge-record": "Local/{}@bridge-listen/n",
}
"""Contexts that only play, press, listen or wait in a queue, and the only channel by which they may: one
whose other half sits in a room of ours. It calls nobody outside."""

PLACES = {"bridge-park", "bridge-room", "bridge-left", "bridge-pass"}
"""Contexts into which a channel may be redirected. Of these only bridge-pass dials, with a permit."""

DIAL_VARIABLE = "BRIDGE_DIAL"
DIAL_SETTERS = {
    "bridge/calls/asterisk.py",  # a manual call's own dial string, under its permit
    "agi_scripts/call_start.py",  # what `bridge.desk` has decided, after the gate
}
"""Modules that may name the variable which the dialplan dials."""

PHONE_VARIABLE = "BRIDGE_PHONE_DIAL"
PHONE_SETTERS = {
    "bridge/calls/asterisk.py",  # the phone of an agent on hook, under its permit if it has a number
    "agi_scripts/agent_offer.py",  # what `bridge.desk` has decided, after the gate
}
"""The same for the variable by which the dialplan rings a phone of the site."""

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


def stray_phone_strings(path: str, tree: ast.Module) -> list[str]:
    names = {PHONE_VARIABLE, PHONE_VARIABLE.removeprefix("BRIDGE_")}
    named = any(text in names or PHONE_VARIABLE in text for text in strings(tree))
    return [f"{path} names {PHONE_VARIABLE}"] if named and path not in PHONE_SETTERS else []


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
    stray_phone_strings,
    stray_dial_applications,
]


@pytest.mark.parametrize("rule", CHECKS)
def test_no_module_goes_round_the_gate(rule: Check) -> None:
    assert [fault for path, tree in modules() for fault in rule(path, tree)] == []


def ungated(tree: ast.Module) -> list[str]:
    """Public functions that reach an Originate which calls somebody, within the module, without a permit."""
    functions = {
        node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    reaching = {name for name, node in functions.items() if calls_somebody(node, aliases(tree))}
    grown = True
    while grown:
        more = {name for name, node in functions.items() if builds(node, reaching, {})} - reaching
        grown, reaching = bool(more), reaching | more
    return [name for name in sorted(reaching) if not name.startswith("_") and not has_permit(functions[name])]


def calls_somebody(function: ast.AST, known: dict[str, str]) -> bool:
    """Whether there is an Originate in it that does more than to play or listen in a room."""
    named = [node for node in body_of(function) if name_of(node, known) == "Originate"]
    made = [
        node
        for node in body_of(function)
        if isinstance(node, ast.Call) and name_of(node.func, known) == "Originate"
    ]
    return len(made) < len(named) or any(not is_inward(one) for one in made)


def name_of(node: ast.AST, known: dict[str, str]) -> str:
    """What a name, or the last part of one with dots, was imported as."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return known.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def body_of(function: ast.AST) -> Iterator[ast.AST]:
    """What a function does, without what it says of its types."""
    for statement in getattr(function, "body", ()):
        yield from ast.walk(statement)


def is_inward(originate: ast.Call) -> bool:
    """Whether it only brings something into a room of ours."""
    fields = {keyword.arg: keyword.value for keyword in originate.keywords}
    context = fields.get("context")
    wanted = INTO_ROOMS.get(str(context.value)) if isinstance(context, ast.Constant) else None
    return wanted is not None and constants(fields["channel"]) == wanted


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
        assert is_inward(call) or ast.literal_eval(fields["context"]) == context


def constants(text: ast.expr) -> str:
    """An f-string with `{}` for what is filled in; empty for anything else."""
    if not isinstance(text, ast.JoinedStr):
        return ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in text.values)


def test_recordings_only_listen() -> None:
    tree = ast.parse((ROOT / "bridge/recordings/asterisk.py").read_text(encoding="utf-8"))
    assert builds(tree, {"Originate"}, aliases(tree))
    assert ungated(tree) == []


def test_channels_are_redirected_to_places_of_ours_only() -> None:
    """What is given as a context, to the action or to the method that sends it, stands there to be read."""
    trees = [tree for _, tree in modules()]
    texts = {name: text for tree in trees for name, text in constant_texts(tree)}
    given = {place for tree in trees for place in redirected_to(tree)}
    assert {texts.get(place, place) for place in given} == PLACES


def redirected_to(tree: ast.Module) -> Iterator[str]:
    """The contexts: as they are, or by the names of constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) == "redirect":
            yield str(ast.literal_eval(node.args[1]))
        if isinstance(node, ast.Call) and called(node) == "Redirect":
            context = next(keyword.value for keyword in node.keywords if keyword.arg == "context")
            if name_of(context, {}) != "context":  # the method's own argument
                yield name_of(context, {})


def constant_texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            yield name_of(node.target, {}), str(node.value.value)


def test_exceptions_exist() -> None:
    """An entry for a module that has gone would wait there for whoever takes its name."""
    listed = {*SENDERS, *GATED, *RAW_SENDERS, *OWN_PHONES, *DIAL_SETTERS, *PHONE_SETTERS}
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
    said = tuple(f"Dial(${{{variable}}}," for variable in (DIAL_VARIABLE, PHONE_VARIABLE))
    assert [(name, line) for name, line in dialling if not any(one in line for one in said)] == []


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
    offer = text[text.index("\n[bridge-offer]") :]
    order = [
        offer.index(f"Set({PHONE_VARIABLE}=)"),
        offer.index("agent_offer,1"),
        offer.index("agent_offer:"),
        offer.index("bridge-phone,"),
    ]
    assert order == sorted(order)


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
        (stray_phone_strings, "variables = {'BRIDGE_PHONE_DIAL': 'PJSIP/900@carrier'}"),
        (stray_phone_strings, "await decide(agi, {'PHONE_DIAL': 'PJSIP/900@carrier'})"),
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
        "def call(number):\n    send(Originate(channel=number, context='bridge-play'))",
        "def call(number):\n    send(Originate(channel=f'Local/{number}@out/n', context='bridge-play'))",
        "def call(number):\n    make = Originate\n    send(make(channel=number))",
    ],
)
def test_a_public_way_without_a_permit_is_seen(source: str) -> None:
    known = "from bridge.ami.actions import Originate\n"
    assert ungated(ast.parse(known + source)) == ["call"]
