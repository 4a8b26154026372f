"""Each step of a call, at a real Asterisk, with the bridge stopped, killed or absent, and the relay killed.

After every fault each channel has gone on in its dialplan, and no report of a call's end is lost.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from own_asterisk import RELAY_SECRET, OwnAsterisk, docker, good_files, own_asterisk
from stack import ROOT, Stack, connected, until

from bridge.ami.actions import CoreShowChannels, Originate
from bridge.ami.client import AmiClient
from bridge.ami.events import AmiEvent

STEPS = ("call_start", "call_answered", "agent_offer", "inbound", "call_end")

DIALPLAN = """
[step-wait]
exten => s,1,Wait(60)

[step]
exten => _[a-z].,1,Set(BRIDGE_ROOM=8600051)
 same => n,Gosub(bridge-agi,${EXTEN},1)
 same => n,UserEvent(Step,Name: ${EXTEN},Decision: ${BRIDGE_DECISION},Ack: ${BRIDGE_ACK})
 same => n,Hangup()

[step-limits]
exten => none,1,Gosub(bridge-agi,call_answered,1)
 same => n,UserEvent(Step,Name: none,Absolute: ${TIMEOUT(absolute)},Exit: ${AGIEXITONHANGUP})
exten => own,1,Set(TIMEOUT(absolute)=500)
 same => n,Set(AGIEXITONHANGUP=no)
 same => n,Gosub(bridge-agi,call_answered,1)
 same => n,Gosub(bridge-agi,call_answered,1)
 same => n,UserEvent(Step,Name: own,Absolute: ${TIMEOUT(absolute)},Exit: ${AGIEXITONHANGUP})
exten => short,1,Set(TIMEOUT(absolute)=9.5)
 same => n,Gosub(bridge-agi,call_answered,1)
 same => n,UserEvent(Step,Name: short,Absolute: ${TIMEOUT(absolute)},Exit: ${AGIEXITONHANGUP})
exten => long,1,Set(TIMEOUT(absolute)=200000000)
 same => n,Gosub(bridge-agi,call_answered,1)
 same => n,UserEvent(Step,Name: long,Absolute: ${TIMEOUT(absolute)},Exit: ${AGIEXITONHANGUP})
exten => over,1,Set(TIMEOUT(absolute)=2)
 same => n,Gosub(bridge-agi,call_answered,1)
 same => n,UserEvent(Step,Name: over,Absolute: ${TIMEOUT(absolute)},Exit: ${AGIEXITONHANGUP})

[step-end]
exten => s,1,Answer()
 same => n,Hangup()
exten => h,1,Gosub(bridge-end,s,1)
 same => n,ExecIf($["${BRIDGE_ACK}" = ""]?AGI(/opt/agent-bridge/agi_scripts/call_end.py))
 same => n,UserEvent(Step,Name: call_end,Decision: ,Ack: ${BRIDGE_ACK})
