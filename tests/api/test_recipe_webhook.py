"""docs/recipes/webhook.md: the receiver as it stands there takes what the bridge has signed, once."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from delivery_world import emit, running, settled
from test_recipes import SECONDS, blocks

from bridge.calls.model import CallState
from bridge.campaigns.service import Site
from bridge.delivery.model import DeliveryState
from bridge.events.catalogue import CallRinging
from bridge.secret import Secret
from bridge.store.database import Database
from bridge.webhooks.model import Webhook
from bridge.webhooks.signing import headers, secret_of, shown
from bridge.webhooks.source import Webhooks

KEY = Secret("k" * 32)
HOOK = Webhook(name="trial", url="http://127.0.0.1:8090/", types=("call",))
SECRET = secret_of(KEY, HOOK)
RINGING = CallRinging(
    call_id="c1",
    legacy_id="M1",
    kind="M",
    state=CallState.RINGING,
    number="+17275550199",
    campaign="SALES",
    user="1000",
)


class Receiver:
    """The program of the recipe, at work."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.url = ""

    async def line(self) -> str:
        """What it prints next."""
        assert self._process.stdout is not None
        async with asyncio.timeout(SECONDS):
            return (await self._process.stdout.readline()).decode().strip()

    async def post(self, body: bytes, told: dict[str, str]) -> int:
        """What it answers."""
        async with httpx.AsyncClient() as http:
            return (await http.post(self.url, content=body, headers=told)).status_code


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    (code,) = blocks("webhook.md", "python")
    assert '("127.0.0.1", 8090)' in code
    (tmp_path / "receiver.py").write_text(code.replace("8090", "0"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "receiver.py"),
        cwd=tmp_path,
        env={**os.environ, "WEBHOOK_SECRET": shown(SECRET)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    made = Receiver(process)
    try:
        made.url = f"http://127.0.0.1:{(await made.line()).removeprefix('listening on port ')}/"
        yield made
    finally:
        process.kill()
        await process.wait()


def event(number: int) -> bytes:
    """An event as it is sent."""
    told = {"id": f"e{number}", "type": "call.disposed", "subject": f"calls/c{number}"}
    return msgspec.json.encode({**told, "data": {"status": "SALE"}})


def signed(body: bytes, age: timedelta = timedelta(0)) -> dict[str, str]:
    return headers(SECRET, "d1", datetime.now(UTC) - age, body)


async def test_the_bridge_tells_it_of_a_call(receiver: Receiver, tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path / 'bridge.db'}") as db:
        site = Site(db)
        await site.put(msgspec.structs.replace(HOOK, url=receiver.url))
        source = Webhooks(db, site, key=KEY, hash_key=KEY, origin="/", clock=lambda: datetime.now(UTC))
        async with running(db, "", source=source):
            await emit(db, RINGING)
            assert await receiver.line() == "call.ringing calls/c1"
            assert (await settled(db, 1, DeliveryState.DONE))[0].attempts == 1


async def test_what_comes_twice_is_done_once(receiver: Receiver) -> None:
    for number in (1, 1, 2):
        assert await receiver.post(event(number), signed(event(number))) == 204
    assert [await receiver.line() for _ in range(2)] == [
        "call.disposed calls/c1 SALE",
        "call.disposed calls/c2 SALE",
    ]


async def test_two_signatures_are_good_if_one_is(receiver: Receiver) -> None:
    told = signed(event(1))
    other = "v1," + base64.b64encode(b"x" * 32).decode()
    both = told | {"webhook-signature": f"{other} {told['webhook-signature']}"}
    assert await receiver.post(event(1), both) == 204


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "d2"},
        {"webhook-timestamp": "0"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1a,AAAA"},
    ],
    ids=str,
)
async def test_what_is_not_ours_is_refused(receiver: Receiver, change: dict[str, str]) -> None:
    assert await receiver.post(event(1), signed(event(1)) | change) == 401
    assert await receiver.post(event(2), signed(event(1))) == 401
    assert await receiver.post(event(1), {}) == 401


@pytest.mark.parametrize("minutes", [6, -6])
async def test_what_is_old_or_of_tomorrow_is_refused(receiver: Receiver, minutes: int) -> None:
    assert await receiver.post(event(1), signed(event(1), timedelta(minutes=minutes))) == 401
    assert await receiver.post(event(1), signed(event(1), timedelta(minutes=minutes / 2))) == 204


@pytest.mark.parametrize("length", ["1000001", "much", ""])
async def test_what_is_too_large_is_refused_unread(receiver: Receiver, length: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(receiver.url).port)
    writer.write(f"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {length}\r\n\r\n".encode())
    async with asyncio.timeout(SECONDS):
        assert (await reader.readline()).split()[1] == b"413"
    writer.close()
