"""`/v1/agents/{user}/…`: the parties of the call that an agent has, and where its customer goes on."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from bridge.api.rest.command import Asked, command, session_of
from bridge.api.rest.fields import UserPath
from bridge.api.rest.models import CallView, KeysBody, ParkBody, SwapBody, ThirdBody, TransferBody
from bridge.api.rest.once import Key
from bridge.campaigns.model import InGroup
from bridge.errors import InvalidInput, InvalidState
from bridge.services import DialRequest, Party, Services


class PartyController(Controller):
    """Hold music, third parties, transfers."""

    path = "/agents/{user:str}"
    tags = ("parties",)

    @get("/parties", opt={"right": "agents.parties"}, summary="Who is in the call")
    async def parties(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> list[CallView]:
        """The customer's call first, then third parties; 409 `no-call` without one."""
        await session_of(request, services, user)
        return await _parties(services, user)

    @post("/park", opt={"right": "agents.park"}, status_code=200, summary="Let a party hear hold music")
    async def park(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[ParkBody],
        idempotency_key: Key = None,
    ) -> list[CallView]:
        """She stays on the line; of several third parties the newest is meant."""

        async def act() -> list[CallView]:
            await services.conference.park(user, data.party, ivr=data.ivr)
            return await _parties(services, user)

        return await command(request, services, idempotency_key, act)

    @post("/unpark", opt={"right": "agents.park"}, status_code=200, summary="Take a parked party back")
    async def unpark(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[ParkBody],
        idempotency_key: Key = None,
    ) -> list[CallView]:
        """She comes back into the agent's room."""

        async def act() -> list[CallView]:
            await services.conference.grab(user, data.party)
            return await _parties(services, user)

        return await command(request, services, idempotency_key, act)

    @post("/keys", opt={"right": "agents.keys"}, status_code=202, summary="Press keys (DTMF)")
    async def keys(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[KeysBody],
        idempotency_key: Key = None,
    ) -> None:
        """Everybody in the agent's room hears them."""

        async def act() -> None:
            await services.conference.press(user, data.keys)

        return await command(request, services, idempotency_key, act, repeatable=False)

    @post("/parties", opt={"right": "agents.transfer"}, status_code=202, summary="Call a third party")
    async def call_third(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[ThirdBody],
        idempotency_key: Key = None,
    ) -> list[CallView]:
        """Numbers, past the gate, or an in-group; 403 `dial-refused` if the gate refuses all of them."""
        if bool(data.numbers) == (data.queue is not None):
            raise InvalidInput("give either numbers or a queue", field="numbers")
        services.access.check_limits(request.user, "agents.transfer", agent=data.agent)

        async def act() -> list[CallView]:
            if data.queue is not None:
                queue = await _active(services, data.queue)
                await services.conference.consult(user, queue, for_user=data.agent or "", park=data.park)
            else:
                numbers = dict.fromkeys(data.numbers)
                wishes = [_wish(request, number, data.phone_code) for number in numbers]
                await services.conference.dial_third(user, wishes, park=data.park)
            return await _parties(services, user)

        return await command(request, services, idempotency_key, act, repeatable=False)

    @post("/swap", opt={"right": "agents.park"}, status_code=200, summary="Talk to the other party")
    async def swap(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[SwapBody],
        idempotency_key: Key = None,
    ) -> list[CallView]:
        """One party hears hold music, the other one comes back."""

        async def act() -> list[CallView]:
            await services.conference.swap(user, data.park)
            return await _parties(services, user)

        return await command(request, services, idempotency_key, act)

    @delete("/parties", opt={"right": "agents.transfer"}, status_code=202, summary="Hang up everybody")
    async def hang_up_all(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> None:
        """The customer and all third parties; the agent stays in her room."""

        async def act() -> None:
            await services.conference.hangup_both(user)

        return await command(request, services, idempotency_key, act)

    @delete(
        "/parties/{party:str}", opt={"right": "agents.transfer"}, status_code=202, summary="Hang up a party"
    )
    async def hang_up(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        party: Annotated[Party, PathParameter(description="Of several third parties the newest.")],
        idempotency_key: Key = None,
    ) -> None:
        """The others go on; of a third party that is not there nothing is done."""

        async def act() -> None:
            await services.conference.hangup(user, party)

        return await command(request, services, idempotency_key, act)

    @post("/transfer", opt={"right": "agents.transfer"}, status_code=202, summary="Pass the customer on")
    async def transfer(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[TransferBody],
        idempotency_key: Key = None,
    ) -> CallView:
        """The call that the customer is from now on; the agent is asked for the disposition of hers."""
        if (data.number is None) == (data.queue is None):
            raise InvalidInput("give either a number or a queue", field="number")
        services.access.check_limits(request.user, "agents.transfer", agent=data.agent)

        async def act() -> CallView:
            if data.number is not None:
                wish = _wish(request, data.number, data.phone_code)
                return CallView.of(await services.transfers.to_number(user, wish))
            queue = await _active(services, data.queue or "")
            return CallView.of(await services.transfers.to_queue(user, queue, for_user=data.agent or ""))

        return await command(request, services, idempotency_key, act, repeatable=False)

    @post("/leave", opt={"right": "agents.transfer"}, status_code=202, summary="Leave the others alone")
    async def leave(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> CallView:
        """The customer goes on with the third parties; 409 if there are none."""

        async def act() -> CallView:
            return await leave_others(services, user)

        return await command(request, services, idempotency_key, act, repeatable=False)

    @post("/leave-message", opt={"right": "agents.transfer"}, status_code=202, summary="Leave a message")
    async def leave_message(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> CallView:
        """The machine that has answered hears the agent's messages after its tone.

        403 `message-not-allowed` until the campaign has stated purpose, seller, call-back number and consent.
        """

        async def act() -> CallView:
            return CallView.of(await services.transfers.leave_message(user))

        return await command(request, services, idempotency_key, act, repeatable=False)


async def _parties(services: Services, user: str) -> list[CallView]:
    hers = await services.conference.call_of(user)
    others = await services.conference.third_parties(user)
    return [CallView.of(call) for call in (hers, *others)]


async def _active(services: Services, queue: str) -> str:
    found = await services.site.get(InGroup, queue)
    if found is None or not found.active:
        raise InvalidInput(f"there is no active in-group {queue!r}", field="queue")
    return queue


def _wish(request: Asked, number: str, phone_code: str) -> DialRequest:
    return DialRequest(number=number, phone_code=phone_code, asked_by=request.user.user)


async def leave_others(services: Services, user: str) -> CallView:
    """What the customer goes on as when this agent leaves (`InvalidState`: nobody would be with her)."""
    left = await services.transfers.leave(user)
    if left is None:
        raise InvalidState("there is no third party to leave the customer with", agent=user)
    return CallView.of(left)
