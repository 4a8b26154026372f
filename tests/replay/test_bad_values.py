"""Whatever is sent to whatever function: an answer of the format, and none of it as a line to Asterisk."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replaying import client
from replaying.cases import read
from replaying.running import serving
from replaying.scene import Scene, Stage
from replaying.sound import sound
from replaying.world import HERE

from bridge.api.vicidial.parameters import FILTERS
from bridge.api.vicidial.registry import FUNCTIONS

CASES = read(HERE / "agent.jsonl")
BUILT: Final = sorted(FUNCTIONS)
LOGIN: Final = ("user", "pass", "source", "function")
MARK: Final = "Xq7zMARK"
"""Stands in every bad value: it must reach Asterisk in no header's name and on no line of its own."""

BAD: Final = st.one_of(
    st.sampled_from(
        [
            b"",
            f"a\r\nAction: Hangup\r\nChannel: /.*/\r\n{MARK}: 1".encode(),
            f"{MARK}\0".encode(),
            b"\xff\xfe\xed\xa0\x80",
            f"'; DROP TABLE calls; -- {MARK}".encode(),
            f"<script>{MARK}</script>".encode(),
            f"${{SHELL(rm -rf /)}}{MARK}&SIP/911,,{MARK}".encode(),
            b"../../etc/passwd",
            b"9" * 400,
            "٣٤٥٦٧٨٩".encode(),
            b"-1",
            b"1e9",
            b"NaN",
            b"DEFAULTINGROUP",
            b"x" * 9000,
        ]
    ),
    st.binary(max_size=40),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
NAMES: Final = st.sampled_from(sorted(set(FILTERS) - set(LOGIN)))


@pytest.fixture
async def place(world: Path, tmp_path: Path) -> AsyncIterator[tuple[Scene, int]]:
    """A service with an agent in a call."""
    file = Path(shutil.copy(world, tmp_path / "bridge.db"))
    preconditions, _ = sound(CASES, "send_dtmf")
    scene = Stage(file).set(preconditions)
    async with serving(file, scene.stand_in, {}) as port:
        yield scene, port


def query(pairs: list[tuple[str, bytes]]) -> bytes:
    return b"&".join(f"{name}={quote_from_bytes(value, safe='')}".encode() for name, value in pairs)


def get(pairs: list[tuple[str, bytes]]) -> bytes:
    return b"GET /agc/api.php?" + query(pairs) + b" HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"


def post(pairs: list[tuple[str, bytes]]) -> bytes:
    body = query(pairs)
    head = f"POST /agc/api.php HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body


@pytest.mark.parametrize("function", BUILT)
async def test_a_bad_value_gets_a_clear_answer(function: str, place: tuple[Scene, int]) -> None:
    scene, port = place
    _, good = sound(CASES, function)
    fine = [(name, value.encode()) for name, value in good.items()]

    @given(st.lists(st.tuples(NAMES, BAD), min_size=1, max_size=4), st.booleans())
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def wrong(spoilt: list[tuple[str, bytes]], as_form: bool) -> None:  # noqa: FBT001
        asked.append(([*fine, *spoilt], as_form))

    asked: list[tuple[list[tuple[str, bytes]], bool]] = []
    wrong()
    for pairs, as_form in asked:
        reply = await client.ask(port, (post if as_form else get)(pairs))
        check(reply, pairs)
    lines = [line for action in scene.stand_in.ami.actions for line in action.lines]
    assert not [line for line in lines if line.startswith(MARK) or line == "Channel: /.*/"]


def check(reply: Any, pairs: object, *types: str) -> None:
    assert reply.status == 200, pairs
    assert reply.content_type in ("text/html; charset=utf-8", *types), pairs
    assert "internal error" not in reply.text, pairs
    assert "Traceback" not in reply.text
    assert "<script" not in reply.text
    assert "1234" not in reply.text or "pass" not in reply.text


async def test_a_megabyte_is_refused_with_a_word(place: tuple[Scene, int]) -> None:
    _, port = place
    for function in BUILT:
        pairs = [(name, value.encode()) for name, value in sound(CASES, function)[1].items()]
        reply = await client.ask(port, post([*pairs, ("value", b"7" * 1_000_000)]))
        assert reply.text == "ERROR: parameter is too long - value|1000000|8192\n", function
