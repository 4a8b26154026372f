"""Lists of leads under `/v1/site/lists`: what holds of them beside what holds of all things of a site."""

from __future__ import annotations

from typing import Final

from bridge.access.errors import Forbidden, Rule
from bridge.access.model import Principal
from bridge.campaigns.item import SiteItem
from bridge.leads.custom_fields import is_label, is_type
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList

_YEARS: Final = range(1970, 9999)


class LeadListBody(LeadList, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of leads; unknown fields are refused."""

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        if self.expires_at is not None and self.expires_at.year not in _YEARS:
            raise InvalidLead("expires_at", "of the years 1970 to 9998")
        for label, kind in self.custom_fields.items():
            if not is_label(label):
                why = "1 to 50 letters, digits or '_', a letter first, and no other field of a lead"
                raise InvalidLead("custom_fields", f"{label[:50]!r}: {why}")
            if not is_type(kind):
                raise InvalidLead("custom_fields", f"{label} is of no type that there is, as 'text'")


def check_custom_fields(principal: Principal, action: str, old: SiteItem | None, new: SiteItem) -> None:
    """Whether the caller may make these custom fields of those.

    Raises:
        Forbidden: they differ, and the caller may change none.
    """
    if not isinstance(new, LeadList) or principal.right("custom_fields_modify") == 1:
        return
    before = old.custom_fields if isinstance(old, LeadList) else {}
    if list(before.items()) != list(new.custom_fields.items()):
        raise Forbidden(Rule.RIGHT, user=principal.user, function=action, needs="custom_fields_modify")


def list_of_key(key: str) -> int:
    """The number of a list by the key in a path; 0, which none has, if it is no number."""
    return int(key) if key.isascii() and key.isdigit() else 0
