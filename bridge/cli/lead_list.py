"""`agent-bridge list`: lists of leads."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from bridge.campaigns.errors import InvalidField
from bridge.cli.site_items import (
    AddLeadUrl,
    DispoCallUrl,
    Inactive,
    Json,
    NoAgentCallUrl,
    Replace,
    StartCallUrl,
    add,
    common,
    pairs,
)
from bridge.leads.model import LeadList

lead_list = typer.Typer(no_args_is_help=True, help="Lists of leads, each of one campaign.")


@lead_list.command(
    "add",
    epilog="Example: agent-bridge list add 101 --campaign SALES --name 'Web form' --custom-field colour=TEXT",
)
def add_list(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number, of 1 to 14 digits.")],
    *,
    campaign: Annotated[str, typer.Option(help="The campaign that calls its leads.")] = "",
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    description: Annotated[str, typer.Option(help="Where its leads are from.")] = "",
    expires_at: Annotated[
        str, typer.Option(help="From then on its leads are not dialled: 2027-01-01T00:00:00Z.")
    ] = "",
    country: Annotated[
        str, typer.Option(help="In which its numbers are read, two letters; empty: the site's.")
    ] = "",
    call_time: Annotated[
        str, typer.Option(help="Hours in which its leads may be called; empty: the campaign's.")
    ] = "",
    caller_id: Annotated[
        str, typer.Option(help="Number that its leads are shown; empty: the campaign's.")
    ] = "",
    custom_field: Annotated[
        list[str] | None, typer.Option(help="A field of its own and its type, 'colour=TEXT'; repeat it.")
    ] = None,
    start_call_url: StartCallUrl = "",
    dispo_call_url: DispoCallUrl = "",
    no_agent_call_url: NoAgentCallUrl = "",
    add_lead_url: AddLeadUrl = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a list; leads come by file, web form or API."""
    add(
        lambda: LeadList(
            id=number,
            campaign=campaign,
            name=name,
            description=description,
            expires_at=_moment(expires_at),
            country=country.upper(),
            call_time=call_time,
            caller_id=caller_id,
            custom_fields=pairs("--custom-field", custom_field or ()),
            start_call_url=start_call_url,
            dispo_call_url=dispo_call_url,
            no_agent_call_url=no_agent_call_url,
            add_lead_url=add_lead_url,
            active=not inactive,
        ),
        replace=replace,
        json=json,
    )


def _moment(word: str) -> datetime | None:
    try:
        return datetime.fromisoformat(word) if word else None
    except ValueError:
        raise InvalidField("--expires-at", f"{word!r} is no time, as 2027-01-01T00:00:00Z") from None


common(lead_list, LeadList, ("id", "name", "campaign", "active", "expires_at", "call_time"), "101")
