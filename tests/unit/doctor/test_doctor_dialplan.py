from __future__ import annotations

import pytest
from doctor_facts import OURS, facts, found, wrong
from hypothesis import given
from hypothesis import strategies as st

from bridge.doctor.dialplan import Step, difference, parse

TEXT = r"""
; a comment
[one]
exten => _X!,1,Set(A=${EXTEN})   ; and another
 same => n(again),GotoIf($["${A}" != ""]?again:one,s,1)
 same => n,Return()
exten => h,5,NoOp
#include other.conf
[two]
exten => s,1,Set(B=a\;b)
"""


def test_extensions_labels_numbers_and_comments() -> None:
    assert parse(TEXT) == {
        "one": (
            Step("_X!", 1, "", "Set", "A=${EXTEN}"),
            Step("_X!", 2, "again", "GotoIf", '$["${A}" != ""]?again:one,s,1'),
            Step("_X!", 3, "", "Return", ""),
            Step("h", 5, "", "NoOp", ""),
        ),
        "two": (Step("s", 1, "", "Set", r"B=a\;b"),),
    }


def test_a_line_that_is_not_understood_is_an_error_and_not_skipped() -> None:
    with pytest.raises(ValueError, match="switch"):
        parse("[one]\nswitch => Realtime/x@y")


def test_our_own_file_has_the_contexts_that_calls_are_sent_to() -> None:
    assert {"bridge-agi", "bridge-agent", "bridge-answered", "bridge-dial", "bridge-inbound"} <= OURS.keys()
    assert all(OURS.values())


def test_a_missing_context_is_a_fault() -> None:
    theirs = {name: steps for name, steps in OURS.items() if name != "bridge-dial"}
    assert wrong(facts(contexts=theirs)) == {"dialplan.bridge-dial"}


@given(st.data())
def test_any_single_change_of_any_context_is_noticed(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(OURS)))
    steps = list(OURS[name])
    index = data.draw(st.integers(0, len(steps) - 1))
    how = data.draw(st.sampled_from(["data", "application", "label", "gone", "more"]))
    if how == "gone":
        del steps[index]
    elif how == "more":
        steps.append(Step("intruder", 1, "", "System", "id"))
    else:
        old = steps[index]._asdict()
        steps[index] = Step(**(old | {how: "changed"}))
    assert difference(OURS[name], steps)
    assert f"dialplan.{name}" in wrong(facts(contexts={**OURS, name: tuple(steps)}))


def test_the_order_in_which_asterisk_lists_extensions_does_not_matter() -> None:
    reordered = {name: tuple(reversed(steps)) for name, steps in OURS.items()}
    assert wrong(facts(contexts=reordered)) == set()


def test_a_dialplan_that_may_not_be_read_is_not_called_missing() -> None:
    assert found(facts(contexts=None), "dialplan").status == "unknown"
