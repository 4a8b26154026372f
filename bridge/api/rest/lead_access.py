"""Lists and leads that a request names: there, and the caller's to use."""

from __future__ import annotations

from bridge.api.rest.command import Asked
from bridge.audit.entry import here
from bridge.errors import InvalidInput, NoSuchLead, UnreadableNumber
from bridge.leads.model import Lead, LeadList
from bridge.rules import Number, Refusal, Rule, normalise
from bridge.services import Services


async def list_for(request: Asked, services: Services, right: str, list_id: int) -> LeadList:
    """A list.

    Raises:
        Forbidden: the caller may not use it so.
        InvalidInput: there is none.
    """
    services.access.check_limits(request.user, right, lead_list=list_id)
    found = await services.site.get(LeadList, str(list_id))
    if found is None:
        raise InvalidInput(f"there is no list {list_id}", field="list_id")
    here().on("list", str(list_id))
    services.access.authorize(request.user, right, campaign=found.campaign or None)
    return found


async def lead_for(request: Asked, services: Services, right: str, lead_id: int) -> Lead:
    """A lead.

    Raises:
        NoSuchLead: there is none.
        Forbidden: the caller may not use it so.
    """
    here().on_lead(str(lead_id))
    found = await services.desk.get(str(lead_id))
    if found is None:
        raise NoSuchLead(lead_id=str(lead_id))
    check_lead(request, services, right, found, await list_of(services, found))
    return found


async def list_of(services: Services, lead: Lead) -> LeadList | None:
    """The list that a lead is in, if it is there yet."""
    return await services.site.get(LeadList, str(lead.list_id))


def check_lead(request: Asked, services: Services, right: str, lead: Lead, own: LeadList | None) -> None:
    """Whether a lead is one of the caller's (`Forbidden`): by its list, and by that one's campaign."""
    services.access.check_limits(request.user, right, lead_list=lead.list_id)
    services.access.authorize(request.user, right, campaign=(own.campaign if own else "") or None)


def country_of(services: Services, own: LeadList | None) -> str:
    """In which the numbers of a list are read, two letters: its own, or the site's."""
    return (own.country if own else "") or services.options.country


def number_of(
    services: Services, own: LeadList | None, written: str, phone_code: str, *, field: str = "phone_number"
) -> Number:
    """A number of a lead, as people write it.

    Args:
        services: with the site's country.
        own: the lead's list.
        written: digits with what people put between them, or with `+` and the country's code.
        phone_code: country code of one that has none; empty: that of the country.
        field: that has it, for the error.

    Raises:
        InvalidInput: it can be none, or reaches an emergency service.
    """
    number = normalise(written, phone_code, country_of(services, own))
    if not isinstance(number, Refusal):
        return number
    kind = UnreadableNumber if number.rule is Rule.NOT_A_NUMBER else InvalidInput
    raise kind(number.why, field=field)
