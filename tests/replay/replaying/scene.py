"""What a case's preconditions are in the bridge: rows of its store, and channels of its Asterisk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, insert, update

from bridge.agents.asterisk import interface
from bridge.agents.commands import FIRST_ROOM
from bridge.agents.model import AgentSession, AgentState, Preview
from bridge.calls.model import Call, CallKind, CallState, room_half
from bridge.campaigns.alt_url import AltUrl, AltUrlType
from bridge.campaigns.url_template import why_not
from bridge.ids import uuid7
from bridge.recordings.model import Recording
from bridge.services import DialRequest
from bridge.store import schema
from bridge.store.rows import to_row
from replaying.rows import rows_of
from replaying.stand_in import RINGING, Channel, StandIn
from replaying.world import FAR, ZONE, local

ASTERISK: Final = "asterisk"
CALLS_TODAY: Final = 3
SINCE: Final = local("2026-11-20 10:00:00")
STATES: Final = {
    "PAUSED": AgentState.PAUSED,
    "READY": AgentState.READY,
    "CLOSER": AgentState.READY,
    "QUEUE": AgentState.OFFERED,
    "MQUEUE": AgentState.DIALING,
    "INCALL": AgentState.INCALL,
}
_KINDS: Final = {"M": CallKind.MANUAL, "Y": CallKind.INBOUND, "V": CallKind.AUTO}
_WITH_AGENT: Final = frozenset({AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL})


class UnheardError(Exception):
    """A precondition that this module does not know."""


@dataclass
class Scene:
    """Who is there when the request comes."""

    stand_in: StandIn
    sessions: dict[str, AgentSession] = field(default_factory=dict)
    """By user."""
    calls: dict[str, Call] = field(default_factory=dict)
    """By legacy id."""
    params: Mapping[str, str] = field(default_factory=dict)
    """What is asked."""

    def call_of(self, user: str) -> Call | None:
        """The call that an agent has."""
        session = self.sessions.get(user)
        return next((one for one in self.calls.values() if session and one.id == session.call_id), None)

    def legs(self, user: str) -> list[Call]:
        """Third parties in the agent's room."""
        own = self.call_of(user)
        return [one for one in self.calls.values() if own is not None and one.parent == own.id]

    def names(self, *channels: str) -> frozenset[str]:
        """Every way in which an action may name these channels."""
        found = [self.stand_in.find(one) for one in channels if one]
        return frozenset(name for one in found if one is not None for name in (one.uniqueid, one.name))


