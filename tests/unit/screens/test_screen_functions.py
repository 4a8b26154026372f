"""The line format's functions of the agent's screen: reply, screen, event, lead."""

from __future__ import annotations

from typing import Any

import pytest
from core_bench import Bench
from screen_scenes import UNSENT, Caller, with_caller, with_lead
from sqlalchemy import delete, select

from bridge.events.catalogue import (
    LeadChanged,
    ScreenFieldsUpdated,
    ScreenPanelsRefreshed,
    ScreenTimerSet,
    ScreenWebphoneLaunched,
)
from bridge.leads.model import Lead
from bridge.screens.model import Screen, Timer, TimerAction
from bridge.store.database import Transaction
from bridge.store.schema import agent_screens, phones

NOT_ALLOWED = "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - {}|7000|{}|ADMIN\n"


async def lead(bench: Bench, lead_id: int = 1) -> Lead:
    found = await bench.core.leads.get(lead_id)
    assert found is not None
    return found


class TestUpdateFields:
    async def test_the_lead_and_the_screen_change_with_the_event(self, bench: Bench, caller: Caller) -> None:
        await with_lead(bench)
        reply = await caller.agc("update_fields", last_name="Newlast", first_name="Newname", scriptreload="1")
        given = 'first_name,last_name,scriptreload|first_name="Newname",last_name="Newlast"|'
        assert reply == f"SUCCESS: update_fields lead updated - 6666|1000|1|1|1|{given}\n"
        changed = await lead(bench)
        assert (changed.first_name, changed.last_name, changed.city) == ("Newname", "Newlast", "Chicago")
        session = await bench.session("1000")
        of_screen: dict[str, Any] = {
            "user": "1000",
            "session_id": session.id,
            "campaign": "TEST",
            "number": 1,
        }
        fields = ("first_name", "last_name")
        assert await caller.events() == [
            ScreenFieldsUpdated(lead_id=1, fields=fields, **of_screen),
            ScreenPanelsRefreshed(panels=("scriptreload",), **of_screen),
        ]
        assert await caller.screen() == Screen(
            fields=fields, fields_updates=1, panels=("scriptreload",), panel_refreshes=1
        )
        assert (await caller.events("lead.changed", "leads/1")) == [LeadChanged(lead_id=1, fields=fields)]

    async def test_only_what_is_sent_is_given(self, bench: Bench, caller: Caller) -> None:
        """The original also takes a field whose name stands in another one's value, and empties it."""
        await with_lead(bench)
        reply = await caller.agc("update_fields", comments="about the city and state")
        assert reply.endswith('|comments|comments="about the city and state"|\n')
        assert (await lead(bench)).city == "Chicago"

    async def test_an_empty_value_empties_the_field(self, bench: Bench, caller: Caller) -> None:
        await with_lead(bench)
        reply = await caller.agc("update_fields", first_name="")
        assert reply == 'SUCCESS: update_fields lead updated - 6666|1000|1|1|1|first_name|first_name=""|\n'
        assert (await lead(bench)).first_name == ""

    async def test_panels_alone_change_no_lead(self, bench: Bench, caller: Caller) -> None:
        await with_lead(bench)
        reply = await caller.agc("update_fields", scriptreload="1")
        assert reply == "SUCCESS: update_fields lead updated - 6666|1000|1|0|1|scriptreload||\n"
        assert await caller.events("lead.changed", "leads/1") == []

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"agent_user": UNSENT}, "ERROR: agent_user not valid - \n"),
            ({"agent_user": "nobody"}, "ERROR: agent_user is not logged in - nobody\n"),
            ({"user": "7000"}, NOT_ALLOWED.format("", "update_fields")),
            (
                {"user": "7005"},
                "ERROR: user is not allowed to modify lead information - 1000|7005\n",
            ),
            ({"first_name": UNSENT, "favcolor": "red"}, "ERROR: no fields have been defined - 1000\n"),
            (
                {"phone_number": "none"},
                "ERROR: update_fields failed, 'none': 1 to 18 digits - |1000\n",
            ),
        ],
    )
    async def test_what_is_refused_changes_nothing(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        await with_lead(bench)
        before = await lead(bench)
        assert await caller.agc("update_fields", **{"first_name": "X"} | parameters) == reply
        assert await lead(bench) == before
        assert await caller.events() == []

    async def test_without_a_lead(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        reply = await caller.agc("update_fields", first_name="X")
        assert reply == "ERROR: agent_user does not have a lead on their screen - 1000\n"

    async def test_every_field_of_the_format_is_taken(self, bench: Bench, caller: Caller) -> None:
        await with_lead(bench)
        reply = await caller.agc(
            "update_fields", rank="12", gmt_offset_now="-6.00", date_of_birth="1970-01-01", gender="F"
        )
        assert reply.startswith("SUCCESS: update_fields lead updated - 6666|1000|1|1|1|rank,")
        changed = await lead(bench)
        assert (changed.rank, changed.gmt_offset_minutes, changed.gender) == (12, -360, "F")


class TestRefreshPanel:
    async def test_needs_no_lead(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        reply = await caller.agc("refresh_panel", callbacksreload="1", formreload="1")
        panels = "formreload,callbacksreload"
        assert reply == f"SUCCESS: refresh_panel request sent - 6666|1000|1|{panels}|\n"
        await caller.agc("refresh_panel", chatreload="1")
        events = await caller.events()
        assert [(one.panels, one.number) for one in events if isinstance(one, ScreenPanelsRefreshed)] == [
            (("formreload", "callbacksreload"), 1),
            (("chatreload",), 2),
        ]

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"agent_user": UNSENT}, "ERROR: agent_user not valid - \n"),
            ({"agent_user": "nobody"}, "ERROR: agent_user is not logged in - nobody\n"),
            ({"user": "7000"}, NOT_ALLOWED.format("", "refresh_panel")),
            ({"scriptreload": UNSENT}, "ERROR: no panels have been defined - 1000\n"),
        ],
    )
    async def test_what_is_refused(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        await bench.log_in()
        assert await caller.agc("refresh_panel", **{"scriptreload": "1"} | parameters) == reply
        assert await caller.events() == []


class TestSetTimerAction:
    async def test_the_screen_knows_what_to_do_and_when(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        notes = {"notes": "Say goodbye", "rank": "30"}
        reply = await caller.agc("set_timer_action", value="MESSAGE_ONLY", **notes)
        assert reply == ("SUCCESS: set_timer_action lead updated - 6666|1000|MESSAGE_ONLY|Say goodbye|30\n")
        timer = Timer(action=TimerAction.MESSAGE_ONLY, message="Say goodbye", seconds=30)
        assert (await caller.screen()).timer == timer
        (event,) = await caller.events()
        assert isinstance(event, ScreenTimerSet)
        assert (event.action, event.message, event.seconds) == ("MESSAGE_ONLY", "Say goodbye", 30)

    async def test_none_takes_it_back(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        await caller.agc("set_timer_action", value="D1_DIAL", rank="9" * 30)
        assert (await caller.screen()).timer == Timer(action=TimerAction.D1_DIAL, seconds=86_400)
        await caller.agc("set_timer_action", value="NONE")
        assert (await caller.screen()).timer is None
        events = await caller.events()
        assert [one.action for one in events if isinstance(one, ScreenTimerSet)] == ["D1_DIAL", "NONE"]

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"agent_user": UNSENT}, "ERROR: set_timer_action not valid - |WEBFORM\n"),
            ({"value": "X"}, "ERROR: set_timer_action not valid - 1000|X\n"),
            ({"agent_user": "nobody"}, "ERROR: agent_user is not logged in - nobody\n"),
            ({"user": "7000"}, NOT_ALLOWED.format("WEBFORM", "set_timer_action")),
            (
                {"user": "7005"},
                "ERROR: user is not allowed to modify campaign settings - 1000|7005\n",
            ),
        ],
    )
    async def test_what_is_refused(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        await bench.log_in()
        assert await caller.agc("set_timer_action", **{"value": "WEBFORM"} | parameters) == reply
        assert await caller.events() == []


class TestWebphoneUrl:
    async def test_display_is_the_bare_url(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        assert await caller.agc("webphone_url", value="DISPLAY") == "https://phone.example/?a=1&b=2"
        named = {"alt_user": "CRM1000", "agent_user": "1001"}
        assert await caller.agc("webphone_url", value="DISPLAY", **named) == "https://phone.example/?a=1&b=2"
        assert await caller.events() == []

    async def test_launch_is_a_page_and_is_told(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        assert await caller.agc("webphone_url", value="LAUNCH") == (
            '<META HTTP-EQUIV=Refresh CONTENT="0; URL=https://phone.example/?a=1&amp;b=2">\n</HEAD>\n'
            "<BODY BGCOLOR=#FFFFFF marginheight=0 marginwidth=0 leftmargin=0 topmargin=0>\n"
            '<a href="https://phone.example/?a=1&amp;b=2">click here to continue. . .</a>\n</BODY>\n'
        )
        (event,) = await caller.events()
        assert isinstance(event, ScreenWebphoneLaunched)
        assert event.url == "https://phone.example/?a=1&b=2"
        assert (await caller.screen()).webphone_launches == 1

    @pytest.mark.parametrize("value", ["DISPLAY", "LAUNCH"])
    async def test_a_phone_without_one_or_none_at_all(self, bench: Bench, caller: Caller, value: str) -> None:
        await bench.log_in("1001")
        asked = {"agent_user": "1001", "value": value}
        assert await caller.agc("webphone_url", **asked) == (
            "ERROR: webphone_url error - webphone url is empty - 1001\n"
        )
        await bench.core.db.write(_without_phones)
        bench.core.site.forget()
        assert await caller.agc("webphone_url", **asked) == (
            "ERROR: webphone_url error - no session data - 1001\n"
        )
        assert await caller.events(subject="agents/1001") == []

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({}, "ERROR: webphone_url not valid - |1000\n"),
            ({"value": "SHOW"}, "ERROR: webphone_url not valid - SHOW|1000\n"),
            (
                {"value": "DISPLAY", "agent_user": UNSENT},
                "ERROR: webphone_url not valid - DISPLAY|\n",
            ),
            ({"value": "DISPLAY"}, "ERROR: agent_user is not logged in - 1000\n"),
            ({"value": "DISPLAY", "user": "7000"}, NOT_ALLOWED.format("DISPLAY", "webphone_url")),
        ],
    )
    async def test_what_is_refused(self, caller: Caller, parameters: dict[str, str], reply: str) -> None:
        assert await caller.agc("webphone_url", **parameters) == reply


async def _without_phones(tx: Transaction) -> None:
    await tx.conn.execute(delete(phones))


async def test_the_screen_ends_with_the_session(bench: Bench, caller: Caller) -> None:
    await bench.log_in()
    await caller.agc("refresh_panel", formreload="1")
    await caller.agc("logout", value="LOGOUT")
    async with bench.core.db.read() as conn:
        assert (await conn.execute(select(agent_screens))).first() is None
    await bench.log_in()
    assert await caller.screen() == Screen()


async def test_nobody_is_commanded_whose_phone_still_rings(bench: Bench, caller: Caller) -> None:
    await bench.core.agent_commands.login("1000", "1000", "TEST", asked_by="")
    reply = await caller.agc("refresh_panel", formreload="1")
    assert reply == "ERROR: agent_user is not logged in - 1000\n"


async def test_a_caller_is_on_the_screen_as_its_lead(bench: Bench, caller: Caller) -> None:
    await with_caller(bench)
    reply = await caller.agc("update_fields", city="Tampa")
    assert reply == 'SUCCESS: update_fields lead updated - 6666|1000|1|1|1|city|city="Tampa"|\n'
