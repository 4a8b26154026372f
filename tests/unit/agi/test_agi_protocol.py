from __future__ import annotations

from typing import Any

import pytest
from agi_peer import environment
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.agi.environment import Environment
from bridge.agi.errors import LocalProtocolError, RemoteProtocolError
from bridge.agi.protocol import AgiProtocol, Hangup, Reply, State, parse_reply


def ready() -> AgiProtocol:
    protocol = AgiProtocol()
    protocol.receive_data(environment("x"))
    return protocol


def feed(protocol: AgiProtocol, data: bytes, size: int = 0) -> list[Any]:
    step = size or len(data) or 1
    return [e for i in range(0, len(data), step) for e in protocol.receive_data(data[i : i + step])]


def ask(command: bytes, answer: bytes, size: int = 0) -> list[Any]:
    protocol = ready()
    protocol.command_sent(command)
    return feed(protocol, answer, size)


both_ways = pytest.mark.parametrize("size", [0, 1], ids=["at once", "byte by byte"])


@both_ways
def test_the_environment(size: int) -> None:
    events = feed(AgiProtocol(), environment("call_end?a=b"), size)
    assert len(events) == 1
    assert isinstance(events[0], Environment)
    assert events[0].script == "call_end"


@both_ways
@pytest.mark.parametrize(
    "data",
    [b"agi_a: 1\n\n\n\n", b"\n\nagi_a: 1\n\n", b"agi_a: 1\r\n\r\n"],
    ids=["doubled", "leading", "CR LF"],
)
def test_blank_lines_too_many(data: bytes, size: int) -> None:
    protocol = AgiProtocol()
    events = feed(protocol, data, size)
    assert [dict(e) for e in events] == [{"agi_a": "1"}]
    assert protocol.state is State.IDLE
    protocol.command_sent(b"NOOP\n")
    assert feed(protocol, b"200 result=0\n", size)[0].code == 200


def test_a_late_blank_line_is_waited_for() -> None:
    protocol = AgiProtocol()
    assert protocol.receive_data(b"agi_a: 1\n") == []
    assert len(protocol.receive_data(b"\n")) == 1


def test_an_environment_without_end_is_refused_at_its_limit() -> None:
    protocol = AgiProtocol(environment_limit=1000)
    with pytest.raises(RemoteProtocolError, match="1000"):
        feed(protocol, b"agi_a: " + b"x" * 2000, 100)


def test_nothing_can_be_sent_out_of_turn() -> None:
    with pytest.raises(LocalProtocolError):
        AgiProtocol().command_sent(b"NOOP\n")
    protocol = ready()
    protocol.command_sent(b"NOOP\n")
    with pytest.raises(LocalProtocolError):
        protocol.command_sent(b"NOOP\n")


@both_ways
@pytest.mark.parametrize(
    ("command", "answer", "result", "data"),
    [
        (b"SET VARIABLE X 1", b"200 result=1\n", "1", None),
        (b"GET VARIABLE X", b"200 result=0\n", "0", None),
        (b"GET VARIABLE X", b"200 result=1 (Ann)\n", "1", "Ann"),
        (b"GET VARIABLE X", b"200 result=1 ()\n", "1", ""),
        (b"GET VARIABLE X", b"200 result=1 ( a = (b) )\n", "1", " a = (b) "),
        (b"GET VARIABLE X", b"200 result=1 (a) result=2 (b)\n", "1", "a) result=2 (b"),
        (b"GET VARIABLE X", b'200 result=1 ("x\\y")\n', "1", '"x\\y"'),
        (b"GET VARIABLE X", b"200 result=1 (one\ntwo\n\nthree)\n", "1", "one\ntwo\n\nthree"),
        (b"GET FULL VARIABLE ${X}", b"200 result=1 ((a)\\\nHANGUP\nb)\n", "1", "(a)\\\nHANGUP\nb"),
        (b"DATABASE GET f k", b"200 result=1 (v\n)\n", "1", "v\n"),
        (b"GET DATA beep", b"200 result= (timeout)\n", "", "timeout"),
        (b"GET DATA beep", b"200 result=12#*\n", "12#*", None),
        (b"GET DATA beep", b"200 result=12 (timeout)\n", "12", "timeout"),
        (b"STREAM FILE beep", b"200 result=49 endpos=8000\n", "49", None),
        (b"RECORD FILE x", b"200 result=0 (timeout) endpos=123\n", "0", "timeout"),
        (b"NOOP", b"200 result=0\r\n", "0", None),
    ],
)
def test_answers(command: bytes, answer: bytes, result: str, data: str | None, size: int) -> None:
    (reply,) = ask(command, answer, size)
    assert (reply.code, reply.result, reply.data) == (200, result, data)


@pytest.mark.parametrize("tail", [b"", b"HANGUP\n"], ids=["alone", "with HANGUP behind it"])
def test_a_value_that_looks_like_the_end_of_an_answer_is_read_whole(tail: bytes) -> None:
    value = b"x)\nHANGUP\n200 result=1 (faked)\n520-no"
    events = ask(b"GET VARIABLE X", b"200 result=1 (" + value + b")\n" + tail)
    assert events[0].data == value.decode()
    assert events[1:] == ([Hangup()] if tail else [])


