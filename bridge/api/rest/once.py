"""Done once: what an `Idempotency-Key` promises.

After `draft-ietf-httpapi-idempotency-key-header`. The answer to the first request with a key is kept and
given to the others, across restarts. What a crash kept from being answered is found by an id that is taken
together with the key (`bridge.api.rest.dialling`), or is a command that may be given again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Protocol, TypeVar, cast

import msgspec
import structlog
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.params import HeaderParameter

from bridge.access.errors import AccessError
from bridge.access.model import Principal
from bridge.api.errors import MEDIA_TYPE, describe, problem, respond
from bridge.errors import BridgeError
from bridge.ids import uuid7
from bridge.services import Claim, Services
from bridge.store.errors import StoreError, StoreUnavailable

log = structlog.get_logger(__name__)

V = TypeVar("V")
Asked = Request[Principal, Any, Any]

KEY = r'^"?[\x21\x23-\x7e]{1,255}"?$(?!\n)'
"""A key: 1 to 255 visible ASCII characters, with or without the quotes of a structured field."""

Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        pattern=KEY,
        description="Name of this wish, chosen by the caller: repeated with it, the request acts only once.",
    ),
]


class Deed(Protocol):
    """What a request wants done, under an id that is taken together with its key."""

    repeatable: bool
    """Whether it does no harm when it is done again, because a crash may have cut it off anywhere."""

    async def do(self, call_id: str) -> Response[bytes]:
        """Do it, and say what came of it."""

    async def found(self, call_id: str) -> Response[bytes] | None:
        """The answer, if what was asked for stands although nobody was answered."""

    async def in_vain(self, call_id: str) -> bool:
        """Whether it was tried under this id and never reached Asterisk: it may be done under another."""

    async def undone(self, call_id: str) -> bool:
        """Whether nothing stands under this id after a failure."""


class Command(Deed):
    """A command to what is there already."""

    def __init__(self, act: Callable[[], Awaitable[object]], status: int, *, repeatable: bool) -> None:
        self.repeatable = repeatable
        self._act = act
        self._status = status

    async def do(self, call_id: str) -> Response[bytes]:
        """Give it."""
        del call_id
        told = await self._act()
        body = b"" if told is None else msgspec.json.encode(told)
        return Response(body, status_code=self._status, media_type=MediaType.JSON)

    async def found(self, call_id: str) -> Response[bytes] | None:
        """It leaves nothing that could be found."""
        del call_id
        return None

    async def in_vain(self, call_id: str) -> bool:
        """It has no id."""
        del call_id
        return False

    async def undone(self, call_id: str) -> bool:
        """It may be given again."""
        del call_id
        return True


async def once(
    request: Asked,
    services: Services,
    key: str | None,
    act: Callable[[], Awaitable[V]],
    *,
    repeatable: bool = True,
) -> V:
    """Carry out a command, or give the answer that the first request with this key got.

    Args:
        request: the request, whose login and rights are checked already.
        services: where keys are kept.
        key: its `Idempotency-Key`; without one nothing is kept.
        act: carries it out; what it returns is the body of the answer.
        repeatable: whether it may be carried out again where a crash has cut it off.
    """
    if key is None:
        return await act()
    command = Command(act, request.route_handler.status_code, repeatable=repeatable)
    # Litestar sends a response as it is, in place of what the route says that it returns.
    return cast("V", await Once(services, request.user.user, key, await fingerprint(request)).answer(command))


async def fingerprint(request: Asked) -> str:
    """What has to be the same for a request to be the same."""
    of = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return hashlib.sha256(of).hexdigest()


class Once:
    """One request with a key.

    Args:
        services: what keeps keys.
        owner: whose key it is; keys of different callers never meet.
        key: the key.
        fingerprint: of the request; the same key must come with the same one.
    """

    def __init__(self, services: Services, owner: str, key: str, fingerprint: str) -> None:
        self._keys = services.idempotency
        self._owner = owner
        self._key = key.strip('"')
        self._fingerprint = fingerprint
        self._cut_off = False

    async def answer(self, deed: Deed) -> Response[bytes]:
        """Do it, or give the answer that the first request with this key got."""
        claim = await self._claim(deed)
        match claim.outcome:
            case "new" if self._cut_off and not deed.repeatable:
                return respond(_CUT_OFF)
            case "new":
                return await self._first(deed, claim.call_id)
            case "done":
                return _replayed(claim)
            case "running":
                return await deed.found(claim.call_id) or respond(_IN_USE)
            case "mismatch":
                return respond(_REUSED)

    async def _claim(self, deed: Deed) -> Claim:
        """Take the key; once more if it stands for what was never sent, so that a repetition does it."""
        claim = await self._take(fresh := uuid7())
        unanswered = claim.outcome in ("new", "running") and claim.call_id != fresh
        if unanswered and await deed.in_vain(claim.call_id):
            await self._keys.release(self._owner, self._key, claim.call_id)
            return await self._take(uuid7())
        self._cut_off = unanswered
        return claim

    async def _take(self, call_id: str) -> Claim:
        return await self._keys.claim(self._owner, self._key, self._fingerprint, call_id)

    async def _first(self, deed: Deed, call_id: str) -> Response[bytes]:
        try:
            response = await deed.do(call_id)
        except AccessError:  # nothing was done; with other rights or limits it may be, by the same key
            await self._keys.release(self._owner, self._key, call_id)
            raise
        except (BridgeError, StoreUnavailable) as error:
            found = describe(error)
            if found.status >= 500:
                if await deed.undone(call_id):
                    await self._keys.release(self._owner, self._key, call_id)
                raise
            if found.status == HTTPStatus.TOO_MANY_REQUESTS:  # for now: the next try with this key may do it
                await self._keys.release(self._owner, self._key, call_id)
                raise
            response = respond(found)
        await self._keep(response)
        return response

    async def _keep(self, response: Response[bytes]) -> None:
        """Keep the answer. If that fails it is true all the same, and what was done is done."""
        try:
            status = response.status_code or 200
            await self._keys.settle(self._owner, self._key, status, response.content)
        except StoreError as error:
            log.warning("the answer to an idempotency key could not be kept", error=str(error))


_REUSED = problem(
    422, "idempotency-key-reused", "this key was used with another request", field="Idempotency-Key"
)
_CUT_OFF = problem(
    409,
    "idempotency-outcome-unknown",
    "the first request with this key was cut off: it may have been carried out",
    field="Idempotency-Key",
    mend="Look at what became of it, and take a new key if it is still wanted.",
)
_IN_USE = problem(
    409,
    "idempotency-key-in-use",
    "the first request with this key is still running",
    field="Idempotency-Key",
    mend="Ask again in a moment.",
)


def _replayed(claim: Claim) -> Response[bytes]:
    kind = MEDIA_TYPE if claim.status >= 400 else MediaType.JSON
    headers = {"Idempotency-Replayed": "true"}
    if claim.status == 201:
        headers["Location"] = f"/v1/calls/{claim.call_id}"
    return Response(claim.body, status_code=claim.status, media_type=kind, headers=headers)
