"""What the original's notes in its mailboxes ask of the call, and how one sees that it was done.

The original writes a note into the agent's row, and her browser acts on it a second later. The bridge acts
at once, so what is compared is the act: an action that reached Asterisk, or the state that follows.
`MAILBOXES` is the one table; it is tolerant of which action carries an act, and strict about its meaning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from fake_ami import Received

from replaying.observed import Observed
from replaying.scene import Scene

TONES: Final = {"P": "#", "S": "*"}
"""Letters of the format for keys that are none of its characters."""


class Wanted(NamedTuple):
    """One thing that must be so after the request."""

    says: str
    holds: Callable[[Observed], bool]


class Note(NamedTuple):
    """A note in a mailbox, and the other notes of the same effect."""

    user: str
    value: str
    fields: Mapping[str, str]


Mailbox = Callable[[Scene, Note], Iterable[Wanted]]


def wanted(scene: Scene, effects: Iterable[Mapping[str, Any]]) -> list[Wanted]:
    """What all effects of a case ask, save for those on data."""
    found: list[Wanted] = []
    for effect in effects:
        if effect.get("changed") == "agent":
            found += _of_agent(scene, effect)
        elif effect.get("new") == "ami_action":
            found += _of_action(scene, effect)
    return found


def _of_agent(scene: Scene, effect: Mapping[str, Any]) -> Iterable[Wanted]:
    fields = {name: str(change[1]) for name, change in effect["fields"].items()}
    for name, value in fields.items():
        mailbox = MAILBOXES.get(name)
        if mailbox is None:
            yield Wanted(f"the mailbox {name} is not known here", lambda _: False)
        else:
            yield from mailbox(scene, Note(str(effect["id"]), value, fields))


# -- looking at actions


def text_of(action: Received) -> str:
    """Everything that an action says."""
    return "\n".join(action.lines)


def _on(seen: Observed, names: Iterable[str], *channels: str) -> list[Received]:
    """Actions of these names on one of these channels."""
    known = seen.known_as(*(one for one in channels if one))
    return [
        action
        for action in seen.named(*names)
        if action["Channel"] in known or action["ExtraChannel"] in known
    ]


def _customer(scene: Scene, user: str) -> tuple[str, ...]:
    """The channels of the agent's call that may be acted on for the customer."""
    call = scene.call_of(user)
    return () if call is None else (call.channel, call.room_channel, call.id)


def _others(scene: Scene, user: str) -> tuple[str, ...]:
    return tuple(name for leg in scene.legs(user) for name in (leg.channel, leg.room_channel, leg.id))


def _nothing(seen: Observed) -> bool:
    return not telephony(seen)


def telephony(seen: Observed) -> list[Received]:
    """Actions that somebody on the telephone would notice."""
    return [action for action in seen.actions if action.name not in _INWARD]


_INWARD: Final = frozenset({"QueueAdd", "QueuePause", "QueueRemove", "Setvar", "UserEvent"})


def _originates(*texts: str) -> Callable[[Observed], bool]:
    return lambda seen: any(all(text in text_of(one) for text in texts) for one in seen.named("Originate"))


def _dialled(seen: Observed, number: str, prefix: str = "") -> list[Received]:
    """Originates that call this number (the prefix before it), and nothing longer that ends like it."""
    forms = tuple(
        f"/{prefix}{code}{number}{after}" for code in ("", "1", "+1") for after in ("@", ",", "\r", "\n")
    )
    return [one for one in seen.named("Originate") if any(form in f"{text_of(one)}\n" for form in forms)]


def _says(seen: Observed, *words: str) -> bool:
    """Whether an event tells of all these words."""
    return any(all(word in str(event["data"]) for word in words) for event in seen.events)


# -- pause, hang-up, disposition


def _hangup(scene: Scene, note: Note) -> Iterable[Wanted]:
    if scene.call_of(note.user) is None:
        yield Wanted("nothing is hung up: there is no call", _nothing)
    else:
        channels = _customer(scene, note.user)
        yield Wanted("the customer is hung up", lambda seen: bool(_on(seen, ["Hangup"], *channels)))


