"""A marked secret goes through every way in and into every wrong field, and is then looked for everywhere.

A service in a process of its own, at the most talkative level of its log. What may be found is the secret's
hash, which is no trace of it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import admin_process
import aiomqtt
import pytest
from admin_process import Bridge
from events_fixtures import Broker, broker
from marker import SECRET, TWICE, UNIT, traces_in

from bridge.access.model import PrincipalKind
from bridge.admin import wire
from bridge.admin.command import Command
from bridge.admin.user_commands import NewSecret, Unlock
from bridge.api.vicidial.registry import FUNCTIONS
from bridge.background import background

__all__ = ["broker"]

RIGHT, WRONG = quote(SECRET, safe=""), quote(SECRET, safe="") + "x"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


SIP_SECRET = "sQ5-sip-marker-4tZ9w"
WRONG_FIELDS = ("function", "agent_user", "value", "source", "format", "phone_number", "alt_user", "stage")


class Sent(NamedTuple):
    """One request; what its answer repeats of fields that are for no secret is the caller's own."""

    method: str
    target: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    repeats: bool = False


@pytest.fixture
async def published(broker: Broker, tmp_path: Path) -> AsyncIterator[Path]:
    """All that a broker is sent, beside what the service writes."""
    kept = tmp_path / "mqtt"

    async def keep(client: aiomqtt.Client) -> None:
        with kept.open("ab", buffering=0) as file:
            async for message in client.messages:
                file.write(f"{message.topic} ".encode() + bytes(message.payload or b"") + b"\n")

    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe("#", qos=1)
        async with background(lambda: keep(client)):
            yield kept


@pytest.fixture(autouse=True)
def talkative(monkeypatch: pytest.MonkeyPatch, broker: Broker, published: Path) -> None:
    """Before the service is made: it takes all of it from the environment."""
    del published
    monkeypatch.setattr(admin_process, "SECRET", SECRET)
    monkeypatch.setenv("AGENT_BRIDGE_LOG__LEVEL", "debug")
    monkeypatch.setenv("AGENT_BRIDGE_MQTT__URL", f"mqtt://crm:{RIGHT}@127.0.0.1:{broker.port}")


@pytest.fixture
async def served(bridge: Bridge) -> Bridge:
    await bridge.start()
    return bridge


def line(query: str, **more: str) -> Sent:
    return Sent("GET", f"/agc/api.php?source=test&{query}", more)


