"""Dials by hand: double clicks, previews, the next lead."""

from __future__ import annotations

import asyncio

import pytest
from agent_wishes import calls_of
from core_bench import CUSTOMER, Bench
from hand_wishes import answer, ask, ask_next, campaign, ends, lead, stored

from bridge.agents.model import AgentState, Preview
from bridge.calls.model import CallState
from bridge.campaigns.call_time import CallTime
from bridge.errors import DialRefused, InvalidState, NoLeadLeft, NotPaused
from bridge.services import DialRequest

OTHER = "7275550111"


class TestDoubleClick:
    async def test_makes_one_call_while_the_first_rings(self, any_bench: Bench) -> None:
        bench = any_bench
        await bench.log_in()
        found = await asyncio.gather(*(ask(bench) for _ in range(3)))
        (call,) = await calls_of(bench)
        assert {one.call and one.call.id for one in found} == {call.id}
        assert len(bench.ami.named("Originate")) == 2, "her phone, and the customer"

    async def test_makes_one_call_although_the_first_was_over_at_once(self, bench: Bench) -> None:
        await bench.log_in()
        first = await ask(bench)
        assert first.call is not None
        await ends(bench, first.call.id, "BUSY")
        assert (await bench.session("1000")).state is AgentState.PAUSED
        second = await ask(bench)
        assert second.call is not None
        assert second.call.id == first.call.id

    async def test_another_number_is_no_double_click(self, bench: Bench) -> None:
        await bench.log_in()
        await ask(bench)
        with pytest.raises(NotPaused):
            await ask(bench, number=OTHER)
        assert len(await calls_of(bench)) == 1

    async def test_a_refused_number_is_refused_again(self, bench: Bench) -> None:
        await bench.log_in()
        for _ in range(2):
            with pytest.raises(DialRefused):
                await ask(bench, number="911")

    async def test_is_known_before_it_is_asked_for_again(self, bench: Bench) -> None:
        await bench.log_in()
        await ask(bench)
        session = await bench.session("1000")
        assert await bench.core.manual.repeated(session, DialRequest(number=CUSTOMER))
        assert not await bench.core.manual.repeated(session, DialRequest(number=OTHER))


@pytest.mark.parametrize("preview", [False, True])
async def test_focus_brings_her_screen_to_the_front(bench: Bench, preview: bool) -> None:  # noqa: FBT001
    await bench.log_in()
    await ask(bench, focus=True, preview=preview)
    assert "screen.focused" in await bench.told("agents/1000")


