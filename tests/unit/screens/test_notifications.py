"""Notifications: who gets them, when, and that none is lost or given twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core_bench import Bench, ami_event, channel, core_on, eventually, opened
from screen_scenes import Caller, caller_of
from sqlalchemy import select, update

from bridge.ami.events import ConfbridgeJoin
from bridge.events.catalogue import NotificationQueued, ScreenNotified
from bridge.events.log import EventLog
from bridge.screens.model import SHOWN, Look, NewNotification, RecipientType
from bridge.screens.notifications import KEPT, Notifications
from bridge.settings import ApiSettings
from bridge.store.database import Transaction
from bridge.store.schema import notifications

TEXT = {"recipient": "1000", "recipient_type": "USER", "notification_text": "Hello there"}

BAD_TYPE = "Invalid recipient_type"
NO_MATCH = "no matching recipient found in users, user_groups, or campaigns"
NO_PERMISSION = "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION"


def wanted(recipient: str = "1000", kind: RecipientType = RecipientType.USER, **more: Any) -> NewNotification:
    usual: dict[str, Any] = {"recipient": recipient, "recipient_type": kind, "text": "Hello"}
    return NewNotification(**usual | {"due_at": datetime.now(UTC)} | more)


async def texts(bench: Bench, user: str = "1000") -> list[str]:
    """What an agent was told, in all her sessions."""
    records = await EventLog(bench.core.db).timeline(f"agents/{user}")
    return [event.text for event in (record.event for record in records) if isinstance(event, ScreenNotified)]


async def make_due(bench: Bench, at: datetime) -> None:
    """Let all notifications have been due at this time."""

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(update(notifications).values(due_at=at))

    await bench.core.db.write(work)


async def unsent(bench: Bench) -> int:
    async with bench.core.db.read() as conn:
        return len((await conn.execute(select(notifications).where(notifications.c.sent_at.is_(None)))).all())


async def told(bench: Bench, *expected: str, user: str = "1000") -> None:
    """Wait until she was told this, and no more."""

    async def so() -> bool:
        return await texts(bench, user) == list(expected)

    await eventually(so)


class TestTheFunction:
    async def test_can_be_switched_off(self, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        off = ApiSettings(notifications=False)
        async with opened(core_on(store_url, monkeypatch, api=off)) as bench, caller_of(bench) as caller:
            reply = await caller.agc("send_notification", **TEXT)
            assert reply == "ERROR: Agent API Notifications are disabled on this system - 0\n"
            assert await unsent(bench) == 0

    async def test_is_on_the_screen_at_once(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        assert await caller.agc("send_notification", **TEXT) == (
            "SUCCESS: notification queued - 1000|USER|1\n"
        )
        (event,) = await caller.events()
        assert isinstance(event, ScreenNotified)
        assert (event.notification, event.text, event.look) == (1, "Hello there", Look())
        (shown,) = (await caller.screen()).notifications
        assert (shown.id, shown.text, shown.look) == (1, "Hello there", Look())
        (queued,) = await caller.events("notification.", "notification/1")
        assert isinstance(queued, NotificationQueued)
        assert (queued.recipient, queued.recipient_type, queued.made_by) == ("1000", "USER", "6666")

    async def test_looks_as_asked(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        look = {"text_size": "20", "text_font": "Verdana", "text_weight": "normal", "text_color": "FF0000"}
        confetti = {"duration": "3", "maxParticleCount": "100", "particleSpeed": "x4.5"}
        await caller.agc("send_notification", **TEXT, **look, show_confetti="Y", **confetti)
        (shown,) = (await caller.screen()).notifications
        assert shown.look == Look(
            text_size=20,
            text_font="Verdana",
            text_weight="normal",
            text_color="FF0000",
            confetti=True,
            duration=3.0,
            particles=100,
            particle_speed=4.5,
        )

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"recipient": "ADMIN", "recipient_type": "USER_GROUP"}, "SUCCESS: … - ADMIN|USER_GROUP|1\n"),
            ({"recipient": "TEST", "recipient_type": "CAMPAIGN"}, "SUCCESS: … - TEST|CAMPAIGN|1\n"),
            (
                {"recipient": "TEST", "recipient_type": ""},
                f"{BAD_TYPE} (), NOTICE: found TEST as CAMPAIGN<BR>\nSUCCESS: … - TEST|CAMPAIGN|1\n",
            ),
            (
                {"recipient_type": "PERSON"},
                f"{BAD_TYPE} (PERSON), NOTICE: found 1000 as USER<BR>\nSUCCESS: … - 1000|USER|1\n",
            ),
            (
                {"notification_date": "tomorrow 5"},
                "NOTICE: Invalid notification date  5, changing to nowSUCCESS: … - 1000|USER|1\n",
            ),
        ],
    )
    async def test_recipients_of_all_kinds(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        await bench.log_in()
        found = await caller.agc("send_notification", **TEXT | parameters)
        assert found == reply.replace("…", "notification queued")
        assert await texts(bench) == ["Hello there"]

    @pytest.mark.parametrize(
        ("parameters", "reply"),
        [
            ({"recipient": ""}, "ERROR: Missing recipient or recipient_type - |USER\n"),
            (
                {"recipient": "NOBODY", "recipient_type": ""},
                f"{BAD_TYPE} (), ERROR: {NO_MATCH} - NOBODY\n",
            ),
            ({"recipient": "NOBODY"}, "ERROR: NOBODY DOES NOT EXIST in vicidial_users - |NOBODY\n"),
            (
                {"recipient": "NONE", "recipient_type": "CAMPAIGN"},
                "ERROR: NONE DOES NOT EXIST in vicidial_campaigns - |NONE\n",
            ),
            (
                {"user": "7001", "recipient": "TEST", "recipient_type": "CAMPAIGN"},
                "ERROR: ACCESS TO CAMPAIGN TEST NOT ALLOWED FOR USER 7001 ( WRAPUP -) - |TEST\n",
            ),
            (
                {"user": "7001", "recipient": "ADMIN", "recipient_type": "USER_GROUP"},
                "ERROR: ACCESS TO USER GROUP ADMIN NOT ALLOWED FOR USER 7001 - |ADMIN\n",
            ),
            ({"notification_text": ""}, "ERROR: invalid request - 1000|USER\n"),
            (
                {"user": "7000"},
                f"ERROR: {NO_PERMISSION} - |7000|send_notification|ADMIN\n",
            ),
        ],
    )
    async def test_what_is_refused(
        self, bench: Bench, caller: Caller, parameters: dict[str, str], reply: str
    ) -> None:
        await bench.log_in()
        assert await caller.agc("send_notification", **TEXT | parameters) == reply
        async with bench.core.db.read() as conn:
            assert (await conn.execute(select(notifications))).first() is None

    async def test_the_date_is_on_the_clocks_of_the_site(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        await caller.agc("send_notification", **TEXT, notification_date="2099-01-01 10:00:00")
        (queued,) = await caller.events("notification.", "notification/1")
        assert isinstance(queued, NotificationQueued)
        assert queued.due_at == datetime(2099, 1, 1, 15, tzinfo=UTC)  # New York
        assert await texts(bench) == []


class TestWhoGetsIt:
    async def test_those_who_are_logged_in_and_meant(self, any_bench: Bench) -> None:
        """One whose phone still rings is not there yet; who is not there misses it."""
        bench = any_bench
        await asyncio.gather(bench.log_in("1000"), bench.log_in("1001", "WRAPUP"))
        await bench.core.agent_commands.login("1002", "1002", "TEST", asked_by="")
        queue = bench.core.notifications.queue
        await queue(wanted(text="user"))
        await queue(wanted("ADMIN", RecipientType.USER_GROUP, text="group"))
        await queue(wanted("TEST", RecipientType.CAMPAIGN, text="campaign"))
        await queue(wanted("NARROW", RecipientType.USER_GROUP, text="others"))
        assert await texts(bench, "1000") == ["user", "group", "campaign"]
        assert await texts(bench, "1001") == ["group"]
        assert await texts(bench, "1002") == []
        assert await unsent(bench) == 0
        await bench.core.notifications.stop()

    async def test_who_logs_in_later_if_it_is_kept(self, bench: Bench) -> None:
        queue = bench.core.notifications.queue
        await queue(wanted(text="missed"))
        await queue(wanted(text="user", retry=True))
        await queue(wanted("TEST", RecipientType.CAMPAIGN, text="campaign", retry=True))
        await bench.log_in("1000")
        await told(bench, "user", "campaign")
        await bench.log_in("1001")
        await told(bench, "campaign", user="1001")
        assert await unsent(bench) == 1, "others of the campaign may come"

    async def test_once_however_often_she_logs_in(self, bench: Bench) -> None:
        await bench.core.notifications.queue(wanted("TEST", RecipientType.CAMPAIGN, retry=True))
        await bench.log_in()
        await told(bench, "Hello")
        await bench.core.agent_commands.logout("1000", asked_by="")
        await bench.log_in()
        await bench.core.notifications.deliver()
        assert await texts(bench) == ["Hello"]

    async def test_nobody_after_a_week(self, bench: Bench) -> None:
        await bench.core.notifications.queue(wanted(retry=True))
        await make_due(bench, datetime.now(UTC) - KEPT)
        await bench.core.notifications.deliver()
        assert await unsent(bench) == 0
        await bench.log_in()
        await bench.core.notifications.deliver()
        assert await texts(bench) == []

    async def test_a_screen_keeps_the_last_ones(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        for number in range(SHOWN + 2):
            await bench.core.notifications.queue(wanted(text=str(number)))
        shown = (await caller.screen()).notifications
        assert [one.text for one in shown] == [str(number) for number in range(2, SHOWN + 2)]


class TestWhenItIsDue:
    async def test_comes_at_its_time(self, bench: Bench) -> None:
        await bench.log_in()
        due_at = datetime.now(UTC) + timedelta(seconds=0.3)
        await bench.core.notifications.queue(wanted(due_at=due_at))
        assert await texts(bench) == []
        await told(bench, "Hello")
        assert datetime.now(UTC) >= due_at

    async def test_one_that_is_due_later_does_not_hold_up_the_next(self, bench: Bench) -> None:
        await bench.log_in()
        soon = datetime.now(UTC) + timedelta(seconds=0.2)
        await bench.core.notifications.queue(wanted(text="later", due_at=soon + timedelta(days=400)))
        await bench.core.notifications.queue(wanted(text="sooner", due_at=soon))
        await told(bench, "sooner")
        assert await unsent(bench) == 1

    async def test_after_a_restart_too(
        self, bench: Bench, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await bench.log_in()
        await bench.core.notifications.queue(wanted(due_at=datetime.now(UTC) + timedelta(days=1)))
        await bench.core.notifications.stop()
        await make_due(bench, datetime.now(UTC))
        core = core_on(store_url, monkeypatch)
        Bench(core).ami.rows = [channel((await bench.session("1000")).id, bridge="room")]
        async with core.running():
            await told(bench, "Hello")

    async def test_by_each_bridge_once_for_all(
        self, any_bench: Bench, any_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two find it due at the same moment: she gets it once."""
        bench = any_bench
        await bench.log_in()
        async with opened(core_on(any_url, monkeypatch)) as other:
            await bench.core.notifications.queue(wanted(due_at=datetime.now(UTC) + timedelta(days=1)))
            await make_due(bench, datetime.now(UTC))
            both: tuple[Notifications, ...] = (bench.core.notifications, other.core.notifications)
            await asyncio.gather(*(one.deliver() for one in both for _ in range(3)))
            assert await texts(bench) == ["Hello"]
            for one in both:
                await one.stop()

    async def test_an_agent_who_is_just_seated(self, bench: Bench) -> None:
        session = await bench.core.agent_commands.login("1000", "1000", "TEST", asked_by="")
        await bench.core.notifications.queue(wanted(retry=True))
        assert await texts(bench) == []
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
        await told(bench, "Hello")
