"""Topics: readable for ordinary names, and nothing breaks out of its level."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from bridge.events.topics import LONGEST, event_topic, level, name_of, online_topic, state_topic

NAMES = st.text(st.characters(codec=None), max_size=LONGEST)


def test_ordinary_names_stay_readable() -> None:
    assert event_topic("ab", "agent.logged_in", campaign="SALES", agent="1000") == (
        "ab/events/agent/logged_in/SALES/1000/-"
    )
    assert event_topic("ab", "asterisk.up") == "ab/events/asterisk/up/-/-/-"
    assert state_topic("ab", "agents/1000") == "ab/agents/1000/state"
    assert state_topic("ab", "calls/0198-aé") == "ab/calls/0198-aé/state"
    assert online_topic("ab", "host.example") == "ab/bridge/host.example/online"


@given(NAMES)
@example("+")
@example("#")
@example("a/b")
@example("\0")
@example("")
@example("%00")
@example("$SYS")
@example("\ud800")
@example("\ufffe")
def test_a_level_is_one_level_and_can_be_read_back(name: str) -> None:
    made = level(name)
    assert made
    assert not set("+#/\0$") & set(made)
    made.encode()
    topic = state_topic("ab", f"agents/{name}")
    assert topic.count("/") == 3
    assert topic_matches_sub("ab/agents/+/state", topic)
    assert name_of(made) == name


@given(NAMES, NAMES, NAMES)
@example("-", "", "a/b")
@example("SALES", "1000", "0198-aé")
def test_events_can_be_had_by_campaign_agent_or_call(campaign: str, agent: str, call: str) -> None:
    topic = event_topic("ab", "call.ended", campaign=campaign, agent=agent, call=call)
    assert topic.count("/") == 6
    levels = topic.split("/")
    for name, at in ((campaign, 4), (agent, 5), (call, 6)):
        assert (levels[at] == "-") == (name == "")
        assert topic_matches_sub("/".join(["ab/events", *["+"] * (at - 2), levels[at], "#"]), topic)
        assert name in ("", name_of(levels[at]))


@given(NAMES, NAMES)
def test_two_names_have_two_levels(one: str, other: str) -> None:
    assert (level(one) == level(other)) == (one == other)


@given(st.text(min_size=LONGEST + 1, max_size=5 * LONGEST))
def test_long_names_are_cut(name: str) -> None:
    assert len(name_of(level(name))) == LONGEST
