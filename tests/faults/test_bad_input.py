"""Hostile and broken input at the real service: no byte of it reaches Asterisk, no row of the store changes.

The proxy before Asterisk refuses each dial, so that hundreds of requests need no telephone; what the bridge
wanted to send is on record there.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote_plus

import httpx
from proxy import Proxy, Side, Verdict, field_of, is_action
from service import API_SECRET, API_USER, Bridge
from stories import RINGS, TALKS, dial, is_dial

EVIL = "PJSIP/evil"
SMUGGLED = f"\r\nAction: Originate\r\nChannel: {EVIL}\r\nApplication: System\r\nData: id\r\n\r\n"
BAD: dict[str, bytes] = {
    "empty": b"",
    "CR and LF": SMUGGLED.encode(),
    "LF alone": SMUGGLED.replace("\r", "").encode(),
    "NUL": b"1000\x00; rm -rf /",
    "SQL": b"1000\"' OR 1=1; DROP TABLE calls; --",
    "dialplan": b"-1${SHELL(id)}&PJSIP/evil@carrier,30,U(evil)|x;y:z",
    "ISO 8859-1": "Jos\u00e9".encode("latin-1"),
    "not UTF-8": b"\xff\xfe\xc0\x80",
    "UTF-16": "1000".encode("utf-16"),
    "other digits": "\uff17\uff12\uff17\u0665".encode(),
    "other letters": "\u65e5\u672c \U0001f4de".encode(),
    "HTML": b"<script>alert(1)</script>",
    "long number": b"9" * 400,
    "1 MB": b"A" * 1_000_000,
}

COMMON = {"source": "test", "user": API_USER, "pass": API_SECRET}
ALL = ("format", "close_window_link", "language", "alt_user")
DIAL = ("vendor_id", "lead_id", "alt_dial", "dial_prefix", "dial_ingroup", "group_alias", "outbound_cid")
FUNCTIONS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "version": ({}, ()),
    "external_dial": (
        {
            "agent_user": "1000",
            "value": TALKS,
            "phone_code": "1",
            "search": "YES",
            "preview": "NO",
            "focus": "YES",
        },
        (*DIAL, "vtiger_callback", "phone_number"),
    ),
    "external_pause": ({"agent_user": "1000", "value": "PAUSE"}, ()),
    "external_hangup": ({"agent_user": "1000", "value": "1"}, ()),
    "external_status": (
        {"agent_user": "1000", "value": "SALE"},
        ("callback_datetime", "callback_type", "callback_comments", "qm_dispo_code"),
    ),
    "logout": ({"agent_user": "1001", "value": "LOGIN"}, ()),
}
"""Each function with what it needs, and what else it reads. `logout` is asked in a way that it refuses."""

ORIGINATE = {
    "Action",
    "ActionID",
    "Async",
    "CallerID",
    "Channel",
    "ChannelId",
    "Context",
    "Exten",
    "Priority",
    "Timeout",
    "Variable",
}
VARIABLES = {
    "__BRIDGE_CALL_ID": r"[0-9a-f-]{36}",
    "CDR(userfield)": r"[0-9a-f-]{36}",
    "BRIDGE_DIAL": r"PJSIP/[0-9]{2,15}@carrier",
    "BRIDGE_TIMEOUT": r"[0-9]+",
    "BRIDGE_CALLER_ID": r"[0-9]*",
}
HARMLESS = {"Ping", "Setvar", "QueuePause"}
"""What may also leave at any time: the state of an agent's device, and whether her queues may call her."""


def refuse(side: Side, message: bytes) -> Verdict | None:
    """No dial and no hang-up reaches Asterisk."""
    wanted = side is Side.CLIENT and (is_dial(message) or is_action(message, "Hangup"))
    return Verdict.REFUSE if wanted else None


Rows = dict[str, list[tuple[Any, ...]]]


def everything(bridge: Bridge) -> Rows:
    """Every row of the store, but the bookkeeping of wrong passwords, of the broker, and of requests."""
    with closing(sqlite3.connect(f"file:{bridge.folder}/bridge.db?mode=ro", uri=True)) as conn:
        tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: conn.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()  # noqa: S608 - names of tables
            for name in tables
            if name not in {"users", "login_failures", "sink_cursors", "audit", "function_use"}
        }


class Watched:
    """Sends requests, and looks at what each of them did."""

    def __init__(self, bridge: Bridge, ami: Proxy) -> None:
        self.bridge = bridge
        self._ami = ami
        self._conn = sqlite3.connect(f"file:{bridge.folder}/bridge.db?mode=ro", uri=True)
        self._version = self._data_version()
        self._rows = everything(bridge)

    def _data_version(self) -> int:
        """Changes with each commit of the bridge."""
        return int(self._conn.execute("PRAGMA data_version").fetchone()[0])

    def check(self, what: str, *, refused: bool) -> None:
        """At most the one intended action has left; where nothing was done, nothing was written."""
        sent, self._ami.passed.seen = self._ami.passed.seen, []
        meant = [action for action in sent if field_of(action, "Action") not in HARMLESS]
        assert len(meant) <= 1, (what, meant)
        for action in sent:
            assert EVIL.encode() not in action, what
        for action in meant:
            if is_action(action, "Hangup"):
                self._is_hangup(what, action)
            else:
                self._is_dial(what, action)
        version = self._data_version()
        if version == self._version:
            return
        self._version, rows = version, everything(self.bridge)
        if refused and not meant:
            changed = {name for name, found in rows.items() if found != self._rows[name]}
            assert not changed or self._is_refusal_on_record(changed, rows), (what, changed)
        self._rows = rows

    def _is_refusal_on_record(self, changed: set[str], rows: Rows) -> bool:
        """The gate has refused a number: that one call is written down, refused, and nothing else is."""
        new = [row for row in rows["calls"] if row not in self._rows["calls"]]
        written = {"calls", "events", "counters", "verdicts"}
        return changed == written and len(new) == 1 and "refused" in new[0]

    @staticmethod
    def _is_hangup(what: str, action: bytes) -> None:
        assert re.fullmatch(
            rb"Action: Hangup\r\nActionID: [0-9a-f-]+\r\nChannel: [0-9a-f-]{36}\r\n\r\n", action
        ), (what, action)

    @staticmethod
    def _is_dial(what: str, action: bytes) -> None:
        assert is_dial(action), (what, action)
        lines = [line.split(b": ", 1) for line in action.strip().split(b"\r\n")]
        assert {name.decode() for name, _ in lines} <= ORIGINATE, (what, action)
        variables = [value.decode().partition("=") for name, value in lines if name == b"Variable"]
        assert len(lines) - len(variables) == len({bytes(name) for name, _ in lines} - {b"Variable"}), what
        for name, _, value in variables:
            assert re.fullmatch(VARIABLES[name], value), (what, name, value)
        assert re.fullmatch(
            r"Local/86[0-9]{5}@bridge-room/n|PJSIP/[0-9]+@carrier", field_of(action, "Channel")
        )


