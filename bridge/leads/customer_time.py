"""What a lead's own clock shows, by the zones that the gate would keep."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.calls.hours import home
from bridge.leads.errors import InvalidLead
from bridge.leads.model import Customer, Lead
from bridge.leads.offsets import fixed
from bridge.rules import Number, clock, local, normalise, zones_of


def moment_there(text: str, lead: Lead, country: str) -> datetime:
    """The moment at which the lead's clock shows a date and a time.

    Args:
        text: `YYYY-MM-DDTHH:MM`, or with seconds.
        lead: whose clock.
        country: in which its number is read.

    Raises:
        InvalidLead: there is no such time, or it cannot be told which clock she has.
    """
    try:
        return _moment(datetime.fromisoformat(text), lead, country)
    except InvalidLead:
        raise
    except (ValueError, OverflowError) as error:
        raise InvalidLead("customer_time", f"there is no such time: {error}") from None


def time_there(at: datetime, lead: Lead, country: str) -> datetime | None:
    """A moment on the lead's clock; `None`: it cannot be told which one she has."""
    try:
        found = {there.replace(tzinfo=None): there for there in _times(at, lead, country)}
    except OverflowError:  # of the first or the last day that there is
        return None
    return found.popitem()[1] if len(found) == 1 else None


def _times(at: datetime, lead: Lead, country: str) -> list[datetime]:
    return [local(at, zone) for zone in _zones(lead, country, at)]


def _zones(lead: Lead, country: str, at: datetime) -> tuple[str, ...]:
    number = normalise(lead.phone_number, lead.phone_code, country)
    return zones_of(number, home(Customer.of(lead)), at).names if isinstance(number, Number) else ()


def _moment(shown: datetime, lead: Lead, country: str) -> datetime:
    zones = _zones(lead, country, shown.replace(tzinfo=fixed(lead.gmt_offset_minutes)))
    found = {shown.replace(tzinfo=clock(zone)).astimezone(UTC) for zone in zones}
    if not found:
        why = "it cannot be told which clock the customer has: give `at`, with its offset from UTC"
        raise InvalidLead("customer_time", why)
    if len(found) > 1:
        some = ", ".join(zones[:4])
        why = f"the customer's clock may be that of {some}: give `at`, with its offset from UTC"
        raise InvalidLead("customer_time", why)
    at = found.pop()
    if local(at, zones[0]).replace(tzinfo=None) != shown:
        raise InvalidLead("customer_time", f"the clocks of {zones[0]} pass over this time on that day")
    return at
