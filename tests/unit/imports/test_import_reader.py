"""The process that reads files of strangers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bridge.uploads import reader
from bridge.uploads.frames import Look
from bridge.uploads.model import Reading, Target


async def test_it_is_given_no_secret_of_the_bridges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "may.csv"
    file.write_text("phone,first name\n7275550100,Ann\n")
    monkeypatch.setenv("AGENT_BRIDGE_STORE__URL", "postgresql://bridge:marker@db/bridge")
    monkeypatch.setenv("CRM_TOKEN", "marker")
    start, given = asyncio.create_subprocess_exec, list[dict[str, str]]()

    async def seen(*words: Any, **how: Any) -> Any:
        given.append(how["env"])
        return await start(*words, **how)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", seen)
    found = await reader.look(Look(str(file), Reading(country="US"), Target(list_id=0)))
    assert found.preview.good == 1
    (environment,) = given
    assert "PATH" in environment
    assert not any("marker" in value for value in environment.values())
