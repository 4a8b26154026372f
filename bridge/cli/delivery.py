"""`agent-bridge delivery`: what other systems were told, and what became of it."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from bridge.admin.delivery_commands import ListDeliveries, RetryDelivery
from bridge.cli.output import fail, print_json, print_rows
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.delivery.model import DeliveryState
from bridge.delivery.service import PAGE

delivery = typer.Typer(no_args_is_help=True, help="What other systems were told, and what became of it.")

_COLUMNS = ("id", "kind", "state", "attempts", "status", "error", "next_at", "call_id", "lead_id", "url")


@delivery.command("list", epilog="Example: agent-bridge delivery list --failed")
def list_deliveries(
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that are not tried any more.")] = False,
    pending: Annotated[bool, typer.Option("--pending", help="Only those that wait.")] = False,
    call: Annotated[str, typer.Option(help="Only of this call (its id under /v1).")] = "",
    before: Annotated[str, typer.Option(help="Begin behind this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """List deliveries, newest first, without the values in their addresses."""
    wanted = {DeliveryState.FAILED: failed, DeliveryState.PENDING: pending}
    states = [state for state, asked in wanted.items() if asked]
    found = run(ListDeliveries(states=states, call_id=call, before=before, limit=limit))
    if json:
        print_json(msgspec.to_builtins(found))
    else:
        rows = ([getattr(each, column) for column in _COLUMNS] for each in found)
        print_rows(
            _COLUMNS, rows, "nothing was told that was asked for: see docs/crm-urls.md, docs/webhooks.md"
        )


@delivery.command("retry", epilog="Example: agent-bridge delivery retry 01920b5d-e820-7c11-8a10-5f0e6c3b2a19")
def retry(
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="Of one that has failed.")],
    *,
    json: Json = False,
) -> None:
    """Try one that has failed again, at once and for another day."""
    if not run(RetryDelivery(id=delivery_id)):
        fail(f"{delivery_id} is no delivery that has failed: agent-bridge delivery list --failed")
    if json:
        print_json({"id": delivery_id, "done": "retried"})
    else:
        typer.echo(f"retried {delivery_id}")
