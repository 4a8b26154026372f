"""An Asterisk of which only the manager interface is there: channels, rooms and queues as they were told.

It does what is asked of it (a channel that is redirected is somewhere else afterwards, one that is hung up
is gone) and sends the events that follow; every action is kept. What happens in the network beyond is not
played: what is dialled rings, and nobody answers.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from fake_ami import FakeAmi, Received, Session

Headers = list[tuple[str, str]]

UP: Final = "6"
RINGING: Final = "5"
_STATE_WORDS: Final = {UP: "Up", RINGING: "Ringing"}
ROOM: Final = "ConfBridge"


@dataclass(kw_only=True)
class Channel:
    """One channel of it."""

    uniqueid: str
    name: str
    linkedid: str = ""
    state: str = UP
    context: str = ""
    exten: str = ""
    application: str = ""
    room: str = ""
    """The conference it is in."""
    bridge: str = ""
    """The bridge it is in; that of a conference has its room's name."""
    variables: dict[str, str] = field(default_factory=dict)

    def headers(self) -> Headers:
        """What every event of a channel begins with."""
        return [
            ("Channel", self.name),
            ("ChannelState", self.state),
            ("ChannelStateDesc", _STATE_WORDS.get(self.state, "Ring")),
            ("Context", self.context),
            ("Exten", self.exten),
            ("Priority", "1"),
            ("Uniqueid", self.uniqueid),
            ("Linkedid", self.linkedid or self.uniqueid),
        ]

    def row(self) -> Headers:
        """Its line in the list of channels."""
        place = [("Application", self.application), ("BridgeId", self.bridge)]
        return [*self.headers(), *place, ("Duration", "00:01:00")]

    def enter(self, room: str) -> None:
        """Be in a conference."""
        self.room, self.bridge, self.application = room, f"bridge-{room}", ROOM

    def leave(self, application: str = "") -> None:
        """Be in no bridge any more."""
        self.room = self.bridge = ""
        self.application = application


