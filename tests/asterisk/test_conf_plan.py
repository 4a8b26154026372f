"""The bridge's files go into somebody else's configuration, Asterisk takes them, and they come out again."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_asterisk import OwnAsterisk, good_files, own_asterisk, run_doctor
from stack import ROOT, Stack

EXTENSIONS = b"[general]\r\nstatic = yes\r\n[from-internal]\r\nexten => 100,1,Answer()\r\n same => n,Hangup()"
"""With the line ends of an editor elsewhere, and none at the end."""
RELOADS = ("dialplan reload", "module reload app_confbridge.so", "queue reload all", "manager reload")


def plain(etc: Path) -> None:
    """An installation that is edited by hand and has never heard of the bridge."""
    good_files(etc)
    for path in etc.glob("bridge_*"):
        path.unlink()
    (etc / "extensions.conf").write_bytes(EXTENSIONS)
    (etc / "confbridge.conf").write_bytes(b"[general]\n")
    (etc / "queues.conf").write_bytes(b"[general]\n[front]\nstrategy = ringall\n")
    (etc / "manager.conf").write_bytes(b"[general]\nenabled = yes\nbindaddr = 0.0.0.0\n")


def freepbx(etc: Path) -> None:
    """An installation shaped like FreePBX."""
    shutil.copytree(ROOT / "docker/freepbx-like", etc)
    manager = etc / "manager.conf"
    manager.write_text(manager.read_text().replace("@NETWORK@", "10.0.0.0").replace("@ADMIN_SECRET@", "none"))


@pytest.fixture(params=[plain, freepbx])
def existing(request: pytest.FixtureRequest, stack: Stack, tmp_path: Path) -> Iterator[OwnAsterisk]:
    request.param(tmp_path / "etc")
    with own_asterisk(stack, tmp_path) as own:
        yield own


def is_freepbx(own: OwnAsterisk) -> bool:
    return (own.etc / "extensions_custom.conf").exists()


def conf(own: OwnAsterisk, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "conf", "plan", "--asterisk-dir", str(own.etc), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def reload(own: OwnAsterisk) -> None:
    own.open_files()
    for command in RELOADS:
        own.console(command)


def contents(own: OwnAsterisk) -> dict[str, bytes]:
    return {
        str(path.relative_to(own.etc)): path.read_bytes() for path in own.etc.rglob("*") if path.is_file()
    }


def queue_names(own: OwnAsterisk) -> set[str]:
    return set(re.findall(r"^(\S+)\s+has ", own.console("queue show"), re.MULTILINE))


def test_an_existing_asterisk_takes_the_files_and_loses_them_again(
    existing: OwnAsterisk, stack: Stack
) -> None:
    before = contents(existing)
    routes = existing.console("dialplan show from-internal")
    queues = queue_names(existing)
    version = "16.28.0" if stack.version == 16 else "22.10.1"
    which = ["--freepbx"] if is_freepbx(existing) else []
    told = conf(
        existing, *which, "--apply", "--permit", "0.0.0.0/0", "--asterisk-version", version, "--show-secret"
    )
    assert all(f"asterisk -rx '{command}'" in told for command in RELOADS)
    secret = told.partition("secret of bridge: ")[2].split()[0]
    reload(existing)

    place = ["--host", "127.0.0.1", "--port", str(existing.port), "--ignore", "version.CVE-2024-42365"]
    said = run_doctor(*place, environment={"AGENT_BRIDGE_AMI_SECRET": secret})
    assert said.wrong.keys() <= {"version.CVE-2024-42365"}, said.wrong
    assert said.status == 0
    denied = re.findall(r"deny - (\S+)", existing.console("manager show user bridge"))
    assert denied == ["0.0.0.0/0.0.0.0", "::/::"], "nobody else, over IPv6 neither"
    assert "bridge_agent" in existing.console("confbridge show profile users")
    assert {"SALESLINE", *queues} <= queue_names(existing)
    assert existing.console("dialplan show from-internal") == routes
    if which:
        generated = {name for name in before if "_custom" not in name}
        assert {name: contents(existing)[name] for name in generated} == {
            name: before[name] for name in generated
        }

    conf(existing, "--remove")
    assert contents(existing) == before
    reload(existing)
    gone = run_doctor(*place, environment={"AGENT_BRIDGE_AMI_SECRET": secret})
    assert (gone.status, gone.wrong) == (2, {"ami.login": "fail"})
    assert "no existence" in existing.console("dialplan show bridge-agi")
    assert "bridge_agent" not in existing.console("confbridge show profile users")
    assert queue_names(existing) == queues
    assert existing.console("dialplan show from-internal") == routes
