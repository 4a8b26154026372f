"""`agent-bridge relay`. A host that has nothing but Python runs the same as `python3 -m bridge.agi.relay`."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.agi.relay import main
from bridge.agi.relay_settings import HELP

app = typer.Typer(add_completion=False)

_EXAMPLES = """
Examples:

agent-bridge relay --bridges 192.0.2.10:4574 --secret-file /etc/agent-bridge/relay.secret

agent-bridge relay --bridges bridge-a:4574,bridge-b:4574 --queue sales

python3 -m bridge.agi.relay --config /etc/agent-bridge/relay.ini
"""


@app.command(epilog=_EXAMPLES)
def relay(  # noqa: PLR0913 - one for each setting
    *,
    config: Annotated[str, typer.Option(help="file in INI form with a section [relay]")] = "",
    listen: Annotated[str, typer.Option(help=HELP["listen"])] = "",
    bridges: Annotated[str, typer.Option(help=HELP["bridges"])] = "",
    secret_file: Annotated[str, typer.Option(help=HELP["secret_file"])] = "",
    folder: Annotated[str, typer.Option(help=HELP["folder"])] = "",
    queue: Annotated[str, typer.Option(help=HELP["queue"])] = "",
    abandon_message: Annotated[str, typer.Option(help=HELP["abandon_message"])] = "",
    tls_ca: Annotated[str, typer.Option(help=HELP["tls_ca"])] = "",
    max_sessions: Annotated[str, typer.Option(help=HELP["max_sessions"])] = "",
    step_timeout: Annotated[str, typer.Option(help=HELP["step_timeout"])] = "",
) -> None:
    """Stand between Asterisk's dialplan and the bridge, and answer in time whatever happens to it.

    What is not given here is read from the file, then from the environment (BRIDGE_RELAY_LISTEN and so on).
    """
    given = {name: text for name, text in locals().items() if text}
    main([part for name, text in given.items() for part in ("--" + name.replace("_", "-"), text)])