def _pause(scene: Scene, note: Note) -> Iterable[Wanted]:
    busy = scene.call_of(note.user) is not None
    state = "logged_out" if "LOGOUT" in note.value else "ready" if "RESUME" in note.value else "paused"
    if busy:
        yield Wanted(
            f"{state} after the call", lambda seen: seen.session(note.user).get("after_call") == state
        )
    else:
        yield Wanted(f"{state} now", lambda seen: seen.session(note.user).get("state") == state)


def _status(scene: Scene, note: Note) -> Iterable[Wanted]:
    call = scene.call_of(note.user)
    if call is None:
        return
    parts = (note.value + "!" * 5).split("!")
    status = parts[0][:6]

    def given(seen: Observed) -> bool:
        row = seen.call(call.id)
        return status in (row.get("pending_status"), row.get("status"))

    yield Wanted(f"disposition {status}", given)
    if not parts[1]:
        return
    user, comments = "" if parts[2] != "USERONLY" else note.user, parts[3]

    def promised(seen: Observed) -> bool:
        row = seen.after["callbacks"].get(call.id, {})
        # The original cuts its note at the column's width.
        kept = (row.get("status"), row.get("asked"), row.get("user"))
        return kept == (status, parts[1], user) and str(row.get("comments")).startswith(comments)

    yield Wanted(f"callback at {parts[1]}", promised)


def _pause_code(_: Scene, note: Note) -> Iterable[Wanted]:
    yield Wanted(
        f"pause code {note.value}", lambda seen: seen.session(note.user).get("pause_reason") == note.value
    )


# -- dialling


def _dial(scene: Scene, note: Note) -> Iterable[Wanted]:
    if "!" not in note.value:
        return _preview_action(scene, note)
    names = "number code search preview focus vendor epoch prefix alias cid callback lead alt queue"
    parts = dict(zip(names.split(), (note.value + "!" * 13).split("!"), strict=False))
    if parts["preview"] == "YES":
        return [_shown(note.user, parts)]
    return _placed(note.user, parts)


def _shown(user: str, parts: Mapping[str, str]) -> Wanted:
    def shown(seen: Observed) -> bool:
        preview = seen.session(user).get("preview") or {}
        return preview.get("number") == parts["number"] and not seen.named("Originate")

    return Wanted(f"{parts['number']} is shown, not dialled", shown)


def _placed(user: str, parts: Mapping[str, str]) -> Iterable[Wanted]:
    number = parts["number"]
    if number == "MANUALNEXT":
        return [Wanted("the next lead is dialled out of her room", lambda seen: _next_dialled(seen, user))]
    return _number_placed(user, number, parts)


def _next_dialled(seen: Observed, user: str) -> bool:
    leads = [row["lead_id"] for row in seen.new("calls") if row["user"] == user]
    numbers = [
        str(seen.before["leads"][lead]["phone_number"]) for lead in leads if lead in seen.before["leads"]
    ]
    return any(_dialled(seen, number) for number in numbers)


def _number_placed(user: str, number: str, parts: Mapping[str, str]) -> Iterable[Wanted]:
    prefix = parts["prefix"]

    def placed(seen: Observed) -> bool:
        calls = [row for row in seen.new("calls") if row["user"] == user and row["number"].endswith(number)]
        lead = parts["lead"]
        right = [row for row in calls if not lead or str(row["lead_id"]) == lead]
        dialled = {one["ChannelId"] for one in _dialled(seen, number, prefix)}
        return any(row["id"] in dialled for row in right)

    yield Wanted(f"{number} is dialled out of her room", placed)
    if parts["cid"]:
        yield Wanted(
            f"shows {parts['cid']}",
            lambda seen: any(parts["cid"] in text_of(one) for one in _dialled(seen, number, prefix)),
        )


def _preview_action(scene: Scene, note: Note) -> Iterable[Wanted]:
    session = scene.sessions[note.user]
    if session.preview is None:
        yield Wanted("nothing is dialled: no lead is shown", _nothing)
    elif note.value in {"SKIP", "FINISH"}:
        yield Wanted("nothing is dialled", _nothing)
        yield Wanted("no lead is shown any more", lambda seen: not seen.session(note.user).get("preview"))
    else:
        yield Wanted("the lead shown is dialled", lambda seen: _lead_dialled(seen, note))


