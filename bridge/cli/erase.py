"""`agent-bridge erase`: a person who wants to be forgotten."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from bridge.admin.person_commands import ErasePerson, LookForPerson
from bridge.cli.output import fail, print_fields, print_json, visible
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.persons.model import Erased, Wish


def erase(  # noqa: PLR0913  one for each option
    number: Annotated[str, typer.Option("--number", help="Her number, as it is dialled here or with +.")],
    *,
    lead: Annotated[
        list[int] | None, typer.Option("--lead", help="A further lead that is hers; may be given again.")
    ] = None,
    evidence_too: Annotated[
        bool,
        typer.Option(
            "--evidence-too", help="Also her number in calls, the gate's verdicts and her consents."
        ),
    ] = False,
    files_gone: Annotated[
        bool,
        typer.Option("--files-gone", help="The files of her recordings were removed by hand."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would go; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Erase what is on record of a person. What the law may ask to keep stays, and is said.

    Interrupted, the same command goes on where it was. Copies of the store, exports and other systems are not
    reached.
    """
    wish = Wish(number=number, leads=tuple(lead or ()), evidence_too=evidence_too, files_gone=files_gone)
    if dry_run or not yes:
        found = run(LookForPerson(wish=wish))
        if dry_run or not json:
            _show(found, json=json)
        if dry_run:
            return
        if json or not typer.confirm("Erase all of it?"):
            fail("nothing was erased; --yes says that it is meant")
    done = run(ErasePerson(wish=wish))
    _show(done, json=json)
    if done.files_left:
        raise typer.Exit(1)


def _show(done: Erased, *, json: bool) -> None:
    if json:
        print_json(msgspec.to_builtins(done))
        return
    print_fields(_fields(done))
    for name in done.files_left:
        typer.echo(f"recording left: {visible(name)}", err=True)


def _fields(done: Erased) -> dict[str, str]:
    found = {
        "leads": " ".join(str(lead) for lead in done.leads) or "none",
        "to be erased" if done.dry_run else "erased": _counts(done.rows),
        "kept": _counts(done.kept),
    }
    if done.other_numbers:
        found["her other numbers"] = " ".join(done.other_numbers)
    if done.in_call:
        found["now"] = "she is in a call: erasing is refused until it is over"
    if done.clean is False:
        found["log"] = "somebody reads the store: its -wal still holds deleted rows until the next checkpoint"
    return found


def _counts(rows: dict[str, int]) -> str:
    return "  ".join(f"{table} {count}" for table, count in rows.items()) or "nothing"
