"""Are the modules there that the bridge's dialplan stands on?

`ModuleCheck` wants the right `system`, which the bridge's user must not have. So a module is known by a
function that gives a value, or by an action of its own; what shows neither stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bridge.doctor.facts import Facts
from bridge.doctor.model import Check, fail, ok, unknown, warn

__all__ = ["FUNCTIONS", "MODULES", "Module", "check_modules"]


class Module(NamedTuple):
    """A module and its sign.

    Attributes:
        name: without `.so`.
        use: what it is for.
        function: a dialplan function that has a value whenever the module is loaded.
        action: an action that any AMI user may send, or one with the rights of the bridge's.
        needed: whether calls fail without it.
    """

    name: str
    use: str
    function: str = ""
    action: str = ""
    needed: bool = True


MODULES = (
    Module("app_confbridge", "the agents' rooms", function="CONFBRIDGE_INFO(parties,agent-bridge)"),
    Module("app_queue", "the queues of waiting callers", action="QueueStatus"),
    Module("func_devstate", "which agents are ready", function="DEVICE_STATE(Custom:agent-bridge)"),
    Module("func_timeout", "the time limit of each step", function="TIMEOUT(absolute)"),
    Module("res_agi", "the questions to the bridge", action="AGI"),
    Module("app_dial", "calls to phones and trunks"),
    Module("app_stack", "Gosub and Return"),
    Module("app_exec", "ExecIf"),
    Module("app_playback", "the message to a caller without an agent"),
    Module("func_cdr", "the call id in the call records"),
    Module("func_callerid", "the number that is shown"),
    Module("app_controlplayback", "sounds in agents' rooms", action="ControlPlayback", needed=False),
    Module("app_record", "recordings", needed=False),
    Module("app_amd", "answering machines", needed=False),
)
FUNCTIONS = tuple(module.function for module in MODULES if module.function)


def check_modules(facts: Facts) -> Iterator[Check]:
    """One line for each module that can be seen, and one for all that cannot."""
    unseen = []
    for module in MODULES:
        there = loaded(facts, module)
        if there is None:
            unseen.append(module.name)
        else:
            yield _module(module, there=there)
    if unseen:
        names = ", ".join(unseen)
        yield unknown(
            "modules.unseen",
            f"these modules leave no sign that an AMI user without system can see: {names}",
            "look on the machine: asterisk -rx 'module show'",
        )


def loaded(facts: Facts, module: Module) -> bool | None:
    """Whether a module is loaded; `None` if that cannot be told."""
    if facts.modules is not None and module.name in facts.modules:
        return facts.modules[module.name]
    if module.name == "res_agi":
        return _agi(facts)
    if module.action:
        return module.action in facts.commands
    if module.function and facts.functions is not None:
        return bool(facts.functions.get(module.function))
    return None


def _agi(facts: Facts) -> bool | None:
    """Its action wants a right of its own (`agi`), so that only a positive sign says something."""
    if "AGI" in facts.commands:
        return True
    return facts.call.agi_ran if facts.call else None


def _module(module: Module, *, there: bool) -> Check:
    check = f"modules.{module.name}"
    if there:
        return ok(check, f"{module.name} is loaded ({module.use})")
    text = f"{module.name} is not loaded: {module.use}"
    mend = f"no noload for it in modules.conf, then: asterisk -rx 'module load {module.name}.so'"
    return fail(check, text, mend) if module.needed else warn(check, text, mend)
