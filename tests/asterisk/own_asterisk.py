"""An Asterisk of one test alone, from the stack's image, with a configuration that may be spoilt."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from service import free_port
from stack import ROOT, Stack
from typer.testing import CliRunner

from bridge.cli import app

SECRET, VIEW_SECRET, RELAY_SECRET = (secrets.token_hex(12) for _ in range(3))
START_DEADLINE = 60.0
"""Seconds; three are usual."""

ACCESS = f"""
[bridge-access](!)
secret = {SECRET}

[bridge-view-access](!)
secret = {VIEW_SECRET}
"""


class OwnAsterisk:
    """A running container.

    Attributes:
        etc: its configuration, which may be changed while it runs.
        port: its manager interface on this machine.
        agi_port: where its relay looks for a bridge on this machine.
    """

    def __init__(self, name: str, etc: Path, port: int, agi_port: int) -> None:
        self.name = name
        self.etc = etc
        self.port = port
        self.agi_port = agi_port

    def console(self, command: str) -> str:
        """Run a command of Asterisk's console; what it prints."""
        return docker("exec", self.name, "asterisk", "-rx", command)

    def open_files(self) -> None:
        """Let the container's user read what root has written."""
        for path in (self.etc, *self.etc.rglob("*")):
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))

    def as_stack(self, stack: Stack) -> Stack:
        """What a service needs to work with this Asterisk."""
        own = {
            "AMI_PORT": str(self.port),
            "AMI_USER": "bridge",
            "AMI_SECRET": SECRET,
            "RELAY_SECRET": RELAY_SECRET,
            "AGI_PORT": str(self.agi_port),
        }
        return Stack(stack.values | own)

    def doctor(self, folder: Path, *arguments: str, user: str = "bridge", secret: str = SECRET) -> Doctor:
        """Run `agent-bridge doctor` on it, as an administrator would."""
        config = folder / "doctor.toml"
        view = f'view_secret = "{VIEW_SECRET}"' if user == "bridge" else ""
        config.write_text(
            f'[[asterisk]]\nname = "own"\nport = {self.port}\nuser = "{user}"\nsecret = "{secret}"\n{view}\n'
        )
        return run_doctor(*arguments, environment={"AGENT_BRIDGE_CONFIG": str(config)})


class Doctor:
    """What the doctor said."""

    def __init__(self, status: int, output: dict[str, Any], error: str) -> None:
        self.status = status
        self.error = error
        self.output = output
        (report,) = output["asterisk"]
        self.reached: bool = report["reached"]
        self.checks: dict[str, dict[str, str]] = {check["id"]: check for check in report["checks"]}

    @property
    def wrong(self) -> dict[str, str]:
        """What has to be mended, and how bad it is."""
        return {
            name: check["status"]
            for name, check in self.checks.items()
            if check["status"] in {"warn", "fail"}
        }


def run_doctor(*arguments: str, environment: Mapping[str, str] | None = None) -> Doctor:
    """Run the command."""
    done = CliRunner().invoke(app, ["doctor", "--json", *arguments], env=environment)
    assert done.stdout, done.stderr
    return Doctor(done.exit_code, json.loads(done.stdout), done.stderr)


def docker(*arguments: str) -> str:
    """Run the container engine."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def good_files(etc: Path) -> None:
    """The ready-made configuration of the project."""
    shutil.copytree(ROOT / "asterisk-conf", etc, dirs_exist_ok=True)
    (etc / "bridge_access.conf").write_text(ACCESS)
    (etc / "pjsip_secrets.conf").write_text("[phone-secret](!)\ninbound_auth/password = none\n")
    (etc / "pjsip_carrier.conf").write_text("")
    for name in ("acl", "ccss", "indications", "pjproject", "queuerules", "stasis", "udptl"):
        (etc / f"{name}.conf").touch()


@contextlib.contextmanager
def own_asterisk(stack: Stack, folder: Path) -> Iterator[OwnAsterisk]:
    """Start one with the configuration in `folder/etc`, with a relay beside it; removed at the end."""
    name = f"agent-bridge-test-{secrets.token_hex(4)}"
    own = OwnAsterisk(name, folder / "etc", free_port(), free_port())
    if stack.version == 16 and (own.etc / "bridge_manager_filters.conf").exists():
        shutil.copy(own.etc / "bridge_manager_filters_16.conf", own.etc / "bridge_manager_filters.conf")
    (folder / "run").mkdir()
    (folder / "run" / "relay.secret").write_text(RELAY_SECRET)
    own.open_files()
    image = docker("inspect", "--format", "{{.Config.Image}}", stack["ASTERISK_CONTAINER"]).strip()
    environment = {
        "CONF_IN_PLACE": "1",
        "RELAY_COMMAND": "python3 -m bridge.agi.relay",
        "BRIDGE_RELAY_BRIDGES": f"host.docker.internal:{own.agi_port}",
        "BRIDGE_RELAY_SECRET_FILE": "/run/agent-bridge/relay.secret",
        "BRIDGE_RELAY_FOLDER": "/var/log/asterisk/agent-bridge-relay",  # a folder that its user may write
        "PYTHONPATH": "/opt/agent-bridge",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    mounts = {
        own.etc: "/etc/asterisk",
        folder / "run": "/run/agent-bridge",
        ROOT / "docker/asterisk/start": "/usr/local/bin/start-asterisk",
        ROOT / "bridge": "/opt/agent-bridge/bridge",
        ROOT / "agi_scripts": "/opt/agent-bridge/agi_scripts",
    }
    options = [part for key, value in environment.items() for part in ("-e", f"{key}={value}")]
    options += [part for source, target in mounts.items() for part in ("-v", f"{source}:{target}:ro")]
    options += ["--init", "--user", "asterisk", "--cap-drop", "ALL", "--pids-limit", "-1"]
    options += ["--add-host", f"host.docker.internal:{stack['HOST_GATEWAY']}"]
    try:
        docker("run", "-d", "--name", name, *options, "-p", f"127.0.0.1:{own.port}:5038", image)
        _wait(own)
        yield own
    finally:
        docker("rm", "-f", name)


def _wait(own: OwnAsterisk) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while not _greets(own.port):
        assert time.monotonic() < deadline, docker("logs", "--tail", "30", own.name)
        time.sleep(0.1)
    own.console("core waitfullybooted")


def _greets(port: int) -> bool:
    """Whether Asterisk itself answers; the engine's own forwarder accepts before it does."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            return probe.recv(100).startswith(b"Asterisk Call Manager/")
    except OSError:
        return False
