"""What a sink shows of a person: the number in the way that was set, texts only in full."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.model import CallState
from bridge.events.catalogue import (
    CATALOGUE,
    PERSONAL,
    CallRefused,
    CallRinging,
    Event,
    ScreenNotified,
    encode,
)
from bridge.events.envelope import EventRecord, about
from bridge.events.personal import HASH_CHARACTERS, Personal, Shown, Veil
from bridge.screens.model import Look
from bridge.secret import Secret

KEY = Secret("k" * 32)
NUMBER = "+17275550199"
RINGING = CallRinging(
    call_id="c1",
    legacy_id="M1",
    kind="M",
    state=CallState.RINGING,
    number=NUMBER,
    campaign="SALES",
    user="1000",
)
REFUSED = CallRefused(call_id="c1", number=NUMBER, rule="dnc", why=f"{NUMBER} is on the list of 2026-11-27")


def shown(way: Shown, event: Event) -> dict[str, Any]:
    data = Veil(way, PERSONAL, KEY).data(event.type, msgspec.Raw(encode(event).encode()))
    found: dict[str, Any] = msgspec.json.decode(data)
    return found


@pytest.mark.parametrize(
    ("way", "number"),
    [
        (Shown.FULL, NUMBER),
        (Shown.LAST_FOUR, "*0199"),
        (Shown.NONE, ""),
    ],
)
def test_a_number_is_shown_as_the_sink_says(way: Shown, number: str) -> None:
    data = shown(way, RINGING)
    assert data.pop("number") == number
    assert data == {
        key: value for key, value in msgspec.json.decode(encode(RINGING)).items() if key != "number"
    }


@pytest.mark.parametrize(
    ("way", "why"),
    [
        (Shown.FULL, REFUSED.why),
        (Shown.LAST_FOUR, "*0199 is on the list of 2026-11-27"),
        (Shown.NONE, " is on the list of 2026-11-27"),
    ],
)
def test_a_number_within_a_sentence_is_shown_in_the_same_way(way: Shown, why: str) -> None:
    assert shown(way, REFUSED)["why"] == why


def test_a_hash_is_the_same_with_a_plus_or_without_and_another_with_another_key() -> None:
    hashed = shown(Shown.HASH, RINGING)["number"]
    assert len(hashed) == HASH_CHARACTERS
    assert hashed == shown(Shown.HASH, msgspec.structs.replace(RINGING, number="17275550199"))["number"]
    assert hashed in shown(Shown.HASH, REFUSED)["why"]
    other = Veil(Shown.HASH, PERSONAL, Secret("o" * 32))
    data = other.data(RINGING.type, msgspec.Raw(encode(RINGING).encode()))
    assert msgspec.json.decode(data)["number"] not in (hashed, NUMBER)


@pytest.mark.parametrize("number", ["0199", "911", "1"])
def test_a_short_number_is_not_given_away_by_its_last_four(number: str) -> None:
    assert shown(Shown.LAST_FOUR, msgspec.structs.replace(RINGING, number=number))["number"] == "*"


@pytest.mark.parametrize("way", [Shown.LAST_FOUR, Shown.HASH, Shown.NONE])
def test_no_number_stays_no_number(way: Shown) -> None:
    assert shown(way, msgspec.structs.replace(RINGING, number=""))["number"] == ""


@pytest.mark.parametrize("way", [Shown.LAST_FOUR, Shown.HASH, Shown.NONE])
def test_what_people_have_written_goes_out_in_full_or_not_at_all(way: Shown) -> None:
    event = ScreenNotified(
        user="1000", session_id="s", campaign="SALES", notification=1, text="call Ann", look=Look()
    )
    assert shown(way, event)["text"] == ""
    assert shown(Shown.FULL, event)["text"] == "call Ann"


@pytest.mark.parametrize("way", [Shown.LAST_FOUR, Shown.HASH, Shown.NONE])
def test_an_event_of_a_later_version_shows_nothing(way: Shown) -> None:
    assert Veil(way, PERSONAL, KEY).data("call.teleported", msgspec.Raw(b'{"number":"1"}')) == msgspec.Raw(
        b"{}"
    )


@given(st.text(max_size=40), st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True), st.text(max_size=40))
def test_no_number_leaves_within_a_sentence(before: str, number: str, after: str) -> None:
    why = shown(Shown.NONE, msgspec.structs.replace(REFUSED, why=f"{before} {number} {after}"))["why"]
    assert number.lstrip("+") not in why.replace(before, "").replace(after, "")


NAMED_SO = {
    "number": Personal.NUMBER,
    "text": Personal.TEXT,
    "message": Personal.TEXT,
    "address": Personal.TEXT,
}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_a_field_that_sounds_personal_is_marked(kind: type[Event]) -> None:
    texts = {field.name for field in msgspec.structs.fields(kind) if field.type is not int}
    assert {name: NAMED_SO[name] for name in NAMED_SO.keys() & texts}.items() <= PERSONAL[kind.type].items()


def test_what_an_event_is_about() -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    found = about(EventRecord(1, "i", RINGING.type, "calls/c1", at, msgspec.Raw(encode(RINGING).encode())))
    assert (found.campaign, found.user, found.call_id) == ("SALES", "1000", "c1")
    later = about(EventRecord(1, "i", "call.teleported", "calls/c1", at, msgspec.Raw(b'{"user":[1]}')))
    assert (later.campaign, later.user, later.call_id) == ("", "", "")
    nothing = about(EventRecord(1, "i", "asterisk.up", "asterisk/a", at, msgspec.Raw(b'{"asterisk":"a"}')))
    assert (nothing.campaign, nothing.user, nothing.call_id) == ("", "", "")
