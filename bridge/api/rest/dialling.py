"""The wish to dial as `POST /v1/calls` takes it: who may, what is dialled, and how long it is waited for."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from litestar import Response
from litestar.enums import MediaType

from bridge.access.model import Principal, PrincipalKind
from bridge.access.names import ALL
from bridge.api.errors import describe, respond
from bridge.api.guard import authorize_session, used
from bridge.api.rest.models import CallView, DialBody
from bridge.api.rest.once import Deed
from bridge.calls.clicks import ExtensionEnd
from bridge.calls.model import NEVER_SENT, REFUSED, Call
from bridge.calls.refusals import refused
from bridge.campaigns.model import Campaign
from bridge.errors import (
    BridgeError,
    DialRefused,
    ExtensionBusy,
    ExtensionDeclined,
    ExtensionUnanswered,
    ExtensionUnreachable,
    InvalidInput,
    InvalidState,
    NoSuchLead,
    PhoneInUse,
)
from bridge.events.call_events import CallRefused
from bridge.services import DialRequest, Services
from bridge.store.errors import StoreError

LONGEST_WAIT: Final = 60
"""Seconds that a request may wait for a call to be answered."""

DEFAULT_CAMPAIGN: Final = "default"
"""Campaign of calls that no campaign was named for, if there is one: as for numbers dialled on a phone."""

_WAIT = re.compile(r'\s*wait\s*=\s*"?([0-9]{1,6})"?\s*(?:;.*)?', re.IGNORECASE)

_EXTENSION_PROBLEMS: Final[dict[str, type[BridgeError]]] = {
    ExtensionEnd.BUSY: ExtensionBusy,
    ExtensionEnd.DECLINED: ExtensionDeclined,
    ExtensionEnd.UNANSWERED: ExtensionUnanswered,
    ExtensionEnd.UNREACHABLE: ExtensionUnreachable,
}


def wait_preferred(prefer: str | None) -> int:
    """Seconds of `Prefer: wait=N` (RFC 7240 section 4.3), at most `LONGEST_WAIT`; 0 without one.

    What is not understood is passed over, as the RFC wants it.
    """
    for preference in (prefer or "").split(","):
        if found := _WAIT.fullmatch(preference):
            return min(int(found[1]), LONGEST_WAIT)
    return 0


async def authorized(services: Services, principal: Principal, body: DialBody) -> DialBody:
    """The body with its campaign, if the principal may dial so.

    Raises:
        Forbidden: it may not.
        NoSuchAgent, InvalidInput, InvalidState, PhoneInUse: there is nobody to dial for.
    """
    if body.agent is not None and body.extension is not None:
        raise InvalidInput("a call is for an agent or for an extension, not for both", field="from")
    if body.agent is not None:
        await _authorize_agent(services, principal, body.agent, body.campaign)
        return body
    if body.extension is not None:
        campaign = body.campaign or await _default_campaign(services, principal)
        await _authorize_extension(services, principal, body.extension, campaign)
        return msgspec.structs.replace(body, campaign=campaign)
    if body.campaign is None:
        raise InvalidInput("a call without an agent needs a campaign", field="campaign")
    services.access.authorize(principal, "calls.dial", campaign=body.campaign)
    used("calls.dial")
    return body


async def _authorize_agent(
    services: Services, principal: Principal, agent: str, campaign: str | None
) -> None:
    session = await authorize_session(services, principal, "agents.dial", agent)
    if session is not None and campaign not in (None, session.campaign):
        raise InvalidState(
            f"the agent is logged in to campaign {session.campaign}", agent=agent, field="campaign"
        )


async def _authorize_extension(services: Services, principal: Principal, phone: str, campaign: str) -> None:
    """A phone that bears an agent's name is hers: only who may command her rings it."""
    agent = await services.access.principal(phone)
    hers = agent if agent is not None and agent.kind is PrincipalKind.AGENT else None
    services.access.authorize(principal, "calls.click", agent=hers, campaign=campaign)
    used("calls.click")
    session = await services.agents.on_phone(phone)
    if session is not None:
        raise PhoneInUse(
            f"agent {session.user} is logged in with phone {phone}", phone=phone, agent=session.user
        )


async def _default_campaign(services: Services, principal: Principal) -> str:
    """The one named `default`, or the only one that the principal may use."""
    scope = principal.scope
    found = [campaign for campaign in await services.site.list(Campaign) if campaign.active]
    usable = [campaign.id for campaign in found if scope is not None and campaign.id in scope.campaigns]
    if DEFAULT_CAMPAIGN in usable:
        return DEFAULT_CAMPAIGN
    if len(usable) == 1:
        return usable[0]
    raise InvalidInput(
        f"say for which campaign: {', '.join(usable[:20])}"
        if usable
        else "there is no campaign that you may use",
        field="campaign",
    )


