"""What Asterisk's events mean for agents' sessions."""

from __future__ import annotations

import pytest
from core_bench import ami_event
from hypothesis import given
from hypothesis import strategies as st
from session_makers import NOW, a_session

from bridge.agents import state
from bridge.agents.model import AgentState
from bridge.agents.signals import PhoneFailed, PhoneLost, PhoneUp
from bridge.agents.translate import Translator
from bridge.ami.events import (
    AmiEvent,
    ConfbridgeJoin,
    Hangup,
    Newchannel,
    Newstate,
    OriginateResponse,
)


@pytest.fixture
def translator() -> Translator:
    """Follows the phone of one session."""
    made = Translator()
    made.follow("session-1", "session-1")
    return made


def test_phone_in_the_room_is_up(translator: Translator) -> None:
    event = ami_event(ConfbridgeJoin, Uniqueid="session-1", Conference="8600051")
    assert translator.signal(event, NOW) == ("session-1", PhoneUp(at=NOW, channel="session-1"))


def test_phone_that_hangs_up_is_lost(translator: Translator) -> None:
    event = ami_event(Hangup, Uniqueid="session-1", Cause="16")
    assert translator.signal(event, NOW) == ("session-1", PhoneLost(at=NOW, channel="session-1"))


def test_phone_that_does_not_answer_has_failed(translator: Translator) -> None:
    event = ami_event(OriginateResponse, ActionID="session-1", Response="Failure", Reason=3)
    assert translator.signal(event, NOW) == ("session-1", PhoneFailed(at=NOW, channel="session-1"))


def test_another_phone_of_the_same_session(translator: Translator) -> None:
    translator.follow("session-1", "phone-2")
    event = ami_event(ConfbridgeJoin, Uniqueid="phone-2", Conference="8600051")
    assert translator.signal(event, NOW) == ("session-1", PhoneUp(at=NOW, channel="phone-2"))
    translator.forget("phone-2")
    assert translator.signal(event, NOW) is None
    assert translator.follows("session-1")


def test_phone_that_answers_is_not_seated_yet(translator: Translator) -> None:
    event = ami_event(OriginateResponse, ActionID="session-1", Response="Success", Reason=4)
    assert translator.signal(event, NOW) is None


def test_failure_of_another_action_that_names_her_channel(translator: Translator) -> None:
    """Measured on Asterisk 22: a failed Originate can carry the unique id of a living channel."""
    event = ami_event(OriginateResponse, ActionID="other", Uniqueid="session-1", Response="Failure")
    assert translator.signal(event, NOW) is None


@pytest.mark.parametrize("kind", [Newchannel, Newstate, AmiEvent])
def test_other_events_of_her_phone_say_nothing(translator: Translator, kind: type[AmiEvent]) -> None:
    assert translator.signal(ami_event(kind, Uniqueid="session-1"), NOW) is None


@pytest.mark.parametrize("channel", ["session-2", "session-1;2", "", "call-1"])
def test_other_channels_say_nothing(translator: Translator, channel: str) -> None:
    assert translator.signal(ami_event(Hangup, Uniqueid=channel), NOW) is None


def test_nothing_is_said_of_a_session_that_was_forgotten(translator: Translator) -> None:
    translator.follow("session-2", "session-2")
    translator.forget("session-1")
    translator.forget("nobody")
    assert translator.signal(ami_event(Hangup, Uniqueid="session-1"), NOW) is None
    assert translator.signal(ami_event(Hangup, Uniqueid="session-2"), NOW) is not None


KINDS = st.sampled_from([ConfbridgeJoin, Hangup, OriginateResponse, Newchannel, AmiEvent])
JUNK = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=5)
IDS = st.sampled_from(["session-1", ""]) | JUNK
HEADERS = st.fixed_dictionaries(
    {},
    optional={"Uniqueid": IDS, "ActionID": IDS, "Response": st.sampled_from(["Success", "Failure"]) | JUNK},
)


@given(
    st.sampled_from(AgentState),
    st.lists(st.tuples(KINDS, HEADERS), max_size=20),
)
def test_whatever_asterisk_says_has_a_meaning_or_none(
    begin: AgentState, said: list[tuple[type[AmiEvent], dict[str, object]]]
) -> None:
    """No sequence of events, sound or not, breaks the translation or the session that it is about."""
    translator, session = Translator(), a_session(begin)
    translator.follow("session-1", "session-1")
    for kind, headers in said:
        found = translator.signal(ami_event(kind, **headers), NOW)
        if found is not None:
            assert found[0] == "session-1"
            session = state.step(session, found[1]).session
