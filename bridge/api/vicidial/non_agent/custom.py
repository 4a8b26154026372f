"""Custom fields: parameters that are named as the fields of a list are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import notice
from bridge.leads.model import LeadList


class Custom(NamedTuple):
    """What was sent of them."""

    asked: bool
    """Whether they count at all (`custom_fields=Y`)."""
    defined: bool
    """Whether the list has any."""
    values: Mapping[str, str]

    def line(self, function: str, number: str, lead_id: str, list_id: str) -> str:
        """What is told of them once the lead is there."""
        told, fields = f"{function} CUSTOM FIELDS", (number, lead_id, list_id)
        if not self.asked:
            return ""
        if not self.defined:
            return notice(f"{told} NOT ADDED, NO CUSTOM FIELDS DEFINED FOR THIS LIST", *fields)
        if not self.values:
            return notice(f"{told} NOT ADDED, NO FIELDS TO UPDATE DEFINED", *fields)
        return notice(f"{told} VALUES ADDED", *fields, "1")


def custom_of(call: NonAgentCall, own: LeadList | None) -> Custom:
    """The values of a list's fields among the parameters."""
    if not call.yes("custom_fields") or own is None or not own.custom_fields:
        return Custom(call.yes("custom_fields"), defined=False, values={})
    sent = {name: call.parameters.other(name) for name in own.custom_fields}
    return Custom(
        asked=True,
        defined=True,
        values={name: value for name, value in sent.items() if value is not None},
    )
