"""Asterisk is gone when a function is called, or goes in the midst of it: a line that says so."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from fake_ami import Received, Session
from replaying import client
from replaying.cases import read
from replaying.running import serving
from replaying.scene import Scene, Stage
from replaying.sound import sound
from replaying.world import HERE

from bridge.api.vicidial.registry import FUNCTIONS

CASES = read(HERE / "agent.jsonl")
BUILT = sorted(FUNCTIONS)
NEEDS_ASTERISK = {
    "audio_playback",
    "call_agent",
    "change_ingroups",
    "external_dial",
    "external_hangup",
    "force_fronter_audio_stop",
    "force_fronter_leave_3way",
    "park_call",
    "ra_call_control",
    "recording",
    "send_dtmf",
    "transfer_conference",
}
"""Functions that cannot do what is asked here without it; what the others write down waits (docs/api.md)."""
KEPT_ALL_THE_SAME = {"external_hangup", "ra_call_control"}
"""Of them, those whose wish is kept although the reply is an error: the customer is still there."""
NEVER_DONE = {"stereo_recording"}
LINK = {"Login", "LoginMD5", "Challenge", "CoreStatus", "Ping", "Logoff", "Events"}
"""Actions that only keep the link."""
READY = b"GET /ready HTTP/1.1\r\nHost: b\r\n\r\n"
TABLES = ("agent_sessions", "calls", "leads", "callbacks", "manual_dials", "recordings")


def state(file: Path) -> dict[str, list[Any]]:
    """What the store holds of agents, calls and leads, but for how often it was written."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        rows = {table: conn.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
    return {
        table: [{name: row[name] for name in row.keys() if name != "version"} for row in found]  # noqa: SIM118
        for table, found in rows.items()
    }


@asynccontextmanager
async def scene_of(function: str, world: Path, folder: Path) -> AsyncIterator[tuple[Scene, Path, int]]:
    """The service in a world where the function makes sense; its store and its port."""
    file = Path(shutil.copy(world, folder / "bridge.db"))
    preconditions, _ = sound(CASES, function)
    scene = Stage(file).set(preconditions)
    async with serving(file, scene.stand_in, {}) as port:
        yield scene, file, port


async def ask(function: str, port: int) -> str:
    reply = await client.get(port, "agent", sound(CASES, function)[1])
    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    return reply.text


@pytest.mark.parametrize("function", BUILT)
async def test_gone_before(function: str, world: Path, tmp_path: Path) -> None:
    async with scene_of(function, world, tmp_path) as (scene, file, port):
        await scene.stand_in.ami.down()
        before = state(file)
        reply = await _until_noticed(function, port)
        assert "internal error" not in reply
        assert reply.startswith("ERROR") is (function in NEEDS_ASTERISK | NEVER_DONE), reply
        if function in NEEDS_ASTERISK:
            assert "Asterisk" in reply
            assert "cannot be reached" in reply
        if function in NEEDS_ASTERISK - KEPT_ALL_THE_SAME:
            assert state(file) == before


async def _until_noticed(function: str, port: int) -> str:
    """Ask once the service knows that the link is down."""
    async with asyncio.timeout(10):
        while (await client.ask(port, READY)).status == 200:  # noqa: ASYNC110  as any caller would
            await asyncio.sleep(0.01)
    return await ask(function, port)


def cut(session: Session, _action: Received) -> None:
    """Asterisk's answer to an action: the line is cut."""
    session.drop()


@pytest.mark.parametrize("function", sorted(set(BUILT) & NEEDS_ASTERISK))
async def test_gone_in_the_midst(function: str, world: Path, tmp_path: Path) -> None:
    async with scene_of(function, world, tmp_path) as (scene, _file, port):
        answers = scene.stand_in.ami.answers
        answers.update(dict.fromkeys(set(answers) - LINK, cut))
        reply = await ask(function, port)
        assert reply.startswith("ERROR"), reply
        assert "internal error" not in reply
