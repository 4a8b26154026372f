"""The real service in a thread, without an Asterisk: a browser sees what the test puts into its store."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch

import msgspec
import uvicorn
from sqlalchemy import delete, insert, update

from bridge.access import service as access
from bridge.access.hashing import Hasher
from bridge.access.service import Access
from bridge.agents.model import AgentSession, AgentState
from bridge.calls.model import Call, CallKind, CallState
from bridge.campaigns.load import load
from bridge.campaigns.service import Site
from bridge.campaigns.site_file import read
from bridge.events.catalogue import (
    AgentInCall,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    AgentWrapup,
    CallBridged,
    CallDialing,
    CallDisposed,
    CallEnded,
    CallQueued,
    CallRinging,
    Event,
)
from bridge.leads.model import Lead
from bridge.secret import Secret, SecretUrl
from bridge.service import Core, Interfaces
from bridge.settings import AsteriskSettings, HttpSettings, Settings, SiteSettings, StoreSettings
from bridge.store.database import Database, Transaction
from bridge.store.rows import to_row
from bridge.store.schema import agent_screens, agent_sessions, calls, leads, users

SECONDS: Final = 20.0
USER, SECRET = "board", "a-secret-of-the-tests"
PASSWORD = "correct horse battery"
SITE: Final = """
[[trunk]]
name = "carrier"
template = "PJSIP/{number}@carrier"
[[ingroup]]
name = "SUPPORT"
[[phone]]
login = "1000"
[[usergroup]]
name = "ADMIN"
campaigns = "ALL"
sees_groups = "ALL"
[[campaign]]
id = "SALES"
trunk = "carrier"
dial_method = "RATIO"
dial_level = 1.5
inbound = true
queues = ["SUPPORT"]
presets = { "Second level" = "7275550199" }
script = "Am I speaking with --A--first_name--B-- --A--last_name--B--?"
web_form_url = "https://crm.example/form?phone=--A--phone_number--B--&city=--A--city--B--"
preview = "PREVIEW_AND_SKIP"
alt_number_dialing = true
pause_codes = [{ code = "LUNCH", name = "Lunch" }, "COACH"]
statuses = [
  { status = "SALE1", name = "Sale made" },
  { status = "CALLME", name = "Call back", callback = true },
]
[[list]]
id = 101
name = "Web"
campaign = "SALES"
[[apiuser]]
user = "board"
level = 9
functions = "ALL"
rights = "ALL"
secret_env = "BOARD_SECRET"
"""
STATES: Final[dict[AgentState, type[Any]]] = {
    AgentState.PAUSED: AgentPaused,
    AgentState.READY: AgentReady,
    AgentState.INCALL: AgentInCall,
    AgentState.WRAPUP: AgentWrapup,
    AgentState.LOGGED_OUT: AgentLoggedOut,
}
STAGES: Final[dict[CallState, type[Any]]] = {
    CallState.DIALING: CallDialing,
    CallState.RINGING: CallRinging,
    CallState.QUEUED: CallQueued,
    CallState.BRIDGED: CallBridged,
    CallState.ENDED: CallEnded,
    CallState.DISPOSED: CallDisposed,
}
T = TypeVar("T")


def cheap_hasher() -> Hasher:
    """Costs that do not make each login take a tenth of a second."""
    return Hasher(time_cost=1, memory_cost=8, parallelism=1)


class Bridge:
    """A service on a store of its own; it can be stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'bridge.db'}"
        self.port = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="bridge").start()
        self._serving: asyncio.Task[None] | None = None
        self._on(self._load())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, on the port of the last time."""
        self._on(self._start())

    def stop(self) -> None:
        """End in order."""
        self._on(self._stop())

    def close(self) -> None:
        """End all of it."""
        if self._serving is not None:
            self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have a part of the service do something."""
        return self._on(work)

    def freeze(self, seconds: float) -> None:
        """Answer nobody for a while, as a network does that swallows everything."""
        self._loop.call_soon_threadsafe(time.sleep, seconds)

    def write(self, work: Callable[[Transaction], Awaitable[object]]) -> None:
        """Change the store, as a part of the service does that has not remembered what was there."""
        self._on(self.core.db.write(work))
        self.core.sessions._showing._newest.clear()

    # -- what the browser is to see

    def clear(self) -> None:
        """Nobody is logged in, nobody calls, and nobody ever has."""

        async def work(tx: Transaction) -> None:
            for table in (calls, agent_sessions, agent_screens, leads):
                await tx.conn.execute(delete(table))
            await tx.conn.execute(delete(users).where(users.c.kind == "agent"))

        self.write(work)

    def hire(self, user: str, *, name: str = "") -> None:
        """An agent who is not logged in."""

        async def work(tx: Transaction) -> None:
            known = {"user": user, "name": name or f"Agent {user}", "group": "ADMIN", "kind": "agent"}
            known["phone"] = user
            await tx.conn.execute(insert(users).values(known | {"level": 1, "active": True}))

        self.write(work)

    def password(self, user: str) -> None:
        """Her console opens with `PASSWORD`."""
        self.do(self.core.access.console.set_password(user, PASSWORD))

    def lead(self, lead_id: int, **fields: Any) -> None:
        """A customer of list 101, in New York."""
        known: dict[str, Any] = {"list_id": 101, "phone_number": "7275550111", "gmt_offset_minutes": -300}
        lead = Lead(id=lead_id, **known | fields)

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(insert(leads).values(to_row(lead)))

        self.write(work)

    def seat(self, user: str, state: AgentState = AgentState.READY, *, name: str = "", **more: Any) -> None:
        """An agent who is logged in, and has been in this state since `state_since`."""
        session = _session(user, state, **more)
        self.hire(user, name=name)

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(insert(agent_sessions).values(to_row(session)))
            tx.emit(_event(session), at=session.state_since)

        self.write(work)

    def agent(self, user: str, state: AgentState, **more: Any) -> None:
        """She is in another state from now on."""
        session = _session(user, state, **more)
        changed = {"state": state, "state_since": session.state_since} | more

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(update(agent_sessions).where(agent_sessions.c.user == user).values(changed))
            tx.emit(_event(session), at=session.state_since)

        self.write(work)

    def call(self, name: str, state: CallState, **more: Any) -> None:
        """A call that has just come to this state."""
        now = datetime.now(UTC)
        known: dict[str, Any] = {
            "kind": CallKind.INBOUND if state is CallState.QUEUED else CallKind.AUTO,
            "campaign": "SALES",
            "asterisk": "pbx",
            "number": "7275550100",
            "asked_at": now,
        }
        call = Call(id=name, legacy_id=name, legacy_uniqueid=name, state=state, **known | more)
        told = msgspec.structs.asdict(call)
        kind = STAGES[state]
        fields = {key: told[key] for key in kind.__struct_fields__ if key in told}
        source = {"source": call.status_source} if state is CallState.DISPOSED else {}
        event = kind(call_id=name, **fields, **source)

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(insert(calls).prefix_with("OR REPLACE").values(to_row(call)))
            tx.emit(event, at=call.asked_at)

        self.write(work)

    # -- the service

    def _on(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    async def _load(self) -> None:
        async with Database(self.url) as db:
            users_of = Access(db, hasher=cheap_hasher())
            site = read(SITE, base=Path(), environ={"BOARD_SECRET": SECRET})
            await load(db, Site(db), users_of, site)
            users_of.close()

    async def _start(self) -> None:
        self._end, up = asyncio.Event(), asyncio.Event()
        self._serving = asyncio.create_task(self._serve(up))
        waiting = asyncio.create_task(up.wait())
        await asyncio.wait((self._serving, waiting), timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            self._serving.result()
        assert up.is_set(), "the service does not start"

    async def _serve(self, up: asyncio.Event) -> None:
        with patch.object(access, "Hasher", cheap_hasher):
            self.core = Core(self._settings())
        async with self.core.running():
            made = Interfaces(self.core)
            made.http.config.log_config = None
            server = uvicorn.Server(made.http.config)
            task = asyncio.create_task(server._serve())
            while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.01)
            self.port = server.servers[0].sockets[0].getsockname()[1]
            up.set()
            await self._end.wait()
            made.stream.close()
            server.should_exit = True
            await task

    async def _stop(self) -> None:
        assert self._serving is not None
        self._end.set()
        await self._serving
        self._serving = None

    def _settings(self) -> Settings:
        # Nothing listens on port 9, and nothing is dialled.
        nowhere = AsteriskSettings(name="pbx", host="127.0.0.1", port=9, secret=Secret("none"), relay=False)
        return Settings(
            store=StoreSettings(url=SecretUrl(self.url)),
            asterisk=(nowhere,),
            http=HttpSettings(host="127.0.0.1", port=self.port),
            site=SiteSettings(automatic=False),
        )


def _session(user: str, state: AgentState, **more: Any) -> AgentSession:
    now = datetime.now(UTC)
    known: dict[str, Any] = {
        "campaign": "SALES",
        "state_since": now,
        "logged_in_at": now,
        "pause_reason": "BREAK",
    }
    return AgentSession(
        id=f"session-{user}",
        user=user,
        phone=user,
        asterisk="pbx",
        room=f"86{user}",
        state=state,
        **known | more,
    )


def _event(session: AgentSession) -> Event:
    told = {
        name: getattr(session, name)
        for name in ("user", "campaign", "phone", "state", "pause_reason", "call_id")
    }
    reason = {"reason": "asked"} if session.state is AgentState.LOGGED_OUT else {}
    event: Event = STATES[session.state](session_id=session.id, **told, **reason)
    return event
