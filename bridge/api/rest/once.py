"""Dial once: what an `Idempotency-Key` promises.

After `draft-ietf-httpapi-idempotency-key-header`. The key is taken together with the id that the call
will have, so that a request whose answer was lost, by a crash too, finds the call instead of dialling
it again.
"""

from __future__ import annotations

import hashlib

import msgspec
import structlog
from litestar import Response
from litestar.enums import MediaType

from bridge.api.errors import MEDIA_TYPE, describe, problem, respond
from bridge.api.rest.models import CallView
from bridge.calls.model import NEVER_SENT, REFUSED, Call
from bridge.errors import BridgeError, DialRefused
from bridge.events.call_events import CallRefused
from bridge.ids import uuid7
from bridge.services import Claim, DialRequest, Services
from bridge.store.errors import StoreError, StoreUnavailable

log = structlog.get_logger(__name__)

KEY = r'^"?[\x21\x23-\x7e]{1,255}"?$(?!\n)'
"""A key: 1 to 255 visible ASCII characters, with or without the quotes of a structured field."""


class Once:
    """One request to dial.

    Args:
        services: what dials.
        owner: whose key it is; keys of different callers never meet.
        key: the key, or `None` if the caller has not given one: then nothing is kept.
        body: the request's bytes; the same key must come with the same ones.
    """

    def __init__(self, services: Services, owner: str, key: str | None, body: bytes) -> None:
        self._services = services
        self._owner = owner
        self._key = None if key is None else key.strip('"')
        self._fingerprint = hashlib.sha256(body).hexdigest()

    async def dial(self, wish: DialRequest, agent: str | None) -> Response[bytes]:
        """Dial, or give the answer that the first request with this key got."""
        if self._key is None:
            return _created(await self._place(wish, agent))
        claim = await self._claim(self._key)
        match claim.outcome:
            case "new":
                return await self._first(
                    self._key, msgspec.structs.replace(wish, call_id=claim.call_id), agent
                )
            case "done":
                return _replayed(claim)
            case "running":
                return await self._running(claim)
            case "mismatch":
                detail = "this key was used with another request"
                return respond(problem(422, "idempotency-key-reused", detail, field="Idempotency-Key"))

    async def _claim(self, key: str) -> Claim:
        """Take the key; once more if its call is one that was never sent, so that a repetition dials."""
        keys = self._services.idempotency
        claim = await keys.claim(self._owner, key, self._fingerprint, fresh := uuid7())
        if claim.outcome in ("new", "running") and claim.call_id != fresh and await self._was_not_sent(claim):
            await keys.release(self._owner, key, claim.call_id)
            return await keys.claim(self._owner, key, self._fingerprint, uuid7())
        return claim

    async def _was_not_sent(self, claim: Claim) -> bool:
        call = await self._services.calls.get(claim.call_id)
        return call is not None and call.end_reason in NEVER_SENT

    async def _first(self, key: str, wish: DialRequest, agent: str | None) -> Response[bytes]:
        try:
            response = await self._told(await self._place(wish, agent))
        except (BridgeError, StoreUnavailable) as error:
            found = describe(error)
            if found.status >= 500:
                await self._give_back(key, wish.call_id)
                raise
            response = respond(found)
        await self._keep(key, response)
        return response

    async def _keep(self, key: str, response: Response[bytes]) -> None:
        """Keep the answer. If that fails it is true all the same, and the call's id finds the call."""
        try:
            await self._services.idempotency.settle(
                self._owner, key, response.status_code or 200, response.content
            )
        except StoreError as error:
            log.warning("the answer to an idempotency key could not be kept", error=str(error))

    async def _give_back(self, key: str, call_id: str) -> None:
        """Nothing was sent, so the caller may try again; unless the call stands, whatever went wrong."""
        call = await self._services.calls.get(call_id)
        if call is None or call.end_reason in NEVER_SENT:
            await self._services.idempotency.release(self._owner, key, call_id)

    async def _running(self, claim: Claim) -> Response[bytes]:
        call = await self._services.calls.get(claim.call_id)
        if call is not None:
            return await self._told(call)
        return respond(
            problem(
                409,
                "idempotency-key-in-use",
                "the first request with this key is still running",
                field="Idempotency-Key",
                mend="Ask again in a moment.",
            )
        )

    async def _told(self, call: Call) -> Response[bytes]:
        """The answer to a call that is there; one that the gate refused is there only after a crash."""
        if call.end_reason != REFUSED:
            return _created(call)
        events = await self._services.calls.timeline(call.id)
        said = next((event.event for event in events if event.type == CallRefused.type), None)
        if isinstance(said, CallRefused):
            return respond(describe(DialRefused(said.why, rule=said.rule, source=said.source)))
        return respond(describe(DialRefused(rule="unknown")))

    async def _place(self, wish: DialRequest, agent: str | None) -> Call:
        if agent is not None:
            return await self._services.agents.dial(agent, wish)
        return await self._services.calls.dial(wish)


def _created(call: Call) -> Response[bytes]:
    body = msgspec.json.encode(CallView.of(call))
    headers = {"Location": f"/v1/calls/{call.id}"}
    return Response(body, status_code=201, media_type=MediaType.JSON, headers=headers)


def _replayed(claim: Claim) -> Response[bytes]:
    kind = MEDIA_TYPE if claim.status >= 400 else MediaType.JSON
    headers = {"Idempotency-Replayed": "true"}
    if claim.status == 201:
        headers["Location"] = f"/v1/calls/{claim.call_id}"
    return Response(claim.body, status_code=claim.status, media_type=kind, headers=headers)