def _lead_dialled(seen: Observed, note: Note) -> bool:
    preview = seen.scene.sessions[note.user].preview
    lead = seen.before["leads"].get(preview.lead_id if preview else None, {})
    column = {"ALTDIAL": "alt_phone", "ADR3DIAL": "address3"}.get(note.value, "phone_number")
    return bool(_dialled(seen, str(lead.get(column))))


# -- the call in hand


def _recording(scene: Scene, note: Note) -> Iterable[Wanted]:
    room = scene.sessions[note.user].room
    if note.value.startswith("START"):
        stage = note.value.removeprefix("START")

        def started(seen: Observed) -> bool:
            rows = [row for row in seen.new("recordings") if row["room"] == room and stage in row["filename"]]
            return bool(rows) and any(
                one["Context"] == "bridge-record" and f"Local/{room}@bridge-listen" in one["Channel"]
                for one in seen.named("Originate")
            )

        yield Wanted(f"room {room} is recorded", started)
    else:
        yield Wanted(
            f"room {room} is not recorded any more",
            lambda seen: (
                any(one["Channel"].startswith("recording-") for one in seen.named("Hangup"))
                or not seen.before["recordings"]
            ),
        )


def _dtmf(scene: Scene, note: Note) -> Iterable[Wanted]:
    tones = "".join(TONES.get(sign, sign) for sign in note.value if sign != "Q")
    channels = _customer(scene, note.user)

    def pressed(seen: Observed) -> bool:
        singly = "".join(one["Digit"] for one in _on(seen, ["PlayDTMF"], *channels))
        return singly == tones or any(f"={tones}" in text_of(one) for one in seen.named("Originate"))

    yield Wanted(f"the customer hears the tones {tones}", pressed)


def _park(scene: Scene, note: Note) -> Iterable[Wanted]:
    third = "XFER" in note.value and "HANGUP_XFER" not in note.value
    channels = _others(scene, note.user) if third else _customer(scene, note.user)
    call = scene.call_of(note.user)
    if third and not channels:
        yield Wanted("nothing is moved: there is no third party", _nothing)
    elif "GRAB" in note.value and call is not None and not third and call.parked_at is None:
        room = scene.sessions[note.user].room
        yield Wanted("the customer stays in the room", lambda seen: seen.room_of(call.room_channel) == room)
    else:
        yield Wanted("the leg is moved", lambda seen: bool(_on(seen, ["Redirect"], *channels)))


def _transfer(scene: Scene, note: Note) -> Iterable[Wanted]:
    names = "what queue number consultative override alias cid epoch choice"
    parts = dict(zip(names.split(), (note.value + "---" * 8).split("---"), strict=False))
    rule = TRANSFERS.get(parts["what"])
    if rule is None:
        return [Wanted(f"the transfer {parts['what']} is not known here", lambda _: False)]
    return rule(scene, note.user, parts)


def _moved(scene: Scene, user: str, *words: str) -> Wanted:
    channels = _customer(scene, user)

    def moved(seen: Observed) -> bool:
        told = "\n".join(text_of(one) for one in seen.named("Redirect", "Setvar"))
        known = told + json.dumps(
            [{str(key): str(value) for key, value in row.items()} for row in seen.new("calls")]
        )
        return bool(_on(seen, ["Redirect"], *channels)) and all(word in known for word in words)

    return Wanted(" ".join(("the customer is passed on", *words)).strip(), moved)


def _blind(scene: Scene, user: str, parts: Mapping[str, str]) -> Iterable[Wanted]:
    yield _moved(scene, user, parts["number"])


def _closer(scene: Scene, user: str, parts: Mapping[str, str]) -> Iterable[Wanted]:
    if parts["queue"] == "AGENTDIRECT":
        yield Wanted("the customer waits for one agent, or nothing is moved: there is none", lambda _: True)
    else:
        yield _moved(scene, user, parts["queue"])


def _voicemail(scene: Scene, user: str, _: Mapping[str, str]) -> Iterable[Wanted]:
    yield _moved(scene, user)


def _third(scene: Scene, user: str, parts: Mapping[str, str]) -> Iterable[Wanted]:
    room = scene.sessions[user].room
    if parts["consultative"] == "YES":
        yield Wanted(f"in-group {parts['queue']} is called into the room", _originates(parts["queue"], room))
    else:
        yield Wanted(
            f"{parts['number']} is called into the room",
            lambda seen: any(room in text_of(one) for one in _dialled(seen, parts["number"])),
        )


