"""What an AMI user may do, read from `ListCommands`: it lists exactly the actions that the user may send.

Each line ends with the rights of which any one suffices, as in `(Priv: system,call,all)`. Measured on
Asterisk 16 and 22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bridge.doctor.facts import Facts
from bridge.doctor.model import Check, fail, ok, warn

__all__ = ["check_rights", "held"]

_RIGHTS = re.compile(r"\(Priv: ([^)]*)\)\s*$")


class Need(NamedTuple):
    """A right that the bridge needs, actions of Asterisk's core that show it, and what is lost without it."""

    right: str
    actions: frozenset[str]
    why: str


NEEDS = (
    Need("originate", frozenset({"Originate"}), "no call can be made"),
    Need("call", frozenset({"Redirect"}), "calls cannot be moved, hung up or told apart"),
    Need("agent", frozenset({"QueueAdd"}), "agents cannot join, leave or pause in queues"),
    Need(
        "reporting",
        frozenset({"CoreShowChannels", "ShowDialPlan"}),
        "after a lost link nobody can tell which calls still stand",
    ),
    Need("user", frozenset({"UserEvent"}), "events of the bridge's own cannot be sent"),
)

DANGERS = {
    "system": "load modules, write the database, add to the dialplan and record into any file",
    "command": "run any command of Asterisk's console",
    "config": "read and write Asterisk's configuration, secrets and all",
}
"""What the rights allow that the bridge must not have."""

SECTION = "in manager.conf, in the section [{user}]"


def held(commands: Mapping[str, str]) -> frozenset[str]:
    """The rights that are held for certain: each is the only one that some listed action takes."""
    return frozenset(next(iter(rights)) for rights in map(_rights, commands.values()) if len(rights) == 1)


def _rights(description: str) -> frozenset[str]:
    found = _RIGHTS.search(description)
    return frozenset(found[1].split(",")) - {"all", "<none>"} if found else frozenset()


def check_rights(facts: Facts) -> Iterator[Check]:
    """One line for each right that is needed, one for all that are too many."""
    for need in NEEDS:
        yield _needed(facts, need)
    yield from _too_many(facts)


def _needed(facts: Facts, need: Need) -> Check:
    check = f"rights.{need.right}"
    if need.actions <= facts.commands.keys():
        return ok(check, f"the AMI user has the right {need.right}")
    if need.right == "agent" and "QueueStatus" not in facts.commands:
        return fail(check, "app_queue is not loaded, so there is nothing to have a right to", "see app_queue")
    place = SECTION.format(user=facts.user)
    return fail(check, f"the right {need.right} is missing: {need.why}", f"{place}: add it to write =")


def _too_many(facts: Facts) -> Iterator[Check]:
    check = "rights.too-many"
    more = held(facts.commands) - {need.right for need in NEEDS}
    place = SECTION.format(user=facts.user)
    mend = f"{place}: write = call,originate,agent,reporting,user"
    if set(DANGERS) <= more:
        text = "the AMI user may do everything (write = all, or as good as that)"
        yield fail(check, f"{text}: whoever has its secret owns the machine", mend)
    elif more & set(DANGERS):
        what = "; ".join(f"{right} ({DANGERS[right]})" for right in sorted(more & set(DANGERS)))
        yield fail(check, f"the AMI user has rights that open the machine: {what}", mend)
    elif more:
        yield warn(check, f"the AMI user has rights of no use to the bridge: {', '.join(sorted(more))}", mend)
    else:
        yield ok(check, "the AMI user has no write right that the bridge does not need")
    if facts.reads:
        text = (
            f"the AMI user reads classes of events of no use to the bridge: {', '.join(sorted(facts.reads))}"
        )
        yield warn("rights.read-too-many", text, f"{place}: read = call,agent,user")