class StandIn:
    """The manager interface, and what is behind it."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.queues: list[str] = []
        self.members: list[tuple[str, str]] = []
        """Queue and interface of each member."""
        self.waiting: list[tuple[str, str]] = []
        """Queue and unique id of each caller who waits."""
        self.globals: dict[str, str] = {}
        self.ami = FakeAmi(answers=dict(self._answers()))
        self._counted: Counter[str] = Counter()

    def add(self, channel: Channel) -> Channel:
        """Have a channel."""
        self.channels[channel.uniqueid] = channel
        return channel

    def channel_name(self, technology: str) -> str:
        """A name for a new channel."""
        self._counted[technology] += 1
        return f"{technology}-{self._counted[technology]:08x}"

    def find(self, name: str) -> Channel | None:
        """A channel by its unique id or its name."""
        by_name = (one for one in self.channels.values() if one.name == name)
        return self.channels.get(name) or next(by_name, None)

    def _answers(self) -> Iterable[tuple[str, Callable[[Session, Received], None]]]:
        yield from (
            ("CoreShowChannels", self._list_channels),
            ("QueueStatus", self._list_queues),
            ("ConfbridgeList", self._list_room),
            ("ConfbridgeListRooms", self._list_rooms),
            ("Originate", self._originate),
            ("Redirect", self._redirect),
            ("Hangup", self._hangup),
            ("Setvar", self._set_variable),
            ("Getvar", self._get_variable),
            ("QueueAdd", self._add_member),
            ("QueueRemove", self._remove_member),
        )
        on_channel = ("PlayDTMF", "MuteAudio", "ControlPlayback", "MixMonitor", "StopMixMonitor", "SendText")
        yield from ((name, self._on_channel) for name in on_channel)
        rooms = ("Kick", "Mute", "Unmute", "StartRecord", "StopRecord", "SetSingleVideoSrc")
        yield from ((f"Confbridge{name}", self._on_room) for name in rooms)
        yield from ((name, _done) for name in ("QueuePause", "UserEvent", "Events", "QueueWithdrawCaller"))

    # -- lists

    def _list_channels(self, session: Session, action: Received) -> None:
        rows = [("CoreShowChannel", channel.row()) for channel in self.channels.values()]
        session.list(action, rows, "CoreShowChannelsComplete")

    def _list_queues(self, session: Session, action: Received) -> None:
        members = [
            ("QueueMember", [("Queue", queue), ("Name", interface), ("Location", interface), ("Paused", "0")])
            for queue, interface in self.members
        ]
        params = [("QueueParams", [("Queue", queue), ("Strategy", "ringall")]) for queue in self.queues]
        entries: list[tuple[str, Headers]] = []
        for place, (queue, uniqueid) in enumerate(self.waiting, 1):
            found = self.channels.get(uniqueid)
            if found is not None:
                told = [("Queue", queue), ("Position", str(place)), ("Wait", "30"), *found.headers()]
                entries.append(("QueueEntry", told))
        wanted = action["Queue"]
        rows = [row for row in (*params, *members, *entries) if wanted in ("", dict(row[1])["Queue"])]
        session.list(action, rows, "QueueStatusComplete")

    def _list_room(self, session: Session, action: Received) -> None:
        room = action["Conference"]
        rows = [
            ("ConfbridgeList", [("Conference", room), *one.headers()])
            for one in self.channels.values()
            if one.room == room
        ]
        if rows:
            session.list(action, rows, "ConfbridgeListComplete")
        else:
            session.respond(action, "Error", [("Message", "No Conference by that name found.")])

    def _list_rooms(self, session: Session, action: Received) -> None:
        rooms = {one.room for one in self.channels.values() if one.room}
        rows = [("ConfbridgeListRooms", [("Conference", room)]) for room in sorted(rooms)]
        session.list(action, rows, "ConfbridgeListRoomsComplete")

    # -- channels

    def _originate(self, session: Session, action: Received) -> None:
        session.respond(action, headers=[("Message", "Originate successfully queued")])
        dial, unique = action["Channel"], action["ChannelId"] or action.id
        technology, _, rest = dial.partition("/")
        if technology != "Local":
            rings = self._new(unique, self.channel_name(dial.partition("@")[0]), state=RINGING)
            self._tell(session, "Newchannel", rings)
            self._tell(session, "Newstate", rings)
            return
        exten, _, context = rest.removesuffix("/n").partition("@")
        name = self.channel_name(f"Local/{exten}@{context}")
        first = self._new(unique, f"{name};1", linked=unique)
        second = self._new(action["OtherChannelId"] or f"{unique};2", f"{name};2", linked=unique)
        for one in (first, second):
            self._tell(session, "Newchannel", one)
        self._tell(session, "OriginateResponse", first, [("ActionID", action.id), ("Response", "Success")])
        self._goes(session, second, context, exten)
        self._goes(session, first, action["Context"], action["Exten"])

    def _new(self, uniqueid: str, name: str, *, state: str = UP, linked: str = "") -> Channel:
        return self.add(Channel(uniqueid=uniqueid, name=name, state=state, linkedid=linked))

    def _redirect(self, session: Session, action: Received) -> None:
        found = self._of(session, action)
        if found is None:
            return
        extra = self.find(action["ExtraChannel"]) if action["ExtraChannel"] else None
        session.respond(action, headers=[("Message", "Redirect successful")])
        self._goes(session, found, action["Context"], action["Exten"])
        if extra is not None:
            place = (action["ExtraContext"] or action["Context"], action["ExtraExten"] or action["Exten"])
            self._goes(session, extra, *place)

    def _goes(self, session: Session, channel: Channel, context: str, exten: str) -> None:
        """Be at another place of the dialplan: in a room where the extension is one of ours."""
        self._leaves(session, channel)
        channel.context, channel.exten = context, exten
        if len(exten) == 7 and exten.isdecimal():
            channel.enter(exten)
            self._tell(session, "ConfbridgeJoin", channel, [("Conference", exten)])

    def _leaves(self, session: Session, channel: Channel) -> None:
        if channel.room:
            self._tell(session, "ConfbridgeLeave", channel, [("Conference", channel.room)])
        channel.leave()

    def _hangup(self, session: Session, action: Received) -> None:
        found = self._of(session, action)
        if found is not None:
            session.respond(action, headers=[("Message", "Channel Hungup")])
            self._ends(session, found)

    def _ends(self, session: Session, channel: Channel) -> None:
        """End a channel, and the other half of a Local one."""
        self.channels.pop(channel.uniqueid, None)
        self.waiting = [entry for entry in self.waiting if entry[1] != channel.uniqueid]
        self._leaves(session, channel)
        self._tell(session, "Hangup", channel, [("Cause", "16"), ("Cause-txt", "Normal Clearing")])
        half, _, number = channel.name.rpartition(";")
        other = self.find(f"{half};{'2' if number == '1' else '1'}") if half else None
        if other is not None:
            self._ends(session, other)

    def _of(self, session: Session, action: Received) -> Channel | None:
        """The channel that an action names; an error is answered if there is none."""
        found = self.find(action["Channel"])
        if found is None:
            session.respond(action, "Error", [("Message", "No such channel")])
        return found

    def _on_channel(self, session: Session, action: Received) -> None:
        if self._of(session, action) is not None:
            _done(session, action)

    def _on_room(self, session: Session, action: Received) -> None:
        if any(one.room == action["Conference"] for one in self.channels.values()):
            _done(session, action)
        else:
            session.respond(action, "Error", [("Message", "No Conference by that name found.")])

    # -- variables and queues

    def _set_variable(self, session: Session, action: Received) -> None:
        found = self._of(session, action) if action["Channel"] else None
        if action["Channel"] and found is None:
            return
        kept = self.globals if found is None else found.variables
        kept[action["Variable"]] = action["Value"]
        _done(session, action)

    def _get_variable(self, session: Session, action: Received) -> None:
        found = self._of(session, action) if action["Channel"] else None
        if action["Channel"] and found is None:
            return
        kept = self.globals if found is None else found.variables
        name = action["Variable"]
        session.respond(action, headers=[("Variable", name), ("Value", kept.get(name, ""))])

    def _add_member(self, session: Session, action: Received) -> None:
        if action["Queue"] not in self.queues:
            session.respond(action, "Error", [("Message", "Unable to add interface to queue: No such queue")])
            return
        self.members.append((action["Queue"], action["Interface"]))
        _done(session, action)

    def _remove_member(self, session: Session, action: Received) -> None:
        member = (action["Queue"], action["Interface"])
        if member not in self.members:
            session.respond(action, "Error", [("Message", "Unable to remove interface: Not there")])
            return
        self.members.remove(member)
        _done(session, action)

    def _tell(self, session: Session, event: str, channel: Channel, more: Headers | None = None) -> None:
        """Send an event, behind the answer that is being written."""
        headers = [*channel.headers(), *(more or [])]
        asyncio.get_running_loop().call_soon(session.event, event, headers)


def _done(session: Session, action: Received) -> None:
    session.respond(action, headers=[("Message", "Done")])