def _park_and_third(scene: Scene, user: str, parts: Mapping[str, str]) -> Iterable[Wanted]:
    yield _moved(scene, user)
    yield from _third(scene, user, parts)


def _end_third(scene: Scene, user: str, _: Mapping[str, str]) -> Iterable[Wanted]:
    channels = _others(scene, user)
    if channels:
        yield Wanted("the third party is hung up", lambda seen: bool(_on(seen, ["Hangup"], *channels)))
    else:
        yield Wanted("nothing is hung up: there is no third party", _nothing)


def _end_both(scene: Scene, user: str, _: Mapping[str, str]) -> Iterable[Wanted]:
    yield from _hangup(scene, Note(user, "1", {}))
    if scene.legs(user):
        yield from _end_third(scene, user, {})


def _leave(scene: Scene, user: str, _: Mapping[str, str]) -> Iterable[Wanted]:
    """The agent is out, and whoever is on the line with her stays; she does not leave a customer alone."""
    if not scene.legs(user):
        return [Wanted("nothing is moved: there is no third party", _nothing)]
    channels = (*_customer(scene, user), *_others(scene, user))

    def left(seen: Observed) -> bool:
        hung_up = set(_customer(scene, user)) & {one["Channel"] for one in seen.named("Hangup")}
        return bool(_on(seen, ["Redirect"], *channels)) and not hung_up

    return [Wanted("she leaves, the others stay", left)]


TRANSFERS: Final[Mapping[str, Callable[[Scene, str, Mapping[str, str]], Iterable[Wanted]]]] = {
    "BLIND_TRANSFER": _blind,
    "DIAL_WITH_CUSTOMER": _third,
    "HANGUP_BOTH": _end_both,
    "HANGUP_XFER": _end_third,
    "LEAVE_3WAY_CALL": _leave,
    "LEAVE_VM": _voicemail,
    "LOCAL_CLOSER": _closer,
    "PARK_CUSTOMER_DIAL": _park_and_third,
}


# -- her screen, her in-groups


def _lead_shown(_: Scene, note: Note) -> Iterable[Wanted]:
    def shown(seen: Observed) -> bool:
        return str(seen.session(note.user).get("lead_id")) == note.value or _says(
            seen, f'"lead_id":{note.value}'
        )

    yield Wanted(f"lead {note.value} is on her screen", shown)


def _fields_shown(_: Scene, note: Note) -> Iterable[Wanted]:
    names = note.fields.get("external_update_fields_data", "").split(",")
    yield Wanted(f"her screen is told of {', '.join(names)}", lambda seen: _says(seen, *names))


def _timer(_: Scene, note: Note) -> Iterable[Wanted]:
    yield Wanted(f"her screen is told of {note.value}", lambda seen: _says(seen, note.value))


def _in_groups(_: Scene, note: Note) -> Iterable[Wanted]:
    wanted_queues = sorted(note.value.removesuffix("-").split())

    def chosen(seen: Observed) -> bool:
        members = sorted(
            queue
            for queue, member in seen.scene.stand_in.members
            if seen.session(note.user)["room"] in member
        )
        return sorted(seen.session(note.user).get("queues") or ()) == wanted_queues == members

    yield Wanted(f"she serves {', '.join(wanted_queues) or 'no in-group'}", chosen)


def _blended(_: Scene, note: Note) -> Iterable[Wanted]:
    yield Wanted(
        f"blended is {note.value}",
        lambda seen: bool(seen.session(note.user).get("blended")) == (note.value == "1"),
    )


def _free_again(_: Scene, note: Note) -> Iterable[Wanted]:
    def free(seen: Observed) -> bool:
        session = seen.session(note.user)
        return (session.get("state"), session.get("call_id")) == ("ready", None)

    if note.value == "READY":
        yield Wanted("she is ready for the next call", free)


def _not_a_command(_: Scene, __: Note) -> Iterable[Wanted]:
    return ()


