"""`/v1/agents/{user}/dial` and `/preview`: calls by hand with all that the line format can say of them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.agents.model import AgentSession, AgentState, Preview
from bridge.api.by_hand import LEAST_DIGITS, NEXT_LEAD, NumberOf, forbidden_by, number_of
from bridge.api.own import check_lead, check_queues, refuse_fields
from bridge.api.rest.command import Asked, seated
from bridge.api.rest.fields import Label, LeadId, Name, Number, PhoneCode, UserPath
from bridge.api.rest.models import Body, CallView
from bridge.api.rest.once import Key, once
from bridge.campaigns.model import Campaign, GroupAlias
from bridge.errors import InvalidInput, InvalidState, NoPreview, NoSuchLead, NotAllowed, NotPaused
from bridge.services import Dialled, DialRequest, PreviewAction, Services

_WHICH: Final[dict[str, NumberOf]] = {"main": "MAIN", "alt": "ALT", "address3": "ADDR3"}
_ACTIONS: Final[dict[str, PreviewAction]] = {
    "dial": "DIALONLY",
    "dial_alt": "ALTDIAL",
    "dial_address3": "ADR3DIAL",
    "skip": "SKIP",
    "finish": "FINISH",
}


class HandDialBody(Body, frozen=True, kw_only=True):
    """Whom the agent calls: a number, a lead, or the next lead of her campaign."""

    number: Number | None = None
    lead_id: LeadId | None = None
    which: Literal["main", "alt", "address3"] = "main"
    """Which number of the lead."""
    next_lead: bool = False
    phone_code: PhoneCode = ""
    """With `number`; a lead has its own."""
    search: bool = False
    """Look for a lead with this number first."""
    vendor_id: Label = ""
    preview: bool = False
    """Let her look at it first; `POST …/preview` goes on."""
    focus: bool = False
    """Bring her screen to the front."""
    dial_prefix: Annotated[str, Meta(pattern=r"^[0-9]{0,20}$(?!\n)")] = ""
    """Digits that the trunk is given before the number."""
    caller_id: Annotated[str, Meta(pattern=r"^[0-9]{2,20}$(?!\n)", examples=["7275550000"])] | None = None
    """Number to show, where the site lets callers choose it."""
    group_alias: Annotated[Name, Meta(examples=["FRONTDESK"])] | None = None
    """Group alias whose number is shown."""
    queue: Annotated[Name, Meta(examples=["SALESLINE"])] | None = None
    """In-group in whose name is called; if she is busy, the call waits until she is free."""


class PreviewBody(Body, frozen=True, kw_only=True):
    """What becomes of what she looks at."""

    action: Literal["dial", "dial_alt", "dial_address3", "skip", "finish"]
    """`skip` takes the next lead, if it is one that she was given; `finish` puts it away."""


class DialledView(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of it; nothing, if she looks at nothing more."""

    call: CallView | None
    """It is being dialled."""
    preview: Preview | None
    """She looks at it first."""
    queued: bool
    """It waits until she is free."""

    @classmethod
    def of(cls, done: Dialled) -> DialledView:
        """The view of what was done."""
        call = None if done.call is None else CallView.of(done.call)
        return cls(call=call, preview=done.preview, queued=done.queued)


HAND_BODIES = (HandDialBody, PreviewBody)


class HandController(Controller):
    """What an agent dials by hand."""

    path = "/agents/{user:str}"
    tags = ("calls",)

    @post("/dial", opt={"right": "agents.dial"}, status_code=202, summary="Dial for an agent")
    async def dial(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[HandDialBody],
        idempotency_key: Key = None,
    ) -> DialledView:
        """At once, after a look, or as soon as she is free; the same within 2 s is done once.

        `POST /v1/calls` with `agent` dials at once or not at all, and finds the call by its key.
        """
        session = await seated(request, services, user)
        await _check_own(request, services, session, data)
        wish = await _wish(request, services, data)

        async def act() -> DialledView:
            return DialledView.of(await services.manual.ask(user, wish, seen=session))

        return await once(request, services, idempotency_key, act, repeatable=False)

    @post("/preview", opt={"right": "agents.preview"}, status_code=202, summary="Dial what she looks at")
    async def act_on_preview(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[PreviewBody],
        idempotency_key: Key = None,
    ) -> DialledView:
        """Or skip it, or put it away; 409 `no-preview` if she looks at nothing."""
        session = await seated(request, services, user)
        action = _ACTIONS[data.action]

        async def act() -> DialledView:
            await _check_preview(services, session, action)
            return DialledView.of(await services.manual.act(user, action, asked_by=request.user.user))

        return await once(request, services, idempotency_key, act, repeatable=False)


