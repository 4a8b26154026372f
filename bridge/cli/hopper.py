"""`agent-bridge hopper`: leads that are dialled next."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from bridge.admin.hopper_commands import AddToHopper, FlushHopper, ListHopper
from bridge.cli.output import print_json, print_rows
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.dialer.hopper import PAGE
from bridge.dialer.model import HopperStatus

hopper = typer.Typer(no_args_is_help=True, help="Leads that are dialled next.")

Campaign = Annotated[str, typer.Argument(help="The campaign's id.")]

_COLUMNS = ("id", "lead_id", "list_id", "priority", "source", "alt", "status", "due_at", "created_at")


@hopper.command("list", epilog="Example: agent-bridge hopper list SALES")
def list_rows(
    campaign: Campaign,
    *,
    status: Annotated[HopperStatus, typer.Option(help="Of which rows.")] = HopperStatus.READY,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many.")] = PAGE,
    json: Json = False,
) -> None:
    """List the leads of a campaign's hopper in the order in which they are dialled."""
    found = run(ListHopper(campaign=campaign, status=status, limit=limit))
    if json:
        print_json(msgspec.to_builtins(found))
    else:
        rows = ([getattr(row, column) for column in _COLUMNS] for row in found)
        print_rows(_COLUMNS, rows, f"nothing is {status} in the hopper of {campaign}")


@hopper.command("add", epilog="Example: agent-bridge hopper add 4711 --priority 50")
def add(
    lead_id: Annotated[int, typer.Argument(metavar="LEAD", help="The lead's id.")],
    *,
    priority: Annotated[int, typer.Option(min=-99, max=99, help="Higher ones are dialled first.")] = 0,
    json: Json = False,
) -> None:
    """Put a lead into the hopper of the campaign that has its list."""
    done = run(AddToHopper(lead_id=lead_id, priority=priority))
    if json:
        print_json(msgspec.to_builtins(done))
    elif done.hopper_id is None:
        typer.echo(f"lead {lead_id} is in the hopper already")
    else:
        typer.echo(f"added lead {lead_id} to the hopper of {done.campaign}")


@hopper.command("flush", epilog="Example: agent-bridge hopper flush SALES")
def flush(campaign: Campaign, *, json: Json = False) -> None:
    """Empty a campaign's hopper, but for what is just being dialled."""
    gone = run(FlushHopper(campaign=campaign))
    if json:
        print_json({"campaign": campaign, "removed": gone})
    else:
        typer.echo(f"removed {gone} leads from the hopper of {campaign}")