MAILBOXES: Final[Mapping[str, Mailbox]] = {
    "external_blended": _blended,
    "external_dial": _dial,
    "external_dtmf": _dtmf,
    "external_hangup": _hangup,
    "external_ingroups": _in_groups,
    "external_lead_id": _lead_shown,
    "external_park": _park,
    "external_pause": _pause,
    "external_pause_code": _pause_code,
    "external_recording": _recording,
    "external_status": _status,
    "external_timer_action": _timer,
    "external_timer_action_message": _timer,
    "external_timer_action_seconds": _timer,
    "external_transferconf": _transfer,
    "external_update_fields": _fields_shown,
    "status": _free_again,
    # Who asked, and what the browser keeps for itself: no command of its own.
    "callerid": _not_a_command,
    "external_igb_set_user": _not_a_command,
    "external_update_fields_data": _not_a_command,
    "last_call_finish": _not_a_command,
    "last_state_change": _not_a_command,
    "lead_id": _not_a_command,
    "manager_ingroup_set": _not_a_command,
}
"""What a note in each column of the agent's row asks."""


# -- what the original itself asks of Asterisk


def _of_action(scene: Scene, effect: Mapping[str, Any]) -> Iterable[Wanted]:
    headers = dict(line.partition(": ")[::2] for line in effect["lines"])
    rule = {"Hangup": _ends, "Redirect": _redirects, "Originate": _plays}.get(effect["action"])
    if rule is None:
        yield Wanted(f"the action {effect['action']} is not known here", lambda _: False)
    else:
        yield from rule(scene, headers, effect)


def _ends(_: Scene, headers: Mapping[str, str], __: Mapping[str, Any]) -> Iterable[Wanted]:
    name = headers["Channel"]
    yield Wanted(f"{name} is hung up", lambda seen: bool(_on(seen, ["Hangup"], seen.channel_called(name))))


def _redirects(scene: Scene, headers: Mapping[str, str], _: Mapping[str, Any]) -> Iterable[Wanted]:
    exten = headers["Exten"]
    target = exten.partition("*")[2].partition("*")[0] if exten.startswith("90009*") else exten
    user = next(iter(scene.sessions))
    yield _moved(scene, user, target)


_WAYS: Final = {"BM": "listen", "BB": "barge", "BW": "whisper"}
"""What a manager does in a room, by the beginning of the original's caller id."""


def _monitors(scene: Scene, effect: Mapping[str, Any]) -> Iterable[Wanted]:
    """The original rings the phone by its dialplan; here it is rung itself, into the same room."""
    way, room = _WAYS[effect["call_id"][:2]], scene.params["session_id"]
    phone = f"Channel: SIP/{scene.params['phone_login']}"
    asked = (phone, "Context: bridge-monitor", f"Exten: {room}", f"BRIDGE_MONITOR={way}")
    yield Wanted(f"{phone} is rung for room {room}, to {way}", _originates(*asked))


def _plays(scene: Scene, headers: Mapping[str, str], effect: Mapping[str, Any]) -> Iterable[Wanted]:
    if effect["call_id"][:2] in _WAYS:
        yield from _monitors(scene, effect)
        return
    if "CallerID: 3" in effect["lines"] or "CallerID: 4" in effect["lines"]:
        yield from _operated(scene)
        return
    if not headers["Channel"].startswith("Local/"):
        rung, room = headers["Channel"], headers["Exten"]
        yield Wanted(f"{rung} is rung into room {room}", _originates(f"Channel: {rung}", f"Exten: {room}"))
        return
    sound, rooms = effect["call_id"], [one.room for one in scene.sessions.values()]
    room = next((one for one in rooms if headers["Channel"].endswith(f"{one}@default")), "?")
    yield Wanted(f"{sound} is played into room {room}", _originates(sound, room))


def _operated(scene: Scene) -> Iterable[Wanted]:
    """The original presses a key of its player, which pauses and resumes by turns."""
    stage = scene.params.get("stage", "")
    session = next(one for one in scene.sessions.values() if one.playback)

    def told(seen: Observed) -> bool:
        named = seen.known_as(session.playback)
        return any(action["Channel"] in named for action in telephony(seen))

    if stage == "RESUME" and not session.playback_paused:
        yield Wanted("the player is left alone: it plays", lambda seen: not told(seen))
    else:
        paused = stage == "PAUSE"
        yield Wanted(f"the player is told to {stage}", told)
        yield Wanted(
            f"paused: {paused}", lambda seen: bool(seen.session(session.user)["playback_paused"]) is paused
        )
