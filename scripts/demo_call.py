"""Two real calls, as callers of the APIs would make them, and their timelines: a dial, and a web lead."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

AGENT, CAMPAIGN, NUMBER = "1000", "DEMO", "7275550100"
WEB_AGENT, WEB_CAMPAIGN, WEB_LIST, WEB_NUMBER = "1001", "WEB", "101", "7275550200"
CONSOLE_AGENT = "1020"
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
        """A command of the agent API's line format."""
        return self._function("/agc/api.php", function, parameters)

    def non_agent(self, function: str, **parameters: str) -> str:
        """One of the non-agent API."""
        return self._function("/vicidial/non_agent_api.php", function, parameters)

    def _function(self, path: str, function: str, parameters: dict[str, str]) -> str:
        given = {"source": "demo", "user": "demo", "pass": self.secret, "function": function} | parameters
        query = "&".join(f"{name}={value}" for name, value in given.items())
        return self._curl(f"{self.url}{path}?{query}", show=True).strip()

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
    """An agent dials; then a web lead rings by itself. Both calls are talked, hung up and disposed."""
    url, secret_file = sys.argv[1:]
    demo = Demo(url, Path(secret_file).read_text(encoding="ascii").strip())
    heading("An agent is told to dial")
    dial(demo)
    heading("A lead comes in, and rings")
    web_lead(demo)
    console.print(
        f"\nIt goes on running. Look at:\n"
        f"  wallboard      {url}/\n  reports        {url}/reports\n"
        f"  agent console  {url}/console  (agent {CONSOLE_AGENT}, same secret; the browser is her phone)\n"
        f"  API, readable  {url}/docs\n  event stream   {url}/v1/events\n"
        f"User [bold]demo[/bold], secret in {secret_file}. Stop it with: make down"
    )


def heading(text: str) -> None:
    """What comes next."""
    console.print(f"\n[bold]{text}[/bold]")


def dial(demo: Demo) -> None:
    """A CRM has an agent call a number."""
    log_in(demo, AGENT, CAMPAIGN)
    begin = datetime.now(UTC)
    reply = demo.line(
        "external_dial",
        agent_user=AGENT,
        value=NUMBER,
        phone_code="1",
        search="YES",
        preview="NO",
        focus="YES",
    )
    expect(reply)
    finish(demo, AGENT, demo.get("/calls?limit=1")[0]["id"], begin)


def web_lead(demo: Demo) -> None:
    """A web form's server adds a lead; the campaign dials it, and the customer meets the agent who waits."""
    log_in(demo, WEB_AGENT, WEB_CAMPAIGN)
    expect(demo.line("external_pause", agent_user=WEB_AGENT, value="RESUME"))
    wait_for("the agent waits", lambda: demo.get(f"/agents/{WEB_AGENT}").get("state") == "ready")
    begin = datetime.now(UTC)
    reply = demo.non_agent(
        "add_lead",
        phone_number=WEB_NUMBER,
        phone_code="1",
        list_id=WEB_LIST,
        first_name="Ada",
        last_name="Example",
        add_to_hopper="Y",
    )
    expect(reply)
    lead_id = int(reply.splitlines()[0].split("|")[2])

    def called() -> str | None:
        calls = demo.get("/calls?limit=5")
        return next((call["id"] for call in calls if call["lead_id"] == lead_id), None)

    finish(demo, WEB_AGENT, wait_for("the lead is dialled", called), begin)
    demo.line("external_pause", agent_user=WEB_AGENT, value="PAUSE")


def expect(reply: str) -> None:
    """Show a reply; end the demo if it is no success."""
    console.print(reply, soft_wrap=True)
    if not reply.startswith("SUCCESS"):
        sys.exit("error: the bridge did not do it")


def finish(demo: Demo, user: str, call_id: str, begin: datetime) -> None:
    """Talk, hang up, dispose; the timeline since the request."""

    def is_now(state: str) -> Callable[[], bool]:
        return lambda: bool(demo.get(f"/calls/{call_id}")["state"] == state)

    wait_for("the carrier rings and answers", is_now("bridged"))
    time.sleep(TALK)
    console.print(demo.line("external_hangup", agent_user=user, value="1"))
    wait_for("the AGI script reports the end", is_now("ended"))
    console.print(demo.line("external_status", agent_user=user, value="SALE"))
    wait_for("the disposition", is_now("disposed"))
    show(demo.get(f"/calls/{call_id}"), demo.get(f"/calls/{call_id}/timeline"), begin)


def log_in(demo: Demo, user: str, campaign: str) -> None:
    """Seat an agent, unless she sits there from an earlier demo."""
    if demo.get(f"/agents/{user}").get("state") is None:
        demo.post(f"/agents/{user}/login", {"phone": user, "campaign": campaign})
    wait_for(
        f"agent {user}'s phone is rung and seated in her room",
        lambda: demo.get(f"/agents/{user}").get("state") == "paused",
    )


def show(call: dict[str, Any], timeline: list[dict[str, Any]], begin: datetime) -> None:
    """The timeline of a call, in milliseconds from the request."""
    table = Table(title=f"Call {call['id']} to {call['number']}", title_justify="left")
    for column in ("ms", "event", ""):
        table.add_column(column, justify="right" if column == "ms" else "left")
    table.add_row("0.0", "the request", "curl")
    for event in timeline:
        at = datetime.fromisoformat(event["time"]) - begin
        table.add_row(f"{at.total_seconds() * 1000:.1f}", event["type"], _detail(event["data"]))
    console.print(table)


def _detail(data: dict[str, Any]) -> str:
    names = ("dial_status", "hangup_cause", "reason", "status", "source")
    return "  ".join(f"{name}={data[name]}" for name in names if data.get(name) not in (None, ""))


if __name__ == "__main__":
    main()
