"""`agent-bridge ami`: look at the events of an Asterisk, and send it one action.

The secret comes from the environment or from a file, never from an argument: arguments are in the process
list for everybody to read.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from bridge.ami.actions import RawAction
from bridge.ami.client import AmiClient
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import ActionRefused, AmiError, OutcomeUnknown
from bridge.ami.events import EVENT_TYPES
from bridge.ami.message import Message
from bridge.ami.settings import AmiSettings
from bridge.ami.subscriptions import Gap, LinkDown, LinkUp, Subscription

__all__ = ["Defaults", "app", "use_defaults"]

Defaults = Callable[[bool], AmiSettings]
"""Gives the settings that hold where no option was given; the argument: of a user who only looks on?"""

SECRET_VARIABLE: Final = "AGENT_BRIDGE_AMI_SECRET"  # noqa: S105 - a name

FIRST_LINK = 3.0
"""Seconds for the first link of `tail`; later ones are waited for without end."""

EXIT_REFUSED = 1
EXIT_UNKNOWN = 3
"""The action was written, but whether it happened is not known."""

app = typer.Typer(no_args_is_help=True, help="Look at an Asterisk's events, and send it one action.")

_defaults: Defaults | None = None


def use_defaults(source: Defaults | None) -> None:
    """Say where settings come from when no option is given, for instance the service's own file."""
    global _defaults  # noqa: PLW0603 - set once, by the program that this command is part of
    _defaults = source


