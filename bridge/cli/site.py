"""`agent-bridge campaign|phone|trunk|did|usergroup`: what the site consists of."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from bridge.access.names import parse_names
from bridge.admin.site_commands import AddItem, Item, ListItems, RemoveItem, ShowItem
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import (
    ApiManualDial,
    Campaign,
    DialMethod,
    Did,
    PauseCode,
    Phone,
    Trunk,
    UserGroup,
)
from bridge.campaigns.service import PAGE
from bridge.campaigns.site_file import dump
from bridge.cli.output import print_fields, print_json, print_rows
from bridge.cli.run import run, said_in_one_line

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Its id, login, name or number.")]
Replace = Annotated[bool, typer.Option("--replace", help="Make it so even if there is one already.")]
Inactive = Annotated[bool, typer.Option("--inactive", help="Set it up, but switched off.")]
Server = Annotated[str, typer.Option(help="Name of the Asterisk that has it; empty: the first one.")]

campaign = typer.Typer(no_args_is_help=True, help="How calls are made and given to agents.")
phone = typer.Typer(no_args_is_help=True, help="Phones that agents log in with.")
trunk = typer.Typer(no_args_is_help=True, help="Ways to the telephone network.")
did = typer.Typer(no_args_is_help=True, help="Numbers by which customers call.")
usergroup = typer.Typer(no_args_is_help=True, help="What the users of a group may use and see.")


@campaign.command("add", epilog="Example: agent-bridge campaign add SALES --trunk carrier --wrapup 60")
def add_campaign(
    campaign_id: Annotated[str, typer.Argument(metavar="ID", help="1 to 20 letters and digits.")],
    *,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    trunk_name: Annotated[str, typer.Option("--trunk", help="Trunk that its calls go out on.")] = "",
    caller_id: Annotated[str, typer.Option(help="Digits that the customer sees.")] = "",
    dial_method: Annotated[DialMethod, typer.Option(help="Who decides what is dialled next.")] = (
        DialMethod.MANUAL
    ),
    api_manual_dial: Annotated[
        ApiManualDial, typer.Option(help="A dial through the API while the agent is not paused.")
    ] = ApiManualDial.STANDARD,
    dial_timeout: Annotated[int, typer.Option(help="Seconds until no answer.")] = 60,
    wrapup: Annotated[int, typer.Option(help="Seconds for the disposition after a call.")] = 30,
    default_status: Annotated[str, typer.Option(help="Disposition if nobody gives one.")] = "DISPO",
    queue: Annotated[list[str] | None, typer.Option(help="In-group that it serves; repeat it.")] = None,
    pause_code: Annotated[list[str] | None, typer.Option(help="Reason for a pause; repeat it.")] = None,
    manual_list: Annotated[int | None, typer.Option(help="List for the leads of manual dials.")] = None,
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a campaign."""
    _add(
        lambda: Campaign(
            id=campaign_id,
            name=name,
            active=not inactive,
            dial_method=dial_method,
            api_manual_dial=api_manual_dial,
            inbound=bool(queue),
            queues=tuple(queue or ()),
            manual_list=manual_list,
            trunk=trunk_name,
            caller_id=caller_id,
            dial_timeout=dial_timeout,
            wrapup_seconds=wrapup,
            default_status=default_status,
            pause_codes=tuple(PauseCode(code=code) for code in pause_code or ()),
        ),
        replace=replace,
        json=json,
    )


