"""Scripts as children of Asterisk: `AGI(name.py)`."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from agi_desk import TestDesk
from agi_peer import Channel, environment

import agi_scripts
from bridge.agi.desk_server import DeskConnection
from bridge.agi.errors import SessionClosed
from bridge.agi.spool import Spool
from bridge.agi.stdio import open_session
from bridge.agi.steps import STEPS

SCRIPTS = Path(agi_scripts.__path__[0])
ROOT = SCRIPTS.parent


async def fork(script: Path, channel: Channel, folder: Path, *options: str) -> int:
    """Do what Asterisk does for `AGI(name.py)`; the exit status."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *options,
        str(script),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BRIDGE_RELAY_FOLDER": str(folder)},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    opening = environment("").replace(b"agi_network: yes\nagi_network_script: \n", b"")
    child.stdin.write(opening.replace(b"agi://127.0.0.1/script", script.name.encode()))
    try:
        while line := await asyncio.wait_for(child.stdout.readline(), 20):
            child.stdin.write(channel.reply(line.decode()[:-1]))
    finally:
        child.stdin.close()
        status = await asyncio.wait_for(child.wait(), 5)
    return status


@pytest.mark.parametrize("step", STEPS)
async def test_with_a_relay_the_scripts_do_the_same_as_over_fastagi(step: str, tmp_path: Path) -> None:
    desk = TestDesk()
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: DeskConnection(desk), str(tmp_path / "relay.sock"))
    channel = Channel({"BRIDGE_CALL_ID": "call-9"})
    assert await fork(SCRIPTS / f"{step}.py", channel, tmp_path) == 0
    assert len(desk.asked) == 1
    ids = {"call_start": "call-1", "inbound": "call-2"}
    assert channel.commands[-1] == f"SET VARIABLE BRIDGE_ACK {step}:{ids.get(step, 'call-9')}"
    server.close()


async def test_without_a_relay_they_answer_as_the_relay_would(tmp_path: Path) -> None:
    channel = Channel({"BRIDGE_CALL_ID": "call-9"})
    assert await fork(SCRIPTS / "call_answered.py", channel, tmp_path) == 0
    assert channel.variables["BRIDGE_DECISION"] == "drop"


async def test_without_a_relay_the_report_waits_on_disk(tmp_path: Path) -> None:
    channel = Channel({"BRIDGE_CALL_ID": "call-9", "DIALSTATUS": "BUSY"})
    # -S: nothing but the standard library, as beside Asterisk.
    assert await fork(SCRIPTS / "call_end.py", channel, tmp_path, "-S") == 0
    assert channel.variables["BRIDGE_ACK"] == "call_end:call-9"
    spool = Spool(tmp_path / "reports")
    (batch,) = spool.batches()
    assert [(r.call_id, r.dialstatus) for r in spool.read(batch)] == [("call-9", "BUSY")]


async def test_a_report_that_cannot_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file where the folder should be")
    channel = Channel({"BRIDGE_CALL_ID": "call-9"})
    assert await fork(SCRIPTS / "call_end.py", channel, tmp_path) == 1
    assert "BRIDGE_ACK" not in channel.variables


async def test_a_script_that_cannot_come_to_its_end_does_not_hold_the_channel(tmp_path: Path) -> None:
    """A thread that waits for a disk is waited for at the end of every Python program."""
    script = tmp_path / "stuck.py"
    script.write_text(
        "import asyncio, time\n"
        "from bridge.agi import stdio\n"
        "async def run(agi, desk):\n"
        "    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 3600)\n"
        "stdio.ENV_TIMEOUT, stdio.RUN_TIMEOUT, stdio.END_TIMEOUT = 1, 0.2, 0.3\n"
        "stdio.main(run)\n"
    )
    assert await fork(script, Channel(), tmp_path) == -signal.SIGALRM


async def test_a_pyst2_script_works_as_it_is(tmp_path: Path) -> None:
    script = Path(__file__).parent / "fixtures" / "pyst2_greeter.py"
    channel = Channel({"BRIDGE_CALL_ID": "call-9"})
    assert await fork(script, channel, tmp_path) == 0
    assert channel.variables["GREETED"] == "15550001111"
    assert channel.variables["WAS"] == "call-9"


async def test_asterisk_that_goes_away_ends_the_script(tmp_path: Path) -> None:
    class Gone(Channel):
        def reply(self, command: str) -> bytes:
            self.commands.append(command)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(fork(SCRIPTS / "call_end.py", Gone(), tmp_path), 10)


async def test_sighup_is_the_hangup_of_a_forked_script() -> None:
    ours, theirs = os.pipe()
    session = await open_session(ours, theirs)
    assert not session.hung_up.is_set()
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.wait_for(session.hung_up.wait(), 2)
    os.close(theirs)
    with pytest.raises(SessionClosed):
        await asyncio.wait_for(session.ready, 2)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
    os.close(ours)


async def test_started_by_hand_it_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_text("")
    with file.open() as stdin, pytest.raises(SessionClosed, match="run by Asterisk"):
        await open_session(stdin.fileno(), 1)
