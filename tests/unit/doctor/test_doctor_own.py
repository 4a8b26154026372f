"""What the doctor says of the bridge's own settings."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from certificates import Authority
from doctor_facts import facts
from typer.testing import CliRunner

from bridge.access.limits import Limits
from bridge.access.model import Principal, PrincipalKind
from bridge.access.names import ALL
from bridge.admin.client import ask
from bridge.admin.process_commands import ProcessState, ShowProcess
from bridge.doctor import cli
from bridge.doctor.model import Check, Status
from bridge.doctor.own import check_own, check_users
from bridge.doctor.own_process import check_process
from bridge.doctor.own_secrets import _others_reach
from bridge.settings_source import load

sys.path.insert(0, str(Path(__file__).parents[1] / "admin"))

from admin_service import serving_in_a_thread

GOOD = """
[store]
url = "sqlite:///{folder}/bridge.db"
[[asterisk]]
host = "127.0.0.1"
secret = "0123456789abcdef0123"
[agi]
secret = "fedcba98765432100123"
"""
LONG = "0123456789abcdef"


def found(tmp_path: Path, *changed: tuple[str, str], more: str = "", mode: int = 0o640) -> dict[str, Check]:
    file = tmp_path / "bridge.toml"
    text = GOOD.format(folder=tmp_path)
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text + more)
    file.chmod(mode)
    return {check.id: check for check in check_own(load(file, {}), file)}


def wrong(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.status.value for name, check in checks.items() if check.wrong}


def test_nothing_is_wrong_with_good_settings(tmp_path: Path) -> None:
    checks = found(tmp_path)
    assert wrong(checks) == {}
    assert {"bridge.http", "bridge.agi", "bridge.files", "bridge.secrets"} <= set(checks)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", "ok"),
        ("::1", "ok"),
        ("localhost", "ok"),
        ("10.1.2.3", "warn"),
        ("0.0.0.0", "warn"),
        ("::", "warn"),
        ("8.8.8.8", "fail"),
    ],
)
def test_http_off_loopback_without_tls(tmp_path: Path, host: str, status: str) -> None:
    checks = found(tmp_path, more=f'[http]\nhost = "{host}"\n')
    assert checks["bridge.http"].status == status
    tls = found(tmp_path, more=f'[http]\nhost = "{host}"\ntls_cert = "/some.pem"\n')
    assert tls["bridge.http"].status is Status.OK


def test_relays_off_loopback(tmp_path: Path) -> None:
    host = ("[agi]", '[agi]\nhost = "10.1.2.3"')
    assert found(tmp_path, host)["bridge.agi"].status is Status.WARN
    allowed = ("[agi]", '[agi]\nhost = "10.1.2.3"\nallow = ["10.1.2.9"]')
    assert found(tmp_path, allowed)["bridge.agi"].status is Status.OK
    public = ("[agi]", '[agi]\nhost = "8.8.8.8"\nallow = ["8.8.4.4"]')
    assert found(tmp_path, public)["bridge.agi"].status is Status.FAIL
    no_secret = ('secret = "fedcba98765432100123"', 'host = "10.1.2.3"\nallow = ["10.1.2.9"]')
    check = found(tmp_path, no_secret)["bridge.agi"]
    assert (check.status, "anybody from 1 addresses" in check.text) == (Status.FAIL, True)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("mqtt://127.0.0.1", "ok"),
        ("mqtts://8.8.8.8", "ok"),
        ("mqtt://10.1.2.3", "warn"),
        ("mqtt://8.8.8.8", "fail"),
    ],
)
def test_a_broker_without_tls(tmp_path: Path, url: str, status: str) -> None:
    assert found(tmp_path, more=f'[mqtt]\nurl = "{url}"\n')["bridge.mqtt"].status == status


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"postgresql://u:{LONG}@127.0.0.1/x", "ok"),
        (f"postgresql://u:{LONG}@10.1.2.3/x?sslmode=verify-full", "ok"),
        (f"postgresql://u:{LONG}@10.1.2.3/x?sslmode=require", "warn"),
        (f"postgresql://u:{LONG}@10.1.2.3/x", "warn"),
        (f"postgresql://u:{LONG}@8.8.8.8/x", "fail"),
    ],
)
def test_a_database_that_need_not_prove_who_it_is(tmp_path: Path, url: str, status: str) -> None:
    changed = (f"sqlite:///{tmp_path}/bridge.db", url)
    assert found(tmp_path, changed)["bridge.store"].status == status


def test_a_database_whose_url_only_the_driver_can_read(tmp_path: Path) -> None:
    changed = (f"sqlite:///{tmp_path}/bridge.db", f"postgresql://u:[{LONG}@127.0.0.1/x")
    assert "bridge.store" not in found(tmp_path, changed)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; those of tests are closed."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_files_with_secrets_that_others_can_read(open_folder: Path) -> None:
    check = found(open_folder, mode=0o644)["bridge.files"]
    assert (check.status, check.mend) == (Status.FAIL, f"chmod o= {open_folder}/bridge.toml")
    (open_folder / "bridge.db").touch(0o644)
    assert f"{open_folder}/bridge.db" in found(open_folder)["bridge.files"].text
    (open_folder / "bridge.db").chmod(0o600)
    assert found(open_folder)["bridge.files"].status is Status.OK


def test_secrets_and_keys_in_files_of_their_own(open_folder: Path) -> None:
    pair = Authority(open_folder / "ca").issue("DNS:localhost")
    pair.key.chmod(0o644)
    (open_folder / "ca").chmod(0o755)
    (open_folder / "ami.secret").write_text(LONG)
    (open_folder / "ami.secret").chmod(0o644)
    checks = found(
        open_folder,
        ('secret = "0123456789abcdef0123"', 'secret_file = "ami.secret"'),
        more=f'[http]\ntls_cert = "{pair.certificate}"\ntls_key = "{pair.key}"\n',
    )
    for name in ("ami.secret", "peer.key"):
        assert name in checks["bridge.files"].text
    assert "peer.pem" not in checks["bridge.files"].text


def test_a_file_in_a_closed_folder_is_closed(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    file = tmp_path / "closed" / "secret"
    file.touch(0o644)
    assert not _others_reach(file)


@pytest.mark.parametrize(
    ("secret", "status", "text"),
    [
        ("change-me", "fail", "anybody can guess the secret of the AMI user bridge"),
        ("bridge", "fail", "anybody can guess the secret of the AMI user bridge"),
        ("a-short-one", "warn", "shorter than 16 characters: the secret of the AMI user bridge"),
    ],
)
def test_secrets_that_can_be_guessed(tmp_path: Path, secret: str, status: str, text: str) -> None:
    check = found(tmp_path, ("0123456789abcdef0123", secret))["bridge.secrets"]
    assert (check.status, check.text) == (status, text)
    assert secret == "bridge" or secret not in check.text + check.mend


def user(name: str, **changes: object) -> Principal:
    made = Principal(user=name, kind=PrincipalKind.API, group="ADMIN", functions=ALL)
    return msgspec.structs.replace(made, **changes)


def test_users_who_may_do_everything_from_anywhere() -> None:
    (check,) = check_users(
        [
            user("crm"),
            user("form", functions=frozenset({"external_dial"})),
            user("office", limits=Limits(addresses=("10.0.0.0/8",))),
            user("old", active=False),
        ]
    )
    assert check.status is Status.WARN
    assert check.text == "API users with all functions, from any address: crm"
    (fine,) = check_users([user("office", limits=Limits(addresses=("10.0.0.0/8",)))])
    assert fine.status is Status.OK
    (asked,) = check_users(None)
    assert asked.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({}, "ok", "no capability"),
        ({"uid": 0}, "fail", "runs as root"),
        ({"capabilities": 1 << 21}, "warn", "0x200000"),
        ({"root_is_read_only": False}, "warn", "can be written"),
    ],
)
def test_what_the_service_may_do_on_its_machine(changes: dict[str, int], status: str, text: str) -> None:
    shut_in = ProcessState(uid=998, capabilities=0, root_is_read_only=True)
    (check,) = check_process(msgspec.structs.replace(shut_in, **changes))
    assert (check.id, check.status, text in check.text) == ("bridge.process", status, True)
    (asked,) = check_process(None)
    assert asked.status is Status.UNKNOWN


def test_the_service_itself_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db.sock"
    with serving_in_a_thread(f"sqlite:///{tmp_path / 'bridge.db'}", path):
        state = ask(path, ShowProcess())
    assert state.uid == os.geteuid()
    (line,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff:")
    ]
    assert f"{state.capabilities:016x}" == line.split()[1]


def test_the_command_tells_it_beside_each_asterisk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def collect(_: object) -> object:
        return facts()

    monkeypatch.setattr(cli, "collect", collect)
    file = tmp_path / "bridge.toml"
    file.write_text(GOOD.format(folder=tmp_path) + '[http]\nhost = "8.8.8.8"\n')
    environment = {"AGENT_BRIDGE_CONFIG": str(file)}
    told = CliRunner().invoke(cli.app, ["--json"], env=environment)
    output = json.loads(told.stdout)
    assert (told.exit_code, output["ok"]) == (1, False)
    assert {check["id"]: check["status"] for check in output["bridge"]}["bridge.http"] == "fail"
    ignoring = CliRunner().invoke(cli.app, ["--ignore", "bridge.http"], env=environment)
    assert ignoring.exit_code == 0
    assert "this bridge" in ignoring.stdout
    assert not (tmp_path / "bridge.db").exists()
