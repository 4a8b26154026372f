"""`agent-bridge evidence`: what can be shown of the calls to one number."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bridge.admin.evidence_commands import CollectEvidence
from bridge.cli.output import fail, print_json
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.evidence.collect import whole_days
from bridge.evidence.folder import write

Day = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in UTC.")]
LastDay = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, in UTC.")]


def evidence(
    *,
    number: Annotated[str, typer.Option(help="The number, in any form.")],
    first: Day,
    last: LastDay,
    out: Annotated[Path, typer.Option(help="Folder that it is written to; new, or empty.")],
    json: Json = False,
) -> None:
    """Write what is on record of a number: consents, calls with the rules that allowed them, opt-outs."""
    begin, end = whole_days(first, last)
    if begin >= end:
        fail(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}")
    found = run(CollectEvidence(number=number, begin=begin, end=end))
    try:
        files = write(found, out)
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror or error}")
    if json:
        print_json({"number": found.number, "attempts": len(found.attempts), "files": files})
    else:
        typer.echo(f"{len(found.attempts)} calls to {found.number}: read {out / 'summary.html'}")
