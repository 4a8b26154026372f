"""May this number be dialled now? Pure functions over data; the only place that makes a `Permit`.

Nothing here reads a store, a clock or a setting: the caller brings the facts.
"""

from __future__ import annotations

from bridge.rules.errors import PermitExpired, PermitMisused, RulesError
from bridge.rules.gate import may_dial
from bridge.rules.model import Asker, DncHit, Facts, Number, Purpose, Refusal, Rule, Used
from bridge.rules.numbers import normalise
from bridge.rules.permit import Permit, digits_before

__all__ = [
    "Asker",
    "DncHit",
    "Facts",
    "Number",
    "Permit",
    "PermitExpired",
    "PermitMisused",
    "Purpose",
    "Refusal",
    "Rule",
    "RulesError",
    "Used",
    "digits_before",
    "may_dial",
    "normalise",
]
