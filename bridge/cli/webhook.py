"""`agent-bridge webhook`: addresses that are told of events."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import typer

from bridge.admin.site_commands import ShowItem
from bridge.cli.output import fail, print_json
from bridge.cli.run import run, settings
from bridge.cli.site_items import Inactive, Json, Key, Replace, add, common
from bridge.secret import Secret
from bridge.webhooks.model import Webhook
from bridge.webhooks.signing import secret_of, shown

webhook = typer.Typer(no_args_is_help=True, help="Addresses that are told of events, signed.")


@webhook.command(
    "add",
    epilog="Example: agent-bridge webhook add crm --url https://crm.example/in --type call.disposed",
)
def add_webhook(
    name: Annotated[str, typer.Argument(help="1 to 40 letters, digits, '-' or '_'.")],
    *,
    url: Annotated[str, typer.Option(help="Address that gets a POST for each event.")],
    types: Annotated[
        list[str] | None,
        typer.Option("--type", help="As call.disposed, or call for all of them; repeat it. Left out: all."),
    ] = None,
    campaign: Annotated[str, typer.Option(help="Only events of this campaign.")] = "",
    personal: Annotated[
        Literal["full", "last_four", "hash", "none"],
        typer.Option(help="How customers' numbers are shown; what people have written only with full."),
    ] = "last_four",
    generation: Annotated[int, typer.Option(min=1, help="Of its secret: another one is another secret.")] = 1,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a webhook; its secret is told by `webhook secret`."""
    if not inactive:
        _signing_key()
    add(
        lambda: Webhook(
            name=name,
            title=title,
            url=url,
            types=tuple(types or ()),
            campaign=campaign,
            personal=personal,
            generation=generation,
            active=not inactive,
        ),
        replace=replace,
        json=json,
    )


@webhook.command("secret", epilog="Example: agent-bridge webhook secret crm")
def show_secret(key: Key, *, json: Json = False) -> None:
    """Show the secret by which its receiver knows that an event is ours."""
    hook = msgspec.convert(run(ShowItem(kind=Webhook.kind, key=key)), Webhook)
    secret = shown(secret_of(_signing_key(), hook))
    if json:
        print_json({"secret": secret})
    else:
        typer.echo(secret)


def _signing_key() -> Secret:
    found = settings().outgoing.signing_key
    if not found:
        fail("there is no [outgoing] signing_key: openssl rand -hex 32 makes one")
    return found


common(webhook, Webhook, ("name", "url", "types", "campaign", "personal", "active"), "crm")
