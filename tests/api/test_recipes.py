"""Each recipe is run, as it stands in `docs/recipes`, against the application behind the real web server."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from api_fakes import World
from test_api_over_http import Server

from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL

RECIPES = Path(__file__).parents[2] / "docs" / "recipes"
SECONDS = 60.0
TOLD = ["call dialing", "the same call: True"]


def blocks(recipe: str, language: str) -> list[str]:
    """The code of a recipe in a language."""
    found = re.findall(rf"```{language}\n(.*?)```", (RECIPES / recipe).read_text(), re.DOTALL)
    assert found, f"{recipe} has code"
    return found


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """The bridge of the recipes: their users, agent 1000 on shift, phone 1001 free."""
    made = Server()
    for name, functions in (("sheet", {"calls_in_queue_count"}), ("button", {"click_to_dial"})):
        spec = UserSpec(user=name, functions=frozenset(functions), api_access=True)
        await made.world.access.create(spec, "SECRET")
    everything = UserSpec(user="crm", level=9, functions=ALL, rights=ALL_RIGHTS, api_access=True)
    await made.world.access.create(everything, "SECRET")
    await made.start()
    yield made
    await made.stop()


class Ran(NamedTuple):
    lines: list[str]
    complaints: str


def fitted(code: str, server: Server) -> str:
    """The address and the campaign are this bridge's; all else stays as it is written."""
    return code.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{server.port}").replace(
        "DEMO", "TESTCAMP"
    )


async def run(folder: Path, *command: str) -> Ran:
    """Run a program in a folder; what it prints."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate()
    assert process.returncode == 0, (out + err).decode()
    return Ran(out.decode().splitlines(), err.decode())


def needs(program: str) -> str:
    """Where the program is; skips where this machine does not have it."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine")
    return found


def done(world: World) -> list[str]:
    return [command[0] for command in world.record.commands]


