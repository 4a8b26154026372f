"""`agent-bridge apiuser limit`: what an API user may not, for all its rights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from bridge.access.errors import InvalidUser
from bridge.access.limits import Limits
from bridge.access.model import PrincipalKind
from bridge.admin.user_commands import SetLimits
from bridge.cli.output import print_json
from bridge.cli.run import run, said_in_one_line
from bridge.cli.site_items import Json
from bridge.cli.user_commands import Name, shown
from bridge.tables import near

_FIELDS = Limits.__struct_fields__
_EXAMPLE = (
    "Example: agent-bridge apiuser limit crm campaigns='SALES SUPPORT' lists=101,102 agents=1000 "
    "addresses=192.0.2.0/24,2001:db8::/48 expires_at=2027-01-31T18:00:00Z rate=5 burst=20 "
    "countries=US,CA number_types=fixed_line,mobile calls_per_hour=60 calls_at_once=2"
)

LimitOption = Annotated[
    list[str] | None, typer.Option(help=f"A limit, as in rate=5; repeat it: {', '.join(_FIELDS)}.")
]


def limits_of(words: Iterable[str]) -> dict[str, str]:
    """`field=value`, several of them.

    Raises:
        InvalidUser: there is no such field, or a word has no `=`.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in _FIELDS:
            known = near(name, _FIELDS) or f"; known are {', '.join(_FIELDS)}"
            raise InvalidUser("limits", f"there is no limit {name!r}{known}")
        if not equals:
            raise InvalidUser(f"limits.{name}", f"write {name}=…; nothing behind the = ends the limit")
        found[name] = value
    return found


def add_limit_command(app: typer.Typer, kinds: frozenset[PrincipalKind]) -> None:
    """The command of one group."""

    @app.command("limit", epilog=_EXAMPLE)
    def set_limits(
        user: Name,
        limits: Annotated[
            list[str], typer.Argument(metavar="FIELD=VALUE…", help=f"Of {', '.join(_FIELDS)}.")
        ],
        *,
        json: Json = False,
    ) -> None:
        """Set limits, at once; the others stay. `rate=`, with nothing behind it, ends one."""
        with said_in_one_line():
            change = limits_of(limits)
        principal = run(SetLimits(user=user, kinds=kinds, change=change))
        if json:
            print_json(shown(principal))
        else:
            typer.echo(f"changed the limits of apiuser {user}")
