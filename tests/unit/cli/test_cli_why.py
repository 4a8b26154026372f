"""Why nothing is dialled, from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.campaigns.model import Campaign, DialMethod, Trunk
from bridge.campaigns.service import Site
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database

Command = Callable[..., Any]


@pytest.fixture
def lead(tmp_path: Path) -> int:
    """A lead that was sold to, of a campaign that could dial."""

    async def make() -> int:
        async with Database(f"sqlite:///{tmp_path / 'bridge.db'}") as db:
            campaign = Campaign(
                id="SALES",
                trunk="carrier",
                dial_method=DialMethod.RATIO,
                dial_level=1.0,
                dial_statuses=("NEW",),
            )
            trunk = Trunk(name="carrier", template="PJSIP/{number}@carrier")
            for item in (trunk, campaign, LeadList(id=101, campaign="SALES")):
                await Site(db).put(item)
            return await Leads(db).add(NewLead(list_id=101, phone_number="7275550100", status="SALE"))

    return asyncio.run(make())


@pytest.mark.usefixtures("either_way")
def test_of_a_campaign(command: Command, lead: int) -> None:
    del lead
    lines = command("why", "campaign", "SALES").out.splitlines()
    assert lines == [
        "no bridge follows Asterisk asterisk: none is running, or none has a link to it",
        "also: no agent is logged in to campaign SALES",
        "also: no lead may be called now: 1 lead has status SALE, which is not among dial_statuses",
        "  1 lead has status SALE, which is not among dial_statuses",
        "  0 may be called now, of 0 that the gate was asked about",
    ]
    found = command("why", "campaign", "SALES", "--json").json
    assert [reason["cause"] for reason in found["reasons"]] == ["no_bridge", "no_agent", "no_leads"]
    assert found["counts"][0]["leads"] == 1


@pytest.mark.usefixtures("either_way")
def test_of_a_lead(command: Command, lead: int) -> None:
    lines = command("why", "lead", str(lead)).out.splitlines()
    assert lines[0] == "its status SALE is not among the campaign's dial_statuses (NEW)"
    found = command("why", "lead", str(lead), "--json").json
    assert (found["lead_id"], found["campaign"]) == (lead, "SALES")
    assert found["reasons"][0]["cause"] == "status"


def test_what_is_not_there_is_said_in_a_line(command: Command, lead: int) -> None:
    del lead
    for words in (("campaign", "NONE"), ("lead", "4711")):
        said = command("why", *words)
        assert said.status == 1, words
        assert said.err.startswith("error: "), words
        assert said.err.count("\n") == 1, words
