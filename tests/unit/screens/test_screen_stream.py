"""`/v1/agents/{user}/screen`: the stream, the snapshot, and what is put on the screen."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import msgspec
import pytest
from core_bench import Bench
from screen_scenes import Caller, with_caller, with_lead

from bridge.access.model import PrincipalKind, UserSpec
from bridge.api.rest.screen import _Picture
from bridge.events.catalogue import Right
from bridge.events.filters import Filter
from bridge.service import Interfaces

URL = "/v1/agents/1000/screen"


class Page:
    """A page that reads agent 1000's stream until it has seen what it waits for."""

    def __init__(self, bench: Bench, after: int | None = None) -> None:
        services = Interfaces(bench.core)._services()
        wanted = Filter(agent="1000", rights=frozenset({Right.AGENTS, Right.CALLS}))
        picture = _Picture(services, "1000")
        self.stream = services.events.stream(after=after, wanted=wanted, picture=picture)
        self._rest = b""

    async def until(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """The messages up to the first of a type, which is the last of them."""
        found: list[tuple[str, dict[str, Any]]] = []
        async with asyncio.timeout(10):
            while True:
                while b"\n\n" not in self._rest:
                    self._rest += await anext(self.stream)
                text, _, self._rest = self._rest.partition(b"\n\n")
                fields = dict(line.split(": ", 1) for line in text.decode().splitlines())
                if "event" not in fields:
                    continue
                found.append((fields["event"], json.loads(fields["data"])))
                if fields["event"] == kind:
                    return found


async def test_a_page_sees_a_whole_call(bench: Bench, caller: Caller) -> None:
    page = Page(bench)
    async with aclosing(page.stream):
        (begin,) = await page.until("snapshot")
        assert (begin[1]["session"], begin[1]["call"], begin[1]["lead"]) == (None, None, None)
        await with_caller(bench)
        seen: list[str] = []
        while True:
            *events, (_, shown) = await page.until("snapshot")
            seen += [kind for kind, _ in events]
            if shown["session"]["state"] == "incall":
                break
        assert (shown["lead"]["id"], shown["lead"]["first_name"]) == (1, "Pat")
        assert (shown["call"]["state"], shown["call"]["lead_id"]) == ("bridged", 1)
        assert seen[:3] == ["agent.logging_in", "agent.logged_in", "agent.ready"]
        assert seen.index("agent.offered") < seen.index("call.bridged") < seen.index("agent.incall")
        await caller.agc("update_fields", first_name="Newname")
        *_, (kind, _), (_, shown) = await page.until("snapshot")
        assert (kind, shown["lead"]["first_name"]) == ("screen.fields_updated", "Newname")
        assert shown["screen"]["fields"] == ["first_name"]
        await caller.agc("switch_lead", lead_id="2")
        assert [kind for kind, _ in await page.until("snapshot")] == [
            "call.lead_switched",
            "screen.lead_switched",
            "snapshot",
        ]
        await caller.agc("refresh_panel", chatreload="1")
        await bench.log_in("1001")
        await caller.agc("refresh_panel", chatreload="1", agent_user="1001")
        await caller.agc("set_timer_action", value="WEBFORM", rank="3")
        found = await page.until("screen.timer_set")
        assert [kind for kind, _ in found] == ["screen.panels_refreshed", "screen.timer_set"]
        assert found[1][1]["data"]["action"] == "WEBFORM"


async def test_the_stream_goes_on_where_it_was_left(bench: Bench, caller: Caller) -> None:
    await bench.log_in()
    await caller.agc("refresh_panel", chatreload="1")
    await caller.agc("refresh_panel", formreload="1")
    seq = (await caller.http.get(f"{URL}/snapshot")).json()["seq"]
    page = Page(bench, after=seq - 1)
    async with aclosing(page.stream):
        ((_, event),) = await page.until("screen.panels_refreshed")
    assert event["data"]["panels"] == ["formreload"]


async def test_the_snapshot_holds_all(bench: Bench, caller: Caller) -> None:
    empty = (await caller.http.get(f"{URL}/snapshot")).json()
    unknown = {"session", "preview", "call", "lead", "customer_time"}
    assert {name for name, value in empty.items() if value is None} == unknown
    await with_lead(bench)
    await caller.agc("set_timer_action", value="MESSAGE_ONLY", notes="Say goodbye", rank="30")
    found = (await caller.http.get(f"{URL}/snapshot")).json()
    assert found["session"]["state"] == "dialing"
    assert found["call"]["id"] == found["session"]["call_id"]
    assert found["lead"]["vendor_lead_code"] == "VLC1"
    timer = {"action": "MESSAGE_ONLY", "message": "Say goodbye", "seconds": 30}
    assert found["screen"]["timer"] == timer


class TestWhoMaySee:
    async def test_an_agent_her_own_without_a_function(self, bench: Bench, caller: Caller) -> None:
        spec = UserSpec(user="1000", kind=PrincipalKind.AGENT, api_access=True)
        await bench.core.access.change(spec)
        await bench.core.access.new_secret("1000", "hers")
        assert (await caller.http.get(f"{URL}/snapshot", auth=("1000", "hers"))).status_code == 200
        for path in ("/v1/agents/1001/screen/snapshot", "/v1/agents/1000"):
            assert (await caller.http.get(path, auth=("1000", "hers"))).status_code == 403
        reply = await caller.http.post(f"{URL}/refresh", json={"panels": []}, auth=("1000", "hers"))
        assert reply.status_code == 403
        await bench.core.access.change(msgspec.structs.replace(spec, api_access=False))
        assert (await caller.http.get(f"{URL}/snapshot", auth=("1000", "hers"))).status_code == 401

    @pytest.mark.parametrize("path", [URL, f"{URL}/snapshot"])
    async def test_nobody_without_the_right(self, bench: Bench, caller: Caller, path: str) -> None:
        await bench.log_in()
        for user in ("7000", "7001"):
            assert (await caller.http.get(path, auth=(user, "1234"))).status_code == 403
        assert (await caller.http.get(path.replace("1000", "9999"))).status_code == 404


class TestWhatIsPutOnTheScreen:
    async def test_panels_a_timer_and_a_notification(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        reply = await caller.http.post(f"{URL}/refresh", json={"panels": ["scriptreload"]})
        assert (reply.status_code, reply.json()["screen"]["panels"]) == (200, ["scriptreload"])
        body = {"action": "MESSAGE_ONLY", "message": "Bye", "seconds": 5}
        reply = await caller.http.post(f"{URL}/timer", json=body)
        assert (reply.status_code, reply.json()["screen"]["timer"]) == (200, body)
        reply = await caller.http.post(f"{URL}/notifications", json={"text": "Hi", "confetti": True})
        assert (reply.status_code, reply.json()["id"]) == (202, 1)
        assert [event.type for event in await caller.events()] == [
            "screen.panels_refreshed",
            "screen.timer_set",
            "screen.notified",
        ]

    async def test_a_key_makes_it_once(self, bench: Bench, caller: Caller) -> None:
        await bench.log_in()
        for _ in range(2):
            headers = {"Idempotency-Key": "k1"}
            reply = await caller.http.post(f"{URL}/notifications", json={"text": "Hi"}, headers=headers)
            assert reply.json()["id"] == 1
        assert len(await caller.events()) == 1

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("refresh", {"panels": []}, "panels"),
            ("refresh", {"panels": ["kitchen"]}, "panels[0]"),
            ("timer", {"action": "DANCE"}, "action"),
            ("timer", {"action": "NONE", "seconds": 86_401}, "seconds"),
            ("notifications", {"text": "a\u0000b"}, "text"),
            ("notifications", {}, "text"),
        ],
    )
    async def test_what_is_refused(
        self, bench: Bench, caller: Caller, path: str, body: dict[str, Any], field: str
    ) -> None:
        await bench.log_in()
        reply = await caller.http.post(f"{URL}/{path}", json=body)
        assert (reply.status_code, reply.json()["field"]) == (400, field)
        assert await caller.events() == []

    async def test_nothing_without_a_session(self, caller: Caller) -> None:
        reply = await caller.http.post(f"{URL}/refresh", json={"panels": ["chatreload"]})
        assert (reply.status_code, reply.json()["error_id"]) == (409, "agent-not-logged-in")