class TestPreview:
    async def test_shows_and_dials_nothing(self, bench: Bench) -> None:
        await bench.log_in()
        done = await ask(bench, preview=True, phone_code="1", dial_prefix="9")
        assert done.preview == Preview(number=CUSTOMER, phone_code="1", dial_prefix="9")
        session = await bench.session("1000")
        assert (session.state, session.preview) == (AgentState.PAUSED, done.preview)
        assert await calls_of(bench) == []
        assert (await bench.told("agents/1000"))[-1] == "agent.previewing"

    async def test_is_dialled_as_it_was_asked_for(self, bench: Bench) -> None:
        await bench.log_in()
        await ask(bench, preview=True, dial_prefix="9", caller_id="7275550088")
        done = await bench.core.manual.act("1000", "DIALONLY", asked_by="crm")
        assert done.call is not None
        assert (done.call.number, done.call.caller_id, done.call.asked_by) == (CUSTOMER, "7275550088", "crm")
        assert done.call.dial == f"PJSIP/9{CUSTOMER}@carrier"
        session = await bench.session("1000")
        assert (session.state, session.preview) == (AgentState.DIALING, None)
        assert (await bench.told("agents/1000"))[-2:] == ["agent.preview_dropped", "agent.dialing"]

    @pytest.mark.parametrize(("action", "number"), [("ALTDIAL", "7275550121"), ("ADR3DIAL", "7275550131")])
    async def test_of_a_lead_dials_its_other_numbers(self, bench: Bench, action: str, number: str) -> None:
        lead_id = await lead(bench, CUSTOMER, alt_phone="727-555-0121", address3="7275550131")
        await bench.log_in()
        await ask(bench, lead_id=lead_id, preview=True)
        done = await bench.core.manual.act("1000", action, asked_by="")  # type: ignore[arg-type] # parametrized
        assert done.call is not None
        assert (done.call.number, done.call.lead_id) == (number, lead_id)

    async def test_without_such_a_number_stays(self, bench: Bench) -> None:
        await bench.log_in()
        await ask(bench, preview=True)
        with pytest.raises(InvalidState, match="no such number"):
            await bench.core.manual.act("1000", "ALTDIAL", asked_by="")
        assert (await bench.session("1000")).preview is not None
        assert await calls_of(bench) == []

    @pytest.mark.parametrize("action", ["SKIP", "FINISH"])
    async def test_is_put_away(self, bench: Bench, action: str) -> None:
        lead_id = await lead(bench, CUSTOMER)
        await bench.log_in()
        await ask(bench, lead_id=lead_id, preview=True)
        await bench.core.manual.act("1000", action, asked_by="")  # type: ignore[arg-type] # parametrized
        assert (await bench.session("1000")).preview is None
        assert (await bench.told("agents/1000"))[-1] == "agent.preview_dropped"
        assert (await stored(bench, lead_id)).status == "NEW", "it was named, not taken"

    async def test_without_one_nothing_happens(self, bench: Bench) -> None:
        session = await bench.log_in()
        for action in ("SKIP", "DIALONLY", "ALTDIAL", "ADR3DIAL", "FINISH"):
            await bench.core.manual.act("1000", action, asked_by="")
        assert await bench.session("1000") == session
        assert await calls_of(bench) == []

    async def test_of_a_forbidden_number_is_refused(self, bench: Bench) -> None:
        await bench.log_in()
        with pytest.raises(DialRefused):
            await ask(bench, number="911", preview=True)
        assert (await bench.session("1000")).preview is None

    async def test_passes_the_gate_again_when_it_is_dialled(self, bench: Bench) -> None:
        await bench.log_in()
        await ask(bench, preview=True)
        await bench.core.leads.add_dnc(CUSTOMER)
        with pytest.raises(DialRefused):
            await bench.core.manual.act("1000", "DIALONLY", asked_by="")
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_right_after_a_call_to_the_same_number(self, bench: Bench) -> None:
        await bench.log_in()
        call = (await ask(bench)).call
        assert call is not None
        await ends(bench, call.id, "BUSY")
        assert (await ask(bench, preview=True)).preview is not None

    async def test_needs_a_pause(self, bench: Bench) -> None:
        await bench.ready()
        with pytest.raises(NotPaused):
            await ask(bench, preview=True)

    async def test_survives_a_restart(self, bench: Bench) -> None:
        await bench.log_in()
        await ask(bench, preview=True)
        await bench.core.sessions.restore()
        done = await bench.core.manual.act("1000", "DIALONLY", asked_by="")
        assert done.call is not None


