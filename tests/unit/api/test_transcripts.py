"""The recorded cases of the original, request by request, against the API over services in memory."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from api_fakes import World, client, load_world
from api_fakes.world import DATA

from bridge.api.vicidial.reply import MASK

CASES = [json.loads(line) for line in (DATA / "agent_transcripts.jsonl").read_text().splitlines()]
DIFFERENCES: dict[str, str] = json.loads((DATA / "agent_differences.json").read_text())


async def replay(case: dict[str, Any]) -> tuple[httpx.Response, World]:
    world = load_world()
    world.prepare(case["preconditions"])
    async with client(world) as http:
        return await http.get("/agc/api.php", params=case["params"]), world


def masked(case: dict[str, Any]) -> str:
    """The pattern, with the mask in the place of the password: by rule, in every case."""
    pattern: str = case["pattern"]
    secret = case["params"].get("pass")
    if secret and "Invalid\\ Username" in pattern:
        pattern = pattern.replace(f"\\|{re.escape(secret)}\\|", f"\\|{re.escape(MASK)}\\|", 1)
    return pattern


def asked_of_the_call(case: dict[str, Any]) -> list[tuple[str, ...]]:
    """What the original's notes in its mailboxes mean, in commands."""
    commands: list[tuple[str, ...]] = []
    for effect in case.get("effects", ()):
        user = effect.get("id") or effect["fields"]["user"]
        for name, value in effect["fields"].items():
            stored = value[1] if isinstance(value, list) else value
            commands += _command(name, stored, user)
    return commands


def _command(column: str, stored: str, user: str) -> list[tuple[str, ...]]:
    match column:
        case "external_hangup":
            return [("hangup", user, "6666")]
        case "external_pause" if "LOGOUT" in stored:
            return [("logout", user, "6666")]
        case "external_pause" if "RESUME" in stored:
            return [("resume", user, "6666")]
        case "external_pause":
            return [("pause", user, "", "6666")]
        case "external_status":
            status, at, kind, comments, *_ = f"{stored}!!!!".split("!")
            when = f"{at}!{kind == 'ANYONE'}!{comments}" if at else ""
            return [("status", user, status, when)]
        case "external_dial":
            number, code, _, preview, *_, cid, _vtiger, lead, _alt, _in_group = f"{stored}{'!' * 13}".split(
                "!"
            )[:14]
            return [("preview" if preview == "YES" else "dial", user, number, code, lead, cid)]
    return []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_replies_as_the_original(case: dict[str, Any]) -> None:
    response, world = await replay(case)
    assert response.status_code == case["status"]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    if case["name"] in DIFFERENCES:
        assert not re.fullmatch(masked(case), response.text, re.DOTALL), "no difference any more: unlist it"
        return
    assert re.fullmatch(masked(case), response.text, re.DOTALL), response.text
    assert world.record.commands == asked_of_the_call(case)


def test_every_difference_names_a_case() -> None:
    assert set(DIFFERENCES) <= {case["name"] for case in CASES}


def test_there_are_cases() -> None:
    assert len(CASES) > 80
