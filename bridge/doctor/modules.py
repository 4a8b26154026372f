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
        gives: the applications and dialplan functions of our contexts that are in it.
        function: a dialplan function that has a value whenever the module is loaded.
        action: an action that any AMI user may send, or one with the rights of the bridge's.
        needed: whether calls fail without it.
    """

    name: str
    use: str
    gives: tuple[str, ...] = ()
    function: str = ""
    action: str = ""
    needed: bool = True


MODULES = (
    Module(
        "app_confbridge",
        "the agents' rooms",
        ("ConfBridge", "CONFBRIDGE_INFO"),
        "CONFBRIDGE_INFO(parties,agent-bridge)",
    ),
    Module("app_queue", "the queues of waiting callers", ("Queue",), action="QueueStatus"),
    Module("func_devstate", "which agents are ready", function="DEVICE_STATE(Custom:agent-bridge)"),
    Module("func_timeout", "the time limit of each step", ("TIMEOUT",), "TIMEOUT(absolute)"),
    Module("func_logic", "values that depend on others", ("IF",), "IF(1?yes:no)"),
    Module("func_strings", "the name of a recording's file", ("FILTER",), "FILTER(a-z,agent)"),
    Module("res_agi", "the questions to the bridge", ("AGI",), action="AGI"),
    Module("app_dial", "calls to phones and trunks", ("Dial",)),
    Module("app_stack", "Gosub and Return", ("Gosub", "GosubIf", "Return", "LOCAL")),
    Module("app_exec", "ExecIf and TryExec", ("ExecIf", "TryExec")),
    Module("app_playback", "messages to callers and on machines", ("Playback",)),
    Module("func_cdr", "the call id in the call records", ("CDR",)),
    Module("func_callerid", "the number that is shown", ("CALLERID",)),
    Module("func_volume", "the sound of a customer who is passed on to a number", ("VOLUME",)),
    Module("app_channelredirect", "the end of a customer's room without the agent", ("ChannelRedirect",)),
    Module("bridge_softmix", "everybody in an agent's room hears everybody"),
    Module("res_musiconhold", "hold music", ("MusicOnHold",), needed=False),
    Module("app_senddtmf", "keys for the far end", ("SendDTMF",), action="PlayDTMF", needed=False),
    Module("app_amd", "the detection of answering machines", ("AMD",), needed=False),
    Module("app_read", "the key by which a customer forbids calls", ("Read",), needed=False),
    Module("app_waitforsilence", "the tone of an answering machine", ("WaitForSilence",), needed=False),
    Module(
        "app_controlplayback",
        "sounds in agents' rooms",
        ("ControlPlayback",),
        action="ControlPlayback",
        needed=False,
    ),
    Module("app_record", "recordings", ("Record",), needed=False),
    Module("app_chanspy", "managers who whisper to agents", ("ChanSpy",), needed=False),
    Module("format_wav", "the files of recordings", needed=False),
)
CORE = frozenset(["Answer", "Congestion", "Goto", "GotoIf", "Hangup", "NoOp", "Set", "Wait"])
"""Applications of our contexts that are in Asterisk itself."""
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