def basic(user: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


API_USERS = frozenset({PrincipalKind.API})


def by_the_line_format() -> Iterator[Sent]:
    """Every function, with the right secret and a wrong one; every way to send one."""
    for function in [*FUNCTIONS, "version", "coffee", "nothing"]:
        asked = f"function={function}&agent_user=1000&value=PAUSE&lead_id=7&phone_code=1"
        for secret in (RIGHT, WRONG):
            yield line(f"user=crm&pass={secret}&{asked}")
    query = f"function=external_pause&agent_user=1000&value=PAUSE&user=crm&pass={RIGHT}"
    yield line(query.replace(RIGHT, TWICE))
    yield line(query + "&user=nobody")
    yield line(query + f"&pass={RIGHT}&pass={WRONG}")
    yield line(query + f"&comments={'x' * 10_000}")
    yield line(query + "&a=1" * 1_100)
    yield line(query + "&value=%ff%fe%00%0d%0a")
    yield line(query.replace("source=test&", ""), **basic("crm", SECRET))
    yield line("function=external_pause&user=crm", authorization=f"Bearer {SECRET}")
    yield line(query.replace(f"pass={RIGHT}", f"pass={RIGHT * 1_200}"))
    form = f"source=test&{query}".encode()
    yield Sent("POST", "/agc/api.php", {"content-type": FORM}, form)
    yield Sent("POST", "/agc/api.php", {"content-type": FORM}, form.replace(RIGHT.encode(), WRONG.encode()))
    yield Sent("POST", "/agc/api.php", {"content-type": FORM}, form + b"&pass=\xff" + SECRET.encode())
    yield Sent("POST", "/agc/api.php", {"content-type": FORM}, form + SECRET.encode() * 30_000)
    yield Sent("POST", "/agc/api.php", {"content-type": FORM}, form + SECRET.encode() * 70_000)
    yield Sent("POST", "/agc/api.php", {"content-type": "text/plain"}, form)
    yield Sent("POST", "/agc/api.php", {"content-type": JSON}, json.dumps({"pass": SECRET}).encode())
    for part in (
        f'Content-Disposition: form-data; name="pass"\r\n\r\n{SECRET}',
        f'Content-Disposition: form-data; name="{SECRET}"\r\n\r\nx',
        f'Content-Disposition: form-data; name="pass"; filename="{SECRET}"\r\n\r\n{SECRET}',
        f'Content-Disposition: form-data; name="pass"\r\nContent-Type: x/y; charset=utf-16\r\n\r\n{SECRET}',
        f"no head {SECRET}",
    ):
        kind = "multipart/form-data; boundary=b"
        yield Sent("POST", "/agc/api.php", {"content-type": kind}, f"--b\r\n{part}\r\n--b--\r\n".encode())
    yield Sent("PUT", f"/agc/api.php?pass={RIGHT}")


def in_wrong_fields_of_the_line_format() -> Iterator[Sent]:
    for login in (f"user=crm&pass={RIGHT}", "user=crm&pass=no-secret"):
        for name in (
            "function",
            "agent_user",
            "value",
            "source",
            "format",
            "phone_number",
            "alt_user",
            "stage",
        ):
            wish = "" if name == "function" else "function=external_pause&"
            yield line(f"{login}&{wish}{name}={RIGHT}")._replace(repeats=True)
    yield line(f"user={UNIT}&pass=no-secret&function=external_pause")._replace(repeats=True)
    yield line(f"user={UNIT}&pass={UNIT}&function=external_pause")
    yield line(f"user=crm&pass=no-secret&{RIGHT}=1&function=external_pause")


def under_v1() -> Iterator[Sent]:
    for who in (
        basic("crm", SECRET),
        basic("crm", SECRET + "x"),
        basic(UNIT, SECRET),
        basic(SECRET, "x"),
        {"authorization": f"Basic {SECRET}"},
        {"authorization": f"Bearer {SECRET}"},
        {"authorization": f"Token {SECRET}"},
        {"authorization": SECRET},
        {"x-api-key": SECRET, "cookie": f"session={SECRET}"},
    ):
        yield Sent("GET", "/v1/agents", who)
        yield Sent("POST", "/v1/agents/1000/pause", who | {"content-type": JSON}, b"{}")
        yield Sent("GET", "/v1/events/past", who)
        yield Sent("GET", f"/v1/recordings/1/audio?signature={RIGHT}&for=crm&expires=1", who)
    right = basic("crm", SECRET)
    body = right | {"content-type": JSON}
    for wrong in (
        json.dumps({"reason": SECRET}),
        json.dumps({"secret": SECRET}),
        json.dumps({SECRET: 1}),
        json.dumps(SECRET),
        f'{{"reason": "{SECRET}',
        f'{{"reason": {UNIT}}}',
        json.dumps({"reason": SECRET * 1_000}),
        json.dumps({"reason": SECRET * 30_000}),
    ):
        yield Sent("POST", "/v1/agents/1000/pause", body, wrong.encode(), repeats=True)
    yield Sent("POST", "/v1/agents/1000/pause", body, b'{"reason": "\xff' + SECRET.encode() + b'"}')
    yield Sent("POST", "/v1/agents/1000/pause", body | {"idempotency-key": SECRET}, b"{}")
    yield Sent("POST", "/v1/agents/1000/pause", right | {"content-type": UNIT}, SECRET.encode())
    yield Sent("POST", "/v1/agents/1000/pause", body | {"origin": f"https://{UNIT}.example"}, b"{}")
    for path in (
        *("/v1/agents/{}/pause", "/v1/agents/{}", "/v1/calls/{}", "/v1/site/phones/{}", "/v1/{}"),
        *("/v1/site/apiusers/{}", "/v1/site/apiusers/{}/usage", "/v1/agents?{}=1", "/v1/calls?agent={}"),
        *(
            "/v1/calls?cursor={}",
            "/v1/audit?since={}",
            "/v1/events?after={}",
            "/v1/agents?x={}",
            "/{}",
            "/in/{}",
        ),
    ):
        for secret in (UNIT, RIGHT, TWICE):
            for method in ("GET", "POST", "DELETE"):
                yield Sent(method, path.format(secret), right, repeats=True)
                yield Sent(method, path.format(secret), repeats=True)
    page = {"content-type": JSON}
    for login in (
        {"user": "1000", "password": SECRET},
        {"user": "1000", "password": SECRET + "x"},
        {"user": UNIT, "password": SECRET},
        {"user": SECRET, "password": "x"},
        {"user": "1000", "password": SECRET * 1_000},
        {"password": SECRET},
        {SECRET: "1000"},
    ):
        yield Sent("POST", "/v1/console/login", page, json.dumps(login).encode(), repeats=SECRET in login)
    for cookie in (f"agent_bridge_console={SECRET}", f"agent_bridge_console=abc_{UNIT}", f"{UNIT}=1"):
        yield Sent("GET", "/v1/console", {"cookie": cookie})
        yield Sent("POST", "/v1/agents/1000/pause", page | {"cookie": cookie}, b"{}")
    wish = json.dumps({"password": SECRET}).encode()
    yield Sent("POST", "/v1/console/login", page, json.dumps({"link": SECRET}).encode())
    yield Sent("POST", "/v1/console/login", page, json.dumps({"link": f"abl_{UNIT}"}).encode())
    yield Sent("POST", "/v1/site/agents/1000/password", body, wish)
    yield Sent("POST", "/v1/site/agents/nobody/password", body, wish)
    yield Sent("GET", "/v1/agents", right | {"x-long": SECRET * 2_000})


EVERYTHING = [*by_the_line_format(), *in_wrong_fields_of_the_line_format(), *under_v1()]


def no_http() -> Iterator[bytes]:
    """What never becomes a request."""
    yield f"GET /agc/api.php?pass={RIGHT} HTTP/9.9\r\n\r\n".encode()
    yield f"GET /agc/api.php?pass={RIGHT}\r\n\r\n".encode()
    yield f"{SECRET}\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\nAuthorization\x00: {SECRET}\r\n\r\n".encode()
    yield f"POST /agc/api.php HTTP/1.1\r\nContent-Length: {SECRET}\r\n\r\n".encode()


async def exchange(port: int, data: bytes) -> bytes:
    """Send bytes and take what comes until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), admin_process.SECONDS)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def as_bytes(sent: Sent) -> bytes:
    own = {"host": "bridge", "connection": "close", "content-length": str(len(sent.body))}
    headers = {**own, **sent.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{sent.method} {sent.target} HTTP/1.1\r\n{head}\r\n".encode() + sent.body


async def ask(bridge: Bridge, sent: Sent) -> bytes:
    port = urlsplit(str(bridge.api.base_url)).port
    assert port is not None
    return await exchange(port, as_bytes(sent))


async def all_asked(bridge: Bridge, requests: Sequence[Sent]) -> None:
    """Send them; no answer holds the secret, but for what a caller has written where none belongs."""
    unlock = wire.request(Unlock(user="crm", kinds=API_USERS))
    for sent in requests:
        await asyncio.to_thread(_say, bridge.socket, unlock)  # so that the right secret opens again
        answer = await ask(bridge, sent)
        assert sent.repeats or not traces_in(answer), (sent.method, sent.target[:200], traces_in(answer))
    port = urlsplit(str(bridge.api.base_url)).port
    for data in no_http():
        assert port is not None
        assert not traces_in(await exchange(port, data)), data


async def by_the_socket(bridge: Bridge) -> None:
    """What an administrator may do wrong."""
    commands: list[Command[str]] = [
        NewSecret(user="nobody", kinds=API_USERS, secret=SECRET),
        NewSecret(user="crm", kinds=API_USERS, secret=SECRET * 5),
        NewSecret(user="crm", kinds=API_USERS, secret=SECRET + "\0"),
        NewSecret(user="crm", kinds=API_USERS, secret=SECRET),
    ]
    for data in (
        *(wire.request(command) for command in commands),
        wire.request(commands[0]).replace(b"NewSecret", UNIT.encode()),
        SECRET.encode() + b"\n",
        SECRET.encode() * 300_000,
    ):
        await asyncio.to_thread(_say, bridge.socket, data)


def _say(path: Path, data: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(admin_process.SECONDS)
        link.connect(str(path))
        try:
            link.sendall(data)
            link.recv(65_536)
        except (BrokenPipeError, ConnectionResetError):
            pass


def found_in(bridge: Bridge) -> dict[str, list[bytes]]:
    """Where the secret is among all that the service has written."""
    files = [path for path in bridge.folder.iterdir() if path.is_file() and path.suffix != ".toml"]
    assert {"log", "bridge.db", "mqtt"} <= {path.name for path in files}
    return {path.name: found for path in files if (found := traces_in(path.read_bytes()))}


@pytest.mark.timeout(300)
async def test_a_secret_is_nowhere_but_in_its_hash(served: Bridge, published: Path) -> None:
    assert (await served.command("phone", "add", "1001")).status == 0
    assert (await served.log_in("1000", "1001")).status_code == 202  # it is the right one
    await all_asked(served, EVERYTHING)
    await by_the_socket(served)
    assert (await served.api.get("/agents")).status_code == 200
    assert found_in(served) == {}  # with what is in the write-ahead log only
    await served.end(signal.SIGTERM)
    assert found_in(served) == {}
    assert served.log.read_text().count('"login refused"') > 40  # it is the log that was looked at
    assert b"/events/agent/" in published.read_bytes()  # there was something to be searched
    rows = json.loads((await served.command("audit", "--json", "--limit", "0")).out)
    assert len(rows) > len(EVERYTHING) * 0.8
    assert not traces_in(json.dumps(rows).encode())
    let_in = {row["function"] for row in rows if row["user"] == "crm" and row["result"] != "refused"}
    assert set(FUNCTIONS) <= let_in


@pytest.mark.timeout(300)
async def test_without_a_store_it_is_nowhere_either(served: Bridge) -> None:
    store, away = served.folder / "bridge.db", served.folder / "away"
    assert (await served.api.get("/agents")).status_code == 200
    store.rename(away)
    await all_asked(served, EVERYTHING[::2])
    away.rename(store)
    await served.end(signal.SIGTERM)
    assert found_in(served) == {}


async def test_a_phones_secret_is_in_the_store_alone(served: Bridge, published: Path) -> None:
    """A browser registers with it, so it is kept as it is; nothing but her page is told it."""
    file = served.folder / "sip.toml"  # of the test, not of the service
    file.write_text(SIP_SECRET)
    assert (await served.command("phone", "add", "1020", "--browser")).status == 0
    commands = (
        ["phone", "secret", "1020", "--secret-file", str(file)],
        *(["phone", "show", "1020"], ["phone", "list", "--json"], ["audit", "--json"]),
    )
    said = [await served.command(*words) for words in commands]
    assert [each.status for each in said] == [0, 0, 0, 0]
    paths = ("/site/phones", "/site/phones/1020", "/events/past", "/audit")
    answers = [await served.api.get(path) for path in paths]
    assert [each.status_code for each in answers] == [200, 200, 200, 200]
    shown = [*(each.out + each.err for each in said), *(each.text for each in answers)]
    assert not [text for text in shown if SIP_SECRET[:14] in text]
    await served.end(signal.SIGTERM)
    files = [path for path in served.folder.iterdir() if path.is_file() and path != file]
    holding = {path.name for path in files if SIP_SECRET.encode() in path.read_bytes()}
    assert holding
    assert holding <= {"bridge.db", "bridge.db-wal"}
    assert SIP_SECRET.encode() not in published.read_bytes()


def test_a_trace_would_be_found() -> None:
    for written in (
        SECRET,
        quote(SECRET, safe=""),
        TWICE,
        SECRET[:14],
        SECRET.replace("+", "").replace("/", ""),
        base64.b64encode(f"crm:{SECRET}".encode()).decode(),
        base64.b64encode(f"x{SECRET}".encode()).decode(),
        base64.b64encode(f"ab{SECRET}".encode()).decode(),
        json.dumps({"a": SECRET}),
        SECRET.encode().hex(),
    ):
        assert traces_in(f"before {written} behind".encode()), written
    assert not traces_in(b"Q7zMARK s9xK2")
