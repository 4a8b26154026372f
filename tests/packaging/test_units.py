"""The systemd units: valid, and shut in as far as a service with a network can be."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from packaging_fixtures import ROOT, Machine, run

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze on this machine"
)

UNITS = ("agent-bridge.service", "agent-bridge-relay.service")
MOST_EXPOSED = 1.5
"""Of 10; what is left is the network, which both are there for."""


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_valid(unit: str, machine: Machine, tmp_path: Path) -> None:
    """Verified with its programs where the test has put them: this machine has none in /opt."""
    text = (machine / f"etc/systemd/system/{unit}").read_text()
    (tmp_path / unit).write_text(text.replace("/opt/", f"{machine.root}/opt/"))
    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_shut_in(unit: str) -> None:
    told = run(
        "systemd-analyze", "security", "--offline=true", "--no-pager", ROOT / "packaging/systemd" / unit
    )
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= MOST_EXPOSED
