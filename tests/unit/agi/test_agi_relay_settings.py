from __future__ import annotations

from pathlib import Path

import pytest

from bridge.agi.desk_link import Address
from bridge.agi.relay_settings import RelaySettings
from bridge.campaigns.messages import STATED as MUST_STATE


def test_the_defaults_are_those_of_one_machine() -> None:
    settings = RelaySettings()
    assert settings.listen == Address("127.0.0.1", 4573)
    assert settings.bridges == (Address("127.0.0.1", 4574),)
    assert settings.socket == settings.folder / "relay.sock"
    assert settings.reports == settings.folder / "reports"


def test_the_command_line_wins_over_the_file_and_the_file_over_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "relay.ini"
    file.write_text("[relay]\nqueue = of the file\nbridges = a:1, b\n")
    settings = RelaySettings.from_arguments(
        ["--config", str(file), "--queue", "of the line", "--max-sessions", "7", "--asterisk", "east"],
        {
            "BRIDGE_RELAY_QUEUE": "of the environment",
            "BRIDGE_RELAY_BRIDGES": "c",
            "BRIDGE_RELAY_FOLDER": "/x",
        },
    )
    assert settings.queue == "of the line"
    assert settings.bridges == (Address("a", 1), Address("b", 4574))
    assert settings.folder == Path("/x")
    assert settings.max_sessions == 7
    assert settings.asterisk == "east"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"BRIDGE_RELAY_LISTEN": "x:y"}, "listen: not an address"),
        ({"BRIDGE_RELAY_ASTERISK": "the east"}, "asterisk: not the name"),
        ({"BRIDGE_RELAY_MAX_SESSIONS": "many"}, "max_sessions"),
        ({"BRIDGE_RELAY_STEP_TIMEOUT": "soon"}, "step_timeout"),
    ],
)
def test_a_wrong_value_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RelaySettings.from_environment(environment)


def test_a_wrong_name_in_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "relay.ini"
    file.write_text("[relay]\nqueu = x\n")
    with pytest.raises(ValueError, match="queu"):
        RelaySettings.from_arguments(["--config", str(file)], {})
    file.write_text("[other]\n")
    with pytest.raises(ValueError, match="relay"):
        RelaySettings.from_arguments(["--config", str(file)], {})


def test_the_environment_of_something_else_does_no_harm() -> None:
    assert RelaySettings.from_environment({"BRIDGE_RELAY_NEW": "1", "PATH": "/bin"}) == RelaySettings()


def test_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" s3cret \n")
    assert RelaySettings(secret_file=str(file)).secret() == "s3cret"
    file.write_text("\n")
    with pytest.raises(ValueError, match="empty"):
        RelaySettings(secret_file=str(file)).secret()


def test_under_systemd_the_folder_is_the_units_own() -> None:
    environment = {"STATE_DIRECTORY": "/var/lib/agent-bridge-relay"}
    assert RelaySettings.from_environment(environment).folder == Path("/var/lib/agent-bridge-relay")
    environment["BRIDGE_RELAY_FOLDER"] = "/x"
    assert RelaySettings.from_environment(environment).folder == Path("/x")


@pytest.mark.parametrize("listen", ["0.0.0.0:4573", "[::]:4573", "10.0.0.5:4573", "pbx:4573"])
def test_off_loopback_it_has_to_be_said_who_may_come(listen: str) -> None:
    with pytest.raises(ValueError, match=r"listen: .* is not loopback, and FastAGI has no login"):
        RelaySettings.from_environment({"BRIDGE_RELAY_LISTEN": listen}).check()
    allowed = {"BRIDGE_RELAY_LISTEN": listen, "BRIDGE_RELAY_ALLOW": "10.0.0.7, fd00::/8"}
    settings = RelaySettings.from_environment(allowed)
    settings.check()
    assert settings.allow == ("10.0.0.7", "fd00::/8")


def test_who_may_come_is_an_address_or_a_network() -> None:
    with pytest.raises(ValueError, match="allow: 'pbx' does not appear"):
        RelaySettings.from_environment({"BRIDGE_RELAY_ALLOW": "pbx"})


@pytest.mark.parametrize("listen", ["127.0.0.1:4573", "[::1]:4573", "localhost:4573"])
def test_on_loopback_nothing_more_is_needed(listen: str) -> None:
    RelaySettings.from_environment({"BRIDGE_RELAY_LISTEN": listen}).check()


STATED = dict.fromkeys(MUST_STATE, "7275550000")


def test_its_message_asks_for_the_statements_that_a_campaigns_does() -> None:
    assert RelaySettings().unstated == MUST_STATE
    assert RelaySettings().changed(STATED | {"abandon_message": "sorry"}).playable == "sorry"


@pytest.mark.parametrize("missing", MUST_STATE)
def test_without_one_of_them_no_message_is_played(missing: str) -> None:
    settings = RelaySettings().changed(STATED | {"abandon_message": "sorry", missing: " "})
    assert (settings.playable, settings.unstated) == ("", (missing,))
