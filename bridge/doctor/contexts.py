"""Are the bridge's contexts in the dialplan, and are they those of this version?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.doctor.dialplan import Step, difference
from bridge.doctor.facts import Facts
from bridge.doctor.model import Check, fail, ok, unknown, warn

__all__ = ["check_contexts"]

PUT_IN = (
    "put asterisk-conf/bridge_extensions.conf in place and include it (agent-bridge conf plan shows how), "
    "then: asterisk -rx 'dialplan reload'"
)
REPLACE = (
    "put this version's bridge_extensions.conf in place (agent-bridge conf plan --apply), "
    "then: asterisk -rx 'dialplan reload'"
)


def check_contexts(facts: Facts, ours: Mapping[str, tuple[Step, ...]]) -> Iterator[Check]:
    """One line for each context of the bridge.

    Args:
        facts: what was seen.
        ours: the contexts of our own file.
    """
    if facts.contexts is None:
        yield unknown("dialplan", "the AMI user may not read the dialplan", "give it write = reporting")
        return
    for name, steps in ours.items():
        yield _context(name, steps, facts.contexts.get(name))


def _context(name: str, ours: tuple[Step, ...], theirs: tuple[Step, ...] | None) -> Check:
    check = f"dialplan.{name}"
    if not theirs:
        return fail(check, f"the context {name} is missing", PUT_IN)
    other = difference(ours, theirs)
    if other:
        return warn(check, f"the context {name} is not that of this version: {other}", REPLACE)
    return ok(check, f"the context {name} is there, at this version")
