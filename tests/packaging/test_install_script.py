"""`packaging/install`: run twice, over an administrator's changes, for a relay alone, and undone."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from packaging_fixtures import ROOT, Machine, run

ACCESS = """\
[bridge-access](!)
secret = of-the-bridge
permit = 127.0.0.1/255.255.255.255

[bridge-view-access](!)
secret = of-the-view
"""


@pytest.fixture
def relay_host(wheel: Path, tmp_path: Path) -> Machine:
    """A machine with the relay alone: quick to make, so each test has its own."""
    made = Machine(tmp_path)
    made.install("--relay-only", "--wheel", str(wheel))
    return made


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its mode and bytes."""
    return {
        str(path.relative_to(folder)): (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_second_time_changes_nothing(machine: Machine, wheel: Path) -> None:
    before = contents(machine.root)
    assert "==>" not in machine.install("--wheel", str(wheel))
    assert contents(machine.root) == before


def test_nobody_else_can_read_settings_and_secrets(machine: Machine) -> None:
    folder = machine / "etc/agent-bridge"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o751
    assert {path.name for path in folder.iterdir()} == {"bridge.toml", "relay.ini", "relay.secret"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o640}
    assert re.fullmatch(r"[0-9a-f]{48}\n", (folder / "relay.secret").read_text())


def test_nothing_names_the_place_where_it_was_made(machine: Machine) -> None:
    programs = (machine / "opt/agent-bridge/bin").iterdir()
    naming = [
        path.name
        for path in programs
        if path.is_file() and not path.is_symlink() and str(machine.root).encode() in path.read_bytes()
    ]
    assert naming == []
    assert (
        (machine / "opt/agent-bridge/bin/agent-bridge")
        .read_text()
        .startswith("#!/opt/agent-bridge/bin/python")
    )


def test_ami_secrets_are_taken_over_once(machine: Machine, wheel: Path) -> None:
    folder = machine / "etc/agent-bridge"
    asterisk = machine / "etc/asterisk"
    asterisk.mkdir()
    try:
        (asterisk / "bridge_access.conf").write_text(ACCESS)
        machine.install("--wheel", str(wheel))
        assert (folder / "ami.secret").read_text() == "of-the-bridge\n"
        assert (folder / "ami-view.secret").read_text() == "of-the-view\n"
        (folder / "ami.secret").write_text("mended by hand\n")
        machine.install("--wheel", str(wheel))
        assert (folder / "ami.secret").read_text() == "mended by hand\n"
    finally:
        for path in (asterisk / "bridge_access.conf", folder / "ami.secret", folder / "ami-view.secret"):
            path.unlink(missing_ok=True)
        asterisk.rmdir()


def test_a_relay_host_has_the_relay_and_nothing_else(relay_host: Machine) -> None:
    assert not (relay_host / "opt/agent-bridge").exists()
    assert {path.name for path in (relay_host / "etc/agent-bridge").iterdir()} == {"relay.ini"}
    assert {path.name for path in (relay_host / "etc/systemd/system").iterdir()} == {
        "agent-bridge-relay.service"
    }
    script = relay_host / "opt/agent-bridge-relay/agi_scripts/call_end.py"
    assert script.stat().st_mode & stat.S_IXUSR


def test_an_update_replaces_programs_and_keeps_settings(relay_host: Machine, wheel: Path) -> None:
    program = relay_host / "opt/agent-bridge-relay/bridge/agi/relay.py"
    good = program.read_text()
    program.write_text("of an older version")
    (relay_host / "opt/agent-bridge-relay/bridge/agi/gone.py").write_text("")
    settings = relay_host / "etc/agent-bridge/relay.ini"
    settings.write_text("[relay]\nbridges = 10.0.0.5:4574\n")
    said = relay_host.install("--relay-only", "--wheel", str(wheel))
    assert "/opt/agent-bridge-relay" in said
    assert program.read_text() == good
    assert not (relay_host / "opt/agent-bridge-relay/bridge/agi/gone.py").exists()
    assert "10.0.0.5" in settings.read_text()


def test_uninstall_keeps_what_is_the_administrators(relay_host: Machine) -> None:
    data = relay_host / "var/lib/agent-bridge/bridge.db"
    data.parent.mkdir(parents=True)
    data.write_text("calls")
    relay_host.install("--uninstall")
    left = {str(path.relative_to(relay_host.root)) for path in relay_host.root.rglob("*") if path.is_file()}
    assert left == {"etc/agent-bridge/relay.ini", "var/lib/agent-bridge/bridge.db"}


def test_help_and_what_cannot_be(tmp_path: Path) -> None:
    assert "--uninstall" in run(ROOT / "packaging/install", "--help")
    with pytest.raises(AssertionError, match="there is no wheel"):
        Machine(tmp_path).install("--wheel", str(tmp_path / "none.whl"))