def encoded(fields: list[tuple[str, bytes]]) -> bytes:
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields).encode()


def requests(function: str) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Each parameter missing, repeated, and with each bad value; all others as they should be."""
    needs, reads = FUNCTIONS[function]
    good = {name: value.encode() for name, value in (COMMON | needs).items()}
    fixed = [("function", function.encode())]
    yield "unknown agent", [*fixed, *(good | {"agent_user": b"9999"}).items()]
    # The login is looked at before any function, the frame of a reply after it: each is tried with one.
    common = COMMON if function == "external_dial" else ALL
    for name in (*needs, *reads, *common):
        others = [(other, value) for other, value in good.items() if other != name]
        yield f"{name} missing", [*fixed, *others]
        for kind, value in BAD.items():
            if name == "pass" and kind not in {"empty", "CR and LF", "NUL", "SQL", "not UTF-8", "1 MB"}:
                continue  # ten wrong ones in a row lock the user
            yield f"{name}: {kind}", [*fixed, *others, (name, value)]
        yield (
            f"{name} repeated",
            [*fixed, *others, (name, good.get(name, b"1")), (name, b"' OR 1=1" + SMUGGLED.encode())],
        )


async def test_line_format(bridge: Bridge, ami: Proxy) -> None:
    await bridge.log_in("1000")
    ami.rule = refuse
    for function in FUNCTIONS:
        if function == "external_hangup":  # from here on there is a call that it could hang up
            ami.rule = None
            await bridge.post("/agents/1000/pause", {"reason": "TEST"})
            await bridge.call_is(await dial(bridge, "1000", RINGS), "ringing")
            ami.rule = refuse
        ami.passed.seen.clear()
        await all_requests(Watched(bridge, ami), function)


async def all_requests(watched: Watched, function: str) -> None:
    """Ask a function in every wrong way."""
    for what, fields in requests(function):
        reply = await ask(watched.bridge, encoded(fields), as_form="missing" in what)
        why = f"{function}, {what}"
        assert reply.status_code == 200, (why, reply.text)
        text = reply.text.removeprefix("NOTICE")
        assert text.startswith(("ERROR: ", "SUCCESS: ", "VERSION: ", ": ")), (why, reply.text[:200])
        assert "<script" not in text, why
        assert "internal error" not in text, why
        watched.check(why, refused="SUCCESS" not in text)


async def ask(bridge: Bridge, fields: bytes, *, as_form: bool) -> httpx.Response:
    """As a query, or as a form where that is too long."""
    if len(fields) < 4000 and not as_form:
        return await bridge.api.get("/agc/api.php?" + fields.decode())
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return await bridge.api.post("/agc/api.php", content=fields, headers=form)


BODIES: dict[str, dict[str, Any]] = {
    "/v1/calls": {"agent": "1000", "number": TALKS, "vendor_id": "v", "phone_code": "1"},
    "/v1/agents/1001/login": {"phone": "1001", "campaign": "NONE"},
    "/v1/agents/1000/pause": {"reason": "LUNCH"},
}
WRONG: tuple[Any, ...] = (None, 7, -1, True, [], {}, ["1000"], {"a": 1}, 1e308, 2**70)


async def test_rest(bridge: Bridge, ami: Proxy) -> None:
    await bridge.log_in("1000")
    ami.rule = refuse
    ami.passed.seen.clear()
    watched = Watched(bridge, ami)
    texts = [value.decode("latin-1") for value in BAD.values()]
    for path, body in BODIES.items():
        for field in body:
            for value in (*WRONG, *texts, "\u0000", "\ud800"):
                await rest(watched, path, body | {field: value})
            await rest(watched, path, {name: given for name, given in body.items() if name != field})
        await rest(watched, path, body | {"unknown": 1})
    for name in texts:
        for path in ("/v1/agents/{}/logout", "/v1/agents/{}/resume", "/v1/calls/{}/hangup"):
            await rest(watched, path.format(quote_plus(name[:2000], safe="")), None)


async def rest(watched: Watched, path: str, body: Any) -> None:
    """One request; what is refused is a problem that names itself."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    reply = await watched.bridge.api.post(path, content=content, headers=headers)
    what = f"{path[:80]} {str(body)[:120]}"
    if not reply.is_success:
        assert reply.headers["content-type"] == "application/problem+json", (what, reply.text)
        known = ("asterisk-unavailable", "originate-refused")
        assert reply.status_code < 500 or reply.json()["error_id"] in known, (what, reply.text)
    watched.check(what, refused=not reply.is_success)
