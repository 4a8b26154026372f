"""The container image as it is run: nobody in particular, nothing of it writable, no capability."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from packaging_fixtures import ROOT

COMPOSE = ROOT / "docker/compose.yaml"
DEADLINE = 60.0


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def images() -> list[str]:
    """Images of the bridge on this machine, the newest first."""
    if shutil.which("docker") is None:
        return []
    asked = ["docker", "images", "agent-bridge-bridge", "--format", "{{.Repository}}:{{.Tag}}"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else []


@pytest.fixture(scope="module")
def image() -> str:
    found = images()
    if not found:
        pytest.skip("no image of the bridge on this machine: make image")
    return found[0]


def test_compose_gives_the_bridge_nothing_that_it_does_not_need() -> None:
    """Read as text: the project has no reader of YAML."""
    services = COMPOSE.read_text().partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]
    service = re.split(r"\n  (?=\w)", services)[-1]
    assert service.startswith("bridge:")
    for wanted in (
        "read_only: true",
        "cap_drop: [ALL]",
        'security_opt: ["no-new-privileges:true"]',
        "- ${STATE_DIR}/bridge:/etc/agent-bridge:ro",
        'ports: ["127.0.0.1:',
    ):
        assert wanted in service
    for unwanted in ("privileged: true", "user: root", "network_mode", "docker.sock", "cap_add"):
        assert unwanted not in services


def test_no_service_of_compose_keeps_capabilities() -> None:
    services = COMPOSE.read_text().partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]
    each = [part for part in re.split(r"\n  (?=\w)", services) if not part.lstrip().startswith("#")]
    assert len(each) == 5
    for service in each:
        assert "cap_drop: [ALL]" in service or "<<: *asterisk" in service, service.split(":")[0]


@pytest.fixture(scope="module")
def running(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """As docs/install.md says, without a network: there is no Asterisk to be reached."""
    settings: Path = tmp_path_factory.mktemp("etc")
    (settings / "bridge.toml").write_text("[http]\nport = 8080\n")
    for path in (settings, settings / "bridge.toml"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    name = docker(
        *("run", "-d", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "none"),  # noqa: S108  its own
        *("--security-opt", "no-new-privileges", "-v", f"{settings}:/etc/agent-bridge:ro", image),
    )
    try:
        _wait(name)
        yield name
    finally:
        docker("rm", "-f", "-v", name)


def _wait(name: str) -> None:
    look = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/health', timeout=2).status)"
    deadline = time.monotonic() + DEADLINE
    while True:
        done = subprocess.run(
            ["docker", "exec", name, "python3", "-c", look], capture_output=True, text=True, check=False
        )
        if done.stdout.strip() == "200":
            return
        assert time.monotonic() < deadline, docker("logs", name)
        time.sleep(0.2)


def test_behind_tls_it_is_healthy_too(image: str, tmp_path: Path) -> None:
    pair = Authority(tmp_path / "ca").issue("DNS:localhost")
    settings = tmp_path / "etc"
    settings.mkdir()
    for source, name in ((pair.certificate, "http.pem"), (pair.key, "http.key")):
        shutil.copy(source, settings / name)
    place = "/etc/agent-bridge/http"
    (settings / "bridge.toml").write_text(f"[http]\ntls_cert = '{place}.pem'\ntls_key = '{place}.key'\n")
    for path in (settings, *settings.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    name = docker("run", "-d", "--network", "none", "-v", f"{settings}:/etc/agent-bridge:ro", image)
    try:
        deadline = time.monotonic() + DEADLINE
        while docker("inspect", name, "--format", "{{.State.Health.Status}}") != "healthy":
            assert time.monotonic() < deadline, docker("logs", name)
            time.sleep(0.2)
    finally:
        docker("rm", "-f", "-v", name)


def status_of(container: str) -> dict[str, str]:
    """What the kernel says of the process."""
    lines = docker("exec", container, "cat", "/proc/1/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_it_serves_on_a_read_only_root_as_nobody_without_any_capability(running: str) -> None:
    told = status_of(running)
    assert "0" not in told["Uid"].split()
    assert "0" not in told["Gid"].split()
    assert int(told["CapEff"], 16) == int(told["CapPrm"], 16) == int(told["CapBnd"], 16) == 0
    assert told["NoNewPrivs"] == "1"


def test_nothing_of_it_can_be_changed_but_its_data(running: str) -> None:
    probe = (
        "import os, sys\n"
        "def may(p):\n"
        "    try:\n"
        "        open(os.path.join(p, 'probe'), 'w').close()\n"
        "    except OSError:\n"
        "        return False\n"
        "    return True\n"
        "print([p for p in sys.argv[1:] if may(p)])\n"
    )
    places = ["/", "/etc/agent-bridge", "/opt/agent-bridge", "/usr/local/bin", "/var/lib/agent-bridge"]
    assert docker("exec", running, "python3", "-c", probe, *places) == "['/var/lib/agent-bridge']"


def test_the_program_belongs_to_root_and_no_secret_is_in_the_image(image: str) -> None:
    look = "find /opt/agent-bridge /etc/agent-bridge ! -user root -o -perm /022 ! -type l | head -3"
    assert docker("run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", look) == ""
    told: dict[str, Any] = json.loads(docker("inspect", image))[0]["Config"]
    assert told["User"] == "agent-bridge"
    assert not [each for each in told["Env"] if re.search(r"(?i)secret|pass|token|index", each)]
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)
    assert not re.search(r"://[^/ ]+:[^/ ]+@", history)
