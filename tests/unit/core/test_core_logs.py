"""The service's own log: what a line looks like, and what never gets into one."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import structlog

from bridge.intake.reading import Unreadable, read
from bridge.logs import configure
from bridge.settings import LogSettings

SECRET = "correct horse"
UNIT = "Q7zMARKs9xK2"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_time_level_and_logger(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    structlog.get_logger("bridge.test").info("call placed", call="c1")
    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "call placed", "call": "c1", "level": "info", "logger": "bridge.test"}


def test_libraries_write_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    logging.getLogger("some.library").warning("slow: %s s", 3)
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("slow: 3 s", "warning", "some.library")


def test_what_a_stranger_posts_is_in_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json", level="debug"))
    head = 'Content-Disposition: form-data; name="a"; filename="b"\r\nContent-Transfer-Encoding: '
    body = f"--x\r\n{head}{UNIT}\r\n\r\n{UNIT}\r\n--x--\r\n{UNIT}".encode()
    read(body, "multipart/form-data; boundary=x")
    with pytest.raises(Unreadable):
        read(f"{UNIT}{UNIT}".encode(), "multipart/form-data; boundary=x")
    assert UNIT.lower() not in capsys.readouterr().err.lower()


def test_context_is_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    with structlog.contextvars.bound_contextvars(request="r1"):
        structlog.get_logger("bridge.test").info("one")
    assert lines(capsys)[0]["request"] == "r1"


@pytest.mark.parametrize("way", ["console", "json"])
def test_traceback_shows_no_values_of_variables(capsys: pytest.CaptureFixture[str], way: str) -> None:
    configure(LogSettings(format="console" if way == "console" else "json"))

    def fail() -> None:
        password = SECRET
        raise LookupError(f"no user with {len(password)} letters")

    try:
        fail()
    except LookupError:
        structlog.get_logger("bridge.test").exception("failed")
    written = capsys.readouterr().err
    assert "LookupError: no user with 13 letters" in written
    assert "Traceback" in written
    assert SECRET not in written


@pytest.mark.parametrize(
    ("level", "seen"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)], ids=str
)
def test_only_what_is_as_weighty_as_asked_for(
    capsys: pytest.CaptureFixture[str], level: Any, seen: int
) -> None:
    configure(LogSettings(format="json", level=level))
    log = structlog.get_logger("bridge.test")
    log.debug("a")
    log.info("b")
    log.warning("c")
    assert len(lines(capsys)) == seen


def test_console_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="console"))
    structlog.get_logger("bridge.test").info("call placed", call="c1")
    written = capsys.readouterr().err
    assert "call placed" in written
    with pytest.raises(json.JSONDecodeError):
        json.loads(written)


def test_auto_is_json_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="auto"))
    structlog.get_logger("bridge.test").info("call placed")
    assert lines(capsys)[0]["event"] == "call placed"


def test_addresses_of_requests_are_never_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json", level="debug"))
    logging.getLogger("uvicorn.access").info("GET /agc/api.php?user=crm&pass=%s", SECRET)
    assert capsys.readouterr().err == ""


def test_configured_twice_every_line_is_there_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    configure(LogSettings(format="json"))
    logging.getLogger("some.library").warning("once")
    assert len(lines(capsys)) == 1


def test_a_line_that_cannot_be_written_is_not_printed_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    logging.getLogger("some.library").warning("%d", SECRET)  # no number: it cannot be formatted
    written = capsys.readouterr().err
    assert written == "a line of some.library could not be logged\n"
