"""`agent-bridge why`: why nothing is dialled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from bridge.admin.why_commands import WhyCampaign, WhyLead
from bridge.cli.output import print_json
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.why.model import Because, CampaignWhy

why = typer.Typer(no_args_is_help=True, help="Why nothing is dialled.")


@why.command("campaign", epilog="Example: agent-bridge why campaign SALES")
def of_campaign(
    campaign: Annotated[str, typer.Argument(help="The campaign's id.")], *, json: Json = False
) -> None:
    """Say what keeps a campaign from dialling, how many of its leads, and until when."""
    found = run(WhyCampaign(campaign=campaign))
    if json:
        print_json(msgspec.to_builtins(found))
        return
    typer.echo(found.why)
    _print_others(found.reasons)
    for count in found.counts:
        typer.echo(f"  {count.why}")
    typer.echo(_asked(found))


@why.command("lead", epilog="Example: agent-bridge why lead 4711")
def of_lead(
    lead_id: Annotated[int, typer.Argument(metavar="LEAD", help="The lead's id.")], *, json: Json = False
) -> None:
    """Say what keeps a lead from being dialled, and until when."""
    found = run(WhyLead(lead_id=lead_id))
    if json:
        print_json(msgspec.to_builtins(found))
        return
    typer.echo(found.why)
    _print_others(found.reasons)


def _print_others(reasons: Sequence[Because]) -> None:
    """When the first may be over, and what would be next."""
    if reasons and reasons[0].until:
        typer.echo(f"until {reasons[0].until:%Y-%m-%d %H:%M:%SZ}")
    for reason in reasons[1:]:
        typer.echo(f"also: {reason.why}")


def _asked(found: CampaignWhy) -> str:
    of_all = "" if found.all_asked else ", those that would be dialled next"
    return f"  {found.dialable} may be called now, of {found.asked} that the gate was asked about{of_all}"