@given(st.text(), st.sampled_from([b"", b"HANGUP\n"]))
def test_any_value_comes_back_whole_when_it_comes_in_one_piece(value: str, tail: bytes) -> None:
    events = ask(b"GET VARIABLE X", b"200 result=1 (" + value.encode() + b")\n" + tail)
    assert events[0].data == value
    assert len(events) == 1 + bool(tail)


@given(st.binary(max_size=200), st.integers(1, 20))
def test_with_a_mark_behind_it_any_value_comes_back_whole_in_any_pieces(value: bytes, size: int) -> None:
    value += b")\nHANGUP\n200 result=1 (faked)\n"
    protocol = ready()
    protocol.command_sent(b"GET FULL VARIABLE ${X}mark", ends=b"mark")
    (reply,) = feed(protocol, b"200 result=1 (" + value + b"mark)\n", size)
    assert reply.data.encode("utf-8", "surrogateescape") == value + b"mark"


@given(st.text(), st.integers(1, 7))
def test_any_value_comes_back_whole_in_pieces_if_it_holds_no_end_of_its_own(value: str, size: int) -> None:
    assume(")\n" not in value)
    (reply,) = ask(b"GET VARIABLE X", b"200 result=1 (" + value.encode() + b")\n", size)
    assert reply.data == value


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_bytes_break_the_parser(data: bytes, size: int) -> None:
    protocol = AgiProtocol()
    try:
        for event in feed(protocol, data, size):
            if protocol.state is State.IDLE:
                protocol.command_sent(b"GET VARIABLE X\n")
            assert isinstance(event, (Environment, Hangup, Reply))
    except RemoteProtocolError:
        pass


def test_two_mebibytes_of_value() -> None:
    value = b"(line\n" * 350_000
    (reply,) = ask(b"GET VARIABLE X", b"200 result=1 (" + value + b")\n", 65536)
    assert reply.data == value.decode()


def test_an_answer_without_end_is_refused_at_its_limit() -> None:
    protocol = AgiProtocol(reply_limit=1000)
    protocol.receive_data(environment("x"))
    protocol.command_sent(b"GET VARIABLE X\n")
    with pytest.raises(RemoteProtocolError, match="1000"):
        feed(protocol, b"200 result=1 (" + b"x" * 2000, 100)


@both_ways
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"510 Invalid or unknown command\n", 510),
        (b"511 Command Not Permitted on a dead channel or intercept routine\n", 511),
        (b"520 Invalid command syntax.  Proper usage not available.\n", 520),
        (
            b"520-Invalid command syntax.  Usage follows:\n\nUsage: X\n  520 is no end\n520 End of it.\n",
            520,
        ),
    ],
)
def test_refusals(answer: bytes, code: int, size: int) -> None:
    (reply,) = ask(b"GET VARIABLE", answer, size)
    assert reply.code == code
    assert reply.text == answer.decode()[:-1]


@both_ways
def test_trying_announces_and_is_no_answer(size: int) -> None:
    (reply,) = ask(b"ANSWER", b"100 result=0 Trying...\n200 result=0\n", size)
    assert reply.code == 200


@both_ways
def test_hangup_while_nobody_asked_anything(size: int) -> None:
    protocol = ready()
    assert feed(protocol, b"HANGUP\n", size) == [Hangup()]
    protocol.command_sent(b"NOOP\n")
    assert feed(protocol, b"200 result=0\n", size)[0].result == "0"


@both_ways
@pytest.mark.parametrize("answer", [b"HANGUP\n200 result=1 (A)\n", b"HANGUP200 result=1 (A)\n"])
def test_hangup_that_races_an_answer(answer: bytes, size: int) -> None:
    hangup, reply = ask(b"GET VARIABLE A", answer, size)
    assert isinstance(hangup, Hangup)
    assert reply.data == "A"


@both_ways
def test_answers_stay_in_step_after_a_hangup(size: int) -> None:
    protocol = ready()
    for value in ("A", "B", "C"):
        protocol.command_sent(b"GET VARIABLE X\n")
        hangup = b"HANGUP\n" if value == "A" else b""
        events = feed(protocol, hangup + b"200 result=1 (" + value.encode() + b")\n", size)
        assert events[-1].data == value


def test_lines_that_nobody_asked_for_are_dropped() -> None:
    protocol = ready()
    assert protocol.receive_data(b"200 result=1 (faked)\nnonsense\n\n") == []
    assert protocol.strays == 2
    protocol.command_sent(b"GET VARIABLE X\n")
    (reply,) = protocol.receive_data(b"agi_x: late line of an environment\n200 result=1 (true)\n")
    assert reply.data == "true"


def test_a_stray_line_without_end_does_not_fill_the_memory() -> None:
    protocol = ready()
    for _ in range(100):
        assert protocol.receive_data(b"x" * 10_000) == []
    assert len(protocol._buffer) < 20_000


def test_where_the_playback_stopped() -> None:
    assert parse_reply(b"200 result=0 endpos=8000").endpos == 8000
    assert parse_reply(b"200 result=0").endpos is None


def test_what_is_no_answer_at_all() -> None:
    with pytest.raises(RemoteProtocolError):
        parse_reply(b"hello")
