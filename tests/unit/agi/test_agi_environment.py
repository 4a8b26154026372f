from __future__ import annotations

import pytest

from bridge.agi.environment import Environment, parse_environment
from bridge.agi.errors import RemoteProtocolError


def test_names_and_values() -> None:
    env = parse_environment(b"agi_network: yes\nagi_channel: PJSIP/1000-1\nagi_accountcode: \nagi_x:y: z")
    assert dict(env) == {
        "agi_network": "yes",
        "agi_channel": "PJSIP/1000-1",
        "agi_accountcode": "",
        "agi_x": "y: z",
    }
    assert len(env) == 4
    assert "agi_channel" in repr(env)


def test_arguments_in_their_order_and_only_without_a_gap() -> None:
    env = parse_environment(b"agi_arg_1: a\nagi_arg_2: \nagi_arg_3: c\nagi_arg_5: e")
    assert env.args == ["a", "", "c"]


@pytest.mark.parametrize(
    ("line", "script", "params"),
    [
        (b"agi_network_script: call_end", "call_end", {}),
        (b"agi_network_script: a/b?lead=17&x=&x=2", "a/b", {"lead": "17", "x": "2"}),
        (b"agi_network_script: /call_end?n=J%C3%BCrgen", "call_end", {"n": "J\u00fcrgen"}),
        (b"agi_request: agi://127.0.0.1:4573/call_end?x=1", "call_end", {"x": "1"}),
        (b"agi_request: call_end.py", "call_end.py", {}),
        (b"agi_request: /usr/share/asterisk/agi-bin/call_end.py", "call_end.py", {}),
        (b"agi_request: agi://127.0.0.1", "", {}),
        (b"agi_language: en", "", {}),
    ],
)
def test_the_script_and_its_query(line: bytes, script: str, params: dict[str, str]) -> None:
    env = parse_environment(line)
    assert (env.script, env.params) == (script, params)


def test_bytes_that_are_not_utf8_survive() -> None:
    env = parse_environment(b"agi_calleridname: Jos\xe9")
    assert env["agi_calleridname"].encode("utf-8", "surrogateescape") == b"Jos\xe9"


def test_a_callers_name_with_a_line_feed_cannot_pose_as_another_line() -> None:
    env = parse_environment(
        b"agi_uniqueid: 1.1\nagi_calleridname: Eve\nagi_uniqueid: 9.9\nagi_extension: 666\nagi_extension: 100"
    )
    assert env["agi_uniqueid"] == "1.1"
    assert env["agi_extension"] == "100"


def test_carriage_returns_and_lines_without_a_colon_do_no_harm() -> None:
    assert dict(parse_environment(b"agi_network: yes\r\nwhat\r\n")) == {"agi_network": "yes"}


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        parse_environment(b"a: b\n" * 600)


def test_empty() -> None:
    assert Environment({}).args == []
