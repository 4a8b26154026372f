"""`agent-bridge conf`: what belongs into an existing Asterisk's configuration; puts it in, takes it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.output import fail, print_json
from bridge.conf.apply import apply, plan_removal, remove
from bridge.conf.contents import installed_version, networks, read_secrets
from bridge.conf.disk import look
from bridge.conf.errors import ConfError
from bridge.conf.families import ACCESS, Family, chosen
from bridge.conf.owner import parse_owner
from bridge.conf.plan import Change, Plan, Wish, make_plan
from bridge.conf.scan import includes
from bridge.conf.show import as_data, describe, diff
from bridge.doctor.versions import Version, parse

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="What belongs into an existing Asterisk's configuration.")


@app.callback()
def conf() -> None:
    """What belongs into an existing Asterisk's configuration."""


@app.command(
    epilog="Without --apply or --remove nothing is changed. Example: "
    "agent-bridge conf plan --asterisk-dir /etc/asterisk --freepbx --permit 10.0.0.5"
)
def plan(  # noqa: PLR0913 - one for each option
    *,
    asterisk_dir: Annotated[Path, typer.Option(help="Directory of the configuration.")] = Path(
        "/etc/asterisk"
    ),
    freepbx: Annotated[
        bool, typer.Option("--freepbx", help="Add to the *_custom.conf files that FreePBX leaves alone.")
    ] = False,
    do_apply: Annotated[
        bool, typer.Option("--apply", help="Make the changes; what was there is kept.")
    ] = False,
    do_remove: Annotated[
        bool, typer.Option("--remove", help="Put back what was there, byte for byte.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave out extensions, confbridge, queues or manager.")
    ] = None,
    permit: Annotated[
        list[str] | None,
        typer.Option(help="Network from which the bridge logs in; may be repeated. Else loopback."),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="user:group of new files; else as the files beside them.")
    ] = None,
    asterisk_version: Annotated[
        str | None, typer.Option(help="Else asked of the asterisk on this machine.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show the whole of new files too.")] = False,
    show_secret: Annotated[
        bool, typer.Option("--show-secret", help="Print the secrets of the AMI users that are in place.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what would be added to an existing Asterisk's files; --apply adds it, --remove takes it out."""
    if do_apply and do_remove:
        fail("--apply or --remove, not both")
    try:
        families = chosen(without or [])
        if do_remove:
            found = plan_removal(asterisk_dir)
        else:
            found = make_plan(
                Wish(
                    folder=asterisk_dir,
                    families=families,
                    freepbx=freepbx,
                    version=_version(asterisk_version),
                    permit=networks(permit or []),
                    owner=parse_owner(owner) if owner else None,
                )
            )
        if do_apply:
            apply(found)
        elif do_remove:
            remove(found)
    except (ConfError, ValueError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or asterisk_dir}: {error.strerror}")
    done = do_apply or do_remove
    secrets = _secrets(found.folder) if show_secret else {}
    if json:
        print_json(as_data(found, done=done) | ({"secrets": secrets} if show_secret else {}))
        return
    _print(found, families, done=done, full=full)
    for user, secret in secrets.items():
        typer.echo(f"secret of {user}: {secret}")


def _secrets(folder: Path) -> dict[str, str]:
    """Those that are in place; a plan that was not carried out has none yet."""
    try:
        found = look(folder / ACCESS)
    except ConfError as error:
        fail(str(error))
    return read_secrets(found.data) if found else {}


def _version(given: str | None) -> Version | None:
    if given is None:
        return installed_version()
    version = parse(given)
    if version is None:
        raise ValueError(f"--asterisk-version: {given!r} is no version (as in 22.10.1)")
    return version


def _print(plan: Plan, families: tuple[Family, ...], *, done: bool, full: bool) -> None:
    for change in plan.changes:
        if full or _is_worth_showing(change):
            for line in diff(change, plan.folder):
                typer.echo(line)
    for change in plan.changes:
        typer.echo(f"{'done: ' if done else 'would '}{describe(change)}")
    if not plan.changes:
        typer.echo(
            f"{plan.folder}: everything is as it should be, nothing {'was' if done else 'would be'} changed"
        )
    elif done:
        _print_reloads(plan, families)
        _print_next(plan)
    else:
        typer.echo("nothing was changed: --apply makes these changes")


def _is_worth_showing(change: Change) -> bool:
    """A new file of ours is told in one line; what happens to existing files is shown in full."""
    return bool(change.include) or (change.before is not None and change.after is not None)


def _print_reloads(plan: Plan, families: tuple[Family, ...]) -> None:
    touched = {change.name for change in plan.changes}
    reloads = [
        family.reload for family in families if touched & {family.plain, family.freepbx, *family.files}
    ]
    typer.echo("Asterisk reads it after:")
    for command in reloads:
        typer.echo(f"    asterisk -rx '{command}'")


def _print_next(plan: Plan) -> None:
    if any(change.name == ACCESS and change.after for change in plan.changes):
        typer.echo(f"the secrets of the AMI users are in {plan.folder / ACCESS} (--show-secret prints them);")
        typer.echo("they belong into the bridge's settings, as secret and view_secret of [[asterisk]]")
    if any(
        change.include and change.after and includes(change.after.data, change.include)
        for change in plan.changes
    ):
        typer.echo("then: agent-bridge doctor --call")
