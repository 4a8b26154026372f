"""Typed actions: what they write, and what they make of the answer."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from bridge.ami import actions as a
from bridge.ami import events
from bridge.ami.actions.base import Action, ListAction
from bridge.ami.errors import InvalidAction
from bridge.ami.message import Message
from bridge.ami.protocol import encode_action


def lines(action: Action[object] | ListAction[events.AmiEvent]) -> list[str]:
    data = encode_action(action.action, action.fields(), "1").decode()
    return [line for line in data.split("\r\n") if line and line != "ActionID: 1"]


@pytest.mark.parametrize(
    ("action", "written"),
    [
        (a.Ping(), ["Action: Ping"]),
        (a.Logoff(), ["Action: Logoff"]),
        (a.CoreStatus(), ["Action: CoreStatus"]),
        (a.CoreSettings(), ["Action: CoreSettings"]),
        (a.ListCommands(), ["Action: ListCommands"]),
        (a.CoreShowChannels(), ["Action: CoreShowChannels"]),
        (a.DeviceStateList(), ["Action: DeviceStateList"]),
        (a.ConfbridgeListRooms(), ["Action: ConfbridgeListRooms"]),
        (a.Challenge(), ["Action: Challenge", "AuthType: MD5"]),
        (a.Events("off"), ["Action: Events", "EventMask: off"]),
        (a.Hangup("u-1"), ["Action: Hangup", "Channel: u-1"]),
        (a.Hangup("u-1", 17), ["Action: Hangup", "Channel: u-1", "Cause: 17"]),
        (a.HangupMatching("^PJSIP/1"), ["Action: Hangup", "Channel: /^PJSIP/1/"]),
        (a.Setvar("X", ""), ["Action: Setvar", "Variable: X", "Value: "]),
        (a.Setvar("X", "1", "c"), ["Action: Setvar", "Channel: c", "Variable: X", "Value: 1"]),
        (a.Getvar("X"), ["Action: Getvar", "Variable: X"]),
        (a.BridgeList(), ["Action: BridgeList"]),
        (a.BridgeInfo("b"), ["Action: BridgeInfo", "BridgeUniqueid: b"]),
        (a.QueueStatus("q"), ["Action: QueueStatus", "Queue: q"]),
        (a.QueueRemove("q", "i"), ["Action: QueueRemove", "Queue: q", "Interface: i"]),
        (a.ConfbridgeList("8"), ["Action: ConfbridgeList", "Conference: 8"]),
        (a.ConfbridgeKick("8", "c"), ["Action: ConfbridgeKick", "Conference: 8", "Channel: c"]),
        (a.ConfbridgeMute("8", "c"), ["Action: ConfbridgeMute", "Conference: 8", "Channel: c"]),
        (a.ConfbridgeUnmute("8", "c"), ["Action: ConfbridgeUnmute", "Conference: 8", "Channel: c"]),
        (a.ShowDialPlan("ctx"), ["Action: ShowDialPlan", "Context: ctx"]),
        (a.Status("c", ("A", "B")), ["Action: Status", "Channel: c", "Variables: A,B"]),
        (a.Status(), ["Action: Status"]),
        (a.UserEvent("Lead", {"Id": "7"}), ["Action: UserEvent", "UserEvent: Lead", "Id: 7"]),
        (a.ControlPlayback("c", "pause"), ["Action: ControlPlayback", "Channel: c", "Control: pause"]),
        (a.PlayDTMF("c", "1"), ["Action: PlayDTMF", "Channel: c", "Digit: 1"]),
        (
            a.PlayDTMF("c", "1", 250, receive=True),
            ["Action: PlayDTMF", "Channel: c", "Digit: 1", "Duration: 250", "Receive: true"],
        ),
        (
            a.QueuePause("i", paused=True, reason="Lunch"),
            ["Action: QueuePause", "Interface: i", "Paused: true", "Reason: Lunch"],
        ),
        (
            a.QueueAdd(queue="q", interface="i", state_interface="Custom:1", penalty=0, paused=False),
            [
                "Action: QueueAdd",
                "Queue: q",
                "Interface: i",
                "StateInterface: Custom:1",
                "Penalty: 0",
                "Paused: false",
            ],
        ),
        (
            a.QueueWithdrawCaller("q", "c", "call-1"),
            ["Action: QueueWithdrawCaller", "Queue: q", "Caller: c", "WithdrawInfo: call-1"],
        ),
        (
            a.Redirect(channel="c", context="x", exten="s", extra_channel="d"),
            [
                "Action: Redirect",
                "Channel: c",
                "ExtraChannel: d",
                "Context: x",
                "Exten: s",
                "Priority: 1",
            ],
        ),
        (a.Login("u", "p"), ["Action: Login", "Username: u", "Secret: p", "Events: on"]),
        (
            a.LoginMD5("u", "p", "42", "off"),
            [
                "Action: Login",
                "AuthType: MD5",
                "Username: u",
                f"Key: {hashlib.md5(b'42p', usedforsecurity=False).hexdigest()}",
                "Events: off",
            ],
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else "",
)
def test_writes_its_headers(action: Action[object], written: list[str]) -> None:
    assert lines(action) == written


def test_originate_writes_everything_once_and_is_always_asynchronous() -> None:
    action = a.Originate(
        channel="PJSIP/1000",
        context="bridge",
        exten="s",
        priority=1,
        timeout_ms=20000,
        caller_id='"Bob" <100>',
        account="acc",
        variables={"A": "1", "B": "x,y=z", "C": ""},
        channel_id="id-1",
        other_channel_id="id-2",
        early_media=True,
        codecs="ulaw,alaw",
    )
    assert lines(action) == [
        "Action: Originate",
        "Channel: PJSIP/1000",
        "Context: bridge",
        "Exten: s",
        "Priority: 1",
        "Timeout: 20000",
        'CallerID: "Bob" <100>',
        "Account: acc",
        "ChannelId: id-1",
        "OtherChannelId: id-2",
        "EarlyMedia: true",
        "Codecs: ulaw,alaw",
        "Async: true",
        "Variable: A=1",
        "Variable: B=x\\,y=z",
        "Variable: C=",
    ]
    assert not action.blocking


def test_a_value_cannot_become_another_variable() -> None:
    value = 'a,SHELL(id)=b "c" [d] \\'
    action = a.Originate(channel="c", context="x", exten="s", variables={"CDR(userfield)": value})
    assert lines(action)[-1] == 'Variable: CDR(userfield)=a\\,SHELL\\(id\\)=b \\"c\\" \\[d\\] \\\\'


@pytest.mark.parametrize("name", ["", "A=B", "A,B", "A B", "___A", "1A", "SHELL(rm -r /)", "A(b", "FILE(/x)"])
def test_odd_names_of_variables_are_refused(name: str) -> None:
    with pytest.raises(InvalidAction, match="channel variable"):
        lines(a.Originate(channel="c", context="x", exten="s", variables={name: "1"}))


def test_originate_leaves_out_what_is_not_given() -> None:
    written = lines(a.Originate(channel="c", context="x", exten="s"))
    assert written == [
        "Action: Originate",
        "Channel: c",
        "Context: x",
        "Exten: s",
        "Priority: 1",
        "Async: true",
    ]


def test_originate_cannot_name_an_application() -> None:
    names = {field.name for field in dataclasses.fields(a.Originate)}
    assert not names & {"application", "app", "data", "appdata"}


@pytest.mark.parametrize("value", ["1\r\nApplication: System", "1\nData: rm", "1\0"])
def test_a_variable_cannot_smuggle_a_header(value: str) -> None:
    with pytest.raises(InvalidAction):
        lines(a.Originate(channel="c", context="x", exten="s", variables={"A": value}))


@pytest.mark.parametrize("channel", ["/.*/", "/", ""])
def test_hanging_up_one_channel_does_not_take_a_pattern(channel: str) -> None:
    with pytest.raises(InvalidAction):
        lines(a.Hangup(channel))


@pytest.mark.parametrize(
    ("fields", "blocking"),
    [
        ((("Channel", "c"),), True),
        ((("Async", "false"),), True),
        ((("async", "TRUE"),), False),
        ((("Async", "1"),), False),
    ],
)
def test_a_synchronous_originate_is_known_to_block(
    fields: tuple[tuple[str, str], ...],
    blocking: bool,  # noqa: FBT001 - a parameter
) -> None:
    assert a.RawAction("originate", fields).blocking is blocking
    assert a.RawAction("WaitEvent").blocking
    assert not a.RawAction("Ping", fields).blocking


def test_secrets_are_not_shown() -> None:
    assert "p4ss" not in repr(a.Login("u", "p4ss")) + repr(a.LoginMD5("u", "p4ss", "42"))


@pytest.mark.parametrize(
    "action", [a.Setvar("X", "1", ""), a.Getvar("X", ""), a.Status(""), a.HangupMatching("")]
)
def test_a_channel_that_got_lost_does_not_become_all_or_none(action: Action[object]) -> None:
    with pytest.raises(InvalidAction, match="empty"):
        lines(action)


def response(text: str) -> Message:
    return Message(("Response: Success\r\nActionID: 1\r\n" + text).encode())


def test_results() -> None:
    assert a.Ping().result(response("Ping: Pong\r\nTimestamp: 12.5")) == 12.5
    assert a.Ping().result(response("Ping: Pong")) == 0.0
    assert a.Getvar("X").result(response("Variable: X\r\nValue: a\\b\nc")) == "a\\b\nc"
    assert a.Challenge().result(response("Challenge: 42")) == "42"
    settings = a.CoreSettings().result(response("AMIversion: 9\r\nAsteriskVersion: 22\r\nCoreMaxCalls: 5"))
    assert settings == a.CoreSettingsResult("9", "22", "", 5)
    done = a.Hangup("c").result(response("Message: Channel Hungup"))
    assert (done.message, done.action_id) == ("Channel Hungup", "1")
    assert a.RawAction("X").result(response("A: 1"))["A"] == "1"


def test_the_startup_time_names_a_run_of_asterisk() -> None:
    status = a.CoreStatus().result(
        response(
            "CoreStartupDate: 2026-11-24\r\nCoreStartupTime: 02:03:56\r\nCoreReloadDate: 2026-11-24\r\n"
            "CoreReloadTime: 03:00:00\r\nCoreCurrentCalls: 3\r\nCoreProcessedCalls: x"
        )
    )
    assert status == a.CoreStatusResult("2026-11-24 02:03:56", "2026-11-24 03:00:00", 3, 0)
    unset = a.CoreStatus().result(response("CoreStartupDate: 1970-01-01\r\nCoreStartupTime: 00:00:00"))
    assert unset.startup == ""


def test_list_commands() -> None:
    commands = a.ListCommands().result(
        response("WaitEvent: Wait for an event.  (Priv: <none>)\r\nPing: Keepalive.")
    )
    assert commands == {"WaitEvent": "Wait for an event.  (Priv: <none>)", "Ping": "Keepalive."}


def test_list_actions_give_typed_rows_and_leave_out_others() -> None:
    status = a.QueueStatus()
    rows = [
        status.row(Message(f"Event: {name}\r\nQueue: q".encode()))
        for name in ("QueueParams", "QueueMember", "Novelty", "QueueEntry")
    ]
    kinds = [type(row) for row in rows]
    assert kinds == [events.QueueParams, events.QueueMember, type(None), events.QueueEntry]
    any_row = a.RawListAction("Any").row(Message(b"Event: Novelty"))
    assert any_row is not None
    assert any_row.name == "Novelty"
