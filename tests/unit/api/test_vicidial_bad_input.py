"""Every parameter of every function: missing, empty, repeated, huge, CR/LF/NUL, other alphabets, SQL."""

from __future__ import annotations

import re

import httpx
import pytest
from api_fakes import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_vicidial_endpoint import DIAL, LOGIN, PAUSE, URL

from bridge.agents.model import AgentState
from bridge.api.vicidial.parameters import FILTERS, MAX_FIELDS, MAX_VALUE, Parameters
from bridge.api.vicidial.reply import Answer

FUNCTIONS = {
    "external_pause": PAUSE,
    "external_dial": {**DIAL, "lead_id": "201"},
    "external_hangup": {**PAUSE, "function": "external_hangup"},
    "external_status": {
        **PAUSE,
        "function": "external_status",
        "value": "CALLBK",
        "callback_datetime": "2026-12-01 10:00:00",
        "callback_type": "USERONLY",
        "callback_comments": "later",
        "qm_dispo_code": "Q1",
    },
    "logout": {**PAUSE, "function": "logout", "value": "LOGOUT"},
}
NASTY = {
    "empty": "",
    "blank": " ",
    "line breaks": "1000\r\nAction: Originate\r\n\r\n",
    "NUL": "10\x0000",
    "SQL": "1000' OR '1'='1'; DROP TABLE users; --",
    "cyrillic": "тысяча",
    "arabic digits": "\u0661\u0660\u0660\u0660",
    "emoji": "\U0001f600",
    "bars": "||||",
    "channel": "7275550100&PJSIP/911@carrier,g",
    "template": "${SHELL(id)}",
    "markup": "<script>alert(1)</script>",
    "long": "9" * MAX_VALUE,
}
LINE = re.compile(r"(?:(?:SUCCESS|ERROR|NOTICE): [^\r\n\x00<>]*\n)*")


@pytest.mark.parametrize("kind", sorted(NASTY))
@pytest.mark.parametrize("function", sorted(FUNCTIONS))
async def test_each_parameter_with_each_nasty_value(
    http: httpx.AsyncClient, world: World, function: str, kind: str
) -> None:
    """Whatever comes: lines of the format, and at most the one command, with clean values."""
    for name in FUNCTIONS[function]:
        world.record.commands.clear()
        reply = await http.get(URL, params={**FUNCTIONS[function], name: NASTY[kind]})
        assert reply.status_code == 200
        assert LINE.fullmatch(reply.text), (name, reply.text)
        assert len(world.record.commands) <= 1, name
        for word in world.record.commands[:1]:
            assert all(re.fullmatch(r"[-|_!: .A-Za-z0-9]*", part) for part in word), (name, word)
        if not reply.text.startswith("SUCCESS"):
            assert world.record.commands == [], name
        _reset(world)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
async def test_each_needed_parameter_missing(http: httpx.AsyncClient, world: World, function: str) -> None:
    for name in ("source", "user", "pass", "agent_user", "value"):
        asked = {key: value for key, value in FUNCTIONS[function].items() if key not in (name, "lead_id")}
        reply = await http.get(URL, params=asked)
        assert reply.text.startswith("ERROR: "), name
        assert world.record.commands == [], name


@pytest.mark.parametrize("name", ["value", "agent_user", "user", "pass", "vendor_id", "source", "lead_id"])
@pytest.mark.parametrize(("method", "size"), [("GET", 60_000), ("POST", 1_000_000)])
async def test_a_huge_value_is_told_and_does_nothing(
    http: httpx.AsyncClient, world: World, method: str, size: int, name: str
) -> None:
    asked = {**DIAL, name: "1" * size}
    sent = {"params": asked} if method == "GET" else {"data": asked}
    reply = await http.request(method, URL, **sent)  # type: ignore[arg-type]
    assert reply.text == f"ERROR: parameter is too long - {name}|{size}|{MAX_VALUE}\n"
    assert world.record.commands == []


async def test_a_body_over_the_limit_is_told(http: httpx.AsyncClient, world: World) -> None:
    reply = await http.post(URL, params=LOGIN, data={"comments": "x" * 3_000_000})
    assert (reply.status_code, reply.text.split(" - ")[0]) == (200, "ERROR: request body cannot be read")
    assert world.record.commands == []


async def test_too_many_parameters_are_told(http: httpx.AsyncClient, world: World) -> None:
    query = "&".join(f"a{number}=1" for number in range(MAX_FIELDS + 1))
    reply = await http.get(f"{URL}?{query}")
    assert reply.text == f"ERROR: request has too many parameters - {MAX_FIELDS}\n"
    assert world.record.commands == []


async def test_a_broken_multipart_body_is_told(http: httpx.AsyncClient, world: World) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    reply = await http.post(URL, params=PAUSE, content=b"--y\r\nnonsense", headers=headers)
    assert reply.status_code == 200
    assert LINE.fullmatch(reply.text)
    assert len(world.record.commands) <= 1


async def test_bytes_that_are_not_utf8_are_dropped(http: httpx.AsyncClient) -> None:
    query = "&".join(f"{name}={value}" for name, value in PAUSE.items())
    reply = await http.get(f"{URL}?{query.replace('PAUSE', '%FFPAUSE%C3')}")
    assert reply.text.startswith("ERROR: external_pause") or "PAUSE|" in reply.text
    assert "\ufffd" not in reply.text


@given(st.dictionaries(st.sampled_from(sorted(FILTERS)), st.text(max_size=60)))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_filter_lets_a_line_break_or_markup_through(sent: dict[str, str]) -> None:
    parameters = Parameters(sent.items())
    for name in FILTERS:
        assert not re.search(r"[\x00-\x1f\x7f<>]", parameters[name])


def test_a_parameter_without_a_filter_cannot_be_read() -> None:
    with pytest.raises(KeyError, match="FILTERS"):
        Parameters([("favcolor", "x")])["favcolor"]


def test_too_long_a_value_is_no_shorter_one() -> None:
    with pytest.raises(Answer, match="too long"):
        Parameters([("value", "1" * (MAX_VALUE + 1))])


def _reset(world: World) -> None:
    world.agents.open.clear()
    world.agents.seat("1000", AgentState.PAUSED)


@pytest.mark.parametrize(
    ("charset", "reply"),
    [
        ("iso-8859-1", "ERROR: Invalid Source - \n"),
        ("klingon", "ERROR: request body cannot be read - its text is not UTF-8\n"),
        ("utf-8", "ERROR: request body cannot be read - its text is not UTF-8\n"),
    ],
)
async def test_a_form_in_another_character_set_is_told(
    http: httpx.AsyncClient, charset: str, reply: str
) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="function"\r\n'
        b"Content-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\ncaf\xe9\r\n--x--\r\n"
    )
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    found = await http.post("/agc/api.php", content=body, headers={"Content-Type": kind})
    assert (found.status_code, found.text) == (200, reply)
