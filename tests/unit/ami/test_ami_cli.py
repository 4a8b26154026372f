"""The commands `ami tail` and `ami send`, run as a user runs them, against a fake Asterisk."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import NamedTuple

import pytest
from fake_ami import FakeAmi, say_nothing
from fake_ami.waiting import eventually

HANGUP = [("Channel", "PJSIP/1000-1"), ("CallerIDName", "Bob \x1b[31m"), ("Cause", "16")]


class Done(NamedTuple):
    status: int | None
    out: str
    err: str


async def begin(fake: FakeAmi, *arguments: str, secret: str | None = "s3cret") -> Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AGENT_BRIDGE")}
    if secret is not None:
        environment["AGENT_BRIDGE_AMI_SECRET"] = secret
    command = (sys.executable, "-m", "bridge.ami", *arguments, "--user", fake.user, "--port", str(fake.port))
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)


async def finish(process: Process) -> Done:
    out, err = await asyncio.wait_for(process.communicate(), 20)
    return Done(process.returncode, out.decode(), err.decode())


async def run(fake: FakeAmi, *arguments: str, secret: str | None = "s3cret") -> Done:
    return await finish(await begin(fake, *arguments, secret=secret))


async def tail(fake: FakeAmi, *arguments: str) -> Process:
    process = await begin(fake, "tail", *arguments)
    await eventually(lambda: fake.count("CoreStatus"), within=20)
    return process


async def test_send_shows_the_answer(fake: FakeAmi) -> None:
    done = await run(fake, "send", "Ping")
    assert (done.status, done.err) == (0, "")
    assert "Response: Success\n" in done.out
    assert "Ping: Pong\n" in done.out
    assert [action["Events"] for action in fake.actions if action.name == "Login"] == ["off"]


async def test_send_writes_the_headers_and_shows_every_row(fake: FakeAmi) -> None:
    rows = [("Row", [("Channel", "a")]), ("Row", [("Channel", "b"), ("X", "1"), ("X", "2")])]
    fake.answers["Listing"] = lambda s, a: s.list(a, rows, "ListingComplete")
    done = await run(fake, "send", "Listing", "Variable=A=1", "Variable=B=2", "--json")
    assert done.status == 0
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [answer.get("Channel") for answer in answers] == [None, "a", "b"]
    assert answers[2]["X"] == ["1", "2"]
    (sent,) = [action for action in fake.actions if action.name == "Listing"]
    assert sent.all("Variable") == ["A=1", "B=2"]


async def test_send_tells_what_asterisk_refused(fake: FakeAmi) -> None:
    done = await run(fake, "send", "Novelty")
    assert done.status == 1
    assert "Message: Invalid/unknown command" in done.out


async def test_send_tells_apart_what_may_have_happened(fake: FakeAmi) -> None:
    fake.answers["Originate"] = say_nothing
    done = await run(fake, "send", "Originate", "Channel=c", "--timeout", "0.2")
    assert done.status == 3
    assert "may or may not have happened" in done.err


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        (("send", "Ping", "NoValue"), 2, "Name=value"),
        (("send", "Ping", "A=x\nAction: Originate"), 1, "line break"),
        (("send", "Ping", "--secret-file", "/nonexistent"), 2, "cannot read"),
        (("send", "Ping", "--tls-ca", "/nonexistent"), 2, "--tls-ca: cannot use /nonexistent"),
        (("send", "Ping", "--tls-ca", __file__), 2, "--tls-ca: cannot use"),
    ],
)
async def test_bad_input_is_one_line_and_nothing_is_sent(
    fake: FakeAmi, arguments: tuple[str, ...], status: int, why: str
) -> None:
    done = await run(fake, *arguments)
    assert done.status == status
    assert why in done.err
    assert "Traceback" not in done.err
    assert fake.count("Ping") == fake.count("Originate") == 0


async def test_the_secret_comes_from_a_file_or_the_environment_and_is_never_shown(
    fake: FakeAmi, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    assert (await run(fake, "send", "Ping", "--secret-file", str(file), secret=None)).status == 0
    missing = await run(fake, "send", "Ping", secret=None)
    assert missing.status == 2
    assert "AGENT_BRIDGE_AMI_SECRET" in missing.err
    wrong = await run(fake, "send", "Ping", secret="wr0ng")
    assert wrong.status == 1
    assert "refused the login" in wrong.err
    assert "wr0ng" not in wrong.out + wrong.err


async def test_tail_shows_the_events_that_were_asked_for(fake: FakeAmi) -> None:
    process = await tail(fake, "--event", "hangup", "--count", "2")
    for cause in ("16", "17"):
        fake.session.event("Newchannel", [("Channel", "x")])
        fake.session.event("Hangup", [*HANGUP[:2], ("Cause", cause)])
    done = await finish(process)
    assert done.status == 0
    assert done.out.count("Event: Hangup\n") == 2
    assert "Newchannel" not in done.out
    assert "Cause: 17\n" in done.out
    assert "-- link up, Asterisk 22.10.1" in done.err


async def test_tail_cannot_be_used_to_write_to_the_terminal(fake: FakeAmi) -> None:
    process = await tail(fake, "--count", "1")
    fake.session.event("Hangup", HANGUP)
    done = await finish(process)
    assert "\x1b" not in done.out
    assert r"Bob \x1b[31m" in done.out


async def test_tail_raw_gives_the_bytes(fake: FakeAmi) -> None:
    process = await tail(fake, "--raw", "--count", "2")
    wire = b"Event: VarSet\r\nValue: Jos\xe9\r\n\r\nEvent: Hangup\r\nCause: 16\r\n\r\n"
    fake.session.write(wire)
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    assert out == wire


async def test_tail_comes_back_after_a_loss_and_says_so(fake: FakeAmi) -> None:
    process = await tail(fake, "--json", "--count", "1")
    fake.session.drop()
    await eventually(lambda: fake.connections == 2 and fake.count("CoreStatus") == 2)
    fake.session.event("Hangup", HANGUP)
    done = await finish(process)
    assert json.loads(done.out)["Cause"] == "16"
    assert "-- link down" in done.err
    assert "are lost" in done.err


async def test_tail_ends_quietly_when_its_reader_has_seen_enough(fake: FakeAmi) -> None:
    process = await tail(fake)
    assert process.stdout is not None
    fake.session.event("Hangup", HANGUP)
    assert await asyncio.wait_for(process.stdout.readline(), 5) == b"Event: Hangup\n"
    process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
    for _ in range(1000):
        fake.session.event("Hangup", HANGUP)
    await asyncio.wait_for(process.wait(), 10)
    assert process.stderr is not None
    assert b"Traceback" not in await process.stderr.read()