@phone.command("add", epilog="Example: agent-bridge phone add 1000 --template 'PJSIP/{phone}'")
def add_phone(
    login: Annotated[str, typer.Argument(help="What agents log in with.")],
    *,
    template: Annotated[str, typer.Option(help="How Asterisk rings it; {phone} is the login.")] = (
        "PJSIP/{phone}"
    ),
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    asterisk: Server = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a phone."""
    _add(
        lambda: Phone(login=login, template=template, name=name, asterisk=asterisk, active=not inactive),
        replace=replace,
        json=json,
    )


@trunk.command("add", epilog="Example: agent-bridge trunk add carrier --template 'PJSIP/{number}@carrier'")
def add_trunk(
    name: Annotated[str, typer.Argument(help="What campaigns call it.")],
    *,
    template: Annotated[
        str,
        typer.Option(help="How Asterisk dials it: PJSIP/{number}@carrier, Local/{number}@from-internal/n."),
    ],
    asterisk: Server = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a trunk. A Local channel keeps an existing installation's routes and blocks in force."""
    _add(
        lambda: Trunk(name=name, template=template, asterisk=asterisk, active=not inactive),
        replace=replace,
        json=json,
    )


@did.command("add", epilog="Example: agent-bridge did add 7275551234 --queue SALESLINE --campaign SALES")
def add_did(
    number: Annotated[str, typer.Argument(help="As the carrier sends it.")],
    *,
    queue: Annotated[str, typer.Option(help="In-group in which its callers wait.")],
    campaign_id: Annotated[str, typer.Option("--campaign", help="Campaign that its calls count for.")] = "",
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a DID."""
    _add(
        lambda: Did(number=number, queue=queue, campaign=campaign_id, name=name, active=not inactive),
        replace=replace,
        json=json,
    )


@usergroup.command("add", epilog="Example: agent-bridge usergroup add AGENTS --campaigns 'SALES SUPPORT'")
def add_usergroup(
    name: Annotated[str, typer.Argument(help="1 to 20 letters and digits.")],
    *,
    campaigns: Annotated[str, typer.Option(help="Campaigns that its users may use, or ALL.")],
    sees_groups: Annotated[str, typer.Option(help="Groups whose users they see, or ALL.")] = "",
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a group of users; without --sees-groups its users see their own group."""
    groups = parse_names(sees_groups or [name])
    _add(
        lambda: UserGroup(name=name, title=title, campaigns=parse_names(campaigns), sees_groups=groups),
        replace=replace,
        json=json,
    )


def _add(make: Callable[[], SiteItem], *, replace: bool, json: bool) -> None:
    with said_in_one_line():
        item = make()
    what = run(AddItem(item=Item.of(item), replace=replace))
    if json:
        print_json(dump(item))
    else:
        typer.echo(f"{what} {item.kind} {item.key}")


def _common(app: typer.Typer, kind: type[SiteItem], columns: tuple[str, ...], example: str) -> None:
    """The commands that are the same for each kind."""

    @app.command(
        "list", help=f"List each {kind.kind}.", epilog=f"Example: agent-bridge {kind.kind} list --json"
    )
    def list_items(
        *,
        after: Annotated[str, typer.Option(help="Begin behind this one.")] = "",
        limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many.")] = PAGE,
        json: Json = False,
    ) -> None:
        items = run(ListItems(kind=kind.kind, after=after, limit=limit))
        if json:
            print_json(items)
        else:
            rows = ([item[column] for column in columns] for item in items)
            print_rows(columns, rows, f"no {kind.kind} yet: agent-bridge {kind.kind} add --help")

    @app.command(
        "show", help=f"Show one {kind.kind}.", epilog=f"Example: agent-bridge {kind.kind} show {example}"
    )
    def show_item(
        key: Key,
        *,
        json: Json = False,
    ) -> None:
        item = run(ShowItem(kind=kind.kind, key=key))
        (print_json if json else print_fields)(item)

    @app.command(
        "remove",
        help=f"Remove one {kind.kind}.",
        epilog=f"Example: agent-bridge {kind.kind} remove {example}",
    )
    def remove_item(
        key: Key,
        *,
        json: Json = False,
    ) -> None:
        run(RemoveItem(kind=kind.kind, key=key))
        if json:
            print_json({"removed": key})
        else:
            typer.echo(f"removed {kind.kind} {key}")


_common(campaign, Campaign, ("id", "name", "active", "dial_method", "trunk", "queues"), "SALES")
_common(phone, Phone, ("login", "name", "template", "asterisk", "active"), "1000")
_common(trunk, Trunk, ("name", "template", "asterisk", "active"), "carrier")
_common(did, Did, ("number", "name", "queue", "campaign", "active"), "7275551234")
_common(usergroup, UserGroup, ("name", "title", "campaigns", "sees_groups"), "AGENTS")
