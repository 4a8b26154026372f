"""Framing and encoding: bytes in, messages out, and nothing but the meant lines on the way back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ami.errors import InvalidAction, NotAsterisk, ProtocolFault
from bridge.ami.protocol import NEED_DATA, Banner, FrameReader, Message, encode_action, tidy

BANNER = b"Asterisk Call Manager/9.0.0\r\n"
STREAM = (
    b"Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n"
    b"Event: VarSet\r\nVariable: NAME\r\nValue: Jos\xe9 \xe6\x97\xa5\xe6\x9c\xac\r\n\r\n"
    b"Event: Getvar\r\nValue: one\ntwo\n\nthree\r\n\r\n"
    b"Event: Slip\r\nTotal: 0\r\n\n"
    b"Event: AfterSlip\r\nA: 1\r\n\r\n\r\n"
    b"Event: AfterEmptyLine\r\nB: \r\n\r\n"
    b"Event: EndsInLineFeed\r\nValue: x\n\r\n\r\n"
    b"Event: Bare\r\n\r\n"
)
NAMES = [
    "Success",
    "VarSet",
    "Getvar",
    "Slip",
    "AfterSlip",
    "AfterEmptyLine",
    "EndsInLineFeed",
    "Bare",
]


def frames(*chunks: bytes, banner: bool = False) -> list[object]:
    reader = FrameReader(banner=banner)
    got: list[object] = []
    for chunk in chunks:
        reader.feed(chunk)
        while (frame := reader.next()) is not NEED_DATA:
            got.append(frame)
    return got


def test_needs_data_before_any_came() -> None:
    assert FrameReader().next() is NEED_DATA


def test_banner_comes_first_and_tells_the_version() -> None:
    banner, message = frames(BANNER + b"Event: FullyBooted\r\n\r\n", banner=True)
    assert isinstance(banner, Banner)
    assert banner == "Asterisk Call Manager/9.0.0"
    assert banner.version == "9.0.0"
    assert message == Message(b"Event: FullyBooted")


def test_banner_one_byte_at_a_time() -> None:
    assert frames(*(bytes([byte]) for byte in BANNER), banner=True) == ["Asterisk Call Manager/9.0.0"]


@pytest.mark.parametrize(
    "greeting",
    [
        b"SSH-2.0-OpenSSH_9\r\n",
        b"+OK ready\r\n",
        b"A\r\n",
        b"A\n",
        b"Asterisk\n",
        b"Asterisk Call Manager\n",
        b"\r\n",
        b"\n",
        b"X",
    ],
)
def test_other_greetings_are_refused(greeting: bytes) -> None:
    with pytest.raises(NotAsterisk, match="greeted"):
        frames(greeting, banner=True)


def test_a_banner_without_an_end_is_refused() -> None:
    with pytest.raises(NotAsterisk):
        frames(BANNER.rstrip() + b"9" * 200, banner=True)


def test_frames_with_slips_and_surplus_empty_lines() -> None:
    messages = frames(STREAM)
    assert [message.name for message in messages if isinstance(message, Message)] == NAMES


def test_a_line_feed_belongs_to_the_value() -> None:
    messages = [message for message in frames(STREAM) if isinstance(message, Message)]
    assert messages[2]["Value"] == "one\ntwo\n\nthree"
    assert messages[6]["Value"] == "x\n"


def test_one_byte_at_a_time_gives_the_same() -> None:
    assert frames(*(bytes([byte]) for byte in STREAM)) == frames(STREAM)


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_split_gives_the_same(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    chunks = [STREAM[start:end] for start, end in itertools.pairwise(edges)]
    assert frames(*chunks) == frames(STREAM)


LINE = st.tuples(st.from_regex(rb"[A-Z][A-Za-z0-9-]{0,9}", fullmatch=True), st.binary(max_size=30))
MESSAGE = st.lists(LINE, min_size=1, max_size=5)


@given(st.lists(MESSAGE, max_size=5), st.data())
def test_any_messages_come_back_whole_from_any_split(
    messages: list[list[tuple[bytes, bytes]]], data: st.DataObject
) -> None:
    wanted = [
        b"\r\n".join(name + b": " + value.replace(b"\r", b".") for name, value in lines) for lines in messages
    ]
    stream = b"".join(raw + b"\r\n\r\n" for raw in wanted)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    edges = [0, *sorted(cuts), len(stream)]
    chunks = [stream[start:end] for start, end in itertools.pairwise(edges)]
    assert [frame.raw for frame in frames(*chunks) if isinstance(frame, Message)] == wanted


def test_a_value_of_two_mebibytes() -> None:
    value = "v" * (2 * 1024 * 1024)
    data = b"Response: Success\r\nOutput: " + value.encode() + b"\r\n\r\n"
    chunks = [data[start : start + 1500] for start in range(0, len(data), 1500)]
    (message,) = frames(*chunks)
    assert isinstance(message, Message)
    assert message["Output"] == value


def test_an_unfinished_message_over_the_limit_is_a_fault() -> None:
    reader = FrameReader(limit=1000, banner=False)
    reader.feed(b"Event: Endless\r\n")
    assert reader.next() is NEED_DATA
    reader.feed(b"X: " + b"y" * 1000)
    with pytest.raises(ProtocolFault, match="1000 bytes"):
        reader.next()


def test_take_gives_the_raw_pieces_in_order() -> None:
    reader = FrameReader(banner=False)
    reader.feed(STREAM + b"Event: Unfinished\r\n")
    assert [Message(piece).name for raw in reader.take() if (piece := tidy(raw))] == NAMES
    assert reader.take() == []


def test_encodes_the_lines_in_order() -> None:
    fields = [("Channel", "PJSIP/1000"), ("Variable", "A=1"), ("Variable", "B=2"), ("Data", "")]
    assert encode_action("Originate", fields, "7") == (
        b"Action: Originate\r\nActionID: 7\r\nChannel: PJSIP/1000\r\n"
        b"Variable: A=1\r\nVariable: B=2\r\nData: \r\n\r\n"
    )


@pytest.mark.parametrize("bad", ["a\r\nb", "a\nb", "a\rb", "a\0b", "\n", "\r\nAction: Originate"])
@pytest.mark.parametrize("place", ["action", "name", "value", "id"])
def test_line_breaks_and_nul_are_refused_everywhere(bad: str, place: str) -> None:
    parts = {"action": "Ping", "name": "Header", "value": "v", "id": "1", place: bad}
    with pytest.raises(InvalidAction):
        encode_action(parts["action"], [(parts["name"], parts["value"])], parts["id"])


@pytest.mark.parametrize("name", ["", "A:B", " A", "A ", "Kopfäre", "Action", "ACTIONID", "actionid", "\x7f"])
def test_header_names_that_would_be_read_otherwise_are_refused(name: str) -> None:
    with pytest.raises(InvalidAction):
        encode_action("Ping", [(name, "v")], "1")


def test_a_line_has_at_most_1022_bytes() -> None:
    room = 1022 - len("Data: ")
    assert b"x" * room in encode_action("A", [("Data", "x" * room)], "1")
    with pytest.raises(InvalidAction, match="1022"):
        encode_action("A", [("Data", "x" * (room + 1))], "1")
    with pytest.raises(InvalidAction):
        encode_action("A", [("Data", "ä" * (room // 2 + 1))], "1")


def test_an_action_has_at_most_128_lines() -> None:
    assert encode_action("A", [("V", "x")] * 126, "1").count(b"\r\n") == 129
    with pytest.raises(InvalidAction, match="128"):
        encode_action("A", [("V", "x")] * 127, "1")


def test_an_action_id_that_asterisk_would_cut_is_refused() -> None:
    with pytest.raises(InvalidAction):
        encode_action("A", [], "i" * 129)
    with pytest.raises(InvalidAction):
        encode_action("A", [], "\ud800")


def test_bytes_that_are_no_utf8_go_out_as_they_came_in() -> None:
    name = Message(b"Event: X\r\nName: Jos\xe9")["Name"]
    assert b"Name: Jos\xe9\r\n" in encode_action("A", [("Name", name)], "1")


def test_text_that_has_no_bytes_is_refused() -> None:
    with pytest.raises(InvalidAction):
        encode_action("A", [("Name", "\ud800")], "1")


@given(st.text(), st.lists(st.tuples(st.text(), st.text())), st.text())
def test_no_input_writes_more_lines_than_it_has_fields(
    action: str, fields: list[tuple[str, str]], action_id: str
) -> None:
    try:
        data = encode_action(action, fields, action_id)
    except InvalidAction:
        return
    assert data.endswith(b"\r\n\r\n")
    lines = data.removesuffix(b"\r\n\r\n").replace(b"\r", b"\n").replace(b"\n\n", b"\n").split(b"\n")
    assert len(lines) == len(fields) + 2
    assert b"\0" not in data
    assert lines[0] == f"Action: {action}".encode("utf-8", "surrogateescape")


@given(st.lists(st.tuples(st.from_regex(r"[A-Za-z-]{1,20}", fullmatch=True), st.text(max_size=100))))
def test_what_is_written_is_what_asterisk_reads(fields: list[tuple[str, str]]) -> None:
    try:
        data = encode_action("Test", fields, "1")
    except InvalidAction:
        return
    (message,) = frames(data)
    assert isinstance(message, Message)
    assert list(message.items())[2:] == fields
