from __future__ import annotations

import pytest
from doctor_facts import COMMANDS, facts, found, without, wrong

from bridge.doctor.modules import MODULES, Module


@pytest.mark.parametrize("module", [module for module in MODULES if module.function])
def test_a_module_is_known_by_a_function_that_has_a_value(module: Module) -> None:
    functions = {**(facts().functions or {}), module.function: ""}
    assert wrong(facts(functions=functions)) == {f"modules.{module.name}"}


def test_the_queue_module_is_known_by_its_action() -> None:
    assert "modules.app_queue" in wrong(facts(commands=without("QueueStatus")))


def test_what_cannot_be_seen_is_listed_and_not_blamed() -> None:
    check = found(facts(), "modules.unseen")
    assert check.status == "unknown"
    assert {"res_agi", "app_dial"} <= set(check.text.partition(": ")[2].split(", "))


def test_a_user_who_may_ask_gets_an_answer_for_each() -> None:
    there = {module.name: module.name not in {"app_dial", "app_amd"} for module in MODULES}
    seen = facts(modules=there)
    assert found(seen, "modules.app_dial").status == "fail"
    assert found(seen, "modules.app_amd").status == "warn"
    assert "module load app_dial.so" in found(seen, "modules.app_dial").mend
    assert wrong(seen) == {"modules.app_dial", "modules.app_amd"}


def test_agi_is_known_by_its_action_where_that_may_be_sent() -> None:
    seen = facts(commands=COMMANDS | {"AGI": "Add an AGI command.  (Priv: agi,all)"})
    assert found(seen, "modules.res_agi").status == "ok"
