"""One real call through the agent API, as a caller would make it, and its timeline."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

AGENT, CAMPAIGN, NUMBER = "1000", "DEMO", "7275550100"
DEADLINE = 30.0
TALK = 3.0
"""Seconds of conversation."""

console = Console(highlight=False)


class Demo:
    """Calls the bridge with curl, and shows what it does."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.secret = secret

    def line(self, function: str, **parameters: str) -> str:
        """A command of the line format."""
        given = {"source": "demo", "user": "demo", "pass": self.secret, "function": function} | parameters
        query = "&".join(f"{name}={value}" for name, value in given.items())
        return self._curl(f"{self.url}/agc/api.php?{query}", show=True).strip()

    def get(self, path: str) -> Any:
        """Some JSON."""
        return json.loads(self._curl("-u", f"demo:{self.secret}", f"{self.url}/v1{path}"))

    def post(self, path: str, body: object) -> Any:
        """Send some JSON."""
        head = ("-u", f"demo:{self.secret}", "-H", "Content-Type: application/json")
        return json.loads(self._curl(*head, "-d", json.dumps(body), f"{self.url}/v1{path}", show=True))

    def _curl(self, *arguments: str, show: bool = False) -> str:
        if show:
            shown = shlex.join(["curl", *arguments]).replace(self.secret, "…")
            console.print(f"[dim]$ {shown}[/dim]", soft_wrap=True)
        done = subprocess.run(["curl", "-sS", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607 - the demo shows curl
        if done.returncode != 0:
            sys.exit(f"curl failed: {done.stderr.replace(self.secret, '…')}")
        return done.stdout


def wait_for(what: str, look: Callable[[], Any]) -> Any:
    """Look until it is there."""
    deadline = time.monotonic() + DEADLINE
    with console.status(what):
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.1)
    sys.exit(f"error: {what}: not within {DEADLINE:g} s. See: docker/engine logs --stack demo bridge")


def main() -> None:
    """Log an agent in, dial, talk, hang up, dispose, and show the timeline."""
    url, secret_file = sys.argv[1:]
    demo = Demo(url, Path(secret_file).read_text(encoding="ascii").strip())
    log_in(demo)
    reply = demo.line(
        "external_dial",
        agent_user=AGENT,
        value=NUMBER,
        phone_code="1",
        search="YES",
        preview="NO",
        focus="YES",
    )
    console.print(reply, soft_wrap=True)
    if not reply.startswith("SUCCESS"):
        sys.exit("error: the bridge did not dial")
    call_id = demo.get("/calls?limit=1")[0]["id"]
    wait_for("the carrier rings and answers", lambda: demo.get(f"/calls/{call_id}")["state"] == "bridged")
    time.sleep(TALK)
    console.print(demo.line("external_hangup", agent_user=AGENT, value="1"))
    wait_for("the AGI script reports the end", lambda: demo.get(f"/calls/{call_id}")["state"] == "ended")
    console.print(demo.line("external_status", agent_user=AGENT, value="SALE"))
    wait_for("the disposition", lambda: demo.get(f"/calls/{call_id}")["state"] == "disposed")
    show(demo.get(f"/calls/{call_id}"), demo.get(f"/calls/{call_id}/timeline"))
    console.print(
        f"\nIt goes on running. Look at:\n"
        f"  wallboard      {url}/\n  API, readable  {url}/docs\n  event stream   {url}/v1/events\n"
        f"User [bold]demo[/bold], secret in {secret_file}. Stop it with: make down"
    )


def log_in(demo: Demo) -> None:
    """Seat the agent, unless she sits there from an earlier demo."""
    state = demo.get(f"/agents/{AGENT}").get("state")
    if state is None:
        demo.post(f"/agents/{AGENT}/login", {"phone": AGENT, "campaign": CAMPAIGN})
    wait_for(
        f"agent {AGENT}'s phone is rung and seated in her room",
        lambda: demo.get(f"/agents/{AGENT}").get("state") == "paused",
    )


def show(call: dict[str, Any], timeline: list[dict[str, Any]]) -> None:
    """The timeline of a call, in milliseconds from the request."""
    table = Table(title=f"Call {call['id']} to {call['number']}", title_justify="left")
    for column in ("ms", "event", ""):
        table.add_column(column, justify="right" if column == "ms" else "left")
    begin = datetime.fromisoformat(timeline[0]["time"])
    for event in timeline:
        at = datetime.fromisoformat(event["time"]) - begin
        table.add_row(f"{at.total_seconds() * 1000:.1f}", event["type"], _detail(event["data"]))
    console.print(table)


def _detail(data: dict[str, Any]) -> str:
    names = ("dial_status", "hangup_cause", "reason", "status", "source")
    return "  ".join(f"{name}={data[name]}" for name in names if data.get(name) not in (None, ""))


if __name__ == "__main__":
    main()
