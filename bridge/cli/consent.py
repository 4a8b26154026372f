"""`agent-bridge consent`: what customers have agreed to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, NoReturn

import msgspec
import typer

from bridge.admin.consent_commands import AddConsent, ListConsents, RevokeConsent
from bridge.cli.output import fail, print_json, print_rows
from bridge.cli.run import run, said_in_one_line
from bridge.cli.site_items import Json
from bridge.consent.model import Given

consent = typer.Typer(no_args_is_help=True, help="What customers have agreed to, and have taken back.")

Lead = Annotated[int, typer.Argument(min=1, help="The lead's id.")]
_COLUMNS = ("number", "purpose", "given", "source", "given by", "revoked", "how")


@consent.command(
    "add",
    epilog="Example: agent-bridge consent add 201 --purpose sales --source form --given 2026-11-24T14:05Z",
)
def add(  # noqa: PLR0913  each option of a command is an argument of its function
    lead_id: Lead,
    *,
    purpose: Annotated[str, typer.Option(help="What she may be called for, as in sales.")],
    source: Annotated[str, typer.Option(help="Where she gave it.")],
    given: Annotated[str, typer.Option(help="When, with its offset: 2026-11-24T14:05:00Z.")],
    shown: Annotated[str, typer.Option(help="The text or page that she was shown.")] = "",
    given_by: Annotated[str, typer.Option("--by", help="Who gave it.")] = "",
    number: Annotated[str, typer.Option(help="For which number; else the lead's own.")] = "",
    json: Json = False,
) -> None:
    """Write a consent down."""
    said = Given(
        purpose=purpose,
        given_at=_moment(given),
        source=source,
        shown=shown,
        given_by=given_by,
        number=number,
    )
    with said_in_one_line():
        said.check(datetime.now(UTC))
        made = run(AddConsent(lead_id=lead_id, given=said))
    if made is None:
        _no_lead(lead_id)
    if json:
        print_json(msgspec.to_builtins(made))
    else:
        typer.echo(f"added: {made.e164} may be called for {made.purpose}")


@consent.command("revoke", epilog="Example: agent-bridge consent revoke 201 --how 'by letter'")
def revoke(
    lead_id: Lead,
    *,
    how: Annotated[str, typer.Option(help="In which way she said so.")],
    purpose: Annotated[str, typer.Option(help="Only what was given for this; else everything.")] = "",
    json: Json = False,
) -> None:
    """Take back what was given for the numbers of a lead."""
    count = run(RevokeConsent(lead_id=lead_id, purpose=purpose, how=how))
    if count is None:
        _no_lead(lead_id)
    if json:
        print_json({"lead_id": lead_id, "revoked": count})
    else:
        typer.echo(f"{count} consents hold no more")


@consent.command("list", epilog="Example: agent-bridge consent list 201")
def list_consents(lead_id: Lead, *, json: Json = False) -> None:
    """List what came with a lead, also what was taken back."""
    found = run(ListConsents(lead_id=lead_id))
    if json:
        print_json(msgspec.to_builtins(found))
        return
    rows = (
        (
            *(one.e164, one.purpose, f"{one.given_at:%Y-%m-%d %H:%M}", one.source, one.given_by),
            *(f"{one.revoked_at:%Y-%m-%d %H:%M}" if one.revoked_at else None, one.revoked_how),
        )
        for one in found
    )
    print_rows(_COLUMNS, rows, f"no consent came with lead {lead_id}")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        fail(f"--given {text[:40]!r}: a moment with its offset from UTC, as in 2026-11-24T14:05:00Z")


def _no_lead(lead_id: int) -> NoReturn:
    fail(f"there is no lead {lead_id}")