async def test_curl(server: Server, tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + fitted("\n".join(blocks("curl.md", "sh")), server)
    (tmp_path / "recipe.sh").write_text(script)
    ran = await run(tmp_path, needs("bash"), "recipe.sh")
    assert done(server.world) == ["dial", "hangup call", "dispose", "pause", "dial", "pause"]
    assert "SUCCESS: external_pause function set - PAUSE|" in ran.lines[-1]
    assert '"kind":"CL"' in (tmp_path / "call.json").read_text()


async def test_curl_reads_every_page(server: Server, tmp_path: Path) -> None:
    (loop,) = (block for block in blocks("curl.md", "sh") if "while" in block)
    setup = "set -euo pipefail\nAPI=http://127.0.0.1:8080\nLOGIN=crm:SECRET\n"
    for number in range(5):
        body = json.dumps({"from": "1001", "to": f"727555010{number}", "campaign": "TESTCAMP"}).encode()
        assert (await post(server, "crm", body))[0] == 201
    paged = loop.replace("agent=1000&since=2026-11-24T00:00:00Z&limit=100", "limit=2")
    (tmp_path / "recipe.sh").write_text(fitted(setup + paged, server))
    ran = await run(tmp_path, needs("bash"), "recipe.sh")
    assert "".join(ran.lines).count('"legacy_id"') == 5


async def test_python(server: Server, tmp_path: Path) -> None:
    (code,) = blocks("python.md", "python")
    (tmp_path / "recipe.py").write_text(fitted(code, server))
    ran = await run(tmp_path, sys.executable, "-I", "recipe.py")
    assert ran.lines == [*TOLD, "phone-in-use"]
    assert done(server.world) == ["dial", "hangup call", "dispose"]


async def test_php(server: Server, tmp_path: Path) -> None:
    (code,) = blocks("php.md", "php")
    (tmp_path / "recipe.php").write_text(fitted(code, server))
    ran = await run(tmp_path, needs("php"), "recipe.php")
    assert ran.lines == ["call dialing", "the same call: yes", "409 phone-in-use"]
    assert done(server.world) == ["dial", "hangup call", "dispose"]


async def test_javascript(server: Server, tmp_path: Path) -> None:
    server.world.events.frames = [
        b"retry: 2000\nid: 41\n\n",
        b'id: 42\nevent: call.ended\ndata: {"type":"call.ended"}\n\n',
    ]
    (tmp_path / "recipe.mjs").write_text(fitted("\n".join(blocks("javascript.md", "js")), server))
    ran = await run(tmp_path, needs("node"), "recipe.mjs")
    told = ["call dialing", "the same call: true", "409 phone-in-use", "call.ended"]
    assert ran.lines == told
    assert done(server.world) == ["dial", "hangup call", "dispose"]


# -- the spreadsheet


def formulas(kind: str) -> list[bytes]:
    """What a sheet asks for, from the formulas of the recipe."""
    found = [re.search(r'"(http[^"]+)"', block) for block in blocks("spreadsheet.md", kind)]
    urls = [urlsplit(match[1]) for match in found if match]
    assert urls
    return [f"{url.path}?{url.query}".encode() for url in urls]


@pytest.mark.parametrize(("kind", "line"), [("formula", "SUCCESS: "), ("never", "ERROR: ")])
async def test_a_formula_that_is_fetched_a_hundred_times_makes_no_call(
    server: Server, kind: str, line: str
) -> None:
    for target in formulas(kind):
        request = b"GET " + target + b" HTTP/1.1\r\nHost: bridge\r\n\r\n"
        for _ in range(100):
            status, _, body = await server.send(request)
            assert (status, body.decode().startswith(line)) == (200, True), body
    assert server.world.record.commands == []


OFFICE = """
import { execFileSync } from "node:child_process";
const cells = JSON.parse(process.argv[2]);
const cell = (row, column) => ({
  getValue: () => cells[row][column - 1],
  setValue: (value) => { cells[row][column - 1] = value; },
});
const sheet = { getActiveRange: () => ({ getRow: () => 1 }), getRange: cell };
globalThis.SpreadsheetApp = { getActiveSheet: () => sheet, flush: () => {} };
globalThis.PropertiesService = {
  getScriptProperties: () => ({ getProperty: (name) => ({ BRIDGE_SECRET: "SECRET" })[name] }),
};
globalThis.Utilities = {
  getUuid: () => crypto.randomUUID(),
  base64Encode: (text) => Buffer.from(text).toString("base64"),
};
globalThis.UrlFetchApp = {
  fetch: (url, asked) => {
    const headers = { ...asked.headers, "Content-Type": asked.contentType };
    const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const told = execFileSync("curl", [
      "-sS", "-X", asked.method.toUpperCase(), ...given, "-d", asked.payload, "-w", "\\n%{http_code}", url,
    ]).toString();
    const end = told.lastIndexOf("\\n");
    return { getContentText: () => told.slice(0, end), getResponseCode: () => Number(told.slice(end + 1)) };
  },
};
"""
"""As much of a spreadsheet as a button needs, with HTTP for real."""


async def test_a_button_that_is_pressed_three_times_makes_one_call(server: Server, tmp_path: Path) -> None:
    (script,) = blocks("spreadsheet.md", "gs")
    told = "\nconsole.log(cells[1][2], key === cells[1][1]);"
    presses = f"\ndial();\nconst key = cells[1][1];\ndial();\ndial();{told}"
    again = f"\ncells[1][1] = '';\ndial();{told}"
    (tmp_path / "recipe.mjs").write_text(OFFICE + fitted(script, server) + presses + again)
    needs("curl")
    row = json.dumps([[], ["+17275550100", "", ""]])
    ran = await run(tmp_path, needs("node"), "recipe.mjs", row)
    assert ran.lines == ["dialing true", "dialing false"]
    assert done(server.world) == ["dial", "dial"], "one for each key"


async def post(server: Server, user: str, body: bytes) -> tuple[int, bytes]:
    """Dial by JSON; status and body of the answer."""
    login = base64.b64encode(f"{user}:SECRET".encode())
    head = b"POST /v1/calls HTTP/1.1\r\nHost: bridge\r\nContent-Type: application/json\r\n"
    length = b"Content-Length: %d\r\n" % len(body)
    status, _, told = await server.send(head + length + b"Authorization: Basic " + login + b"\r\n\r\n" + body)
    return status, told
