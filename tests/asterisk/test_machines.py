"""Answering machines and recorded messages with real calls, judged by what is heard at the carrier."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from service import Bridge
from stack import Carrier, until
from test_dialler import bridged, dialling, hop, ready_agent
from test_given_calls import DID, inbound_call

PERSON = "7275550100"
MACHINE = "7275550105"
GREETING = 5.0
"""Seconds from the answer of the machine to the end of its tone."""
PRESSES_1 = ("7275550109", "7275550209")
STATED = {
    "message_purpose": "renewals",
    "message_seller": "Acme",
    "message_callback_number": "7275550000",
    "message_consent": "contract",
}


async def campaign(bridge: Bridge, **fields: Any) -> None:
    """Change the campaign."""
    known = await bridge.get("/site/campaigns/TEST")
    reply = await bridge.api.put("/v1/site/campaigns/TEST", json=known | fields)
    assert reply.is_success, reply.text


async def disposed(bridge: Bridge, lead: int) -> dict[str, Any]:
    """The lead's call, once it has its disposition."""

    async def look() -> dict[str, Any] | None:
        calls = await bridge.get("/calls?limit=20")
        found = [call for call in calls if call["lead_id"] == lead and call["state"] == "disposed"]
        return found[0] if found else None

    return await until(look, f"the call of lead {lead} disposed")


async def test_a_machine_gets_the_message_after_its_tone_and_no_agent(
    bridge: Bridge, carrier: Carrier
) -> None:
    await campaign(bridge, amd=True, amd_action="MESSAGE", machine_message="demo-thanks", **STATED)
    await carrier.listen(MACHINE)
    await ready_agent(bridge, "1000")
    lead = await hop(bridge, MACHINE)
    await dialling(bridge)
    heard = await carrier.until_heard(MACHINE, "the message", lambda it: it.speech())
    assert heard.speech()[0].start > GREETING, "it began before the machine's tone was over"
    call = await disposed(bridge, lead)
    assert (call["status"], call["status_source"], call["agent"]) == ("AL", "network", "")
    assert (await bridge.agent("1000"))["state"] == "ready"
    told = await bridge.timeline(call["id"])
    assert "call.screened" in told
    assert "call.bridged" not in told


async def test_a_machine_is_hung_up_on_while_the_campaign_has_not_stated_what_it_must(
    bridge: Bridge, carrier: Carrier
) -> None:
    stated = STATED | {"message_consent": ""}
    await campaign(bridge, amd=True, amd_action="MESSAGE", machine_message="demo-thanks", **stated)
    await carrier.listen(MACHINE)
    await ready_agent(bridge, "1000")
    lead = await hop(bridge, MACHINE)
    await dialling(bridge)
    assert (await disposed(bridge, lead))["status"] == "AA"
    heard = await carrier.heard_by(MACHINE)
    assert not heard.speech()


async def test_a_person_meets_the_agent_behind_the_detection(bridge: Bridge) -> None:
    await campaign(bridge, amd=True)
    await ready_agent(bridge, "1000")
    lead = await hop(bridge, "7275550100")
    await dialling(bridge)
    (call,) = await bridged(bridge, 1)
    assert (call["lead_id"], call["agent"]) == (lead, "1000")
    told = await bridge.timeline(call["id"])
    assert told.index("call.screened") < told.index("call.bridged")


async def test_a_key_in_the_abandon_message_forbids_the_number_for_good(
    bridge: Bridge, carrier: Carrier
) -> None:
    """Two answer and one agent is there: the other one hears the message, and presses 1."""
    await campaign(
        bridge, drop_seconds=0.2, abandon_message="demo-congrats", opt_out_key="1", drop_limit=100, **STATED
    )
    await carrier.listen(*PRESSES_1)
    await ready_agent(bridge, "1000")
    leads = {await hop(bridge, number): number for number in PRESSES_1}
    await dialling(bridge, level=2.0)
    (taken,) = await bridged(bridge, 1)
    (dropped,) = set(leads) - {taken["lead_id"]}
    call = await disposed(bridge, dropped)
    assert call["status"] == "DROP"
    heard = await carrier.heard_by(leads[dropped])
    assert heard.speech(), "she heard the message"
    assert "call.opted_out" in await bridge.timeline(call["id"])
    listed = json.loads(await asyncio.to_thread(bridge.command, "dnc", "list", "--json"))
    assert [entry["number"] for entry in listed] == [leads[dropped]]
    again = await bridge.api.post(
        "/v1/calls", json={"campaign": "TEST", "number": leads[dropped], "phone_code": "1"}
    )
    assert again.status_code == 422, again.text
    assert "dnc_system" in again.text


async def test_whoever_calls_back_an_opt_out_line_hears_so_and_is_called_no_more(
    bridge: Bridge, carrier: Carrier
) -> None:
    await line(bridge, opt_out=True)
    await ready_agent(bridge, "1000")
    await carrier.call_in(DID, PERSON, listen=True)
    await is_called_no_more(bridge, carrier)


async def test_whoever_presses_the_key_of_a_line_is_called_no_more(bridge: Bridge, carrier: Carrier) -> None:
    await line(bridge, opt_out_key="9", opt_out_sound="demo-congrats")
    await ready_agent(bridge, "1000")
    await carrier.call_in(DID, PERSON, listen=True, press="9")
    await is_called_no_more(bridge, carrier)


async def test_whoever_presses_another_key_or_none_is_given_to_an_agent(
    bridge: Bridge, carrier: Carrier
) -> None:
    await line(bridge, opt_out_key="9", opt_out_sound="beep")
    await ready_agent(bridge, "1000")
    await carrier.call_in(DID, PERSON, press="8")
    (call,) = await bridged(bridge, 1)
    assert call["agent"] == "1000"
    assert "call.opted_out" not in await bridge.timeline(call["id"])


async def line(bridge: Bridge, **how: Any) -> None:
    """How callers of the DID may opt out."""
    known = await bridge.get(f"/site/dids/{DID}")
    reply = await bridge.api.put(f"/v1/site/dids/{DID}", json=known | how)
    assert reply.is_success, reply.text


async def is_called_no_more(bridge: Bridge, carrier: Carrier) -> None:
    """She who has just called in heard it, nobody took her call, and no dial reaches her any more."""
    call = await inbound_call(bridge)
    await bridge.call_is(call["id"], "disposed")
    heard = await carrier.heard_by(PERSON)
    assert heard.speech(), "she heard that it is done"
    assert "call.opted_out" in await bridge.timeline(call["id"])
    listed = json.loads(await asyncio.to_thread(bridge.command, "dnc", "list", "--json"))
    assert [entry["number"] for entry in listed] == [PERSON]
    again = await bridge.api.post("/v1/calls", json={"campaign": "TEST", "number": PERSON, "phone_code": "1"})
    assert (again.status_code, "dnc_system" in again.text) == (422, True), again.text
    assert (await bridge.agent("1000"))["state"] == "ready", "no agent was asked for it"