class TestNextLead:
    async def test_is_dialled_and_counted(self, bench: Bench) -> None:
        await campaign(bench)
        low, high = await lead(bench, "7275550141"), await lead(bench, "7275550142", rank=5)
        await bench.log_in()
        done = await ask_next(bench)
        assert done.call is not None
        assert (done.call.lead_id, done.call.number) == (high, "7275550142")
        taken = await stored(bench, high)
        assert (taken.status, taken.called_count, taken.called_since_last_reset) == ("INCALL", 1, "Y")
        assert (await stored(bench, low)).status == "NEW"
        await ends(bench, done.call.id, "BUSY")
        assert (await stored(bench, high)).status == "AB"

    async def test_nothing_is_left(self, bench: Bench) -> None:
        await campaign(bench)
        await lead(bench, CUSTOMER, status="SALE")
        await bench.log_in()
        with pytest.raises(NoLeadLeft):
            await ask_next(bench)
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_a_forbidden_one_is_set_aside(self, bench: Bench) -> None:
        await campaign(bench)
        forbidden, good = await lead(bench, "7275550151"), await lead(bench, "7275550152")
        await bench.core.leads.add_dnc("7275550151")
        await bench.log_in()
        done = await ask_next(bench)
        assert done.call is not None
        assert done.call.lead_id == good
        assert (await stored(bench, forbidden)).status == "DNCL"
        assert (await stored(bench, forbidden)).called_count == 0
        assert "call.refused" in await bench.told()

    async def test_a_campaign_of_forbidden_ones_comes_to_an_end(self, bench: Bench) -> None:
        await campaign(bench)
        for _ in range(60):
            await lead(bench, "7275550151")
        await bench.core.leads.add_dnc("7275550151")
        await bench.log_in()
        with pytest.raises(NoLeadLeft):
            await ask_next(bench)
        assert len([call for call in await calls_of(bench) if call.state is CallState.DISPOSED]) == 50

    async def test_those_outside_their_hours_are_passed_over(self, bench: Bench) -> None:
        await campaign(bench, call_time="law")
        await bench.core.site.put(CallTime(name="law-US-FL", hours="", source="the test"))
        await bench.core.site.put(CallTime(name="law-US-NY", hours="00:00-24:00", source="the test"))
        await bench.core.site.put(CallTime(name="law-US", hours="00:00-24:00", source="the test"))
        asleep = [await lead(bench, f"7275550{number}", rank=9) for number in range(100, 123)]
        awake = await lead(bench, "2125550150")
        await bench.log_in()
        done = await ask_next(bench)
        assert done.call is not None
        assert done.call.lead_id == awake
        assert {(await stored(bench, one)).status for one in asleep} == {"NEW"}

    async def test_where_all_are_outside_their_hours_it_says_so(self, bench: Bench) -> None:
        await campaign(bench, call_time="law")
        await bench.core.site.put(CallTime(name="law-US-FL", hours="", source="the test"))
        for number in range(100, 112):
            await lead(bench, f"7275550{number}")
        await bench.log_in()
        with pytest.raises(NoLeadLeft, match=r"12 may be dialled later.*call time law-US-FL"):
            await ask_next(bench)

    async def test_twice_in_a_moment_is_one_lead(self, bench: Bench) -> None:
        await campaign(bench)
        for number in ("7275550161", "7275550162"):
            await lead(bench, number)
        await bench.log_in()
        first, second = await asyncio.gather(ask_next(bench), ask_next(bench))
        assert first.call is not None
        assert second.call is not None
        assert first.call.id == second.call.id

    async def test_after_a_call_that_was_over_at_once_is_another_one(self, bench: Bench) -> None:
        await campaign(bench)
        for number in ("7275550161", "7275550162"):
            await lead(bench, number)
        await bench.log_in()
        numbers = []
        for _ in range(2):
            done = await ask_next(bench)
            assert done.call is not None
            numbers.append(done.call.number)
            await ends(bench, done.call.id, "BUSY")
        assert numbers == ["7275550161", "7275550162"]

    async def test_two_agents_never_get_the_same(self, any_bench: Bench) -> None:
        bench = any_bench
        await campaign(bench)
        for number in range(4):
            await lead(bench, f"727555017{number}")
        for user in ("1000", "1001", "1002"):
            await bench.log_in(user)
        found = await asyncio.gather(*(ask_next(bench, user) for user in ("1000", "1001", "1002")))
        leads = [done.call.lead_id for done in found if done.call]
        assert len(set(leads)) == 3

    async def test_in_a_call_is_refused(self, bench: Bench) -> None:
        await campaign(bench)
        lead_id = await lead(bench, "7275550181")
        await bench.log_in()
        call = (await ask(bench)).call
        assert call is not None
        await answer(bench, call.id)
        with pytest.raises(NotPaused):
            await ask_next(bench)
        assert (await stored(bench, lead_id)).status == "NEW"

    async def test_looked_at_and_skipped(self, bench: Bench) -> None:
        await campaign(bench)
        first, second = await lead(bench, "7275550191"), await lead(bench, "7275550192")
        await bench.log_in()
        done = await ask_next(bench, preview=True)
        assert done.preview is not None
        assert (done.preview.lead_id, done.preview.lead_status) == (first, "NEW")
        assert (await stored(bench, first)).status == "QUEUE", "nobody else is given it"
        skipped = await bench.core.manual.act("1000", "SKIP", asked_by="")
        assert skipped.preview is not None
        assert skipped.preview.lead_id == second
        back = await stored(bench, first)
        assert (back.status, back.called_since_last_reset, back.called_count) == ("NEW", "Y", 0)
        assert (await bench.core.manual.act("1000", "SKIP", asked_by="")).preview is None, "none is left"
        assert (await bench.session("1000")).preview is None

    async def test_looked_at_and_dialled(self, bench: Bench) -> None:
        await campaign(bench)
        lead_id = await lead(bench, "7275550191")
        await bench.log_in()
        await ask_next(bench, preview=True)
        done = await bench.core.manual.act("1000", "DIALONLY", asked_by="")
        assert done.call is not None
        assert done.call.lead_id == lead_id
        assert (await stored(bench, lead_id)).status == "INCALL"

    @pytest.mark.parametrize("how", ["resume", "logout", "another"])
    async def test_looked_at_and_left_is_given_back(self, bench: Bench, how: str) -> None:
        await campaign(bench)
        lead_id = await lead(bench, "7275550191")
        await bench.log_in()
        await ask_next(bench, preview=True)
        if how == "resume":
            await bench.core.agent_commands.resume("1000", asked_by="")
        elif how == "logout":
            await bench.core.agent_commands.logout("1000", asked_by="")
        else:
            await ask(bench, number=OTHER)
        back = await stored(bench, lead_id)
        assert (back.status, back.called_since_last_reset) == ("NEW", "N")