class Stage:
    """Sets a scene up."""

    def __init__(self, database: Path, *, reported: bool = False) -> None:
        """Take a store; `reported`: of agents is asked what they are doing, and how many calls they had."""
        self._file = database
        self._reported = reported
        self._made_at = datetime.now(UTC) - timedelta(seconds=90)
        self.stand_in = StandIn()
        self.scene = Scene(self.stand_in)
        self._channels: Mapping[str, str] = {}
        """Names of the customers' channels by legacy id, where they are told."""
        self._live: frozenset[str] = frozenset()
        """Legacy ids of the calls that are told to be there."""
        self._waited_for: set[str] = set()
        """Agents with numbers in their dial queues: these wait only while she has a call to dispose."""

    def set(self, preconditions: Mapping[str, Any]) -> Scene:
        """Write everything that the preconditions say.

        Raises:
            UnheardError: there is a kind of precondition that has no meaning here yet.
        """
        with rows_of(self._file) as conn:
            self._conn: Connection = conn
            self._queues()
            self._agents(preconditions)
            for key, value in preconditions.items():
                if key not in _STEPS:
                    raise UnheardError(key)
                for entry in value if isinstance(value, list) else [value]:
                    _STEPS[key](self, entry)
        return self.scene

    def _queues(self) -> None:
        """Asterisk has a queue for each in-group."""
        names = self._conn.execute(schema.in_groups.select()).mappings()
        self.stand_in.queues = [row["name"] for row in names]

    # -- agents and calls

    def _agents(self, preconditions: Mapping[str, Any]) -> None:
        self._waited_for = {entry.get("user", "1000") for entry in preconditions.get("dial_queue", ())}
        live = {entry["call_id"]: entry for entry in preconditions.get("calls", ())}
        self._live = frozenset(live)
        for entry in preconditions.get("agents", ()):
            legacy = entry.get("call_id", "")
            self._agent(entry, live.get(legacy, {"call_id": legacy} if legacy else {}))
        for legacy, entry in live.items():
            if legacy not in self.scene.calls:
                self._keep(self._call(entry))
        self._channels = {legacy: str(entry.get("channel", "")) for legacy, entry in live.items()}
        for call in self.scene.calls.values():
            self._add_call(call)
        known = {entry["user"] for entry in preconditions.get("sessions", ())}
        unknown = set() if self._reported else self.scene.sessions.keys() - known
        for user in unknown:  # nothing is known of how she logged in
            self._conn.execute(schema.phones.delete().where(schema.phones.c.login == user))

    def _keep(self, call: Call) -> None:
        self.scene.calls[call.legacy_id] = call

    def _agent(self, entry: Mapping[str, Any], call: Mapping[str, Any]) -> None:
        """An agent and, if she has one, her call: two agents with one call have two legs of it."""
        user, state = entry["user"], STATES[entry.get("status", "PAUSED")]
        campaign, lead_id = entry.get("campaign", "TESTCAMP"), entry.get("lead_id")
        if state is AgentState.PAUSED and (lead_id or user in self._waited_for):
            state = AgentState.WRAPUP
        if self._reported:
            state = _as_here(state, entry, call, gone=entry.get("call_id") not in self._live)
        session = AgentSession(
            id=uuid7(),
            user=user,
            phone=user,
            campaign=campaign,
            asterisk=ASTERISK,
            room=self._room(entry),
            state=state,
            state_since=SINCE,
            pause_reason="BRK",
            ready_since=SINCE if state is AgentState.READY else None,
            lead_id=lead_id,
            queues=tuple(entry.get("in_groups", " SALESLINE -").removesuffix("-").split()),
            logged_in_at=SINCE,
            blended=not self._reported or entry.get("status") != "CLOSER",
            preview=_preview(self._conn, entry.get("preview_lead_id")),
            on_hook=bool(entry.get("ringing") or entry.get("no_session")),
        )
        if state in _WITH_AGENT or state is AgentState.WRAPUP:
            wish = {"lead_id": lead_id, "campaign": campaign, **call}
            mine = self._with_agent(self._call(wish), session)
            session = msgspec.structs.replace(session, call_id=mine.id)
            self._keep(mine)
        self.scene.sessions[user] = session
        self._add(schema.agent_sessions, session)
        if self._reported:
            self._earlier(session)
        if str(entry.get("recording", "")).isdecimal():
            self._record(session, int(entry["recording"]))
        if not entry.get("no_session"):
            self._seat(session)

    def _earlier(self, session: AgentSession) -> None:
        """With the call that she has, she has had three today."""
        midnight = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        has_one = session.call_id is not None and self._made_at >= midnight
        for number in range(CALLS_TODAY - has_one):
            made = self._call({"call_id": f"V{session.user:0>10}{number:010d}", "uniqueid": uuid7()})
            at = midnight + timedelta(microseconds=number)
            over = {"state": CallState.DISPOSED, "asked_at": at, "ended_at": at, "disposed_at": at}
            self._add(schema.calls, msgspec.structs.replace(made, user=session.user, status="XFER", **over))

    def _record(self, session: AgentSession, number: int) -> None:
        """A recording of her room that runs."""
        row = Recording(
            id=number,
            filename=f"20261120-100000_7275550201_{session.user}",
            call_id=session.call_id or "",
            session_id=session.id,
            user=session.user,
            campaign=session.campaign,
            asterisk=ASTERISK,
            room=session.room,
            lead_id=session.lead_id,
            started_at=SINCE,
        )
        self._add(schema.recordings, row)
        name = self.stand_in.channel_name("Local/recorder")
        self.stand_in.add(Channel(uniqueid=row.channel, name=name)).enter(session.room)

    def _room(self, entry: Mapping[str, Any]) -> str:
        """Her room; the next one where it is not said and the first is taken."""
        taken = {session.room for session in self.scene.sessions.values()}
        room = int(entry.get("session", FIRST_ROOM))
        while str(room) in taken:
            room += 1
        return str(room)

    def _with_agent(self, call: Call, session: AgentSession) -> Call:
        """The call, as it is with her; with a second agent on it, she has asked the first to join her."""
        first = self.scene.calls.get(call.legacy_id)
        if first is not None:
            call = msgspec.structs.replace(call, legacy_id=f"M{call.legacy_id[1:]}")
            self._keep(
                msgspec.structs.replace(
                    first,
                    kind=CallKind.CLOSER,
                    parent=call.id,
                    room=session.room,
                    channel=f"{first.id}-far",
                    room_channel=room_half(first.id),
                )
            )
        state = {
            AgentState.OFFERED: CallState.ANSWERED,
            AgentState.DIALING: CallState.RINGING,
            AgentState.WRAPUP: CallState.ENDED,
        }.get(session.state, CallState.BRIDGED)
        return msgspec.structs.replace(
            call,
            state=state,
            user=session.user,
            session_id=session.id,
            room=session.room,
            bridged_at=self._made_at if state in {CallState.BRIDGED, CallState.ENDED} else None,
            ended_at=self._made_at if state is CallState.ENDED else None,
        )

    def _call(self, entry: Mapping[str, Any]) -> Call:
        number = str(entry.get("phone_number", "7275550201"))
        legacy = entry.get("call_id") or f"V{'1120100000'[-9:]}{entry.get('lead_id') or 201:010d}"
        kind = _KINDS.get(legacy[0], CallKind.AUTO)
        if entry.get("direction") == "IN":
            kind = CallKind.INBOUND
        call_id = uuid7()
        waits = kind is CallKind.INBOUND
        states = {"LIVE": CallState.QUEUED if waits else CallState.ANSWERED, "RINGING": CallState.RINGING}
        return Call(
            id=call_id,
            legacy_id=legacy,
            legacy_uniqueid=str(entry.get("uniqueid", f"1795190000.{len(self.scene.calls) + 1:09d}")),
            kind=kind,
            state=states.get(entry.get("status", "XFER"), CallState.BRIDGED),
            asterisk=ASTERISK,
            campaign=entry.get("campaign") or ("TESTCAMP" if waits else str(entry.get("queue", "TESTCAMP"))),
            number=number,
            e164=f"+1{number}",
            queue=str(entry.get("queue", "")) if waits else "",
            trunk="trunk",
            dial=f"SIP/{number}@trunk",
            caller_id="7275550000",
            lead_id=entry.get("lead_id", 201),
            channel=call_id if kind is not CallKind.MANUAL else f"{call_id}-far",
            room_channel=call_id if kind is not CallKind.MANUAL else room_half(call_id),
            wrapup_seconds=3600,
            default_status="DISPO",
            asked_at=self._made_at,
            sent_at=self._made_at,
            dialing_at=self._made_at,
            answered_at=self._made_at,
        )

    def _add_call(self, call: Call) -> None:
        self._add(schema.calls, call)
        if call.state is CallState.ENDED:
            return
        if call.room_channel == room_half(call.id):
            self._two_halves(call)
            return
        name = self._channels.get(call.legacy_id) or self.stand_in.channel_name("SIP/trunk")
        one = self.stand_in.add(Channel(uniqueid=call.id, name=name))
        if call.state is CallState.RINGING:
            one.state = RINGING
        elif call.state is CallState.QUEUED:
            one.application = "Queue"
            self.stand_in.waiting.append((call.queue, call.id))
        elif call.state is CallState.BRIDGED:
            one.enter(call.room or "8600099")

    def _two_halves(self, call: Call) -> None:
        """The halves of a Local channel, and the far end that one of them has dialled."""
        local_name = f"Local/{call.room}@bridge-room-{len(self.scene.calls):08x}"
        dials = Channel(uniqueid=call.id, name=f"{local_name};1", bridge=f"far-{call.id}", application="Dial")
        sits = Channel(uniqueid=call.room_channel, name=f"{local_name};2")
        far = Channel(
            uniqueid=call.channel, name=self.stand_in.channel_name("SIP/trunk"), bridge=dials.bridge
        )
        if call.state is not CallState.BRIDGED:
            far.state, far.bridge, dials.bridge = RINGING, "", ""
        if call.room:
            sits.enter(call.room)
        for one in (dials, sits, far):
            one.linkedid = call.id
            self.stand_in.add(one)

    def _seat(self, session: AgentSession) -> None:
        """Her phone in her room, and she a member of her queues."""
        if not session.on_hook:
            name = self.stand_in.channel_name(f"SIP/{session.phone}")
            self.stand_in.add(Channel(uniqueid=session.id, name=name, context="bridge-agent")).enter(
                session.room
            )
        self.stand_in.members += [(queue, interface(session.room)) for queue in session.queues]

    # -- the rest

    def _nothing(self, _entry: object) -> None:
        """Seen to elsewhere, or of no meaning here."""

    def _login_data(self, entry: Mapping[str, Any]) -> None:
        phone = schema.phones.c.login == entry["user"]
        url = {"webphone_url": entry.get("webphone_url", "")}
        self._conn.execute(update(schema.phones).where(phone).values(**url))

    def _playing(self, entry: Mapping[str, Any]) -> None:
        """A sound that is played into a room."""
        room, name = str(entry.get("session", "8600051")), f"IAX2/ASTplay-{entry['n']}"
        session = next(one for one in self.scene.sessions.values() if one.room == room)
        playback = Channel(uniqueid=uuid7(), name=name, application="Playback")
        self.stand_in.add(playback).enter(room)
        self._change_session(session, playback=playback.uniqueid)

    def _parked(self, entry: Mapping[str, Any]) -> None:
        """The customer hears music, not the room."""
        call = self._of_entry(entry)
        call = self._change_call(call, parked_at=self._made_at)
        sits = self.stand_in.find(call.room_channel)
        if sits is not None:
            sits.leave("MusicOnHold")

    def _third_party(self, entry: Mapping[str, Any]) -> None:
        """Somebody whom an agent has called into her room."""
        self._leg(entry, CallState.BRIDGED)

    def _dialled_third_party(self, entry: Mapping[str, Any]) -> None:
        """One of several whom she calls at once: it rings."""
        self._leg(entry, CallState.RINGING, volley=uuid7())

    def _leg(self, entry: Mapping[str, Any], state: CallState, volley: str = "") -> None:
        session = self._session_of(entry)
        number = str(entry.get("phone_number", "7275551001"))
        made = self._call({"call_id": f"TW{len(self.scene.calls):018d}", "phone_number": number})
        call = msgspec.structs.replace(
            made,
            kind=CallKind.THREE_WAY,
            state=state,
            lead_id=session.lead_id,
            user=session.user,
            session_id=session.id,
            room=session.room,
            parent=session.call_id or "",
            volley=volley,
            channel=f"{made.id}-far",
            room_channel=room_half(made.id),
            answered_at=self._made_at if state is CallState.BRIDGED else None,
        )
        self._keep(call)
        self._add_call(call)

    def _dial_queue(self, entry: Mapping[str, Any]) -> None:
        number = str(entry.get("phone_number", "7275551212"))
        row = {
            "user": entry.get("user", "1000"),
            "campaign": "TESTCAMP",
            "number": number,
            "request": msgspec.to_builtins(DialRequest(number=number, phone_code="1")),
            "state": "waiting",
            "made_at": self._made_at,
        }
        self._conn.execute(insert(schema.manual_dials), row)

    def _hopper(self, entry: Mapping[str, Any]) -> None:
        """A row that is not ready waits: one that a dialler had taken it would give back, as it begins."""
        ready = entry.get("status", "READY") == "READY"
        row = {
            "lead_id": entry["lead_id"],
            "campaign": entry.get("campaign", "TESTCAMP"),
            "list_id": entry.get("list_id", 101),
            "status": "READY" if ready else "HOLD",
            "due_at": None if ready else FAR,
            "priority": entry.get("priority", 0),
            "source": entry.get("source", "S"),
            "created_at": self._made_at,
        }
        self._conn.execute(insert(schema.hopper), row)

    def _handled(self, entry: Mapping[str, Any]) -> None:
        """An agent who had the lead a moment ago, and sits in a room of her own."""
        user = entry.get("user", "1001")
        if user not in self.scene.sessions:
            self._agent({"user": user, "session": entry.get("session", "8600055")}, {})
        legacy = f"M{len(self.scene.calls):019d}"
        made = self._call({"call_id": legacy, "lead_id": entry.get("lead_id", 201)})
        over = {"state": CallState.DISPOSED, "ended_at": self._made_at, "disposed_at": self._made_at}
        done = msgspec.structs.replace(made, user=user, status="XFER", **over)
        self._add(schema.calls, done)

    def _settings(self, entry: Mapping[str, Any]) -> None:
        for what, fields in entry.items():
            kind, _, key = what.partition(":")
            if kind == "system":
                continue  # the settings of the service: `settings_of`
            for name, value in fields.items():
                self._set(kind, key, name, value)

    def _set(self, kind: str, key: str, name: str, value: Any) -> None:
        table, column, convert = _COLUMNS.get((kind, name), (None, name, str))
        if kind == "user" and name in _RIGHTS:
            self._set_right(key, name, int(value))
        elif table is not None:
            own = next(iter(table.primary_key.columns)) == key
            self._conn.execute(update(table).where(own).values({column: convert(value)}))
        else:
            raise UnheardError(f"set {kind} {name}")

    def _alt_urls(self, entry: Mapping[str, Any]) -> None:
        own = schema.campaigns.c.id == entry["campaign"]
        url = AltUrl(id=1, url_type=AltUrlType.DISPO, description="alt one", address="http://crm.example/x")
        self._conn.execute(update(schema.campaigns).where(own).values(alt_urls=[url]))

    def _set_right(self, user: str, name: str, value: int) -> None:
        own = schema.users.c.user == user
        rights = dict(self._conn.execute(schema.users.select().where(own)).one().rights)
        values = {"rights": rights | {name: value}}
        self._conn.execute(update(schema.users).where(own).values(values))

    # -- inside

    def _add(self, table: Table, item: msgspec.Struct) -> None:
        known = {name: value for name, value in to_row(item).items() if name in table.c}
        self._conn.execute(insert(table), known)

    def _session_of(self, entry: Mapping[str, Any]) -> AgentSession:
        sessions = self.scene.sessions
        return sessions[entry["user"]] if entry.get("user") in sessions else next(iter(sessions.values()))

    def _of_entry(self, entry: Mapping[str, Any]) -> Call:
        calls = self.scene.calls
        return calls[entry["call_id"]] if entry.get("call_id") in calls else next(iter(calls.values()))

    def _change_session(self, session: AgentSession, **fields: Any) -> None:
        own = schema.agent_sessions.c.id == session.id
        self._conn.execute(update(schema.agent_sessions).where(own).values(**fields))
        self.scene.sessions[session.user] = msgspec.structs.replace(session, **fields)

    def _change_call(self, call: Call, **fields: Any) -> Call:
        self._conn.execute(update(schema.calls).where(schema.calls.c.id == call.id).values(**fields))
        changed = msgspec.structs.replace(call, **fields)
        self.scene.calls[call.legacy_id] = changed
        return changed


