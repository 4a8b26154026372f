"""May this number be dialled now? Pure functions over data; the only place that makes a `Permit`.

Nothing here reads a store, a clock or a setting: the caller brings the facts.
"""

from __future__ import annotations

from bridge.rules.consent import ANY, Agreed
from bridge.rules.errors import PermitExpired, PermitMisused, RulesError
from bridge.rules.facts import Facts
from bridge.rules.gate import may_dial
from bridge.rules.grounds import Ground
from bridge.rules.history import DAY, DROP_SPAN, Attempt, Drops, Limits
from bridge.rules.hold import Held, Hold, stopped
from bridge.rules.hours import Hours, Spans, outside, read_spans
from bridge.rules.lists import GOOD_FOR, DncList
from bridge.rules.model import OF_CAMPAIGN, PASSING, Asker, DncHit, Number, Purpose, Refusal, Rule, Used
from bridge.rules.numbers import national_of, normalise
from bridge.rules.permit import Permit, digits_before
from bridge.rules.places import states_of_area_code, states_of_postal_code, zones_of_states
from bridge.rules.zones import Home, Zones, clock, local, states_of, zones_of

__all__ = [
    "ANY",
    "DAY",
    "DROP_SPAN",
    "GOOD_FOR",
    "OF_CAMPAIGN",
    "PASSING",
    "Agreed",
    "Asker",
    "Attempt",
    "DncHit",
    "DncList",
    "Drops",
    "Facts",
    "Ground",
    "Held",
    "Hold",
    "Home",
    "Hours",
    "Limits",
    "Number",
    "Permit",
    "PermitExpired",
    "PermitMisused",
    "Purpose",
    "Refusal",
    "Rule",
    "RulesError",
    "Spans",
    "Used",
    "Zones",
    "clock",
    "digits_before",
    "local",
    "may_dial",
    "national_of",
    "normalise",
    "outside",
    "read_spans",
    "states_of",
    "states_of_area_code",
    "states_of_postal_code",
    "stopped",
    "zones_of",
    "zones_of_states",
]
