"""`agent-bridge agent|apiuser`: people who take calls, and programs that use the API."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from bridge.access.errors import InvalidUser
from bridge.access.hashing import new_secret
from bridge.access.limits import NO_LIMITS, changed_limits
from bridge.access.model import ALL_RIGHTS, RIGHTS, Principal, PrincipalKind, UserSpec
from bridge.access.names import All, Names, parse_names
from bridge.access.rights import FUNCTIONS
from bridge.admin.user_commands import AddUser
from bridge.cli.console import add_console_commands
from bridge.cli.keys import key
from bridge.cli.limits import LimitOption, add_limit_command, limits_of
from bridge.cli.output import print_json
from bridge.cli.run import run, said_in_one_line
from bridge.cli.secrets import AskSecret, SecretFile, SecretStdin, given_secret
from bridge.cli.site_items import Inactive, Json
from bridge.cli.user_commands import Name, Users, add_commands, shown
from bridge.tables import near

agent = typer.Typer(no_args_is_help=True, help="People who take and make calls.")
apiuser = typer.Typer(
    no_args_is_help=True, help="Programs that use the API: each its own, with only its rights."
)


@agent.command("add", epilog="Example: agent-bridge agent add 1000 --name 'Ann Smith' --phone 1000")
def add_agent(
    user: Name,
    *,
    name: Annotated[str, typer.Option(help="What people call her.")] = "",
    group: Annotated[str, typer.Option(help="Her user group.")] = "AGENTS",
    phone: Annotated[str, typer.Option(help="Phone that is rung when a login names none.")] = "",
    crm_id: Annotated[str, typer.Option(help="Her id in the CRM: alt_user of the API.")] = "",
    manual_dial: Annotated[bool, typer.Option(help="Whether she may place manual calls.")] = True,
    remote: Annotated[
        str, typer.Option(help="Campaign of a remote agent: update_remote_agent logs her in, with --phone.")
    ] = "",
    queue: Annotated[
        list[str] | None, typer.Option(help="In-group that she serves, not the campaign's; repeat it.")
    ] = None,
    ask_secret: AskSecret = False,
    secret_stdin: SecretStdin = False,
    secret_file: SecretFile = None,
    inactive: Inactive = False,
    json: Json = False,
) -> None:
    """Add an agent. Without a secret she cannot log in by herself; a program can log her in."""
    secret = given_secret(ask=ask_secret, stdin=secret_stdin, file=secret_file)
    with said_in_one_line():
        spec = UserSpec(
            user=user,
            kind=PrincipalKind.AGENT,
            name=name,
            group=group,
            active=not inactive,
            phone=phone,
            crm_id=crm_id,
            manual_dial=manual_dial,
            remote=remote,
            queues=tuple(queue) if queue else None,
        )
    _added(run(AddUser(spec=spec, secret=secret)), None, json=json)


@apiuser.command(
    "add",
    epilog="Example: agent-bridge apiuser add crm --functions 'external_dial external_hangup logout' "
    "--limit campaigns=SALES --limit addresses=192.0.2.0/24,2001:db8::/48 --limit rate=5",
)
def add_apiuser(
    user: Name,
    *,
    functions: Annotated[str, typer.Option(help="Functions that it may call, or ALL.")],
    level: Annotated[int, typer.Option(help="1 commands agents, 7 reads reports, 8 changes things.")] = 1,
    group: Annotated[str, typer.Option(help="User group: which campaigns and agents.")] = "ADMIN",
    right: Annotated[
        list[str] | None, typer.Option(help="A right: modify_leads, view_reports=1, …; ALL; repeat it.")
    ] = None,
    limit: LimitOption = None,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    ask_secret: AskSecret = False,
    secret_stdin: SecretStdin = False,
    secret_file: SecretFile = None,
    inactive: Inactive = False,
    json: Json = False,
) -> None:
    """Add an API user. Its secret is shown once, and kept only as a hash."""
    given = given_secret(ask=ask_secret, stdin=secret_stdin, file=secret_file)
    secret = given or new_secret()
    with said_in_one_line():
        spec = UserSpec(
            user=user,
            kind=PrincipalKind.API,
            name=name,
            group=group,
            level=level,
            active=not inactive,
            api_access=True,
            functions=_functions(functions),
            rights=_rights(right or ()),
            limits=changed_limits(NO_LIMITS, limits_of(limit or ())),
        )
    _added(run(AddUser(spec=spec, secret=secret)), None if given else secret, json=json)


def _functions(words: str) -> Names:
    names = parse_names(words)
    if not isinstance(names, All):
        for name in sorted(names - FUNCTIONS):
            known = near(name, FUNCTIONS) or f"; known are {', '.join(sorted(FUNCTIONS))}"
            raise InvalidUser("--functions", f"there is no function {name!r}{known}")
    return names


def _rights(words: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name == "ALL":
            found |= ALL_RIGHTS
        elif name not in RIGHTS:
            known = near(name, RIGHTS) or f"; known are {', '.join(RIGHTS)}"
            raise InvalidUser("--right", f"there is no right {name!r}{known}")
        elif not (value or "1").isdecimal():
            raise InvalidUser("--right", f"{word!r} needs a number behind the =")
        else:
            found[name] = int(value or "1")
    return found


def _added(principal: Principal, secret: str | None, *, json: bool) -> None:
    if json:
        print_json(shown(principal) | ({} if secret is None else {"secret": secret}))
        return
    what = "apiuser" if principal.kind is PrincipalKind.API else "agent"
    typer.echo(f"added {what} {principal.user}")
    if secret is not None:
        typer.echo(f"secret: {secret}")
        typer.echo("It is not shown again.", err=True)
    if principal.scope is None and principal.kind is PrincipalKind.API:
        typer.echo(
            f"note: group {principal.group!r} is not defined yet: until then it may do nothing", err=True
        )


add_console_commands(agent)
add_commands(Users(agent, "agent", frozenset({PrincipalKind.AGENT}), "1000"))
apiuser.add_typer(key, name="key")
add_limit_command(apiuser, frozenset({PrincipalKind.API, PrincipalKind.MANAGER}))
add_commands(
    Users(apiuser, "apiuser", frozenset({PrincipalKind.API, PrincipalKind.MANAGER}), "crm", usage=True)
)
