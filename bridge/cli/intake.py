"""`agent-bridge intake`: keys by which web forms add leads to a list."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from bridge.admin.intake_commands import (
    AddIntake,
    IntakeState,
    ListPosts,
    RotateIntake,
    SetIntakeActive,
    ShowIntake,
)
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.site_file import dump
from bridge.cli.output import print_fields, print_json, print_rows
from bridge.cli.run import run, said_in_one_line
from bridge.cli.site_items import Inactive, Json, common, pairs
from bridge.intake.keys import PAGE
from bridge.intake.model import Entry, IntakeKey, Outcome

intake = typer.Typer(no_args_is_help=True, help="Keys by which web forms add leads to one list.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="1 to 40 letters, digits, '-' or '_'.")]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_COLUMNS = ("id", "at", "key", "outcome", "reason", "lead_id", "number", "address")


@intake.command(
    "add",
    epilog="Example: agent-bridge intake add shop --list 101 --map data.tel=phone_number --set status=WEB "
    "--next https://shop.example/thanks",
)
def add_key(
    name: Name,
    *,
    list_id: Annotated[int, typer.Option("--list", help="List that its leads are added to.")],
    field: Annotated[
        list[str] | None,
        typer.Option("--map", help="Their field and ours, data.tel=phone_number; repeat it."),
    ] = None,
    constant: Annotated[
        list[str] | None, typer.Option("--set", help="A field that is always so, status=WEB; repeat it.")
    ] = None,
    honeypot: Annotated[str, typer.Option(help="Hidden field that only robots fill in; empty: none.")] = (
        "website"
    ),
    next_url: Annotated[str, typer.Option("--next", help="Where a browser goes on to.")] = "",
    origin: Annotated[
        list[str] | None, typer.Option(help="Site whose pages may post, https://shop.example; repeat it.")
    ] = None,
    expires: Annotated[str, typer.Option(help="When it ends, as 2026-12-31T00:00:00Z.")] = "",
    check_dnc: Annotated[bool, typer.Option(help="Refuse numbers of the do-not-call lists.")] = True,
    consent_field: Annotated[
        str, typer.Option(help="Box of the form that is ticked to agree; --consent-purpose says to what.")
    ] = "",
    consent_purpose: Annotated[
        str, typer.Option(help="What is agreed to by it, as in campaigns: sales.")
    ] = "",
    consent_shown: Annotated[
        str, typer.Option(help="The text beside the box, or the page's address and version.")
    ] = "",
    per_address: Annotated[str, typer.Option(help="Posts of one address in an hour/a day; 0: no limit.")] = (
        "60/300"
    ),
    per_number: Annotated[str, typer.Option(help="Leads of one number, the same way.")] = "3/5",
    altogether: Annotated[str, typer.Option(help="Posts of all in an hour/a day.")] = "1000/5000",
    inactive: Inactive = False,
    json: Json = False,
) -> None:
    """Add a key. Its token is shown once, and kept only as a hash."""
    with said_in_one_line():
        key = IntakeKey(
            name=name,
            list_id=list_id,
            active=not inactive,
            expires_at=_moment(expires),
            fields=pairs("--map", field or (), last=True),
            constants=pairs("--set", constant or ()),
            honeypot=honeypot,
            next_url=next_url,
            origins=tuple(origin or ()),
            check_dnc=check_dnc,
            consent_field=consent_field,
            consent_purpose=consent_purpose,
            consent_shown=consent_shown,
            **_limits(per_address, "--per-address", "address_per_hour", "address_per_day"),
            **_limits(per_number, "--per-number", "number_per_hour", "number_per_day"),
            **_limits(altogether, "--altogether", "per_hour", "per_day"),
        )
    token = run(AddIntake(key=key))
    if json:
        print_json(dump(key) | {"token": token})
    else:
        typer.echo(f"added intake {name}")
        _show_token(token)


@intake.command("show", epilog="Example: agent-bridge intake show shop")
def show_key(name: Name, *, json: Json = False) -> None:
    """Show one key, and when its tokens were made and used; never a token."""
    state = run(ShowIntake(name=name))
    if json:
        print_json(dump(state.key) | {"tokens": msgspec.to_builtins(state.tokens)})
    else:
        print_fields(dump(state.key) | {"tokens": _tokens(state)})


@intake.command("rotate", epilog="Example: agent-bridge intake rotate shop --overlap 7d")
def rotate(
    name: Name,
    *,
    overlap: Annotated[str, typer.Option(help="How long the old token stays good: 30m, 12h, 7d.")] = "0s",
    json: Json = False,
) -> None:
    """Make another token, shown once."""
    with said_in_one_line():
        seconds = _seconds(overlap)
    token = run(RotateIntake(name=name, overlap_seconds=seconds))
    if json:
        print_json({"name": name, "token": token})
    else:
        _show_token(token)


@intake.command("disable", epilog="Example: agent-bridge intake disable shop")
def disable(name: Name, *, json: Json = False) -> None:
    """Shut a key at once."""
    _set_active(name, active=False, json=json)


@intake.command("enable", epilog="Example: agent-bridge intake enable shop")
def enable(name: Name, *, json: Json = False) -> None:
    """Open it again."""
    _set_active(name, active=True, json=json)


@intake.command("log", epilog="Example: agent-bridge intake log shop --outcome refused")
def log(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Of this key; else of all.")] = "",
    *,
    outcome: Annotated[list[Outcome] | None, typer.Option(help="Only these; repeat it.")] = None,
    before: Annotated[int, typer.Option(min=0, help="Begin behind the post of this id.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many.")] = 50,
    body: Annotated[bool, typer.Option("--body", help="With what was sent: personal data.")] = False,
    json: Json = False,
) -> None:
    """List what came in, newest first, and what became of it."""
    found = run(ListPosts(name=name, outcomes=outcome or [], before=before, limit=limit))
    if json:
        print_json([_shown(entry, body=body) for entry in found])
        return
    columns = (*_COLUMNS, "body") if body else _COLUMNS
    shown = (_shown(entry, body=body) for entry in found)
    print_rows(columns, ([each[name] for name in columns] for each in shown), "nothing came in")


def _set_active(name: str, *, active: bool, json: bool) -> None:
    run(SetIntakeActive(name=name, active=active))
    done = "enabled" if active else "disabled"
    if json:
        print_json({"name": name, "done": done})
    else:
        typer.echo(f"{done} intake {name}")


def _shown(entry: Entry, *, body: bool) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(entry)
    for name in ("body", "fingerprint", "subscriber"):
        del plain[name]
    return plain | ({"body": entry.body.decode("utf-8", "replace")} if body else {})


def _tokens(state: IntakeState) -> str:
    told = [
        f"made {token.made_at:%Y-%m-%d %H:%M}, "
        + (f"good until {token.good_until:%Y-%m-%d %H:%M}, " if token.good_until else "")
        + (f"used {token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never used")
        for token in state.tokens
    ]
    return "; ".join(told)


def _show_token(token: str) -> None:
    typer.echo(f"token: {token}")
    typer.echo(f"The form posts to /in/{token} of the bridge. It is not shown again.", err=True)


def _limits(word: str, option: str, hour: str, day: str) -> dict[str, int]:
    found = re.fullmatch(r"([0-9]{1,7})(?:/([0-9]{1,7}))?", word)
    if found is None:
        raise InvalidField(option, f"{word!r}: two numbers, of an hour and a day, as 60/300")
    return {hour: int(found[1]), day: int(found[2] or found[1])}


def _seconds(word: str) -> int:
    found = re.fullmatch(r"([0-9]{1,7})([smhd])", word)
    if found is None or int(found[1]) * _UNITS[found[2]] > 90 * _UNITS["d"]:
        raise InvalidField("--overlap", f"{word!r}: as 30m, 12h or 7d, at most 90d")
    return int(found[1]) * _UNITS[found[2]]


def _moment(word: str) -> datetime | None:
    try:
        return datetime.fromisoformat(word) if word else None
    except ValueError:
        raise InvalidField("--expires", f"{word!r} is no time, as 2026-12-31T00:00:00Z") from None


common(intake, IntakeKey, ("name", "list_id", "active", "expires_at", "honeypot"), "shop", show=False)
