"""The link to Asterisk is cut around the Originate of a call: nobody is called twice, nothing is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from proxy import Proxy, Side, Verdict, field_of
from service import Bridge
from stack import Carrier, until
from stories import (
    TALKS,
    asterisk_events,
    dial_by_line,
    dials_sent,
    disposed_once,
    is_dial,
    newest_call,
    ready_agent,
)

Ask = Callable[[Bridge], Awaitable[tuple[str, str]]]


async def manual(bridge: Bridge) -> tuple[str, str]:
    """Log in, dial by the line format; the reply and the kind of call."""
    await bridge.log_in("1000")
    return await dial_by_line(bridge, "1000", TALKS), "M"


async def alone(bridge: Bridge) -> tuple[str, str]:
    """Dial without an agent (one waits for the answer); the status of the reply and the kind of call."""
    await ready_agent(bridge, "1000")
    reply = await bridge.api.post("/v1/calls", json={"campaign": "TEST", "number": TALKS})
    return f"{reply.status_code} {reply.json().get('error_id', '')}", "V"


def before_the_action(side: Side, message: bytes) -> Verdict | None:
    """The Originate never arrives."""
    return Verdict.CUT if side is Side.CLIENT and is_dial(message) else None


def between_action_and_answer(side: Side, message: bytes) -> Verdict | None:
    """The Originate arrives; nothing comes back."""
    return Verdict.PASS_AND_CUT if side is Side.CLIENT and is_dial(message) else None


class BetweenAnswerAndChannel:
    """The answer to the Originate comes back; no event of its channel does."""

    def __init__(self) -> None:
        self._action = ""

    def __call__(self, side: Side, message: bytes) -> Verdict | None:
        if side is Side.CLIENT:
            self._action = field_of(message, "ActionID") if is_dial(message) else self._action
            return None
        if not self._action:
            return None
        answer = field_of(message, "Response") and field_of(message, "ActionID") == self._action
        return Verdict.PASS_AND_CUT if answer else Verdict.SWALLOW


async def mended(bridge: Bridge, ami: Proxy) -> None:
    """The link is given back once the bridge has noticed its loss, and the bridge is in step again."""

    async def noticed() -> bool:
        return not await bridge.ready()

    await until(noticed, "a bridge that says that it is not ready")
    ami.mend()
    await bridge.until_ready()


@pytest.mark.parametrize("ask", [manual, alone])
async def test_cut_before_the_action(bridge: Bridge, ami: Proxy, carrier: Carrier, ask: Ask) -> None:
    ami.rule = before_the_action
    reply, kind = await ask(bridge)
    assert reply.startswith(
        ("ERROR: external_dial failed, The link to Asterisk was lost", "504 originate-unk")
    )
    await mended(bridge, ami)

    call = await disposed_once(bridge, (await newest_call(bridge, kind))["id"])
    assert call["end_reason"] == "failed_unknown"
    assert "call.unknown" in await bridge.timeline(call["id"])
    assert carrier.called == []
    assert dials_sent(ami) == [call["id"]]
    await bridge.agent_is("1000", "paused" if kind == "M" else "ready")


@pytest.mark.parametrize("ask", [manual, alone])
async def test_cut_between_action_and_answer(bridge: Bridge, ami: Proxy, carrier: Carrier, ask: Ask) -> None:
    ami.rule = between_action_and_answer
    reply, kind = await ask(bridge)
    assert reply.startswith(
        ("ERROR: external_dial failed, The link to Asterisk was lost", "504 originate-unk")
    )
    await mended(bridge, ami)
    call = await adopted(bridge, ami, carrier, kind)
    assert "call.unknown" in await bridge.timeline(call["id"])


@pytest.mark.parametrize("ask", [manual, alone])
async def test_cut_between_answer_and_channel(bridge: Bridge, ami: Proxy, carrier: Carrier, ask: Ask) -> None:
    ami.rule = BetweenAnswerAndChannel()
    reply, kind = await ask(bridge)
    assert reply.startswith(("SUCCESS: external_dial function set", "201 "))
    await mended(bridge, ami)
    await adopted(bridge, ami, carrier, kind)


async def adopted(bridge: Bridge, ami: Proxy, carrier: Carrier, kind: str) -> dict[str, Any]:
    """The call has been found again, rings one person once, and ends when it is hung up."""
    call_id = (await newest_call(bridge, kind))["id"]
    await bridge.call_is(call_id, "bridged")
    await bridge.agent_is("1000", "incall")
    await bridge.post(f"/calls/{call_id}/hangup")
    call = await disposed_once(bridge, call_id)
    assert call["status"] == "TALKED"
    assert carrier.called == [TALKS]
    assert dials_sent(ami) == [call_id]
    assert (await asterisk_events(bridge))[-3:] == ["asterisk.down", "asterisk.gap", "asterisk.up"]
    return call


@pytest.mark.parametrize("more_settings", ["action_timeout = 1"])
async def test_an_action_that_nobody_answers_is_found_out(
    bridge: Bridge, ami: Proxy, carrier: Carrier
) -> None:
    """The link stands, only this action is lost: no snapshot comes by itself."""
    await bridge.log_in("1000")
    ami.rule = lambda side, message: Verdict.SWALLOW if side is Side.CLIENT and is_dial(message) else None
    reply = await dial_by_line(bridge, "1000", TALKS)
    assert reply.startswith("ERROR: external_dial failed")
    call = await disposed_once(bridge, (await newest_call(bridge, "M"))["id"])
    assert call["end_reason"] == "failed_unknown"
    assert carrier.called == []
    assert len(dials_sent(ami)) == 1
    await bridge.agent_is("1000", "paused")
