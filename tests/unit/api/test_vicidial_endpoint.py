"""Where parameters come from, what is answered without a login, and what surrounds a reply."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import httpx
import pytest
from api_fakes import World, client

from bridge.access.model import UserSpec
from bridge.access.names import ALL
from bridge.agents.model import AgentState
from bridge.api.vicidial.registry import FUNCTIONS
from bridge.calls.errors import Reason
from bridge.errors import InvalidState
from bridge.services import ApiOptions
from bridge.store.errors import StoreFull

URL = "/agc/api.php"
LOGIN = {"source": "test", "user": "6666", "pass": "1234"}
PAUSE = {**LOGIN, "function": "external_pause", "agent_user": "1000", "value": "PAUSE"}
DIAL = {
    **LOGIN,
    "function": "external_dial",
    "agent_user": "1000",
    "value": "7275551212",
    "phone_code": "1",
    "search": "YES",
    "preview": "NO",
    "focus": "YES",
}


async def ask(http: httpx.AsyncClient, **parameters: str) -> str:
    return (await http.get(URL, params=parameters)).text


async def test_a_user_of_a_group_that_is_not_defined_may_do_nothing(
    http: httpx.AsyncClient, world: World
) -> None:
    await world.access.create(
        UserSpec(user="lost", group="NOWHERE", api_access=True, functions=ALL), "secret"
    )
    login = {"source": "test", "user": "lost", "pass": "secret", "agent_user": "1000"}
    for function, value in (
        ("external_pause", "PAUSE"),
        ("external_hangup", "1"),
        ("external_dial", "727555"),
    ):
        reply = await ask(http, **login, function=function, value=value)
        assert reply == f"ERROR: user_group DOES NOT EXIST - {value}|NOWHERE\n"
    assert world.record.commands == []


WEBSERVER = (
    "set.timezone",
    "abbr.timezone",
    "dst.timezone",
    "uname",
    "host name",
    "server name",
    "php version",
    "apache version",
    "apache processes",
    "system load average",
    "disk free space",
    "date.timezone",
    "maximum execution time",
    "maximum input time",
    "memory limit",
    "post maximum size",
    "upload maximum filesize",
    "default socket timeout",
)


async def test_webserver_prints_its_lines_in_the_order_that_callers_know(world: World) -> None:
    world.options = ApiOptions(timezone=ZoneInfo("America/New_York"))
    async with client(world) as http:
        reply = await ask(http, **LOGIN, function="webserver")
    first, title, *lines, last = reply.removesuffix("\n").split("\n")
    assert (first, title, last) == ("<PRE>", "Webserver Data:", "</PRE>")
    told = dict(line.split(": ", 1) for line in lines)
    assert tuple(told) == WEBSERVER
    assert told["set.timezone"] == told["date.timezone"] == "America/New_York"
    assert told["abbr.timezone"] == ("EDT" if told["dst.timezone"] == "1" else "EST")
    assert float(told["system load average"]) >= 0
    assert int(told["disk free space"]) > 0


async def test_webserver_needs_login_and_permission(http: httpx.AsyncClient) -> None:
    reply = await ask(http, source="test", user="7000", **{"pass": "test7000"}, function="webserver")
    assert reply == "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - 7000|webserver|ADMIN\n"
    reply = await ask(http, source="test", user="6666", **{"pass": "wrong"}, function="webserver")
    assert reply.startswith("ERROR: Invalid Username/Password: |6666|****|")


@pytest.mark.parametrize("name", ["coffee", "start_coffee", "make_coffee", "brew_coffee"])
async def test_a_teapot_makes_no_coffee_and_asks_for_no_login(http: httpx.AsyncClient, name: str) -> None:
    reply = await http.get(URL, params={"function": name})
    assert (reply.status_code, reply.text) == (418, f"Coffee: {name}|Error 418 I'm a teapot")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH"])
async def test_only_get_and_post_do_anything(http: httpx.AsyncClient, world: World, method: str) -> None:
    reply = await http.request(method, URL, params=PAUSE)
    assert (reply.status_code, world.record.commands) == (405, [])


@pytest.mark.parametrize("reason", [Reason.OVER, Reason.DISPOSED])
async def test_a_hangup_after_the_customers_own_is_a_success(
    http: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch, reason: Reason
) -> None:
    async def over(*_: object, **__: object) -> None:
        raise InvalidState("the call is over", reason=reason)

    monkeypatch.setattr(world.agents, "hangup", over)
    world.agents.seat("1000", AgentState.WRAPUP)
    reply = await ask(http, **LOGIN, function="external_hangup", agent_user="1000", value="1")
    assert reply == "SUCCESS: external_hangup function set - 1|1000\n"


async def test_post_form_is_as_good_as_get(http: httpx.AsyncClient, world: World) -> None:
    reply = await http.post(URL, data=PAUSE)
    assert reply.text.startswith("SUCCESS: external_pause function set - PAUSE|")
    assert world.record.commands == [("pause", "1000", "", "6666")]


async def test_multipart_form_is_as_good(http: httpx.AsyncClient) -> None:
    reply = await http.post(URL, files={name: (None, value) for name, value in PAUSE.items()})
    assert reply.text.startswith("SUCCESS: external_pause function set")


async def test_get_wins_over_post_for_each_variable(http: httpx.AsyncClient, world: World) -> None:
    reply = await http.post(f"{URL}?value=RESUME", data=PAUSE)
    assert reply.text.startswith("SUCCESS: external_pause function set - RESUME|")
    assert world.record.commands == [("resume", "1000", "6666")]


async def test_an_empty_get_value_wins_too(http: httpx.AsyncClient) -> None:
    reply = await http.post(f"{URL}?value=", data=PAUSE)
    assert reply.text == "ERROR: external_pause not valid - |1000\n"


async def test_the_last_of_repeated_parameters_counts(http: httpx.AsyncClient) -> None:
    reply = await http.get(URL, params=[*PAUSE.items(), ("value", "RESUME")])
    assert reply.text.startswith("SUCCESS: external_pause function set - RESUME|")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "nonsense", ""])
async def test_a_body_that_is_no_form_is_not_looked_at(http: httpx.AsyncClient, kind: str) -> None:
    reply = await http.request(
        "GET", URL, params=PAUSE, content=b'{"value": "RESUME"}', headers={"content-type": kind}
    )
    assert reply.text.startswith("SUCCESS: external_pause function set - PAUSE|")
    posted = await http.post(URL, params=PAUSE, content=b"value=RESUME", headers={"content-type": kind})
    assert posted.text.startswith("SUCCESS: external_pause function set - PAUSE|")


async def test_odd_headers_do_no_harm(http: httpx.AsyncClient) -> None:
    del http.headers["user-agent"], http.headers["accept"]
    headers: dict[str, str | bytes] = {
        "accept-language": b"\xe4",
        "x-forwarded-for": "junk, , ::1",
        "cookie": "=;;a",
    }
    reply = await http.get(URL, params=PAUSE, headers=list(headers.items()))  # type: ignore[arg-type]
    assert reply.text.startswith("SUCCESS")


async def test_headers_of_a_reply(http: httpx.AsyncClient) -> None:
    reply = await http.get(URL, params=PAUSE)
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    told = [value for name, value in reply.headers.multi_items() if name == "cache-control"]
    assert told == ["no-cache, must-revalidate", "no-store"]  # the original's own, and ours
    assert reply.headers["pragma"] == "no-cache"


async def test_double_encoded_number_has_no_stray_effect(http: httpx.AsyncClient, world: World) -> None:
    await http.get(f"{URL}?{httpx.QueryParams({**DIAL, 'value': '%28727%29'})}")
    assert world.record.commands == [("dial", "1000", "2872729", "1", "", "")]


async def test_version_needs_no_login_and_prints_the_time_of_the_site(
    http: httpx.AsyncClient, world: World
) -> None:
    reply = await ask(http, function="version")
    name, build, date, epoch = reply.removesuffix("\n").split("|")
    assert name.startswith("VERSION: 2.14-")
    assert build.startswith("BUILD: ")
    assert len(date) == len("DATE: 2026-11-24 12:00:00")
    assert epoch.removeprefix("EPOCH: ").isdecimal()
    assert world.access.asked == []


@pytest.mark.parametrize(
    ("user", "secret", "line"),
    [
        ("7003", "test7003", "|7003|****|1|0|GOOD|"),
        ("7006", "test7006", "|7006|****|0|1|LOCK|"),
        ("7002", "test7002", "|7002|****|0|1|BAD|0|api|****|"),
        ("6666", "no", "|6666|****|0|1|BAD|0|api|****|"),
        ("6666", "", "|6666||0|1|BAD|0|api|****|"),
        ("7003", "wrong", "|7003|****|0|1|BAD|0|api|****|"),  # it has no API right
        ("nobody", "wrong", "|nobody|****|0|1|BAD|0|api|****|"),  # nor is there such a user
        ("", "", "|||0|0|BAD|0|api|****|"),
    ],
)
async def test_a_refused_login_says_why_and_no_secret(
    http: httpx.AsyncClient, user: str, secret: str, line: str
) -> None:
    reply = await ask(http, **{**PAUSE, "user": user, "pass": secret})
    assert reply == f"ERROR: Invalid Username/Password: {line}\n"


async def test_the_whole_api_can_be_switched_off(http: httpx.AsyncClient, world: World) -> None:
    world.options = ApiOptions(agent_api=False)
    http._transport.app.state.services = world.services()  # type: ignore[attr-defined]
    assert await ask(http, **PAUSE) == "ERROR: System API NOT ACTIVE\n"
    assert world.record.commands == []


SOUND = {
    "audio_playback": {"stage": "STOP"},
    "call_agent": {"value": "CALL"},
    "calls_in_queue_count": {"value": "DISPLAY"},
    "change_ingroups": {"value": "CHANGE", "blended": "NO"},
    "force_fronter_audio_stop": {"value": "LOCAL_ONLY"},
    "force_fronter_leave_3way": {"value": "LOCAL_ONLY"},
    "park_call": {"value": "PARK_CUSTOMER"},
    "pause_code": {"value": "LUNCH"},
    "preview_dial_action": {"value": "SKIP"},
    "ra_call_control": {"stage": "HANGUP"},
    "recording": {"value": "START"},
    "set_timer_action": {"value": "NONE"},
    "st_get_agent_active_lead": {"value": "CRM1000", "vendor_id": "x"},
    "st_login_log": {"value": "CRM1000", "vendor_id": "x"},
    "stereo_recording": {"value": "BEGIN"},
    "switch_lead": {"lead_id": "201"},
    "webphone_url": {"value": "DISPLAY"},
}
"""What a function takes, where it looks at its parameters first and does not take those of the others."""


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
async def test_no_function_without_the_right_to_it(http: httpx.AsyncClient, world: World, name: str) -> None:
    asked = {**DIAL, "user": "7000", "pass": "test7000", "function": name, "value": "7275551212PAUSELOGOUT"}
    reply = await ask(http, **asked | SOUND.get(name, {}))
    assert reply.startswith("ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - ")
    assert reply.endswith(f"7000|{name}|ADMIN\n")
    assert world.record.commands == []


async def test_close_window_link_follows_a_reply(http: httpx.AsyncClient) -> None:
    reply = await ask(http, **PAUSE, close_window_link="1", language="es")
    line, link, end = reply.partition("\n<a href=\"javascript:window.opener='x';window.close();\">")
    assert line.startswith("SUCCESS: external_pause function set")
    assert line.endswith("|1000\n")
    assert (link != "", end) == (True, "Cerrar esta ventana</a>\n")
    assert "Close This Window" in await ask(http, **PAUSE, close_window_link="1")
    assert "window.close" not in await ask(http, **PAUSE, close_window_link="0")


async def test_debug_page_is_html_without_sql(http: httpx.AsyncClient) -> None:
    reply = await ask(http, **PAUSE, format="debug")
    assert reply.startswith("<html>\n<head>\n<!-- VERSION: ")
    assert "SUCCESS: external_pause function set" in reply
    assert reply.endswith("<!-- script runtime: 0 seconds -->\n</body>\n</html>\n")
    assert "select" not in reply.lower()


async def test_an_unknown_alt_user_is_told_and_agent_user_is_tried(
    http: httpx.AsyncClient, world: World
) -> None:
    reply = await ask(http, **PAUSE, alt_user="NOSUCH")
    assert reply.startswith("ERROR: no user found - NOSUCH\nSUCCESS: external_pause function set")
    assert world.record.commands == [("pause", "1000", "", "6666")]


async def test_an_agent_whose_phone_still_rings_is_not_logged_in(
    http: httpx.AsyncClient, world: World
) -> None:
    world.agents.seat("1002", AgentState.CONNECTING)
    reply = await ask(http, **{**PAUSE, "agent_user": "1002"})
    assert reply == "ERROR: agent_user is not logged in - 1002\n"


async def test_without_asterisk_nothing_is_claimed(http: httpx.AsyncClient, world: World) -> None:
    world.record.asterisk_up = False
    reply = await ask(http, **DIAL)
    why = "Asterisk cannot be reached; nothing was done"
    assert reply == f"ERROR: external_dial failed, {why} - 7275551212|1000\n"


async def test_without_a_store_the_reply_is_a_line(
    http: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreFull

    monkeypatch.setattr(world.access, "authenticate", full)
    assert await ask(http, **PAUSE) == "ERROR: data store is not available\n"


async def test_a_fault_of_ours_is_a_line_too(
    http: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.agents, "pause", broken)
    reply = await http.get(URL, params=PAUSE)
    assert (reply.status_code, reply.text.startswith("ERROR: internal error")) == (200, True)