"""

OWN_ANSWERS = {
    "call_start": "refuse",
    "call_answered": "drop",
    "agent_offer": "busy",
    "inbound": "queue",
    "call_end": "",
}
"""What the relay says in place of a bridge."""

BRIDGE_ANSWERS = {**OWN_ANSWERS, "call_start": "allow", "call_answered": "room", "agent_offer": "take"}


@pytest.fixture(scope="module")
def own(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    folder = tmp_path_factory.mktemp("steps")
    good_files(folder / "etc")
    with (folder / "etc" / "extensions.conf").open("a") as file:
        file.write(DIALPLAN)
    with own_asterisk(stack, folder) as own:
        yield own


class BridgeProcess:
    """The bridge of these tests, and what it has answered."""

    def __init__(self, port: int, file: Path) -> None:
        self._port = port
        self._file = file
        self._process: subprocess.Popen[str] | None = None

    async def start(self, delay: float) -> None:
        """Start it, and wait until the relay has found it."""
        program = [sys.executable, str(Path(__file__).parent / "agi_bridge.py")]
        arguments = [str(self._port), RELAY_SECRET, str(delay), str(self._file)]
        self._process = await asyncio.to_thread(self._run, program + arguments)
        await until(self._has_a_relay, "a relay that is connected to the bridge")

    @staticmethod
    def _run(command: list[str]) -> subprocess.Popen[str]:
        environment = {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    async def _has_a_relay(self) -> bool:
        """Whether somebody is connected to its port."""
        listing = await asyncio.to_thread(
            subprocess.check_output, ["ss", "-Htn", f"sport = :{self._port}"], text=True
        )
        return "ESTAB" in listing

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it, whatever state it is in."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def answered(self) -> list[str]:
        """`<question> <call id>` of each answer."""
        return self._file.read_text().splitlines() if self._file.exists() else []


class Steps:
    """Makes calls that come to a step, and hears what the dialplan was left with."""

    def __init__(self, own: OwnAsterisk, client: AmiClient) -> None:
        self.own = own
        self.client = client
        self.heard: dict[str, AmiEvent] = {}
        client.on("UserEvent", self._hear)

    def _hear(self, event: AmiEvent) -> None:
        self.heard[event["Name"]] = event

    async def begin(self, call_id: str, *, of: Sequence[str] = STEPS) -> None:
        """One call for each step, all at once."""
        for step in of:
            channel = "Local/s@step-end/n" if step == "call_end" else f"Local/{step}@step/n"
            variables = {"__BRIDGE_CALL_ID": f"{call_id}-{step}"}
            await self.client.send(
                Originate(channel=channel, context="step-wait", exten="s", variables=variables)
            )

    async def go(self, context: str, exten: str) -> None:
        """One call to this extension."""
        await self.client.send(
            Originate(channel=f"Local/{exten}@{context}/n", context="step-wait", exten="s")
        )

    async def end(self, seconds: float) -> dict[str, tuple[str, str]]:
        """Wait until every step is over and every channel gone: decision and acknowledgement of each."""

        async def over() -> bool:
            return len(self.heard) == len(STEPS) and not await self.client.send_list(CoreShowChannels())

        await until(over, f"the end of every step; so far {sorted(self.heard)}", seconds=seconds)
        return {name: (event["Decision"], event["Ack"]) for name, event in self.heard.items()}

    async def wait_for_answers(self, count: int) -> None:
        """Wait until so many channels wait for an answer."""

        async def waiting() -> bool:
            rows = await self.client.send_list(CoreShowChannels())
            return sum(row.application == "AGI" for row in rows) == count

        await until(waiting, f"{count} channels in AGI")

    async def no_channel(self, seconds: float) -> None:
        """Wait until every channel is gone."""

        async def gone() -> bool:
            return not await self.client.send_list(CoreShowChannels())

        await until(gone, "an Asterisk without channels", seconds=seconds)

    async def signal_relay(self, name: str) -> None:
        """Send it a signal; the container starts it again if it ends."""
        await asyncio.to_thread(
            docker, "exec", self.own.name, "sh", "-c", f"kill -{name} $(cat /tmp/relay.pid)"
        )

    async def relay_is_up(self) -> None:
        """Wait for the relay to listen."""

        async def listens() -> bool:
            command = [
                "docker",
                "exec",
                self.own.name,
                "python3",
                "-c",
                "import socket; socket.create_connection(('127.0.0.1', 4573))",
            ]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
            return done.returncode == 0

        await until(listens, "a relay that listens")


@pytest.fixture
async def steps(own: OwnAsterisk, stack: Stack) -> AsyncIterator[Steps]:
    async with connected(own.as_stack(stack).asterisk()) as client:
        made = Steps(own, client)
        await made.relay_is_up()
        yield made


@pytest.fixture
async def bridge(own: OwnAsterisk, tmp_path: Path) -> AsyncIterator[BridgeProcess]:
    process = BridgeProcess(own.agi_port, tmp_path / "answered")
    yield process
    process.kill()


async def report_arrives(bridge: BridgeProcess, call_id: str) -> None:
    """The report of a call's end has reached the bridge."""

    async def arrived() -> bool:
        return f"call_end {call_id}-call_end" in bridge.answered()

    await until(arrived, f"the report of {call_id}", seconds=30)


def decisions(ended: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: decision for name, (decision, _) in ended.items()}


async def test_with_a_bridge_each_step_has_its_answer(steps: Steps, bridge: BridgeProcess) -> None:
    await bridge.start(0)
    await steps.begin("sound")
    ended = await steps.end(10)
    assert decisions(ended) == BRIDGE_ANSWERS
    assert ended["call_answered"][1] == "call_answered:sound-call_answered"
    assert ended["call_start"][1] == "call_start:call-started"
    await report_arrives(bridge, "sound")


async def test_a_step_leaves_the_channels_limits_as_they_were(steps: Steps, bridge: BridgeProcess) -> None:
    """The time that it took is the call's own: an absolute timeout goes on while the bridge thinks."""
    await bridge.start(1.5)
    for exten in ("none", "own", "short", "long"):
        await steps.go("step-limits", exten)
    await steps.wait_for_answers(4)
    await steps.no_channel(15)

    async def heard() -> bool:
        return len(steps.heard) == 4

    await until(heard, "what the channels were left with")
    assert (float(steps.heard["none"]["Absolute"]), steps.heard["none"]["Exit"]) == (0, "")
    assert 480 < float(steps.heard["own"]["Absolute"]) <= 497
    assert steps.heard["own"]["Exit"] == "no"
    assert 2 < float(steps.heard["short"]["Absolute"]) <= 8
    assert 199_999_900 < float(steps.heard["long"]["Absolute"]) <= 200_000_000


