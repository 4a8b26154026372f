"""`agent-bridge calltime`: hours in which customers may be called."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from typing import Annotated

import typer

from bridge.campaigns.call_time import CallTime
from bridge.cli.site_items import Json, Replace, add, common, pairs

calltime = typer.Typer(no_args_is_help=True, help="Hours in which customers may be called, on their clocks.")


@calltime.command(
    "add",
    epilog="Example: agent-bridge calltime add office --hours 09:00-17:00 --day 'saturday=10:00-14:00' "
    "--day sunday= --holiday 12-25=",
)
def add_call_time(
    name: Annotated[str, typer.Argument(help="law-US, law-US-FL: in the place of the law's.")],
    *,
    hours: Annotated[str, typer.Option(help="Of each day: '09:00-12:00 13:00-20:00'; empty: closed.")],
    day: Annotated[
        list[str] | None, typer.Option(help="Of one day, 'sunday=12:00-17:00'; repeat it.")
    ] = None,
    holiday: Annotated[
        list[str] | None, typer.Option(help="Of a date, '2026-12-24=09:00-12:00', '12-25='; repeat it.")
    ] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Call time that must be open there, too: 'FL=office'; repeat it.")
    ] = None,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    source: Annotated[str, typer.Option(help="The law or the decision behind it.")] = "",
    checked: Annotated[str, typer.Option(help="When somebody has read that.")] = "",
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a call time: campaigns and lists name it."""
    add(
        lambda: CallTime(
            name=name,
            title=title,
            hours=hours,
            days=pairs("--day", day or ()),
            holidays=pairs("--holiday", holiday or ()),
            states=pairs("--state", state or ()),
            source=source,
            checked=checked,
        ),
        replace=replace,
        json=json,
    )


common(calltime, CallTime, ("name", "title", "hours", "source", "checked"), "9am-9pm")