async def _check_list(services: Services, principal: Principal, lead_id: int | None) -> None:
    """Whether the caller's own limits let it dial leads of this one's list (`Forbidden`)."""
    if lead_id is None or principal.limits.lists is ALL:
        return
    lead = await services.lookups.lead(lead_id)
    if lead is not None:
        services.access.check_limits(principal, "calls.dial", lead_list=lead.list_id)


async def wish_of(services: Services, principal: Principal, body: DialBody) -> DialRequest:
    """What is to be dialled.

    Raises:
        InvalidInput, NoSuchLead: that cannot be told.
    """
    if body.number is not None and body.to is not None:
        raise InvalidInput("give the number once", field="to")
    await _check_list(services, principal, body.lead_id)
    number, phone_code = body.to if body.number is None else body.number, body.phone_code
    if number is None:
        if body.lead_id is None:
            raise InvalidInput("number or lead_id is needed", field="number")
        lead = await services.lookups.lead(body.lead_id)
        if lead is None:
            raise NoSuchLead(lead_id=str(body.lead_id))
        number, phone_code = lead.phone_number, lead.phone_code
    elif number.startswith("+") and phone_code:
        raise InvalidInput("a number with + has its country code already", field="phone_code")
    return DialRequest(
        number=number,
        phone_code=phone_code,
        campaign=body.campaign or "",
        lead_id=body.lead_id,
        search=body.search,
        vendor_id=body.vendor_id,
        asked_by=principal.user,
        extension=body.extension or "",
        extension_seconds=body.ring_seconds,
    )


class Dialling(Deed):
    """One request to dial.

    Args:
        services: what dials.
        wish: what is dialled.
        agent: for whom; `None` where it is nobody's room.
        wait: seconds to wait for the answer of whom is called.
    """

    repeatable = True  # under its id it dials only once

    def __init__(self, services: Services, wish: DialRequest, agent: str | None, wait: int) -> None:
        self._services = services
        self._wish = wish
        self._agent = agent
        self._wait = wait

    async def do(self, call_id: str) -> Response[bytes]:
        """Dial, under this id."""
        wish = msgspec.structs.replace(self._wish, call_id=call_id)
        if self._agent is None:
            call = await self._services.calls.dial(wish)
        else:
            call = await self._services.agents.dial(self._agent, wish)
        return await self._told(call)

    async def found(self, call_id: str) -> Response[bytes] | None:
        """What became of a call that is there."""
        call = await self._services.calls.get(call_id)
        return None if call is None else await self._told(call)

    async def in_vain(self, call_id: str) -> bool:
        """Whether the call is there, and Asterisk was never asked for it, or would not make it."""
        call = await self._services.calls.get(call_id)
        return call is not None and call.end_reason in NEVER_SENT

    async def undone(self, call_id: str) -> bool:
        """Whether there is no call, or none that was sent."""
        call = await self._services.calls.get(call_id)
        return call is None or call.end_reason in NEVER_SENT

    async def _told(self, call: Call) -> Response[bytes]:
        """The answer to a call that is there; one that the gate refused is there only after a crash."""
        if call.end_reason == REFUSED:
            return respond(describe(await self._refusal(call)))
        seen = await self._waited(call)
        failure = _EXTENSION_PROBLEMS.get(seen.end_reason) if self._wait else None
        if failure is not None:
            return self._applied(respond(describe(failure(call=seen.id, extension=seen.extension))))
        headers = {"Location": f"/v1/calls/{seen.id}"}
        body = msgspec.json.encode(CallView.of(seen))
        return self._applied(Response(body, status_code=201, media_type=MediaType.JSON, headers=headers))

    async def _waited(self, call: Call) -> Call:
        """The call when it is decided; as it was when it was placed, if it cannot be read any more."""
        if not self._wait:
            return call
        try:
            return await self._services.calls.wait(call.id, self._wait)
        except StoreError:
            return call

    def _applied(self, response: Response[bytes]) -> Response[bytes]:
        if self._wait:
            response.headers["Preference-Applied"] = f"wait={self._wait}"
        return response

    async def _refusal(self, call: Call) -> BridgeError:
        events = await self._services.calls.timeline(call.id)
        said = next((event.event for event in events if event.type == CallRefused.type), None)
        if isinstance(said, CallRefused):
            return refused(said.rule, said.why, said.source)
        return DialRefused(rule="unknown")