async def test_a_call_whose_time_is_up_in_mid_step_ends(steps: Steps, bridge: BridgeProcess) -> None:
    await bridge.start(7)
    begun = time.monotonic()
    await steps.go("step-limits", "over")
    await steps.wait_for_answers(1)
    await steps.no_channel(6)
    assert time.monotonic() - begun > 1.5
    assert not steps.heard


async def test_without_a_bridge_the_relay_answers_and_the_report_waits(
    steps: Steps, bridge: BridgeProcess
) -> None:
    begun = time.monotonic()
    await steps.begin("absent")
    ended = await steps.end(10)
    assert time.monotonic() - begun < 8
    assert decisions(ended) == OWN_ANSWERS
    assert ended["call_end"][1] == "call_end:absent-call_end"
    await bridge.start(0)
    await report_arrives(bridge, "absent")


async def test_a_bridge_that_is_stopped_in_mid_question(steps: Steps, bridge: BridgeProcess) -> None:
    await bridge.start(0.5)
    await steps.begin("stopped")
    await asyncio.sleep(0.25)  # the questions are out, none is answered
    bridge.signal(signal.SIGSTOP)
    ended = await steps.end(12)
    assert decisions(ended) == OWN_ANSWERS
    assert all(ack for _, ack in ended.values())
    bridge.signal(signal.SIGCONT)
    await report_arrives(bridge, "stopped")


async def test_a_bridge_that_wakes_up_does_not_act_on_old_questions(
    steps: Steps, bridge: BridgeProcess
) -> None:
    await bridge.start(0)
    bridge.signal(signal.SIGSTOP)
    await steps.begin("asleep")
    await steps.end(15)
    await asyncio.sleep(4)  # beyond what the shortest question allows
    bridge.signal(signal.SIGCONT)
    await report_arrives(bridge, "asleep")
    assert {line.split()[0] for line in bridge.answered()} <= {"call_end", "call_answered"}


async def test_a_bridge_that_is_killed_in_mid_question(steps: Steps, bridge: BridgeProcess) -> None:
    await bridge.start(1)
    await steps.begin("killed")
    await asyncio.sleep(0.3)  # the questions are out
    bridge.kill()
    ended = await steps.end(10)
    assert decisions(ended) == OWN_ANSWERS
    await bridge.start(0)
    await report_arrives(bridge, "killed")


async def test_a_relay_that_is_killed_in_mid_step(steps: Steps, bridge: BridgeProcess) -> None:
    await bridge.start(2)
    await steps.begin("orphan")
    await asyncio.sleep(0.3)
    await steps.signal_relay("KILL")
    ended = await steps.end(12)
    assert {name for name, (_, ack) in ended.items() if ack} <= {"call_end"}
    await report_arrives(bridge, "orphan")


async def test_while_there_is_no_relay_a_forked_script_keeps_the_report(
    steps: Steps, bridge: BridgeProcess
) -> None:
    await steps.signal_relay("KILL")
    await steps.begin("alone")
    ended = await steps.end(12)
    assert ended["call_end"][1] == "call_end:alone-call_end"
    await bridge.start(0)
    await report_arrives(bridge, "alone")


async def test_a_relay_that_is_stopped_is_ended_by_its_watcher_and_holds_no_channel(
    steps: Steps, bridge: BridgeProcess
) -> None:
    """In `h` nothing in Asterisk has a limit."""
    await bridge.start(0)
    await steps.signal_relay("STOP")
    begun = time.monotonic()
    await steps.begin("frozen")
    ended = await steps.end(10)
    assert time.monotonic() - begun > 3  # nobody answered until it was ended
    assert {name for name, (_, ack) in ended.items() if ack} == {"call_end"}
    await report_arrives(bridge, "frozen")


async def test_a_relay_that_is_stopped_in_mid_step_holds_no_channel(
    steps: Steps, bridge: BridgeProcess
) -> None:
    await bridge.start(2)
    live = [step for step in STEPS if step != "call_end"]
    await steps.begin("caught", of=live)
    await steps.wait_for_answers(len(live))
    await steps.signal_relay("STOP")
    await steps.begin("caught", of=["call_end"])
    ended = await steps.end(10)
    assert {name for name, (_, ack) in ended.items() if ack} == {"call_end"}
    await report_arrives(bridge, "caught")
