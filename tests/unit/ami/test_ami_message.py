"""Looking up headers in a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ami.message import Message, unescape

HANGUP = Message(
    b"Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/1000-00000001\r\nCause:16\r\n"
    b"CallerIDName: \r\nEmpty:\r\nPadded:  two blanks\r\nno colon here\r\n"
    b"ChanVariable: A=1\r\nchanvariable: B=x: y\r\nChanVariable: A=2"
)


def test_kind_and_name() -> None:
    assert (HANGUP.kind, HANGUP.name) == ("Event", "Hangup")
    assert (Message(b"Response:Error").kind, Message(b"Response:Error").name) == ("Response", "Error")


def test_names_are_compared_without_regard_to_case() -> None:
    assert HANGUP["Channel"] == HANGUP["channel"] == HANGUP["CHANNEL"] == "PJSIP/1000-00000001"
    assert HANGUP["event"] == "Hangup"
    assert "cHANNEL" in HANGUP


def test_the_blank_after_the_colon_may_be_missing_and_only_one_is_taken_off() -> None:
    assert HANGUP["Cause"] == "16"
    assert HANGUP["Padded"] == " two blanks"
    assert HANGUP.all("Padded") == [" two blanks"]


def test_empty_values_are_there() -> None:
    assert HANGUP["CallerIDName"] == HANGUP["Empty"] == ""
    assert "Empty" in HANGUP


def test_a_missing_header() -> None:
    assert HANGUP.get("Missing") == ""
    assert HANGUP.get("Missing", None) is None
    assert HANGUP.get("Missing", "x") == "x"
    assert HANGUP.all("Missing") == []
    assert "Missing" not in HANGUP
    with pytest.raises(KeyError, match="Missing"):
        HANGUP["Missing"]


def test_repeated_headers_are_all_kept_in_order() -> None:
    assert HANGUP.all("ChanVariable") == ["A=1", "B=x: y", "A=2"]
    assert HANGUP["ChanVariable"] == "A=1"


def test_items_keep_order_and_spelling_and_pass_over_what_is_no_header() -> None:
    names = [name for name, _ in HANGUP.items()]
    assert names[:4] == ["Event", "Privilege", "Channel", "Cause"]
    assert names[-3:] == ["ChanVariable", "chanvariable", "ChanVariable"]
    assert b"no colon here" in HANGUP.raw


def test_a_value_is_not_taken_for_a_header() -> None:
    message = Message(b"Event: X\r\nData: Channel: fake\r\nLines: a\nChannel: fake\r\nChannel: real")
    assert message["Channel"] == "real"


def test_bytes_that_are_no_utf8_survive() -> None:
    message = Message(b"Event: X\r\nName: Jos\xe9\r\nOther: \xe6\x97\xa5\xe6\x9c\xac")
    assert message["Name"].encode("utf-8", "surrogateescape") == b"Jos\xe9"
    assert message["Other"] == "日本"


def test_values_are_unescaped_on_request() -> None:
    message = Message(rb"Event: VarSet" + b"\r\n" + rb"Value: say \"hi\"\n\\n")
    assert message["Value"] == r"say \"hi\"\n\\n"
    assert message.unescaped("Value") == 'say "hi"\n\\n'


def test_equal_by_content_and_shown_with_its_headers() -> None:
    assert Message(b"Event: X") == Message(b"Event: X")
    assert len({Message(b"Event: X"), Message(b"Event: X"), Message(b"Event: Y")}) == 2
    assert "Channel='PJSIP/1000-00000001'" in repr(HANGUP)


def escape(value: str) -> str:
    """Escape as Asterisk's ast_escape_c does."""
    table = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
    return "".join(f"\\{table.get(c, c)}" if c in table or c in "\\'\"?" else c for c in value)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\\\"'?\a\b\f\n\r\t\vnrt"))))
def test_unescaping_undoes_escaping(value: str) -> None:
    assert unescape(escape(value)) == value


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Za-z0-9-]{0,11}", fullmatch=True).filter(lambda name: name != "Event"),
        st.text().map(lambda value: value.replace("\r", "")),
    ),
)
def test_looking_up_one_header_agrees_with_decoding_all(headers: dict[str, str]) -> None:
    text = "\r\n".join(["Event: X", *(f"{name}: {value}" for name, value in headers.items())])
    message = Message(text.encode("utf-8", "surrogatepass"))
    items = dict(message.items())
    assert message["event"] == "X"
    for name in headers:
        assert message[name] == items[name]
        others = [value for other, value in items.items() if other.lower() == name.lower()]
        assert message[name.swapcase()] in others
        assert message.all(name) == others
