from __future__ import annotations

import re

import pytest
from doctor_facts import COMMANDS, facts, found, without, wrong

from bridge.conf.shipped import shipped
from bridge.doctor.dialplan import Step, parse
from bridge.doctor.modules import CORE, MODULES, Module

_FUNCTION = re.compile(r"\b([A-Z][A-Z_]+)\(")
_RUN_BY_EXECIF = re.compile(r".*\?(\w+)\(")


def used(step: Step) -> set[str]:
    """The applications and dialplan functions of a step."""
    inner = _RUN_BY_EXECIF.match(step.data) if step.application == "ExecIf" else None
    functions = set(_FUNCTION.findall(step.data))
    return {step.application, *functions, *([inner[1]] if inner else ())}


def test_a_step_says_what_it_uses() -> None:
    """What the next test stands on."""
    (steps,) = parse("[x]\nexten => s,1,ExecIf($[${A} = 0]?Set(TIMEOUT(absolute)=${IF($[1]?2:3)}))").values()
    assert used(steps[0]) == {"ExecIf", "Set", "TIMEOUT", "IF"}


def test_whatever_our_dialplan_uses_is_looked_for() -> None:
    given = [name for module in MODULES for name in module.gives]
    wanted = {
        name
        for steps in parse(shipped("bridge_extensions.conf")).values()
        for step in steps
        for name in used(step)
    }
    assert wanted - CORE == set(given), "each has its module, and none is named that nothing uses"
    assert len(given) == len(set(given))
    assert wanted >= CORE


@pytest.mark.parametrize("module", [module for module in MODULES if module.function])
def test_a_module_is_known_by_a_function_that_has_a_value(module: Module) -> None:
    functions = {**(facts().functions or {}), module.function: ""}
    assert wrong(facts(functions=functions)) == {f"modules.{module.name}"}


@pytest.mark.parametrize("module", [one for one in MODULES if one.action and one.name != "res_agi"])
def test_a_module_is_known_by_its_action(module: Module) -> None:
    assert f"modules.{module.name}" in wrong(facts(commands=without(module.action)))


def test_what_cannot_be_seen_is_listed_and_not_blamed() -> None:
    check = found(facts(), "modules.unseen")
    assert check.status == "unknown"
    assert {"res_agi", "app_dial"} <= set(check.text.partition(": ")[2].split(", "))


def test_a_user_who_may_ask_gets_an_answer_for_each() -> None:
    there = {module.name: module.name not in {"app_dial", "app_record"} for module in MODULES}
    seen = facts(modules=there)
    assert found(seen, "modules.app_dial").status == "fail"
    assert found(seen, "modules.app_record").status == "warn"
    assert "module load app_dial.so" in found(seen, "modules.app_dial").mend
    assert wrong(seen) == {"modules.app_dial", "modules.app_record"}


def test_agi_is_known_by_its_action_where_that_may_be_sent() -> None:
    seen = facts(commands=COMMANDS | {"AGI": "Add an AGI command.  (Priv: agi,all)"})
    assert found(seen, "modules.res_agi").status == "ok"
