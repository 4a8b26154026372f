"""`agent-bridge phone|phonealias|trunk|did|ingroup|…`: what the site consists of."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from typing import Annotated

import typer

from bridge.access.names import parse_names
from bridge.admin.phone_commands import SetPhoneSecret
from bridge.campaigns.caller_id_group import CallerIdEntry, CallerIdGroup
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Did, GroupAlias, InGroup, Phone, Trunk, UserGroup
from bridge.campaigns.own_number import OwnNumber
from bridge.campaigns.phone_alias import PhoneAlias
from bridge.cli.output import print_json
from bridge.cli.run import run
from bridge.cli.secrets import SecretFile, SecretStdin, given_secret
from bridge.cli.site_items import (
    AddLeadUrl,
    DispoCallUrl,
    Inactive,
    Json,
    NoAgentCallUrl,
    Replace,
    Server,
    StartCallUrl,
    add,
    common,
)

phone = typer.Typer(no_args_is_help=True, help="Phones that agents log in with.")
phonealias = typer.Typer(no_args_is_help=True, help="Names for several phones: a login takes a free one.")
trunk = typer.Typer(no_args_is_help=True, help="Ways to the telephone network.")
did = typer.Typer(no_args_is_help=True, help="Numbers by which customers call.")
ingroup = typer.Typer(no_args_is_help=True, help="Queues of callers, by their names in Asterisk.")
groupalias = typer.Typer(no_args_is_help=True, help="Numbers that callers of the API may choose to show.")
cidgroup = typer.Typer(
    no_args_is_help=True, help="Numbers that campaigns show by the area of whom they call."
)
ownnumber = typer.Typer(no_args_is_help=True, help="The site's own numbers: only these are shown.")
usergroup = typer.Typer(no_args_is_help=True, help="What the users of a group may use and see.")


@phone.command("add", epilog="Example: agent-bridge phone add 1000 --template 'PJSIP/{phone}'")
def add_phone(
    login: Annotated[str, typer.Argument(help="What agents log in with.")],
    *,
    template: Annotated[str, typer.Option(help="How Asterisk rings it; {phone} is the login.")] = (
        "PJSIP/{phone}"
    ),
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    webphone_url: Annotated[str, typer.Option(help="Page of a phone in the browser not our own.")] = "",
    browser: Annotated[
        bool, typer.Option("--browser", help="The agent's console is the phone; see `phone secret`.")
    ] = False,
    asterisk: Server = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a phone."""
    add(
        lambda: Phone(
            login=login,
            template=template,
            name=name,
            webphone_url=webphone_url,
            browser=browser,
            asterisk=asterisk,
            active=not inactive,
        ),
        replace=replace,
        json=json,
    )


@phone.command(
    "secret", epilog="Example: agent-bridge phone secret 1020 --secret-file /etc/agent-bridge/1020.secret"
)
def set_phone_secret(
    login: Annotated[str, typer.Argument(help="Of a phone that is a browser.")],
    *,
    secret_stdin: SecretStdin = False,
    secret_file: SecretFile = None,
    json: Json = False,
) -> None:
    """Give the console what a phone registers with at Asterisk. It is asked for, and never shown again."""
    asked = not secret_stdin and secret_file is None
    secret = given_secret(ask=asked, stdin=secret_stdin, file=secret_file) or ""
    run(SetPhoneSecret(login=login, secret=secret))
    if json:
        print_json({"login": login})
    else:
        typer.echo(f"the console registers phone {login} with it from its next login on")