async def _check_own(request: Asked, services: Services, session: AgentSession, body: HandDialBody) -> None:
    """Of an agent who dials for herself: what she may choose (`NotAllowed`, `NoSuchLead`)."""
    for_programs = ("dial_prefix", "caller_id", "group_alias", "vendor_id")
    refuse_fields(request.user, ((name, getattr(body, name)) for name in for_programs))
    await check_queues(services, request.user, session, () if body.queue is None else (body.queue,))
    if body.lead_id is not None:
        await check_lead(services, request.user, session, body.lead_id)


async def _check_preview(services: Services, session: AgentSession, action: PreviewAction) -> None:
    campaign = await services.site.get(Campaign, session.campaign) or Campaign(id="NONE")
    refusal = forbidden_by(campaign, action)
    if refusal is not None:
        raise InvalidState(refusal[0], campaign=session.campaign)
    if session.state not in (AgentState.PAUSED, AgentState.WRAPUP):
        raise NotPaused(agent=session.user, state=session.state)
    if session.preview is None:
        raise NoPreview(agent=session.user)


async def _wish(request: Asked, services: Services, body: HandDialBody) -> DialRequest:
    """What is to be dialled (`InvalidInput`, `NoSuchLead`, `NotAllowed`)."""
    number, phone_code = await _number(request, services, body)
    if body.queue is not None and not await services.lookups.has_in_group(body.queue):
        raise InvalidInput(f"there is no in-group {body.queue}", field="queue")
    return DialRequest(
        number=number,
        phone_code=phone_code,
        lead_id=body.lead_id,
        search=body.search,
        vendor_id=body.vendor_id,
        caller_id=await _caller_id(services, body),
        dial_prefix=body.dial_prefix,
        queue=body.queue or "",
        next_lead=body.next_lead,
        preview=body.preview,
        focus=body.focus,
        asked_by=request.user.user,
    )


async def _number(request: Asked, services: Services, body: HandDialBody) -> tuple[str, str]:
    """Number and country code."""
    if (body.number is not None) + (body.lead_id is not None) + body.next_lead != 1:
        raise InvalidInput("give one of number, lead_id and next_lead", field="number")
    if body.next_lead:
        return NEXT_LEAD, body.phone_code
    if body.number is not None:
        if body.number.startswith("+") and body.phone_code:
            raise InvalidInput("a number with + has its country code already", field="phone_code")
        return body.number, body.phone_code
    lead = await services.lookups.lead(body.lead_id or 0)
    if lead is None:
        raise NoSuchLead(lead_id=str(body.lead_id))
    services.access.check_limits(request.user, "agents.dial", lead_list=lead.list_id)
    number = number_of(lead, _WHICH[body.which])
    if len(number) < 2:
        raise InvalidInput("the lead has no such number", field="which")
    return number, lead.phone_code


async def _caller_id(services: Services, body: HandDialBody) -> str:
    """The number to show; empty: the campaign's."""
    if body.caller_id is not None:
        if services.options.outbound_cid != "API_ONLY":
            raise NotAllowed("callers may not choose the number on this system", rule="outbound-cid")
        if not await services.site.is_own(body.caller_id):
            raise NotAllowed("it is none of the site's own numbers", rule="own-number", field="caller_id")
        return body.caller_id
    if body.group_alias is None:
        return ""
    alias = await services.site.get(GroupAlias, body.group_alias)
    if alias is None or not alias.active:
        raise InvalidInput(f"there is no active group alias {body.group_alias}", field="group_alias")
    if len(alias.caller_id) < LEAST_DIGITS:
        raise InvalidInput("the number of this group alias is too short", field="group_alias")
    return alias.caller_id
