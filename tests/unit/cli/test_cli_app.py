from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bridge.cli import app
from bridge.cli.lazy import PLACES
from bridge.settings import Settings
from bridge.settings_source import load

Command = Callable[..., Any]

OWN = (
    "agent",
    "apiuser",
    "audit",
    "backup",
    "calltime",
    "campaign",
    "did",
    "confirm-restore",
    "consent",
    "drain",
    "delivery",
    "erase",
    "events",
    "evidence",
    "dnc",
    "groupalias",
    "cidgroup",
    "hopper",
    "ingroup",
    "intake",
    "lead",
    "list",
    "ownnumber",
    "webhook",
    "phone",
    "phonealias",
    "recording",
    "restore",
    "trunk",
    "usergroup",
    "upgrade",
    "verify",
    "watch",
    "why",
    "load",
    "serve",
    "settings",
)


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below this one."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
    else:
        for name, one in inner.items():
            yield from commands(one, (*path, name))


ALL = dict(commands(get_command(app)))


def test_every_command_of_ours_is_there() -> None:
    assert {path[0] for path in ALL} == {*OWN, "relay"}
    for kind in ("agent", "apiuser", "campaign", "did", "list", "phone", "trunk", "usergroup"):
        assert {(kind, verb) for verb in ("add", "list", "show", "remove")} <= set(ALL)


@pytest.mark.parametrize("path", sorted(set(ALL) - {("relay",)}))
def test_every_command_has_a_help_with_an_example(command: Command, path: tuple[str, ...]) -> None:
    answer = command(*path, "--help")
    assert answer.status == 0
    text = " ".join(answer.out.split())
    assert "Example: agent-bridge " + " ".join(path) in text
    assert ALL[path].help


def test_every_command_answers_in_json() -> None:
    without = {path for path, one in ALL.items() if "--json" not in [o for p in one.params for o in p.opts]}
    assert without == {("serve",), ("relay",)}


def test_the_relay_has_its_own_options(command: Command) -> None:
    assert "--bridges" in command("relay", "--help").out


def test_commands_of_others_are_listed_only_when_they_are_there(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLACES, "nowhere", PLACES["ami"]._replace(module="bridge.nowhere.cli"))
    monkeypatch.setitem(PLACES, "nothing", PLACES["ami"]._replace(module="bridge.nothing"))
    answer = command("--help")
    assert answer.status == 0
    assert " ami " in answer.out
    assert "nowhere" not in answer.out
    assert command("nowhere").status == 2


def test_ami_looks_at_the_asterisk_of_the_settings(command: Command) -> None:
    answer = command(
        "ami", "send", "Ping", AGENT_BRIDGE_ASTERISK__SECRET="x", AGENT_BRIDGE_ASTERISK__PORT="1"
    )
    assert answer.status == 1
    assert "('127.0.0.1', 1)" in answer.err


def test_a_webhook_needs_the_key_that_signs_its_events(command: Command) -> None:
    words = ("webhook", "add", "crm", "--url", "https://crm.example/in")
    refused = command(*words)
    assert (refused.status, command("webhook", "list", "--json").json) == (1, [])
    assert "signing_key: openssl rand -hex 32 makes one" in refused.err
    assert command(*words, "--inactive").status == 0
    assert command(*words, "--replace", AGENT_BRIDGE_OUTGOING__SIGNING_KEY="k" * 32).status == 0
    told = command("webhook", "secret", "crm", AGENT_BRIDGE_OUTGOING__SIGNING_KEY="k" * 32)
    assert told.out.startswith("whsec_")


def test_settings_print_what_is_in_force_as_a_file_that_gives_the_same(
    command: Command, tmp_path: Path
) -> None:
    printed = command(
        "settings", AGENT_BRIDGE_HTTP__PORT="9", AGENT_BRIDGE_SITE__ALLOWED_COUNTRIES="US,CA"
    ).out
    (tmp_path / "printed.toml").write_text(printed)
    found = load(tmp_path / "printed.toml", {})
    assert (found.http.port, found.site.allowed_countries) == (9, ("US", "CA"))
    assert all("#" in line for line in printed.splitlines() if " = " in line)
    assert command("settings", "--defaults").out != printed