def settings_of(preconditions: Mapping[str, Any]) -> dict[str, str]:
    """The system settings that a case changes, by their names in the original."""
    return {name: str(value) for name, value in preconditions.get("set", {}).get("system", {}).items()}


def _address(value: str) -> str:
    """Of the addresses that cases set, the bridge keeps those that it could call."""
    return "" if why_not(value) else value


def _as_here(
    state: AgentState, entry: Mapping[str, Any], call: Mapping[str, Any], *, gone: bool
) -> AgentState:
    """The state that the bridge has for it; `gone`: the call that she had is over."""
    if entry.get("ringing"):
        return AgentState.OFFERED
    if state is not AgentState.INCALL:
        return state
    if gone:
        return AgentState.WRAPUP
    return AgentState.DIALING if call.get("channel") == "" else state


def _preview(conn: Connection, lead_id: int | None) -> Preview | None:
    if not lead_id:
        return None
    lead = conn.execute(schema.leads.select().where(schema.leads.c.id == int(lead_id))).one()
    return Preview(number=lead.phone_number, phone_code=lead.phone_code, lead_id=lead.id)


def _is_yes(value: object) -> bool:
    return str(value) in {"Y", "1", "YES", "True"}


def _words(value: object) -> list[str]:
    return str(value).removesuffix("-").split()