@phonealias.command("add", epilog="Example: agent-bridge phonealias add 1000a --phones 1000,1001")
def add_phone_alias(
    name: Annotated[str, typer.Argument(help="What agents log in with.")],
    *,
    phones: Annotated[str, typer.Option(help="Logins of the phones, by commas.")],
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a name for several phones."""
    logins = tuple(phones.replace(",", " ").split())
    add(lambda: PhoneAlias(name=name, title=title, logins=logins), replace=replace, json=json)


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
    add(
        lambda: Trunk(name=name, template=template, asterisk=asterisk, active=not inactive),
        replace=replace,
        json=json,
    )


@did.command("add", epilog="Example: agent-bridge did add 7275551234 --queue SALESLINE --campaign SALES")
def add_did(
    number: Annotated[str, typer.Argument(help="As the carrier sends it.")],
    *,
    queue: Annotated[str, typer.Option(help="In-group of its callers; none: the dialplan's own.")] = "",
    campaign_id: Annotated[str, typer.Option("--campaign", help="Campaign that its calls count for.")] = "",
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    opt_out: Annotated[
        bool, typer.Option("--opt-out", help="Whoever calls it is not called any more.")
    ] = False,
    opt_out_key: Annotated[str, typer.Option(help="Digit by which its callers want that.")] = "",
    opt_out_sound: Annotated[str, typer.Option(help="Sound that tells them so before they wait.")] = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a DID."""
    add(
        lambda: Did(
            number=number,
            queue=queue,
            campaign=campaign_id,
            name=name,
            active=not inactive,
            opt_out=opt_out,
            opt_out_key=opt_out_key,
            opt_out_sound=opt_out_sound,
        ),
        replace=replace,
        json=json,
    )


@ingroup.command("add", epilog="Example: agent-bridge ingroup add SALESLINE --title Sales")
def add_ingroup(
    name: Annotated[str, typer.Argument(help="Name of the queue in Asterisk's queues.conf.")],
    *,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    caller_id: Annotated[str, typer.Option(help="Digits shown to whom is called in its name.")] = "",
    start_call_url: StartCallUrl = "",
    dispo_call_url: DispoCallUrl = "",
    no_agent_call_url: NoAgentCallUrl = "",
    add_lead_url: AddLeadUrl = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add an in-group: a queue of that name must be in Asterisk, too."""
    add(
        lambda: InGroup(
            name=name,
            title=title,
            caller_id=caller_id,
            active=not inactive,
            start_call_url=start_call_url,
            dispo_call_url=dispo_call_url,
            no_agent_call_url=no_agent_call_url,
            add_lead_url=add_lead_url,
        ),
        replace=replace,
        json=json,
    )


@groupalias.command(
    "add", epilog="Example: agent-bridge groupalias add FRONTDESK --caller-id 7275550100 --title 'Front desk'"
)
def add_groupalias(
    name: Annotated[str, typer.Argument(help="1 to 30 letters and digits.")],
    *,
    caller_id: Annotated[str, typer.Option(help="The number that is shown.")],
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a group alias: the API's group_alias names it, and the customer sees its number."""
    add(
        lambda: GroupAlias(name=name, title=title, caller_id=caller_id, active=not inactive),
        replace=replace,
        json=json,
    )


@cidgroup.command(
    "add",
    epilog="Example: agent-bridge cidgroup add LOCAL --entry 727=7275550100 --entry FL=8135550100 "
    "--entry NONE=7275550199",
)
def add_cidgroup(
    name: Annotated[str, typer.Argument(help="What campaigns call it.")],
    *,
    entry: Annotated[
        list[str] | None,
        typer.Option(help="Area code, state or NONE, and the number that is shown there; repeat it."),
    ] = None,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a caller-id group: campaigns name it, and their customers see a number of their area."""
    add(
        lambda: CallerIdGroup(name=name, title=title, entries=tuple(map(_entry, entry or ()))),
        replace=replace,
        json=json,
    )


def _entry(word: str) -> CallerIdEntry:
    area, mark, number = word.partition("=")
    if not mark:
        raise InvalidField("--entry", f"{word!r} needs an area, = and a number")
    return CallerIdEntry(area=area.strip(), number=number.strip())


@ownnumber.command("add", epilog="Example: agent-bridge ownnumber add +17275550100 --name 'Front desk'")
def add_ownnumber(
    number: Annotated[str, typer.Argument(help="E.164: + and country code.")],
    *,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a number of the site's own: campaigns, in-groups, group aliases and callers may show it."""
    add(lambda: OwnNumber(number=number, name=name), replace=replace, json=json)


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
    add(
        lambda: UserGroup(name=name, title=title, campaigns=parse_names(campaigns), sees_groups=groups),
        replace=replace,
        json=json,
    )


common(phone, Phone, ("login", "name", "template", "asterisk", "active"), "1000")
common(phonealias, PhoneAlias, ("name", "title", "logins"), "1000a")
common(trunk, Trunk, ("name", "template", "asterisk", "active"), "carrier")
common(did, Did, ("number", "name", "queue", "campaign", "active", "opt_out", "opt_out_key"), "7275551234")
common(ingroup, InGroup, ("name", "title", "caller_id", "active"), "SALESLINE")
common(groupalias, GroupAlias, ("name", "title", "caller_id", "active"), "FRONTDESK")
common(cidgroup, CallerIdGroup, ("name", "title"), "LOCAL")
common(ownnumber, OwnNumber, ("number", "name"), "+17275550100")
common(usergroup, UserGroup, ("name", "title", "campaigns", "sees_groups"), "AGENTS")
