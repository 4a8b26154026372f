"""`agent-bridge` as an administrator calls it: whose files a command may touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging_fixtures import ROOT, run


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script over programs that only say who they would be."""
    text = (ROOT / "packaging/agent-bridge.sh").read_text()
    made = tmp_path / "agent-bridge"
    made.write_text(text.replace("/opt/agent-bridge/bin/agent-bridge", f"{tmp_path}/program"))
    for name, does in (("id", 'echo "$USER_ID"'), ("runuser", "echo service"), ("program", "echo caller")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
    for file in tmp_path.iterdir():
        file.chmod(0o755)
    return made


def who(script: Path, words: str, user_id: str = "0") -> str:
    path = f"{script.parent}:/usr/bin:/bin"
    return run(script, *words.split(), PATH=path, USER_ID=user_id).strip()


@pytest.mark.parametrize(
    "words",
    [
        "conf plan --apply",
        "--config /etc/x.toml conf plan",
        "--config=/etc/x.toml conf plan",
        "--config conf conf",
    ],
)
def test_root_stays_root_for_the_configuration_of_asterisk(script: Path, words: str) -> None:
    assert who(script, words) == "caller"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--version",
        "load site.toml",
        "--config conf load site.toml",
        "agent show conf",
        "--config",
        "--config conf",
    ],
)
def test_root_becomes_the_service_for_everything_else(script: Path, words: str) -> None:
    assert who(script, words) == "service"


def test_who_is_not_root_stays_who_he_is(script: Path) -> None:
    assert who(script, "load site.toml", user_id="1000") == "caller"
