"""MQTT topics of events and states. What comes from outside cannot break out of its level.

<prefix>/events/<family>/<what>/<campaign>/<agent>/<call>     every event, in order; `-` where it has none
<prefix>/agents/<user>/state                retained: the agent's last event
<prefix>/calls/<id>/state                   retained until the call is disposed
<prefix>/asterisk/<name>/state              retained
<prefix>/bridge/<id>/online                 retained: {"online": true}, or false by last will

So `<prefix>/events/+/+/SALES/#` is a campaign, `<prefix>/events/+/+/+/1000/#` an agent, and
`<prefix>/events/+/+/+/+/<id>` a call.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

LONGEST = 128
"""Characters of a level at most: a topic has 65,535 bytes, and nobody has names this long."""

_UNSAFE = re.compile(r"[%+#/$\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""The wildcards, the separator, what begins the broker's own topics, and what MQTT 5 (section 1.5.4)
forbids or advises against in a string."""
NONE = "-"
"""The level of an event that is of no campaign, agent or call; one who is named so is `%2D`."""

_EMPTY = "%"
"""Stands for an empty name; no other name gives it, as a percent sign becomes `%25`."""


def level(name: str) -> str:
    """One level of a topic: any text, percent-encoded where it has to be, cut after `LONGEST`.

    Two names of up to `LONGEST` characters never give the same level.
    """
    return _UNSAFE.sub(_percent, name[:LONGEST]) or _EMPTY


def name_of(encoded: str) -> str:
    """What `level` was given."""
    return "" if encoded == _EMPTY else unquote(encoded, errors="surrogatepass")


def event_topic(prefix: str, kind: str, *, campaign: str = "", agent: str = "", call: str = "") -> str:
    """Where an event of a type goes: `call.ended` to `<prefix>/events/call/ended/SALES/1000/<id>`."""
    family, _, what = kind.partition(".")
    whose = (_of(name) for name in (campaign, agent, call))
    return "/".join((prefix, "events", level(family), level(what), *whose))


def _of(name: str) -> str:
    """A level that may be missing."""
    return level(name).replace(NONE, "%2D") if name == NONE else level(name) if name else NONE


def state_topic(prefix: str, subject: str) -> str:
    """Where the state of a subject is kept: `calls/<id>` at `<prefix>/calls/<id>/state`."""
    family, _, name = subject.partition("/")
    return f"{prefix}/{level(family)}/{level(name)}/state"


def online_topic(prefix: str, bridge: str) -> str:
    """Where it is said whether a bridge is there."""
    return f"{prefix}/bridge/{level(bridge)}/online"


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode(errors="surrogatepass"))