def test_settings_are_printed_without_secrets(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text("[asterisk]\nsecret = 'topsecret'\n[mqtt]\nurl = 'mqtt://u:topsecret@broker'\n")
    plain = command("settings", "--config", str(file))
    table = command("--config", str(file), "settings", "--json")
    for answer in (plain, table):
        assert answer.status == 0
        assert "topsecret" not in answer.out
    assert table.json["asterisk"][0]["secret"] == "********"
    assert table.json["mqtt"]["url"] == "mqtt://u:********@broker"


def test_the_default_settings_are_a_file_of_their_own(command: Command) -> None:
    table = tomllib.loads(command("settings", "--defaults").out)
    assert table.keys() == set(Settings.__struct_fields__)


def test_the_example_of_the_settings_is_what_is_printed(command: Command) -> None:
    example = Path(__file__).parents[3] / "examples" / "bridge.toml"
    assert example.read_text() == command("settings", "--defaults").out


def test_wrong_settings_end_every_command_with_the_key(command: Command) -> None:
    for words in (["settings"], ["phone", "list"], ["serve"]):
        answer = command(*words, AGENT_BRIDGE_HTTP__PROT="1")
        assert answer.status == 1
        assert answer.err == (
            "error: settings: AGENT_BRIDGE_HTTP__PROT: there is no field 'prot'; did you mean 'port'?\n"
        )


def test_serve_runs_the_service_with_the_settings(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Settings] = []

    def run(settings: Settings) -> int:
        ran.append(settings)
        return 3

    monkeypatch.setattr("bridge.service.run", run)
    assert command("serve", AGENT_BRIDGE_HTTP__PORT="9").status == 3
    assert [settings.http.port for settings in ran] == [9]


FILE = """
[[trunk]]
name = "carrier"
template = "PJSIP/{number}@carrier"
[[apiuser]]
user = "crm"
functions = "ALL"
"""


@pytest.mark.usefixtures("either_way")
def test_a_site_file_is_loaded_once(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(FILE)
    tried = command("load", str(file), "--dry-run").out.splitlines()
    assert tried == [
        "trunk carrier would be added",
        "apiuser crm would be added",
        "2 would be changed, 0 as they were",
    ]
    *lines, last = command("load", str(file)).out.splitlines()
    assert lines[:2] == ["trunk carrier added", "apiuser crm added"]
    assert re.fullmatch(r"secret of crm \(not shown again\): [\w-]{32}", lines[2])
    assert last == "2 changed, 0 as they were"
    assert command("load", str(file)).out == "0 changed, 2 as they were\n"


@pytest.mark.usefixtures("either_way")
def test_a_site_file_comes_also_from_standard_input(command: Command) -> None:
    answer = command("load", "-", "--json", stdin=FILE).json
    assert [change["what"] for change in answer["changes"]] == ["added", "added"]
    assert list(answer["secrets"]) == ["crm"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[trnk]]\nname='a'", "trnk: unknown section; did you mean 'trunk'?"),
        ("[[trunk]]\nname='a'", "trunk 'a': template is missing"),
        ("[[trunk]\n", "is no TOML: "),
    ],
)
def test_an_error_in_a_site_file_names_file_and_key(
    command: Command, tmp_path: Path, text: str, error: str
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text)
    answer = command("load", str(file))
    assert answer.status == 1
    assert answer.err.startswith(f"error: {file}: {error}")


def test_a_site_file_that_is_not_there_is_named(command: Command) -> None:
    answer = command("load", "/none.toml")
    assert answer.status == 1
    assert "/none.toml" in answer.err


@pytest.mark.parametrize(
    "url", ["sqlite:////none/bridge.db", "postgresql://u:topsecret@127.0.0.1:1/x", "topsecret"]
)
def test_a_store_that_cannot_be_used_is_said_in_one_line(command: Command, url: str) -> None:
    answer = command("phone", "list", AGENT_BRIDGE_STORE__URL=url)
    assert answer.status == 1
    assert answer.err.startswith("error: ")
    assert answer.err.count("\n") == 1
    assert "topsecret" not in answer.err


def test_the_version_is_printed(command: Command) -> None:
    assert re.fullmatch(r"agent-bridge \d+\.\d+\.\d+\n", command("--version").out)


def test_the_module_is_the_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bridge", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("agent-bridge ")
