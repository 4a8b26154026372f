"""What can be seen of a request's results: rows of the store, and actions that reached Asterisk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fake_ami import Received

from bridge.store import schema
from replaying.rows import rows_of
from replaying.scene import Scene

TABLES: Final = {
    table.name: table
    for table in (
        schema.alt_numbers,
        schema.archived_leads,
        schema.hopper,
        schema.agent_screens,
        schema.agent_sessions,
        schema.callbacks,
        schema.calls,
        schema.dnc,
        schema.leads,
        schema.manual_dials,
        schema.notifications,
        schema.recordings,
        schema.users,
    )
}
Row = Mapping[str, Any]
Rows = dict[Any, Row]

QUIET: Final = frozenset(
    {
        "Challenge",
        "Login",
        "Logoff",
        "Ping",
        "Events",
        "CoreSettings",
        "CoreStatus",
        "CoreShowChannels",
        "Status",
        "QueueStatus",
        "ConfbridgeList",
        "ConfbridgeListRooms",
        "BridgeList",
        "BridgeInfo",
        "DeviceStateList",
        "Getvar",
    }
)
"""Actions that only look."""


class Store:
    """Looks into the store from the side."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def look(self) -> dict[str, Rows]:
        """Every row of every table that matters, by its key."""
        with rows_of(self._file) as conn:
            return {name: _rows(conn.execute(table.select()), table) for name, table in TABLES.items()}

    def events(self) -> list[Row]:
        """The event log."""
        with rows_of(self._file) as conn:
            return [dict(row._mapping) for row in conn.execute(schema.events.select())]


def _rows(found: Any, table: Any) -> Rows:
    keys = [column.name for column in table.primary_key.columns]
    rows = [dict(row._mapping) for row in found]
    return {tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]: row for row in rows}


class Observed:
    """The state before and after a request, and what happened between."""

    def __init__(self, scene: Scene, store: Store) -> None:
        self.scene = scene
        self._store = store
        self.before = store.look()
        self._events_before = len(store.events())
        self._actions_before = len(scene.stand_in.ami.actions)
        self._names = {one.uniqueid: one.name for one in scene.stand_in.channels.values()}
        self.look()

    def not_as_set(self) -> list[str]:
        """Agents who are not as the scene has them when the service has begun: the service is the judge."""
        rows = {row["user"]: row for row in self.before["agent_sessions"].values()}
        wrong = []
        for user, session in self.scene.sessions.items():
            found = (rows[user]["state"], rows[user]["call_id"])
            if found != (session.state, session.call_id):
                wrong.append(f"before the request, agent {user} was {found[0]} instead of {session.state}")
        return wrong

    def look(self) -> None:
        """See how things are now."""
        self.after = self._store.look()
        self.events = self._store.events()[self._events_before :]

    @property
    def actions(self) -> list[Received]:
        """What was asked of Asterisk since the request, without what only looks."""
        sent = self.scene.stand_in.ami.actions[self._actions_before :]
        return [action for action in sent if action.name not in QUIET]

    def named(self, *names: str) -> list[Received]:
        """Actions of these names."""
        return [action for action in self.actions if action.name in names]

    def known_as(self, *channels: str) -> frozenset[str]:
        """Every way in which an action may name channels that were there before the request."""
        return frozenset(channels) | {self._names[one] for one in channels if one in self._names}

    def channel_called(self, name: str) -> str:
        """Unique id of the channel of this name; empty if there was none."""
        return next((unique for unique, known in self._names.items() if known == name), "")

    def room_of(self, channel: str) -> str:
        """The room in which a channel is now; empty if it is in none."""
        found = self.scene.stand_in.find(channel)
        return found.room if found is not None else ""

    def session(self, user: str) -> Row:
        """An agent's newest session."""
        rows = [row for row in self.after["agent_sessions"].values() if row["user"] == user]
        return max(rows, key=lambda row: str(row["id"]), default={})

    def call(self, call_id: str) -> Row:
        """A call as it is now."""
        return self.after["calls"].get(call_id, {})

    def new(self, table: str) -> list[Row]:
        """Rows that were not there before."""
        return [row for key, row in self.after[table].items() if key not in self.before[table]]

    def changes(self, table: str) -> dict[Any, dict[str, tuple[Any, Any]]]:
        """What became different in rows that were there before: column → before, after."""
        found = {}
        for key, row in self.after[table].items():
            old = self.before[table].get(key)
            fields = (
                {}
                if old is None
                else {name: (old[name], row[name]) for name in row if old[name] != row[name]}
            )
            if fields:
                found[key] = fields
        return found