Host = Annotated[
    str | None, typer.Option("--host", envvar="AGENT_BRIDGE_AMI_HOST", help="Asterisk's address.")
]
Port = Annotated[
    int | None, typer.Option("--port", envvar="AGENT_BRIDGE_AMI_PORT", help="5038; with TLS usually 5039.")
]
User = Annotated[
    str | None, typer.Option("--user", envvar="AGENT_BRIDGE_AMI_USER", help="AMI user of manager.conf.")
]
SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", help=f"File with its secret; else ${SECRET_VARIABLE}.")
]
Tls = Annotated[bool, typer.Option("--tls", help="Speak TLS and check the certificate.")]
TlsCa = Annotated[
    Path | None, typer.Option("--tls-ca", help="Authority to trust instead of the system's (means --tls).")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a message.")]


@app.command(
    epilog="Examples: agent-bridge ami tail --event Hangup --event Newchannel · "
    "agent-bridge ami tail --raw > events.txt"
)
def tail(  # noqa: PLR0913 - one for each option
    *,
    event: Annotated[
        list[str] | None, typer.Option("--event", help="Only this event; may be repeated. Else all.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The bytes as they came (not for a terminal).")] = False,
    as_json: Json = False,
    count: Annotated[int | None, typer.Option("--count", min=1, help="End after so many events.")] = None,
    host: Host = None,
    port: Port = None,
    user: User = None,
    secret_file: SecretFile = None,
    tls: Tls = False,
    tls_ca: TlsCa = None,
) -> None:
    """Show events as they come, until interrupted. Losses of the link are told on standard error."""
    settings = _settings(host, port, user, secret_file, tls_ca, tls=tls, view=True)
    show = _show_raw if raw else _show_json if as_json else _show_text
    _run(_tail(settings, [_event_name(name) for name in event] if event else None, show, count))


@app.command(
    epilog="Examples: agent-bridge ami send Ping · agent-bridge ami send CoreShowChannels · "
    "agent-bridge ami send Hangup Channel=PJSIP/1000-00000001 Cause=16"
)
def send(  # noqa: PLR0913 - one for each option
    action: Annotated[str, typer.Argument(help="The action's name.")],
    header: Annotated[
        list[str] | None, typer.Argument(help="Its headers as Name=value; a name may come several times.")
    ] = None,
    *,
    as_json: Json = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait.")] = 10.0,
    host: Host = None,
    port: Port = None,
    user: User = None,
    secret_file: SecretFile = None,
    tls: Tls = False,
    tls_ca: TlsCa = None,
) -> None:
    """Send one action and show its answer, with the rows if it is a list.

    Exit status: 0 done, 1 refused or not sent, 3 sent but without an answer (it may have happened).
    """
    fields = tuple(_field(text) for text in header or [])
    settings = _settings(host, port, user, secret_file, tls_ca, tls=tls, view=False)
    show = _show_json if as_json else _show_text
    _run(_send(replace(settings, events="off"), RawAction(action, fields), show, timeout))


Show = Callable[[Message], None]


async def _tail(settings: AmiSettings, names: list[str] | None, show: Show, count: int | None) -> None:
    async with AmiClient(settings) as client:
        subscription = client.subscribe(names, maxsize=100_000, policy="drop")
        await client.connected(FIRST_LINK)
        await _follow(subscription, show, count)


async def _follow(subscription: Subscription, show: Show, count: int | None) -> None:
    seen = dropped = 0
    async for item in subscription:
        match item:
            case Message():
                show(item)
                seen += 1
            case LinkUp():
                _note(f"link up, Asterisk {item.asterisk_version or 'of unknown version'}")
            case LinkDown():
                _note(f"link down: {item.reason}")
            case Gap():
                _note(_gap_text(item))
        if subscription.dropped > dropped:
            _note(f"{subscription.dropped - dropped} events dropped: this output is too slow")
            dropped = subscription.dropped
        if seen == count:
            return


def _gap_text(gap: Gap) -> str:
    restarted = "; Asterisk was restarted" if gap.restarted else ""
    return f"events between {gap.since:%H:%M:%S.%f} and {gap.until:%H:%M:%S.%f} UTC are lost{restarted}"


async def _send(settings: AmiSettings, action: RawAction, show: Show, timeout: float) -> None:  # noqa: ASYNC109
    connection = AmiConnection(settings)
    try:
        await connection.open()
        answer = await connection.ask(action, timeout=timeout)
    finally:
        await connection.close()
    for message in (answer.response, *answer.rows):
        show(message)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end; turn what may go wrong into one line and an exit status."""
    logging.getLogger("bridge.ami").setLevel(logging.CRITICAL)  # it is all told here in its own words
    try:
        asyncio.run(work)
    except ActionRefused as error:
        _show_text(error.response)
        raise typer.Exit(EXIT_REFUSED) from None
    except OutcomeUnknown as error:
        _fail(str(error), EXIT_UNKNOWN)
    except AmiError as error:
        _fail(str(error), EXIT_REFUSED)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except ConnectionError:  # of standard output: `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _settings(  # noqa: PLR0913 - one for each option
    host: str | None,
    port: int | None,
    user: str | None,
    secret_file: Path | None,
    tls_ca: Path | None,
    *,
    tls: bool,
    view: bool,
) -> AmiSettings:
    found = _defaults(view) if _defaults else AmiSettings(user="bridge-view" if view else "bridge", secret="")
    changes: dict[str, Any] = {"host": host, "port": port, "user": user}
    changes["secret"] = _secret(secret_file)
    if tls or tls_ca:
        changes["tls"] = _tls(tls_ca)
    settings = replace(found, **{name: value for name, value in changes.items() if value is not None})
    if not settings.secret:
        _fail(f"no secret for the AMI user {settings.user}: set {SECRET_VARIABLE} or --secret-file", 2)
    return settings


def _tls(tls_ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=tls_ca and str(tls_ca))
    except OSError as error:  # not there, or no certificate
        _fail(f"--tls-ca: cannot use {tls_ca}: {error.strerror or error}", 2)


def _secret(secret_file: Path | None) -> str | None:
    if secret_file is None:
        return os.environ.get(SECRET_VARIABLE) or None
    try:
        return secret_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"cannot read {secret_file}: {error}", 2)


def _event_name(typed: str) -> str:
    """Take a known event's name in any spelling; another one as it is."""
    known = {name.decode().lower(): name.decode() for name in EVENT_TYPES}
    return known.get(typed.lower(), typed)


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        _fail(f"{text!r} is no header: write it as Name=value", 2)
    return name, value


def _show_raw(message: Message) -> None:
    sys.stdout.buffer.write(message.raw + b"\r\n\r\n")
    sys.stdout.buffer.flush()


def _show_text(message: Message) -> None:
    # A caller's name may hold control sequences for the terminal of whoever looks on.
    lines = (f"{name}: {value}" for name, value in message.items())
    text = "\n".join(
        "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line) for line in lines
    )
    typer.echo(text + "\n")


def _show_json(message: Message) -> None:
    values: dict[str, str | list[str]] = {}
    for name in dict.fromkeys(name for name, _ in message.items()):
        found = message.all(name)
        values[name] = found if len(found) > 1 else found[0]
    typer.echo(json.dumps(values))


def _note(text: str) -> None:
    typer.echo(f"-- {text}", err=True)


def _fail(text: str, status: int) -> NoReturn:
    typer.echo(f"error: {text}", err=True)
    raise typer.Exit(status)
