from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from doctor_facts import facts
from typer.testing import CliRunner, Result

from bridge.admin.errors import ServiceDown
from bridge.admin.phone_commands import ListBrowserPhones
from bridge.admin.process_commands import ShowProcess
from bridge.admin.user_commands import ListUsers
from bridge.ami.errors import AmiLoginRefused
from bridge.campaigns.browser_server import BrowserPhoneState
from bridge.doctor import cli
from bridge.doctor.collect import Target
from bridge.doctor.facts import Facts

ANN = BrowserPhoneState(login="ann", device="1020", asterisk="", secret=True)
BEA = BrowserPhoneState(login="bea", device="bea", asterisk="other", secret=True)
SECRET = {"AGENT_BRIDGE_AMI_SECRET": "not-to-be-seen"}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Facts | Exception]:
    """What each host shows; the targets that were asked for are remembered under their host."""
    world: dict[str, Facts | Exception] = {}

    async def collect(target: Target) -> Facts:
        found = world[target.ami.host]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(cli, "collect", collect)
    return world


def doctor(folder: Path, settings: str, *arguments: str, environment: Mapping[str, str] = SECRET) -> Result:
    config = folder / "bridge.toml"
    config.write_text(settings)
    given = {**environment, "AGENT_BRIDGE_CONFIG": str(config)}
    return CliRunner().invoke(cli.app, list(arguments), env=given)


ONE = '[[asterisk]]\nname = "pbx"\nhost = "one"\n'
TWO = ONE + '[[asterisk]]\nname = "other"\nhost = "two"\n'


def test_nothing_wrong_is_status_0(tmp_path: Path, seen: dict[str, Facts | Exception]) -> None:
    seen["one"] = facts()
    told = doctor(tmp_path, ONE)
    assert told.exit_code == 0
    assert "nothing to be mended" in told.output


def test_anything_wrong_is_status_1_with_what_to_do_and_may_be_ignored(
    tmp_path: Path, seen: dict[str, Facts | Exception]
) -> None:
    seen["one"] = facts(cdr=False)
    told = doctor(tmp_path, ONE)
    assert told.exit_code == 1
    assert "enable = yes in cdr.conf" in told.output
    assert "1 to be mended" in told.output
    told = doctor(tmp_path, ONE, "--ignore", "cdr")
    assert told.exit_code == 0
    assert "ignored" in told.output


def test_one_of_two_that_cannot_be_reached_is_status_2_and_the_other_is_told_all_the_same(
    tmp_path: Path, seen: dict[str, Facts | Exception]
) -> None:
    seen["one"], seen["two"] = facts(), AmiLoginRefused("Authentication failed")
    told = doctor(tmp_path, TWO, "--json")
    assert told.exit_code == 2
    output = json.loads(told.stdout)
    assert output["ok"] is False
    assert [report["reached"] for report in output["asterisk"]] == [True, False]
    assert output["asterisk"][1]["checks"][-1]["id"] == "ami.login"
    assert doctor(tmp_path, TWO, "--server", "pbx").exit_code == 0


@pytest.mark.parametrize(
    ("settings", "arguments", "says"),
    [
        (TWO, ["--host", "one"], "--server"),
        (TWO, ["--server", "third"], "third"),
        (ONE, ["--secret-file", "/no/such/file"], "--secret-file"),
        (ONE, ["--tls-ca", "/no/such/file"], "--tls-ca: cannot read /no/such/file"),
        (ONE, ["--tls-ca", __file__], "holds no certificate"),
        ("[[asterisk]]\nhots = 1\n", [], "hots"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_line(
    tmp_path: Path, settings: str, arguments: list[str], says: str
) -> None:
    told = doctor(tmp_path, settings, *arguments)
    assert told.exit_code == 1
    assert told.output.startswith("error: ")
    assert says in told.output


def test_a_secret_is_needed_and_never_shown(tmp_path: Path, seen: dict[str, Facts | Exception]) -> None:
    seen["one"] = facts()
    told = doctor(tmp_path, ONE, environment={"AGENT_BRIDGE_AMI_SECRET": ""})
    assert told.exit_code == 1
    assert "AGENT_BRIDGE_AMI_SECRET" in told.output
    assert "not-to-be-seen" not in doctor(tmp_path, ONE).output + doctor(tmp_path, ONE, "--json").output


def test_what_asterisk_says_cannot_play_with_the_terminal(
    tmp_path: Path, seen: dict[str, Facts | Exception]
) -> None:
    seen["one"] = facts(version="22.10.1\x1b[2J\x07")
    assert not {"\x1b", "\x07"} & set(doctor(tmp_path, ONE).output)


def test_each_asterisk_is_asked_for_its_own_browsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Target] = {}

    async def collect(target: Target) -> Facts:
        asked[target.ami.name] = target
        return facts()

    def ask(_: object, command: object) -> object:
        assert isinstance(command, ListBrowserPhones | ListUsers | ShowProcess)
        if not isinstance(command, ListBrowserPhones):
            raise ServiceDown("nothing else is asked here")
        return [ANN, BEA]

    monkeypatch.setattr(cli, "collect", collect)
    monkeypatch.setattr(cli, "ask", ask)
    text = ONE + 'websocket_url = "ws://127.0.0.1:9/ws"\n[[asterisk]]\nname = "other"\nhost = "two"\n'
    doctor(tmp_path, text)
    assert (asked["pbx"].websocket, asked["pbx"].browsers) == ("ws://127.0.0.1:9/ws", (ANN,))
    assert (asked["other"].websocket, asked["other"].browsers) == ("", (BEA,))
    asked.clear()
    doctor(tmp_path, ONE, "--host", "elsewhere")
    assert (asked["pbx"].websocket, asked["pbx"].browsers) == ("", ())
