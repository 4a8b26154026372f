"""What `packaging/install` has put in place works there, away from the checkout."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest
from packaging_fixtures import ROOT, Machine, free_port, run

DEADLINE = 20.0
PR_SET_MDWE = 65
"""Linux 6.3: what systemd's MemoryDenyWriteExecute= does, inherited by children."""
DENY = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({PR_SET_MDWE}, 1, 0, 0, 0) and sys.exit("memory could not be denied")
os.execv(sys.argv[1], sys.argv[1:])
"""

SETTINGS = """
[http]
port = {http}
[store]
url = "sqlite:///{folder}/bridge.db"
[[asterisk]]
port = {nobody}
[agi]
port = {agi}
"""

AGI_OPENING = (
    b"agi_network: yes\nagi_network_script: %s\nagi_request: agi://127.0.0.1/%s\nagi_channel: PJSIP/1000-1\n"
    b"agi_uniqueid: 1.1\nagi_version: 22.10.1\nagi_callerid: 7275551234\nagi_extension: s\n\n"
)


def test_the_command_runs(machine: Machine) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert run(*machine.command, "--version") == f"agent-bridge {version}\n"


def test_the_settings_that_are_installed_are_good(machine: Machine, tmp_path: Path) -> None:
    settings = machine / "etc/agent-bridge/bridge.toml"
    for name in ("bridge.toml", "relay.secret"):
        (tmp_path / name).write_text((settings.parent / name).read_text())
    for name in ("ami.secret", "ami-view.secret"):
        (tmp_path / name).write_text("a-secret\n")
    told = run(*machine.command, "settings", "--config", tmp_path / "bridge.toml")
    assert 'url = "sqlite:////var/lib/agent-bridge/bridge.db"' in told
    assert "a-secret" not in told


def test_what_belongs_into_asterisk_is_found(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "extensions.conf").write_text("[from-internal]\n")
    (tmp_path / "manager.conf").write_text("[general]\nenabled = yes\n")
    plan = run(*machine.command, "conf", "plan", "--asterisk-dir", tmp_path, "--asterisk-version", "22.10.1")
    assert "bridge_extensions.conf" in plan


@asynccontextmanager
async def serving(machine: Machine, folder: Path) -> AsyncIterator[tuple[int, int]]:
    """The service under the memory rule of its unit; its HTTP and AGI ports. Ends it as systemd would."""
    ports = {"http": free_port(), "agi": free_port(), "nobody": free_port()}
    (folder / "bridge.toml").write_text(SETTINGS.format(folder=folder, **ports))
    deny = (sys.executable, "-c", DENY)
    command = (*deny, *machine.command, "serve", "--config", folder / "bridge.toml")
    with (folder / "log").open("wb") as log:
        service = await asyncio.create_subprocess_exec(*map(str, command), cwd="/", stderr=log)
    try:
        await _listens(ports["http"], service)
        yield ports["http"], ports["agi"]
        service.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(service.wait(), DEADLINE)
    finally:
        if service.returncode is None:
            service.kill()
            await service.wait()
    assert status == 0, (folder / "log").read_text()[-2000:]


async def _listens(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(DEADLINE):
        while True:
            assert process.returncode is None, f"it has ended with {process.returncode}"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def first_agi_command(port: int, script: bytes) -> bytes:
    """What a script asks first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(AGI_OPENING % (script, script))
    line = await asyncio.wait_for(reader.readline(), DEADLINE)
    writer.close()
    return line


@pytest.mark.skipif(
    ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) < 0,
    reason="this kernel has no PR_SET_MDWE: memory cannot be denied as the unit does",
)
async def test_it_serves_without_an_asterisk_and_stops_in_order(machine: Machine, tmp_path: Path) -> None:
    async with serving(machine, tmp_path) as (http, agi):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{http}") as caller:
            assert (await caller.get("/health")).status_code == 200
            ready = await caller.get("/ready")
            assert ready.status_code == 503
            assert ready.json()["checks"]["asterisk:asterisk"] is False
            refused = await caller.get("/v1/calls", auth=("nobody", "wrong"))
            assert refused.status_code == 401  # argon2 has worked
        assert (await first_agi_command(agi, b"call_end")).startswith(b"GET ")
        add = ("phone", "add", "1000", "--json")
        await asyncio.to_thread(run, *machine.command, *add, AGENT_BRIDGE_CONFIG=f"{tmp_path}/bridge.toml")
        assert '"admin command"' in (tmp_path / "log").read_text()
    with closing(sqlite3.connect(tmp_path / "bridge.db")) as store:
        types = [row[0] for row in store.execute("select type from events order by seq")]
    assert types == ["bridge.started", "bridge.stopped"]


async def test_the_relay_needs_nothing_but_python(machine: Machine, tmp_path: Path) -> None:
    """With `-S`, nothing but the standard library can be imported."""
    port, nobody = free_port(), free_port()
    (tmp_path / "relay.ini").write_text(
        f"[relay]\nlisten = 127.0.0.1:{port}\nbridges = 127.0.0.1:{nobody}\nfolder = {tmp_path / 'spool'}\n"
    )
    secret = machine / "etc/agent-bridge/relay.secret"
    options = ("--config", tmp_path / "relay.ini", "--secret-file", secret)
    relay = await asyncio.create_subprocess_exec(
        sys.executable,
        "-S",
        "-m",
        "bridge.agi.relay",
        *options,
        cwd=machine / "opt/agent-bridge-relay",
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.DEVNULL,
    )
    try:
        await _listens(port, relay)
        assert (await first_agi_command(port, b"call_start")).startswith(b"GET ")
    finally:
        relay.terminate()
        assert await asyncio.wait_for(relay.wait(), DEADLINE) == 0
