"""docs/recipes/web-form.md: each form is sent as it stands there, and becomes the lead that it means."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from test_api_over_http import Server
from test_recipes import blocks, needs, run

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.intake.keys import IntakeKeys
from bridge.intake.model import Entry
from bridge.intake.service import Intake
from bridge.leads.model import Lead, LeadList
from bridge.leads.service import Leads
from bridge.store.database import Database

RECIPE = "web-form.md"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
ADD = {words[3]: words for words in (shlex.split(block) for block in blocks(RECIPE, "sh"))}


class Bench:
    """The bridge behind its web server, with a database of its own."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.folder = folder
        site, self.leads = Site(db), Leads(db, country="US")
        self.site, self.keys = site, IntakeKeys(db, site)
        self.server = Server(Intake(db, site, self.leads, country="US"))

    async def door(self, name: str) -> str:
        """The address of a key that is made as the recipe says."""
        words = ADD[name]
        assert words[:3] == ["agent-bridge", "intake", "add"]
        made = await run(self.folder, sys.executable, "-m", "bridge", *words[1:], "--json")
        self.site.forget()
        return f"http://127.0.0.1:{self.server.port}/in/{json.loads(''.join(made.lines))['token']}"

    async def newest(self) -> tuple[Entry, Lead]:
        """What came in last, and its lead."""
        entry = (await self.keys.posts())[0]
        lead = await self.leads.get(entry.lead_id or 0)
        assert lead is not None, entry.reason
        return entry, lead


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    monkeypatch.setenv("AGENT_BRIDGE_STORE__URL", url)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.delenv("AGENT_BRIDGE_CONFIG", raising=False)
    async with Database(url) as db:
        made = Bench(db, tmp_path)
        await made.site.add(Campaign(id="SALES"))
        await made.site.add(LeadList(id=101, campaign="SALES"))
        await made.server.start()
        yield made
        await made.server.stop()


async def send(url: str, body: str, kind: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.post(url, content=body.encode(), headers={"Content-Type": kind})


class Form(HTMLParser):
    """A browser that knows what a form has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.form: dict[str, str | None] = {}
        self.names: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.form = dict(attrs)
        elif tag in ("input", "textarea"):
            self.names.append(dict(attrs)["name"] or "")


async def test_a_plain_form(bench: Bench) -> None:
    (page,) = blocks(RECIPE, "html")
    form = Form(page)
    assert form.form["method"] == "post"
    assert urlsplit(form.form["action"]).path == "/in/TOKEN"
    url = await bench.door("page")
    typed = {
        "name": "Ann Smith",
        "phone": "(727) 555-0100",
        "email": "a@example.com",
        "message": "One\r\nTwo",
    }
    filled = {name: typed.get(name, "") for name in form.names}
    assert typed.keys() <= filled.keys()
    reply = await send(url, urlencode(filled), FORM)
    assert (reply.status_code, reply.headers["location"]) == (303, "https://shop.example/thanks")
    _, lead = await bench.newest()
    assert (lead.first_name, lead.last_name, lead.phone_number) == ("Ann", "Smith", "7275550100")
    assert (lead.email, lead.comments) == ("a@example.com", "One \nTwo")
    robot = await send(url, urlencode(dict.fromkeys(form.names, "x")), FORM)
    assert robot.status_code == 303
    assert (await bench.keys.posts())[0].outcome == "honeypot"


async def test_curl(bench: Bench) -> None:
    (script,) = blocks(RECIPE, "curl")
    script = script.replace("https://bridge.example/in/TOKEN", await bench.door("scripts"))
    (bench.folder / "recipe.sh").write_text(f"set -euo pipefail\n{script}")
    needs("curl")
    ran = await run(bench.folder, needs("bash"), "recipe.sh")
    assert ran.lines == ["OK", "OK"]
    _, lead = await bench.newest()
    assert (lead.phone_number, lead.vendor_lead_code) == ("7275550101", "A-4711")
    assert len(await bench.keys.posts(outcomes=())) == 2


def of(name: str) -> tuple[str, str]:
    """What is sent in the section of a key, and its content type."""
    text = (Path(__file__).parents[2] / "docs" / "recipes" / RECIPE).read_text()
    section = next(part for part in text.split("\n## ") if f"intake add {name} " in part)
    found = re.search(r"```(json|form)\n(.*?)\n```", section, re.DOTALL)
    assert found is not None
    return found[2], JSON if found[1] == "json" else FORM


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("cf7", {"comments": "Please call\nafter six", "status": "WEB", "source_id": "cf7"}),
        ("wpforms", {"source_id": "1042"}),
        ("elementor", {"title": "", "comments": ""}),
        ("zapier", {"vendor_lead_code": "Z-9", "comments": "Tuesday"}),
    ],
)
async def test_what_others_send(bench: Bench, name: str, fields: dict[str, Any]) -> None:
    body, kind = of(name)
    url = await bench.door(name)
    for _ in range(2):  # a sender that tries again
        reply = await send(url, body, kind)
        assert (reply.status_code, reply.text) == (202, "OK\n")
    again, first = await bench.keys.posts()
    assert (first.outcome, again.outcome, first.body) == ("added", "duplicate", body.encode())
    lead = await bench.leads.get(first.lead_id or 0)
    assert lead is not None
    person = {
        "first_name": "Ann",
        "last_name": "Smith",
        "phone_number": "7275550100",
        "email": "ann@example.com",
    }
    for field, value in (person | fields).items():
        assert getattr(lead, field) == value, field
