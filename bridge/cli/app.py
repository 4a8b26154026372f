"""The commands at the top: serve, load, settings, and the groups of the others."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bridge.admin.site_commands import LoadSite
from bridge.campaigns.load import Changes
from bridge.campaigns.site_file import SiteFile, read
from bridge.cli import site, users
from bridge.cli.audit import show_audit
from bridge.cli.backup import backup, verify
from bridge.cli.call_time import calltime
from bridge.cli.campaign import campaign
from bridge.cli.consent import consent
from bridge.cli.delivery import delivery
from bridge.cli.dnc import dnc
from bridge.cli.drain import drain
from bridge.cli.erase import erase
from bridge.cli.events import events
from bridge.cli.evidence import evidence
from bridge.cli.hopper import hopper
from bridge.cli.intake import intake
from bridge.cli.lazy import LazyGroup
from bridge.cli.lead import lead
from bridge.cli.lead_list import lead_list
from bridge.cli.output import fail, print_json
from bridge.cli.recording import recording
from bridge.cli.restore import confirm_restore, restore
from bridge.cli.run import run, settings
from bridge.cli.settings_view import as_table, as_toml
from bridge.cli.site_items import Json
from bridge.cli.upgrade import upgrade
from bridge.cli.watch import watch
from bridge.cli.webhook import webhook
from bridge.cli.why import why
from bridge.settings import Settings
from bridge.settings_source import CONFIG_VARIABLE
from bridge.tables import TableError

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else $AGENT_BRIDGE_CONFIG, /etc/agent-bridge/bridge.toml."),
]

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_show_locals=False,  # locals may hold secrets
    help="Agent API, AMI and AGI bridge between a call centre's systems and Asterisk.",
)
app.add_typer(users.agent, name="agent")
app.add_typer(users.apiuser, name="apiuser")
app.add_typer(calltime, name="calltime")
app.add_typer(campaign, name="campaign")
app.add_typer(delivery, name="delivery")
app.add_typer(site.did, name="did")
app.add_typer(consent, name="consent")
app.add_typer(dnc, name="dnc")
app.add_typer(events, name="events")
app.add_typer(hopper, name="hopper")
app.add_typer(site.groupalias, name="groupalias")
app.add_typer(site.cidgroup, name="cidgroup")
app.add_typer(site.ownnumber, name="ownnumber")
app.add_typer(webhook, name="webhook")
app.add_typer(site.ingroup, name="ingroup")
app.add_typer(intake, name="intake")
app.add_typer(lead, name="lead")
app.add_typer(lead_list, name="list")
app.add_typer(site.phone, name="phone")
app.add_typer(site.phonealias, name="phonealias")
app.add_typer(recording, name="recording")
app.add_typer(site.trunk, name="trunk")
app.add_typer(site.usergroup, name="usergroup")
app.add_typer(why, name="why")
app.command(
    "evidence",
    epilog="Example: agent-bridge evidence --number 7275550100 --from 2026-01-01 --to 2026-11-26 --out f",
)(evidence)
app.command("watch", epilog="Example: agent-bridge watch --campaign SALES --sort time")(watch)
app.command("backup", epilog="Example: agent-bridge backup /var/backups/bridge-monday.db")(backup)
app.command("verify", epilog="Example: agent-bridge verify /var/backups/bridge-monday.db")(verify)
app.command("restore", epilog="Example: agent-bridge restore /var/backups/bridge-monday.db")(restore)
app.command("confirm-restore", epilog="Example: agent-bridge confirm-restore")(confirm_restore)
app.command("erase", epilog="Example: agent-bridge erase --number '+1 727 555 0100' --dry-run")(erase)
app.command("upgrade", epilog="Example: agent-bridge upgrade --check")(upgrade)
app.command("drain", epilog="Example: agent-bridge drain --wait")(drain)
app.command("audit", epilog="Example: agent-bridge audit --from 2026-11-24 --refused --csv")(show_audit)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  typer's form of a callback
    if wanted:
        typer.echo(f"agent-bridge {version('agent-bridge')}")
        raise typer.Exit


def _use(config: Path | None) -> None:
    """Every part of this process, and every child of it, reads the same file."""
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config.absolute())


@app.callback()
def top(
    *,
    config: Config = None,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Agent API, AMI and AGI bridge between a call centre's systems and Asterisk."""
    del show_version
    _use(config)


@app.command(epilog="Example: agent-bridge serve --config /etc/agent-bridge/bridge.toml")
def serve(*, config: Config = None) -> None:
    """Run the service until it is told to stop."""
    _use(config)
    found = settings()
    service = importlib.import_module("bridge.service")
    sys.exit(service.run(found))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="Example: agent-bridge relay --bridges 10.0.0.5:4574,10.0.0.6:4574",
)
def relay(context: typer.Context) -> None:
    """Run the relay that stands beside an Asterisk; its options: agent-bridge relay --help."""
    importlib.import_module("bridge.agi.relay").main(context.args)


@app.command("settings", epilog="Example: agent-bridge settings > bridge.toml")
def show_settings(
    *,
    config: Config = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Print the defaults, not what is set.")
    ] = False,
    json: Json = False,
) -> None:
    """Print the settings in force, each with its meaning; secrets are masked."""
    _use(config)
    found = Settings() if defaults else settings()
    if json:
        print_json(as_table(found))
    else:
        typer.echo(as_toml(found), nl=False)


@app.command("load", epilog="Example: agent-bridge load site.toml --dry-run")
def load_site(
    file: Annotated[Path, typer.Argument(help="The site file; - reads standard input.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be changed; change nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring the site to what a file says: all of it or nothing. A second time nothing is changed."""
    changes = run(LoadSite.of(_site_file(file), dry_run=dry_run))
    if json:
        print_json(changes)
    else:
        _print_changes(changes, dry_run=dry_run)


def _site_file(file: Path) -> SiteFile:
    origin = "standard input" if str(file) == "-" else str(file)
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        return read(text, base=file.parent, environ=os.environ)
    except TableError as error:
        fail(f"{origin}: {error}")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"cannot read {origin}: {error}")


def _print_changes(changes: Changes, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    for change in changes.changes:
        if change.what != "unchanged":
            fields = f": {', '.join(change.fields)}" if change.fields else ""
            typer.echo(f"{change.kind} {change.key} {would}{change.what}{fields}")
    for user, secret in changes.secrets.items():
        typer.echo(f"secret of {user} (not shown again): {secret}")
    same = sum(change.what == "unchanged" for change in changes.changes)
    typer.echo(f"{len(changes.changes) - same} {would}changed, {same} as they were")
