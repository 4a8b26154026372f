from __future__ import annotations

import pytest
from doctor_facts import COMMANDS, facts, found, without, wrong

from bridge.doctor.facts import View
from bridge.doctor.rights import held

MORE = {
    "system": {"ModuleLoad": "Module management.  (Priv: system,all)"},
    "command": {"Command": "Execute Asterisk CLI Command.  (Priv: command,all)"},
    "config": {"UpdateConfig": "Update basic configuration.  (Priv: config,all)"},
}


@pytest.mark.parametrize(
    ("right", "actions"),
    [
        ("originate", ("Originate",)),
        ("call", ("Redirect", "Hangup")),
        ("agent", ("QueueAdd",)),
        ("reporting", ("CoreShowChannels", "ShowDialPlan", "ConfbridgeList")),
        ("user", ("UserEvent",)),
    ],
)
def test_each_right_that_is_missing_is_named(right: str, actions: tuple[str, ...]) -> None:
    seen = facts(commands=without(*actions))
    assert wrong(seen) == {f"rights.{right}"}
    assert "[bridge]" in found(seen, f"rights.{right}").mend


@pytest.mark.parametrize("right", MORE)
def test_each_right_that_opens_the_machine_is_named(right: str) -> None:
    check = found(facts(commands=COMMANDS | MORE[right]), "rights.too-many")
    assert check.status == "fail"
    assert right in check.text


def test_all_rights_are_called_so() -> None:
    everything = COMMANDS | MORE["system"] | MORE["command"] | MORE["config"]
    assert "write = all" in found(facts(commands=everything), "rights.too-many").text


def test_a_right_of_no_use_is_a_warning() -> None:
    check = found(
        facts(commands=COMMANDS | {"MessageSend": "Send a message.  (Priv: message,all)"}), "rights.too-many"
    )
    assert check.status == "warn"
    assert "message" in check.text


def test_an_action_that_several_rights_allow_proves_none_of_them() -> None:
    assert (
        held({"Hangup": "Hangup channel.  (Priv: system,call,all)", "Ping": "(Priv: <none>)"}) == frozenset()
    )
    assert held(COMMANDS) == {"originate", "call", "agent", "reporting", "user"}


def test_system_does_not_pass_for_reporting() -> None:
    commands = without("ShowDialPlan", "ConfbridgeList") | MORE["system"]
    assert "rights.reporting" in wrong(facts(commands=commands))


def test_a_missing_queue_module_is_not_taken_for_a_missing_right() -> None:
    seen = facts(commands=without("QueueAdd", "QueueStatus"))
    assert "app_queue" in found(seen, "rights.agent").text
    assert "modules.app_queue" in wrong(seen)


def test_classes_of_events_that_nobody_asked_for() -> None:
    check = found(facts(reads=frozenset({"system", "security"})), "rights.read-too-many")
    assert "security, system" in check.text


def test_the_user_who_looks_on_may_not_act() -> None:
    assert wrong(facts(view=View(user="bridge-view", commands={"Ping": "(Priv: <none>)"}))) == set()
    acting = View(user="bridge-view", commands={"Originate": COMMANDS["Originate"]})
    assert "originate" in found(facts(view=acting), "view").text
    assert wrong(facts(view=View(user="bridge-view", error="refused"))) == {"view"}
