"""The line format's functions of leads and calls on an agent's screen, and of a CRM's ids."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from core_bench import Bench, ami_event
from screen_scenes import UNSENT, Caller, with_caller, with_lead
from sqlalchemy import update

from bridge.ami.events import Hangup
from bridge.campaigns.model import Campaign
from bridge.events.catalogue import CallLeadSwitched, LeadAdded, ScreenLeadSwitched, UserTeamSet
from bridge.leads.model import NewLead
from bridge.store.schema import leads

NOT_ALLOWED = "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - {}|7000|{}|ADMIN\n"


async def change_campaign(bench: Bench, campaign_id: str = "TEST", **changes: Any) -> None:
    campaign = await bench.core.site.campaign(campaign_id)
    assert campaign is not None
    await bench.core.site.put(msgspec.structs.replace(campaign, **changes))


class TestSwitchLead:
    async def test_call_and_screen_have_the_other_lead(self, bench: Bench, caller: Caller) -> None:
        call_id = await with_caller(bench)
        reply = await caller.agc("switch_lead", lead_id="2")
        assert reply == "SUCCESS: switch_lead function set - 1000|2|VLC2|TEST|1|\n"
        assert (await bench.session("1000")).lead_id == 2
        assert (await bench.call(call_id)).lead_id == 2
        (on_screen,) = await caller.events()
        assert isinstance(on_screen, ScreenLeadSwitched)
        assert (on_screen.lead_id, on_screen.before, on_screen.state) == (2, 1, "incall")
        (of_call,) = await caller.events("call.lead_switched", f"calls/{call_id}")
        assert isinstance(of_call, CallLeadSwitched)
        assert (of_call.lead_id, of_call.before) == (2, 1)

    async def test_the_vendors_code_wins(self, bench: Bench, caller: Caller) -> None:
        await with_caller(bench)
        reply = await caller.agc("switch_lead", lead_id="1", vendor_lead_code="VLC2", alt_user="CRM1000")
        assert reply == "SUCCESS: switch_lead function set - 1000|2|VLC2|TEST|1|\n"

    async def test_to_the_lead_that_it_has_changes_nothing(self, bench: Bench, caller: Caller) -> None:
        await with_caller(bench)
        reply = await caller.agc("switch_lead", lead_id="1")
        assert reply == "SUCCESS: switch_lead function set - 1000|1|VLC1|TEST|1|\n"
        assert await caller.events() == []

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"lead_id": "0"}, "ERROR: switch_lead not valid - 0||1000\n"),
            ({"lead_id": UNSENT}, "ERROR: switch_lead not valid - ||1000\n"),
            ({"agent_user": UNSENT}, "ERROR: switch_lead not valid - 2||\n"),
            ({"user": "7000"}, NOT_ALLOWED.format("2", "switch_lead")),
            ({"agent_user": "nobody"}, "ERROR: agent_user is not logged in - nobody\n"),
            ({"lead_id": "9999"}, "ERROR: switch-to lead not found - 1000|9999|\n"),
            ({"lead_id": "9" * 40}, f"ERROR: switch-to lead not found - 1000|{'9' * 40}|\n"),
            (
                {"lead_id": UNSENT, "vendor_lead_code": "VLC2x"},
                "ERROR: switch-to lead not found - 1000||VLC2x\n",
            ),
        ],
    )
    async def test_what_is_refused(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        await with_caller(bench)
        assert await caller.agc("switch_lead", **{"lead_id": "2"} | parameters) == reply
        assert (await bench.session("1000")).lead_id == 1

    async def test_only_a_live_inbound_call(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        none = "ERROR: agent_user does not have a live call - 1000\n"
        assert await caller.agc("switch_lead", lead_id="2") == none
        await bench.core.agent_commands.logout("1000", asked_by="")
        await with_lead(bench)
        call = await bench.call((await bench.session("1000")).call_id or "")
        reply = await caller.agc("switch_lead", lead_id="2")
        assert reply == f"ERROR: agent call is not inbound - 1000|{call.legacy_id}"

    async def test_only_where_the_campaign_lets_agents_search(self, bench: Bench, caller: Caller) -> None:
        await with_caller(bench)
        await change_campaign(bench, inbound_lead_search=False)
        reply = await caller.agc("switch_lead", lead_id="2")
        assert reply == "ERROR: campaign does not allow inbound lead search - 1000|TEST\n"


class TestVmMessage:
    async def test_is_kept_with_the_call(self, bench: Bench, caller: Caller) -> None:
        call_id = await with_caller(bench)
        reply = await caller.agc("vm_message", lead_id="1", value="hello|good-bye_2")
        assert reply == "SUCCESS: vm_message function set - 1000|1|hello|good-bye_2|\n"
        assert (await bench.call(call_id)).messages == ("hello", "good-bye_2")
        assert await caller.agc("vm_message", value="other") == (
            "SUCCESS: vm_message function set - 1000|1|other|\n"
        )
        assert (await bench.call(call_id)).messages == ("other",)

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"value": UNSENT, "lead_id": UNSENT}, "ERROR: vm_message not valid - ||1000\n"),
            ({"value": "|"}, "ERROR: vm_message not valid - 1|||1000\n"),
            ({"value": "x" * 101}, f"ERROR: vm_message not valid - 1|{'x' * 101}|1000\n"),
            ({"user": "7000"}, NOT_ALLOWED.format("1", "vm_message")),
            ({"agent_user": "nobody"}, "ERROR: agent_user is not logged in - nobody\n"),
            ({"lead_id": "2"}, "ERROR: current call does not match lead_id submitted - 1000\n"),
        ],
    )
    async def test_what_is_refused(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        call_id = await with_caller(bench)
        assert await caller.agc("vm_message", **{"lead_id": "1", "value": "hello"} | parameters) == reply
        assert (await bench.call(call_id)).messages == ()

    async def test_none_is_kept_that_the_campaign_may_not_play(self, bench: Bench, caller: Caller) -> None:
        call_id = await with_caller(bench)
        campaign = (await bench.call(call_id)).campaign
        await change_campaign(bench, campaign, message_seller="", message_consent="")
        assert await caller.agc("vm_message", lead_id="1", value="hello") == (
            f"ERROR: vm_message refused, campaign {campaign} has not stated message_seller, message_consent:"
            " it plays no recorded message - 1|hello|1000\n"
        )
        assert (await bench.call(call_id)).messages == ()

    async def test_without_a_live_call(self, bench: Bench, caller: Caller) -> None:
        await with_caller(bench)
        await bench.happens(ami_event(Hangup, Uniqueid="1.1", Cause=16))
        reply = await caller.agc("vm_message", value="hello")
        assert reply == "ERROR: agent_user does not have a live call - 1000\n"


class TestExternalAddLead:
    async def test_goes_to_the_manual_list_of_the_campaign(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        more = {"first_name": "Jo", "last_name": "New", "rank": "5", "gmt_offset_now": "-6.00"}
        reply = await caller.agc("external_add_lead", value="727-555-1313", phone_code="1", **more)
        assert reply == "SUCCESS: lead added - 7275551313|TEST|998|3|1000\n"
        added = await bench.core.leads.get(3)
        assert added is not None
        assert added.last_local_call_time is not None
        expected = NewLead(
            list_id=998,
            user="6666",
            phone_code="1",
            phone_number="7275551313",
            first_name="Jo",
            last_name="New",
            rank=5,
            gmt_offset_minutes=-360,
        )
        assert {name: getattr(added, name) for name in NewLead.__struct_fields__} == {
            name: getattr(expected, name) for name in NewLead.__struct_fields__
        }
        (event,) = await caller.events("lead.", "leads/3")
        assert event == LeadAdded(lead_id=3, list_id=998, campaign="TEST", source="test")

    async def test_the_number_may_be_called_so(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        reply = await caller.agc(
            "external_add_lead", phone_number="7275551313", phone_code="1", alt_user="CRM1000"
        )
        assert reply == "SUCCESS: lead added - 7275551313|TEST|998|3|1000\n"

    async def test_without_a_manual_list_it_is_in_none(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in(campaign="WRAPUP")
        reply = await caller.agc("external_add_lead", value="7275551313", phone_code="1")
        assert reply == "SUCCESS: lead added - 7275551313|WRAPUP|0|3|1000\n"

    @pytest.mark.parametrize(
        ("campaign", "parameters", "reply"),
        [
            ("", {"dnc_check": "YES"}, "ERROR: add_lead PHONE NUMBER IN DNC - 7275551313|1000\n"),
            (
                "",
                {"dnc_check": "Y", "campaign_dnc_check": "Y"},
                "ERROR: add_lead PHONE NUMBER IN DNC - 7275551313|1000\n",
            ),
            (
                "TEST",
                {"dnc_check": "Y", "campaign_dnc_check": "YES"},
                "ERROR: add_lead PHONE NUMBER IN CAMPAIGN DNC - 7275551313|TEST|1000\n",
            ),
        ],
    )
    async def test_a_number_that_must_not_be_called(
        self, bench: Bench, caller: Caller, campaign: str, parameters: dict[str, str], reply: str
    ) -> None:
        await bench.log_in()
        await bench.core.leads.add_dnc("7275551313", campaign=campaign)
        asked = {"value": "7275551313", "phone_code": "1"}
        assert await caller.agc("external_add_lead", **asked, **parameters) == reply
        assert await bench.core.leads.get(3) is None
        assert (await caller.agc("external_add_lead", **asked)).startswith("SUCCESS: lead added"), "unasked"

    async def test_the_list_of_another_campaign_is_no_matter(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        await bench.core.leads.add_dnc("7275551313", campaign="WRAPUP")
        asked = {"value": "7275551313", "phone_code": "1", "dnc_check": "Y", "campaign_dnc_check": "Y"}
        assert (await caller.agc("external_add_lead", **asked)).startswith("SUCCESS: lead added")

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"agent_user": UNSENT}, "ERROR: external_add_lead not valid - 7275551313|1||\n"),
            ({"phone_code": UNSENT}, "ERROR: external_add_lead not valid - 7275551313||1000|\n"),
            ({"value": "7"}, "ERROR: external_add_lead not valid - 7|1|1000|\n"),
            ({"user": "7000"}, NOT_ALLOWED.format("7275551313", "external_add_lead")),
            (
                {"agent_user": UNSENT, "alt_user": "NOSUCH"},
                "ERROR: no user found - NOSUCH\nERROR: agent_user is not logged in - \n",
            ),
            ({"value": "1" * 19}, f"ERROR: lead insertion failed - {'1' * 19}|TEST|998|1000\n"),
            (
                {"city": "x" * 300},
                "ERROR: lead insertion failed - 7275551313|TEST|998|1000\n",
            ),
        ],
    )
    async def test_what_is_refused(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        await bench.log_in()
        asked = {"value": "7275551313", "phone_code": "1"} | parameters
        assert await caller.agc("external_add_lead", **asked) == reply
        assert await bench.core.leads.get(3) is None


class TestTheCrmsOwnIds:
    async def test_a_team_is_kept_with_the_user(self, bench: Bench, caller: Caller) -> None:
        before = await bench.core.access.principal("1000")
        for _ in range(2):
            reply = await caller.agc("st_login_log", value="CRM1000", vendor_id="Team Blue")
            assert reply == "SUCCESS: st_login_log user found - 1000\n"
        after = await bench.core.access.principal("1000")
        assert before is not None
        assert after == msgspec.structs.replace(before, team="Team Blue")
        assert await caller.events("user.", "user/1000") == [UserTeamSet(user="1000", team="Team Blue")]

    async def test_the_lead_on_the_agents_screen(self, bench: Bench, caller: Caller) -> None:
        asked = {"value": "CRM1000", "vendor_id": "x"}
        function = "st_get_agent_active_lead"
        assert await caller.agc(function, **asked) == "ERROR: user not logged in - 1000\n"
        await bench.log_in()
        assert await caller.agc(function, **asked) == "ERROR: no active lead found - 1000\n"
        await bench.core.agent_commands.logout("1000", asked_by="")
        await with_lead(bench)
        assert await caller.agc(function, **asked) == (
            "SUCCESS: st_get_agent_active_lead lead found - 1000|7275550201|1|VLC1|IL|secret|SRC\n"
        )

    async def test_a_lead_that_holds_markup_is_no_page(self, bench: Bench, caller: Caller) -> None:
        """Whoever wrote it into the database: browsers read it, with a link that may run scripts."""
        await with_lead(bench)
        evil = "<script>alert(1)</script>\r\nSUCCESS: "
        await bench.core.db.write(
            lambda tx: tx.conn.execute(
                update(leads).values(province=evil, security_phrase=evil, source_id=evil)
            )
        )
        asked = {"value": "CRM1000", "vendor_id": "x", "close_window_link": "1"}
        reply = await caller.agc("st_get_agent_active_lead", **asked)
        line, _, rest = reply.partition("\n")
        assert line.endswith("|VLC1" + 3 * "|scriptalert(1)/scriptSUCCESS: ")
        assert "<script" not in rest

    @pytest.mark.parametrize("function", ["st_login_log", "st_get_agent_active_lead"])
    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"value": UNSENT, "vendor_id": UNSENT}, "ERROR: {} not valid - |\n"),
            ({"vendor_id": UNSENT}, "ERROR: {} not valid - CRM1000|\n"),
            ({"value": "NOPE"}, "ERROR: no user found - NOPE\n"),
        ],
    )
    async def test_what_is_refused(
        self, caller: Caller, function: str, parameters: dict[str, str], reply: str
    ) -> None:
        asked = {"value": "CRM1000", "vendor_id": "t"} | parameters
        assert await caller.agc(function, **asked) == reply.format(function)
        denied = await caller.agc(function, value="CRM1000", vendor_id="t", user="7000")
        assert denied == NOT_ALLOWED.format("CRM1000", function)

    async def test_a_team_that_is_too_long(self, caller: Caller) -> None:
        reply = await caller.agc("st_login_log", value="CRM1000", vendor_id="x" * 101)
        assert reply == f"ERROR: st_login_log not valid - CRM1000|{'x' * 40}\n"


async def test_a_campaign_that_is_gone(bench: Bench, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_caller(bench)

    async def nothing(kind: type[Campaign], key: str) -> None:
        del kind, key

    monkeypatch.setattr(bench.core.site, "get", nothing)
    assert await caller.agc("external_add_lead", value="7275551313", phone_code="1") == (
        "ERROR: campaign manual dial list undefined - 7275551313||1000\n"
    )
    assert await caller.agc("switch_lead", lead_id="2") == "ERROR: campaign not found - 1000|TEST\n"
