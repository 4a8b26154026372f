"""The hopper from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database

Command = Callable[..., Any]


def leads_in(folder: Path) -> list[int]:
    """A campaign with a list of two leads, and one lead that no campaign has."""

    async def make() -> list[int]:
        async with Database(f"sqlite:///{folder / 'bridge.db'}") as db:
            for item in (Campaign(id="SALES"), LeadList(id=101, campaign="SALES"), LeadList(id=102)):
                await Site(db).put(item)
            return [
                await Leads(db).add(NewLead(list_id=list_id, phone_number="7275550100"))
                for list_id in (101, 101, 102)
            ]

    return asyncio.run(make())


def test_leads_go_in_are_listed_and_go(command: Command, tmp_path: Path) -> None:
    first, second, lost = leads_in(tmp_path)
    assert command("hopper", "list", "SALES").err == "nothing is READY in the hopper of SALES\n"
    assert command("hopper", "add", str(first)).out == f"added lead {first} to the hopper of SALES\n"
    assert command("hopper", "add", str(first)).out == f"lead {first} is in the hopper already\n"
    done = command("hopper", "add", str(second), "--priority", "50", "--json").json
    assert (done["lead_id"], done["campaign"]) == (second, "SALES")
    assert done["hopper_id"] is not None
    rows = command("hopper", "list", "SALES", "--json").json
    assert [(row["lead_id"], row["priority"], row["source"]) for row in rows] == [
        *((second, 50, "P"), (first, 0, "P"))
    ]
    assert command("hopper", "list", "SALES", "--status", "HOLD", "--json").json == []
    assert command("hopper", "flush", "SALES").out == "removed 2 leads from the hopper of SALES\n"
    assert command("hopper", "list", "SALES", "--json").json == []
    assert command("hopper", "add", str(lost)).status == 1


def test_what_cannot_be_is_said_in_a_line(command: Command, tmp_path: Path) -> None:
    leads_in(tmp_path)
    for words in (("add", "4711"), ("list", "NONE"), ("flush", "NONE")):
        said = command("hopper", *words)
        assert said.status == 1, words
        assert said.err.startswith("error: "), words
        assert said.err.count("\n") == 1, words
    assert "4711" in command("hopper", "add", "4711").err
    assert command("hopper", "add", "1", "--priority", "100").status == 2
