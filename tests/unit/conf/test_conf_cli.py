from __future__ import annotations

import json
from pathlib import Path

from conf_folders import FREEPBX, PLAIN, fill, picture
from typer.testing import CliRunner, Result

from bridge.conf.cli import app
from bridge.conf.contents import read_secrets


def conf(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["plan", "--asterisk-dir", str(folder), *more])


def secrets(folder: Path) -> dict[str, str]:
    return read_secrets((folder / "bridge_access.conf").read_bytes())


def test_a_plan_shows_the_lines_and_changes_nothing(tmp_path: Path) -> None:
    before = picture(fill(tmp_path, PLAIN))
    told = conf(tmp_path)
    assert told.exit_code == 0
    for file in ("extensions", "confbridge", "queues", "manager"):
        assert f"+#include bridge_{file}.conf" in told.output
        assert f"would create bridge_{file}.conf" in told.output
    assert "--apply makes these changes" in told.output
    assert picture(tmp_path) == before


def test_secrets_are_told_only_to_who_asks(tmp_path: Path) -> None:
    fill(tmp_path, PLAIN)
    output = conf(tmp_path, "--full").output + conf(tmp_path, "--apply", "--full").output
    ours = secrets(tmp_path)
    assert not [secret for secret in (*ours.values(), "other-secret") if secret in output]
    asked = conf(tmp_path, "--show-secret").output
    assert all(f"secret of {user}: {secret}" in asked for user, secret in ours.items())


def test_apply_says_what_to_do_next_and_a_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    first = conf(fill(tmp_path, PLAIN), "--apply")
    assert first.exit_code == 0
    assert "asterisk -rx 'dialplan reload'" in first.output
    assert "doctor" in first.output
    before = picture(tmp_path)
    second = conf(tmp_path, "--apply")
    assert second.exit_code == 0
    assert "everything is as it should be" in second.output
    assert picture(tmp_path) == before


def test_remove_puts_it_back_and_sends_nobody_to_the_doctor(tmp_path: Path) -> None:
    before = picture(fill(tmp_path, FREEPBX))
    assert conf(tmp_path, "--freepbx", "--apply").exit_code == 0
    told = conf(tmp_path, "--freepbx", "--remove")
    assert told.exit_code == 0
    assert "remove bridge_extensions.conf" in told.output
    assert "doctor" not in told.output
    assert picture(tmp_path) == before


def test_what_is_refused_is_one_line_and_status_1(tmp_path: Path) -> None:
    for more in (
        (),
        ("--apply", "--remove"),
        ("--without", "nothing"),
        ("--permit", "x"),
        ("--asterisk-version", "x"),
    ):
        told = conf(fill(tmp_path, FREEPBX), *more)
        assert told.exit_code == 1
        assert told.output.startswith("error: ")
        assert "Traceback" not in told.output


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    assert conf(tmp_path / "nowhere").exit_code == 1
    assert conf(tmp_path / "nowhere", "--remove").exit_code == 1


def test_the_address_of_the_bridge_gets_into_the_access_file(tmp_path: Path) -> None:
    conf(fill(tmp_path, PLAIN), "--apply", "--permit", "10.9.8.7")
    text = (tmp_path / "bridge_access.conf").read_text()
    assert text.count("permit = 10.9.8.7/255.255.255.255") == 2
    assert "127.0.0.1" not in text


def test_another_address_changes_the_access_file_and_keeps_its_secrets(tmp_path: Path) -> None:
    conf(fill(tmp_path, PLAIN), "--apply", "--permit", "10.9.8.7")
    before = secrets(tmp_path)
    told = conf(tmp_path, "--permit", "10.1.1.1")
    assert "would change bridge_access.conf" in told.output
    assert "+permit = 10.1.1.1/255.255.255.255" in told.output
    assert not [secret for secret in before.values() if secret in told.output]
    conf(tmp_path, "--apply", "--permit", "10.1.1.1")
    assert "10.9.8.7" not in (tmp_path / "bridge_access.conf").read_text()
    assert secrets(tmp_path) == before
    for same in ((), ("--permit", "10.1.1.1")):
        assert "everything is as it should be" in conf(tmp_path, "--apply", *same).output
    conf(tmp_path, "--remove")
    assert not (tmp_path / "bridge_access.conf").exists()


def test_json_tells_the_same(tmp_path: Path) -> None:
    told = json.loads(conf(fill(tmp_path, PLAIN), "--json").output)
    assert told["done"] is False
    actions = {change["file"]: change["action"] for change in told["changes"]}
    assert actions["bridge_access.conf"] == "create"
    assert actions["manager.conf"] == "change"
    assert "secrets" not in told
    (diff,) = [change["diff"] for change in told["changes"] if change["file"] == "extensions.conf"]
    assert "+#include bridge_extensions.conf" in diff


def test_a_part_can_be_left_out(tmp_path: Path) -> None:
    conf(fill(tmp_path, PLAIN | {"queues.conf": b"[default]\n"}), "--without", "queues", "--apply")
    assert (tmp_path / "queues.conf").read_bytes() == b"[default]\n"
    assert not (tmp_path / "bridge_queues.conf").exists()
    assert (tmp_path / "bridge_extensions.conf").exists()
