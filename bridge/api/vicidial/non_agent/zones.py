"""The offset from UTC of a lead's clock, by the methods of `tz_method`."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.leads import offsets


def offset_minutes(call: NonAgentCall, number: str, code: str, texts: Mapping[str, str]) -> int:
    """Now, in minutes; what the method cannot find is found by the number, else it is the site's own."""
    method = call["tz_method"].upper()
    zone = None
    if "POSTAL" in method:
        zone = offsets.by_postal_code(texts.get("postal_code", ""), code)
    elif "TZCODE" in method:
        zone = offsets.by_letters(texts.get("owner", ""))
    return offsets.minutes_at(zone or offsets.by_number(number, code) or call.zone, call.now)
