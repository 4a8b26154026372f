"""`agent-bridge doctor`: says what an Asterisk lacks or allows too much, and how to mend it."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from bridge.access.model import PrincipalKind
from bridge.admin.client import ask
from bridge.admin.command import Command, R
from bridge.admin.errors import EXPECTED, AdminError, ServiceDown
from bridge.admin.phone_commands import ListBrowserPhones
from bridge.admin.place import socket_path
from bridge.admin.process_commands import ShowProcess
from bridge.admin.user_commands import ListUsers
from bridge.ami.errors import AmiError
from bridge.ami.settings import AmiSettings
from bridge.cli.output import fail as give_up
from bridge.cli.output import print_json
from bridge.conf.errors import ConfError
from bridge.conf.shipped import shipped
from bridge.doctor.collect import Target, collect
from bridge.doctor.dialplan import parse
from bridge.doctor.examine import examine, unreachable
from bridge.doctor.model import Check, Report, still_wrong
from bridge.doctor.own import check_own, check_users
from bridge.doctor.own_process import check_process
from bridge.doctor.reach import RELAY_PORT
from bridge.doctor.show import as_data, show
from bridge.settings import AsteriskSettings, Settings
from bridge.settings_source import CONFIG_VARIABLE, find, load
from bridge.tables import TableError
from bridge.tls import client_context

__all__ = ["app", "report_on"]

SECRET_VARIABLE: Final = "AGENT_BRIDGE_AMI_SECRET"  # noqa: S105 - a name

MOST_USERS: Final = 1000
"""API users that are looked at."""

EXIT_WRONG = 1
EXIT_UNREACHED = 2

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Exit status: 0 nothing is wrong, 1 something is, 2 no login at some Asterisk. "
    "Example: agent-bridge doctor --call --ignore version.CVE-2024-42365"
)
def doctor(  # noqa: PLR0913 - one for each option
    *,
    server: Annotated[
        list[str] | None,
        typer.Option("--server", help="Only this Asterisk of the settings; may be repeated."),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Asterisk's address, instead of the settings'.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port of its manager interface.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="AMI user to examine.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help=f"File with the user's secret; else ${SECRET_VARIABLE}.")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS and check the certificate.")] = False,
    tls_ca: Annotated[Path | None, typer.Option(help="Authority to trust (means --tls).")] = None,
    relay_port: Annotated[int, typer.Option(help="Where the relay beside Asterisk listens.")] = RELAY_PORT,
    call: Annotated[
        bool, typer.Option("--call", help="Make one call inside Asterisk, to nobody, and watch it.")
    ] = False,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", help="Do not count this check; may be repeated.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file.")] = None,
) -> None:
    """Say what is missing or too permissive at each Asterisk and here, with its mend. Changes nothing."""
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config.absolute())
    changes: dict[str, Any] = {"host": host, "port": port, "user": user, "secret": _secret(secret_file)}
    if tls or tls_ca:
        changes["tls"] = _tls(tls_ca)
    changes = {name: value for name, value in changes.items() if value is not None}
    targets = _targets(server or [], changes, relay_port=relay_port, call=call)
    if host is None:
        targets = _with_browsers(targets)
    own = [] if host is not None else _own()
    reports = _run(targets)
    if json:
        print_json(as_data(reports, ignore or [], own))
    else:
        show(reports, ignore or [], own)
    raise typer.Exit(_status(reports, ignore or [], own))


def _own() -> list[Check]:
    """What the bridge's own settings show, where there are any."""
    file = find(None, os.environ)
    if file is None:
        return []
    settings = load(file)
    users = ListUsers(kinds=frozenset({PrincipalKind.API}), after="", limit=MOST_USERS)
    return [
        *check_own(settings, file.absolute()),
        *check_users(_of_service(settings, users)),
        *check_process(_of_service(settings, ShowProcess())),
    ]


def _of_service(settings: Settings, command: Command[R]) -> R | None:
    """What the service says if it runs: a look must not make a database."""
    try:
        return ask(socket_path(settings), command)
    except (ServiceDown, AdminError, *EXPECTED):
        return None


def _tls(tls_ca: Path | None) -> ssl.SSLContext:
    try:
        return client_context(str(tls_ca or ""), names=("--tls-ca", ""))
    except OSError as error:
        give_up(str(error))


def _secret(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(SECRET_VARIABLE) or None
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"--secret-file: cannot read {file}: {error}")


def _targets(names: Sequence[str], changes: dict[str, Any], *, relay_port: int, call: bool) -> list[Target]:
    servers = _servers(names)
    if "host" in changes and len(servers) > 1:
        give_up("--host examines one Asterisk: name one of the settings with --server too")
    try:
        contexts = tuple(parse(shipped("bridge_extensions.conf")))
        return [
            Target(
                ami=_with_secret(replace(server.ami(), **changes)),
                view=_view(server, changes),
                contexts=contexts,
                relay_port=relay_port,
                call=call,
            )
            for server in servers
        ]
    except (OSError, ConfError) as error:
        give_up(str(error))


def _with_browsers(targets: Sequence[Target]) -> list[Target]:
    """With where browsers register that are phones, and which phones of theirs the running service knows."""
    settings = load()
    urls = {server.name: server.websocket_url for server in settings.asterisk}
    phones = _of_service(settings, ListBrowserPhones()) or []
    first = settings.asterisk[0].name
    return [
        replace(
            target,
            websocket=urls[target.ami.name],
            browsers=tuple(one for one in phones if (one.asterisk or first) == target.ami.name),
        )
        for target in targets
    ]


def _servers(names: Sequence[str]) -> list[AsteriskSettings]:
    try:
        servers = {server.name: server for server in load().asterisk}
    except TableError as error:
        give_up(f"settings: {error}")
    missing = [name for name in names if name not in servers]
    if missing:
        give_up(f"--server: the settings have no {missing[0]} (there is {', '.join(servers)})")
    return [servers[name] for name in names or servers]


def _with_secret(settings: AmiSettings) -> AmiSettings:
    if not settings.secret:
        give_up(f"no secret for the AMI user {settings.user}: {SECRET_VARIABLE}, --secret-file or settings")
    return settings


def _view(server: AsteriskSettings, changes: dict[str, Any]) -> AmiSettings | None:
    """The user who looks on, where the settings have one and the command line did not name another user."""
    if not server.view_secret or "user" in changes:
        return None
    place = {name: changes[name] for name in ("host", "port", "tls") if name in changes}
    return replace(server.ami(view=True), **place)


def _run(targets: Sequence[Target]) -> list[Report]:
    logging.getLogger("bridge.ami").setLevel(logging.CRITICAL)  # it is all told here in its own words

    async def all_of_them() -> list[Report]:
        return await asyncio.gather(*(report_on(target) for target in targets))

    return asyncio.run(all_of_them())


async def report_on(target: Target) -> Report:
    """Examine one Asterisk; what cannot be reached is a report too."""
    ami = target.ami
    reached = True
    try:
        checks = examine(await collect(target), parse(shipped("bridge_extensions.conf")))
    except AmiError as error:
        reached = False
        checks = unreachable(error, ami.host, ami.port, ami.user)
    return Report(ami.name, f"{ami.host}:{ami.port}", ami.user, reached, checks)


def _status(reports: Sequence[Report], ignored: Collection[str], own: Sequence[Check]) -> int:
    if not all(report.reached for report in reports):
        return EXIT_UNREACHED
    wrong = any(report.wrong(ignored) for report in reports) or still_wrong(own, ignored)
    return EXIT_WRONG if wrong else 0
