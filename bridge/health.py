"""Whether the bridge can do its work: one answer for each thing that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from bridge.agi.relays import Relays
from bridge.ami.client import AmiClient
from bridge.calls import holds
from bridge.rules import Purpose, stopped
from bridge.services import Check
from bridge.store.database import Database
from bridge.store.duties import Duties
from bridge.store.errors import StoreError
from bridge.watch import Watch


class Health:
    """Asks each dependency now."""

    def __init__(  # noqa: PLR0913 - what there is to ask
        self,
        db: Database,
        *,
        clients: Mapping[str, AmiClient],
        watches: Mapping[str, Watch],
        relays: Mapping[str, Relays],
        sinks: Mapping[str, Callable[[], str]],
        duties: Duties,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what to ask.

        Args:
            db: the store.
            clients: links to Asterisk, by name.
            watches: whether each is compared, by name.
            relays: those Asterisks, by name, that are to have one connected.
            sinks: why each gives out no events; empty: it does.
            duties: those of this bridge.
            clock: what time it is, aware.
        """
        self._db = db
        self._clients = clients
        self._watches = watches
        self._relays = relays
        self._sinks = sinks
        self._duties = duties
        self._clock = clock
        self._states: dict[str, tuple[bool, datetime]] = {}

    @property
    def duties(self) -> Sequence[str]:
        """What, of the work of all bridges on the database, this one does now."""
        return [name for name in self._duties.held if not name.startswith("bridge:")]

    async def checks(self) -> Sequence[Check]:
        """One for each dependency: database, Asterisks, their relays, sinks; and whether dialling is held."""
        links = [self._asterisk(name, client) for name, client in self._clients.items()]
        relays = [self._relay(name, known) for name, known in self._relays.items()]
        sinks = [_sink(name, why_not()) for name, why_not in self._sinks.items()]
        return [self._dated(check) for check in (*await self._store(), *links, *relays, *sinks)]

    def _dated(self, check: Check) -> Check:
        """The check with the moment since which its thing was found so, at each look."""
        ok, since = self._states.get(check.name, (not check.ok, self._clock()))
        if ok is not check.ok:
            since = self._clock()
            self._states[check.name] = (check.ok, since)
        return structs.replace(check, since=since)

    async def _store(self) -> Iterable[Check]:
        try:
            async with self._db.read() as conn:
                held = stopped(Purpose.AUTO, await holds.standing(conn))
        except StoreError as error:
            return [Check(name="database", ok=False, detail=str(error))]
        dialing = Check(name="dialing", ok=held is None, detail=held.why if held else "", needed=False)
        return [Check(name="database", ok=True, detail=self._db.kind), dialing]

    @staticmethod
    def _relay(name: str, known: Relays) -> Check:
        since = known.since(name)
        if since is None:
            return Check(name=f"relay:{name}", ok=False, detail=known.why_not(name))
        return Check(name=f"relay:{name}", ok=True, detail=f"since {since.isoformat(timespec='seconds')}")

    def _asterisk(self, name: str, client: AmiClient) -> Check:
        if client.up_since is None:
            error = client.last_error
            return Check(name=f"asterisk:{name}", ok=False, detail=str(error or client.state.value))
        if not self._watches[name].ready:
            return Check(name=f"asterisk:{name}", ok=False, detail="comparing with Asterisk")
        since = client.up_since.isoformat(timespec="seconds")
        return Check(name=f"asterisk:{name}", ok=True, detail=f"{client.asterisk_version}, since {since}")


def _sink(name: str, why_not: str) -> Check:
    return Check(name=name, ok=not why_not, detail=why_not, needed=False)
