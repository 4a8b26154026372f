"""The relay as Asterisk sees it: every step answered in time, whatever the bridge does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agi_desk import TestDesk
from agi_peer import Channel, dialplan_calls, environment, until

from bridge.agi import desk_link, relay_desk
from bridge.agi.desk_link import Address
from bridge.agi.relay import Relay, main
from bridge.agi.relay_settings import RelaySettings
from bridge.agi.server import FastAgiServer
from bridge.agi.session import AgiSession

CALL = "0199-call"

FALLBACKS = {
    "call_start": {"BRIDGE_DECISION": "refuse", "BRIDGE_ACK": "call_start:", "BRIDGE_CALL_ID": ""},
    "call_answered": {
        "BRIDGE_DECISION": "drop",
        "BRIDGE_MESSAGE": "sorry",
        "BRIDGE_ACK": f"call_answered:{CALL}",
    },
    "call_screened": {
        "BRIDGE_DECISION": "drop",
        "BRIDGE_MESSAGE": "sorry",
        "BRIDGE_ACK": f"call_screened:{CALL}",
    },
    "agent_offer": {"BRIDGE_DECISION": "busy", "BRIDGE_ACK": f"agent_offer:{CALL}"},
    "call_end": {"BRIDGE_ACK": f"call_end:{CALL}"},
    "inbound": {"BRIDGE_DECISION": "queue", "BRIDGE_QUEUE": "helpdesk", "BRIDGE_LEAD_ID": ""},
}


async def own_script(agi: AgiSession) -> None:
    """A script that only the bridge has."""
    await agi.set_variable("SEEN", agi.args[0] if agi.args else "")
    if agi.script == "sleep":
        await asyncio.sleep(3600)
    await agi.set_variable("DONE", await agi.get_variable("BRIDGE_CALL_ID") or "")


class Site:
    """A bridge and a relay before it."""

    def __init__(self, folder: Path) -> None:
        self.desk = TestDesk()
        self.folder = folder
        self.bridge = FastAgiServer(own_script, port=0, secret="s", desk=self.desk)

    async def start(self) -> None:
        await self.bridge.start()
        settings = RelaySettings(
            listen=Address("127.0.0.1", 0),
            bridges=(Address("127.0.0.1", self.bridge.port),),
            folder=self.folder,
            queue="helpdesk",
            abandon_message="sorry",
            message_purpose="renewals",
            message_seller="Acme",
            message_callback_number="7275550000",
            message_consent="contract",
            step_timeout=0.3,
        )
        self.relay = Relay(settings, "s")
        await self.relay.start()
        await until(lambda: self.relay.bridges.all[0].link)

    async def stop(self) -> None:
        await self.relay.stop()
        await self.bridge.stop()

    async def step(self, script: str, **env: str) -> dict[str, str]:
        channel = Channel({"BRIDGE_CALL_ID": CALL, "BRIDGE_ROOM": "8600051", "DIALSTATUS": "BUSY"})
        await asyncio.wait_for(dialplan_calls(self.relay.server.port, script, channel, env=env), 10)
        return channel.variables


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_with_a_bridge_its_answers_reach_the_dialplan(site: Site) -> None:
    assert (await site.step("call_start"))["BRIDGE_ACK"] == "call_start:call-1"
    assert (await site.step("call_answered"))["BRIDGE_DECISION"] == "room"
    assert (await site.step("agent_offer"))["BRIDGE_DECISION"] == "take"
    assert (await site.step("inbound"))["BRIDGE_QUEUE"] == "sales"
    assert (await site.step("call_end"))["BRIDGE_ACK"] == f"call_end:{CALL}"
    await until(lambda: site.desk.reports)
    assert site.desk.reports[0].dialstatus == "BUSY"
    await until(lambda: not site.relay.spool.batches())


@pytest.mark.parametrize("step", FALLBACKS)
async def test_without_a_bridge_the_relay_answers_itself(site: Site, step: str) -> None:
    await site.bridge.stop()
    variables = await site.step(step)
    assert FALLBACKS[step].items() <= variables.items()


@pytest.mark.parametrize("step", FALLBACKS)
@pytest.mark.parametrize("fault", ["frozen", "broken"])
async def test_a_bridge_without_an_answer(
    site: Site, step: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_desk, "PATIENCE", dict.fromkeys(FALLBACKS, 0.2))
    setattr(site.desk, fault, True)
    begun = time.monotonic()
    variables = await site.step(step)
    assert FALLBACKS[step].items() <= variables.items()
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("step", FALLBACKS)
async def test_a_bridge_that_dies_in_mid_question(site: Site, step: str) -> None:
    site.desk.frozen = True
    asked = asyncio.ensure_future(site.step(step))
    await until(lambda: site.desk.asked)
    await site.bridge.stop()
    assert FALLBACKS[step].items() <= (await asked).items()


async def test_a_bridge_that_falls_silent_is_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_link, "DEAD_AFTER", 0.3)
    site.desk.frozen = True
    asked = asyncio.ensure_future(site.step("call_answered"))
    await until(lambda: site.desk.asked)
    for gate in site.bridge.gates:
        gate._transport.pause_reading()  # what SIGSTOP does to it
    begun = time.monotonic()
    assert (await asked)["BRIDGE_DECISION"] == "drop"
    assert time.monotonic() - begun < 3


async def test_reports_that_waited_are_delivered_when_a_bridge_is_back(site: Site) -> None:
    port = site.bridge.port
    await site.bridge.stop()
    for _ in range(3):
        assert (await site.step("call_end"))["BRIDGE_ACK"] == f"call_end:{CALL}"
    assert site.desk.reports == []
    site.bridge = FastAgiServer(own_script, port=port, secret="s", desk=site.desk)
    await site.bridge.start()
    await until(lambda: len(site.desk.reports) == 3, 10)
    await until(lambda: not site.relay.spool.batches())


async def test_reports_survive_the_relay(tmp_path: Path) -> None:
    site = Site(tmp_path)
    await site.start()
    await site.bridge.stop()
    await site.step("call_end")
    await site.relay.stop()
    second = Site(tmp_path)
    second.desk = site.desk
    second.bridge = FastAgiServer(own_script, port=0, secret="s", desk=site.desk)
    await second.start()
    await until(lambda: site.desk.reports)
    await second.stop()


async def test_a_full_disk_sends_the_report_straight_to_the_bridge(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_report: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site.relay.spool, "add", full)
    assert (await site.step("call_end"))["BRIDGE_ACK"] == f"call_end:{CALL}"
    assert len(site.desk.reports) == 1
    await site.bridge.stop()
    assert "BRIDGE_ACK" not in await site.step("call_end")  # nobody has it: then nobody says so


async def test_a_disk_that_hangs_does_not_hold_the_call(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_desk, "DISK_TIMEOUT", 0.1)
    monkeypatch.setattr(site.relay.spool, "add", lambda _report: asyncio.sleep(3600))
    assert (await site.step("call_end"))["BRIDGE_ACK"] == f"call_end:{CALL}"
    assert len(site.desk.reports) == 1


async def test_other_scripts_run_in_the_bridge(site: Site) -> None:
    variables = await site.step("own", agi_arg_1="one")
    assert (variables["SEEN"], variables["DONE"]) == ("one", CALL)


async def test_other_scripts_without_a_bridge_let_the_call_go(site: Site) -> None:
    await site.bridge.stop()
    assert (await site.step("own"))["BRIDGE_ERROR"] == "own: DeskUnavailable"


async def test_a_bridge_that_falls_silent_in_mid_script_lets_the_call_go(site: Site) -> None:
    begun = time.monotonic()
    variables = await site.step("sleep")
    assert variables["SEEN"] == ""
    assert variables["BRIDGE_ERROR"] == "sleep: DeskUnavailable"
    assert time.monotonic() - begun < 3


async def test_a_bridge_that_dies_in_mid_script_lets_the_call_go(site: Site) -> None:
    asked = asyncio.ensure_future(site.step("sleep"))
    await until(lambda: site.bridge.sessions)
    await site.bridge.stop()
    assert "DONE" not in await asyncio.wait_for(asked, 2)


async def test_a_hangup_is_passed_on(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.relay.server.port)
    writer.write(environment("sleep"))
    assert await reader.readline() == b'SET VARIABLE SEEN ""\n'
    writer.write(b"HANGUP\n200 result=1\n")
    sessions: set[object] = set()
    for connection in site.bridge.connections:
        sessions.add(connection._session)
        await until(connection._session.hung_up.is_set)  # type: ignore[union-attr]
    assert sessions
    writer.close()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "Call_End", "x" * 100])
async def test_names_that_no_script_has_are_refused(site: Site, name: str) -> None:
    assert (await site.step(name))["BRIDGE_ERROR"].endswith("ScriptNotFound")
    assert site.bridge.served == 0


async def test_a_caller_who_hangs_up_in_mid_step_leaves_nothing(site: Site) -> None:
    site.desk.frozen = True
    reader, writer = await asyncio.open_connection("127.0.0.1", site.relay.server.port)
    writer.write(environment("inbound"))
    await reader.readline()
    writer.close()
    await until(lambda: not site.relay.server.sessions)


def test_a_relay_with_wrong_settings_says_so_and_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--secret-file", str(tmp_path / "none")])
    assert ended.value.code == 2
    assert "cannot start" in caplog.text


def test_the_program_runs_with_nothing_but_the_standard_library(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--listen", f"127.0.0.1:{port}", "--folder", str(tmp_path / "x"), "--secret-file", str(secret)]
    # -S: no site-packages at all.
    command = [sys.executable, "-S", "-m", "bridge.agi.relay", "--bridges", "127.0.0.1:1", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert "listening" in next(line for line in process.stderr if "listening" in line)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()
