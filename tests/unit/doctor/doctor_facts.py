"""Facts of an Asterisk at which nothing is wrong, to be spoilt by each test in one point."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.conf.shipped import shipped
from bridge.doctor.dialplan import parse
from bridge.doctor.examine import examine
from bridge.doctor.facts import Clock, Facts, Relay
from bridge.doctor.model import Check
from bridge.doctor.modules import FUNCTIONS
from bridge.doctor.surroundings import DANGEROUS

OURS = parse(shipped("bridge_extensions.conf"))

COMMANDS = {
    "ConfbridgeList": "List participants in a conference.  (Priv: reporting,all)",
    "CoreShowChannels": "List currently active channels.  (Priv: system,reporting,all)",
    "Hangup": "Hangup channel.  (Priv: system,call,all)",
    "Originate": "Originate a call.  (Priv: originate,all)",
    "Ping": "Keepalive command.  (Priv: <none>)",
    "QueueAdd": "Add interface to queue.  (Priv: agent,all)",
    "QueueStatus": "Show queue status.  (Priv: <none>)",
    "ControlPlayback": "Control the playback of a file being played to a channel.  (Priv: call,all)",
    "PlayDTMF": "Play DTMF signal on a specific channel.  (Priv: call,all)",
    "Redirect": "Redirect (transfer) a call.  (Priv: call,all)",
    "ShowDialPlan": "Show dialplan contexts and extensions  (Priv: config,reporting,all)",
    "UserEvent": "Send an arbitrary event.  (Priv: user,all)",
}

GOOD = Facts(
    host="127.0.0.1",
    port=5038,
    addresses=("127.0.0.1",),
    tls=False,
    user="bridge",
    version="22.10.1+dfsg-1",
    cdr=True,
    commands=COMMANDS,
    contexts=OURS,
    functions={DANGEROUS: "", **dict.fromkeys(FUNCTIONS, "0")},
    clock=Clock(0.001, 0.001),
    user_event=True,
    relay=Relay.ANSWERS,
)


def facts(**changes: Any) -> Facts:
    """A good Asterisk, with these differences."""
    return replace(GOOD, **changes)


def without(*actions: str) -> dict[str, str]:
    """What a user may send who lacks these actions."""
    return {name: text for name, text in COMMANDS.items() if name not in actions}


def found(seen: Facts, check: str) -> Check:
    """The one check of that name."""
    (one,) = [entry for entry in examine(seen, OURS) if entry.id == check]
    return one


def wrong(seen: Facts) -> set[str]:
    """The names of the checks that somebody should do something about."""
    return {check.id for check in examine(seen, OURS) if check.wrong}