_RIGHTS: Final = frozenset(
    {
        "admin_hide_lead_data",
        "ast_delete_phones",
        "change_agent_campaign",
        "custom_fields_modify",
        "delete_inbound_dids",
        "delete_lists",
        "delete_users",
        "modify_campaigns",
        "modify_leads",
        "modify_lists",
        "modify_same_user_level",
        "modify_users",
        "view_reports",
    }
)
_COLUMNS: Final[Mapping[tuple[str, str], tuple[Table, str, Any]]] = {
    ("user", "active"): (schema.users, "active", _is_yes),
    ("user", "agentcall_manual"): (schema.users, "manual_dial", _is_yes),
    ("user", "api_allowed_functions"): (schema.users, "functions", _words),
    ("user", "custom_three"): (schema.users, "crm_id", str),
    ("user", "user_group"): (schema.users, "group", str),
    ("user", "user_level"): (schema.users, "level", int),
    ("user", "vdc_agent_api_access"): (schema.users, "api_access", _is_yes),
    ("campaign", "alt_number_dialing"): (schema.campaigns, "alt_number_dialing", _is_yes),
    ("campaign", "api_manual_dial"): (schema.campaigns, "api_manual_dial", str),
    ("campaign", "campaign_allow_inbound"): (schema.campaigns, "inbound", _is_yes),
    ("campaign", "default_xfer_group"): (schema.campaigns, "default_transfer_queue", str),
    ("campaign", "dispo_call_url"): (schema.campaigns, "dispo_call_url", _address),
    ("campaign", "dial_method"): (schema.campaigns, "dial_method", str),
    ("campaign", "dial_statuses"): (schema.campaigns, "dial_statuses", _words),
    ("campaign", "manual_dial_list_id"): (schema.campaigns, "manual_list", int),
    ("campaign", "manual_preview_dial"): (schema.campaigns, "preview", str),
    (
        "campaign",
        "agent_lead_search",
    ): (schema.campaigns, "inbound_lead_search", lambda value: "LIVE_CALL_INBOUND" in str(value)),
}
_STEPS: Final[Mapping[str, Any]] = {
    "hopper": Stage._hopper,
    "nanpa_loaded": Stage._nothing,
    "custom_fields_lists": Stage._nothing,
    "agents": Stage._nothing,
    "calls": Stage._nothing,
    "sessions": Stage._login_data,
    "playing_audio": Stage._playing,
    "parked": Stage._parked,
    "threeway": Stage._third_party,
    "multi_3way": Stage._dialled_third_party,
    "dial_queue": Stage._dial_queue,
    "recent_sessions": Stage._handled,
    "set": Stage._settings,
    "alt_urls": Stage._alt_urls,
}
