"""The ordinary service on a store and a stand-in, for one request."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import uvicorn
from litestar import Litestar

from bridge import service
from bridge.access import service as access
from bridge.api.app import create_app
from bridge.api.http_protocol import limited
from bridge.secret import Secret, SecretUrl
from bridge.service import Core, Interfaces
from bridge.services import Services
from bridge.settings import ApiSettings, AsteriskSettings, Settings, SiteSettings, StoreSettings
from replaying.scene import ASTERISK
from replaying.stand_in import StandIn
from replaying.world import cheap_hasher

ADDRESS: Final = "10.10.10.15"
"""Of the original's server: replies print it."""
SITE: Final = SiteSettings(timezone="America/New_York", automatic=False)
"""Made once: it looks through all time zones of the machine."""
READY_SECONDS: Final = 30.0


def settings_for(file: Path, ami_port: int, system: Mapping[str, str]) -> Settings:
    """Settings of a service on this store, with what a case sets otherwise in the system."""
    api: dict[str, Any] = {}
    if system.get("outbound_cid_any") == "API_ONLY":
        api["outbound_cid"] = "API_ONLY"
    if system.get("vdc_agent_api_active") in {"0", "N", "False"}:
        api["agent_api"] = False
    if system.get("agent_notifications") in {"0", "N", "False"}:
        api["notifications"] = False
    if system.get("agent_whisper_enabled") in {"0", "N", "False"}:
        api["whisper"] = False
    if system.get("sounds_central_control_active") not in {"0", "N", "False"}:
        api |= {"sounds_folder": str(_sounds(file.parent)), "sounds_url": "http://127.0.0.1/sndstore1"}
    server = AsteriskSettings(
        name=ASTERISK, port=ami_port, public_address=ADDRESS, secret=Secret("s3cret"), relay=False
    )
    store = StoreSettings(url=SecretUrl(f"sqlite:///{file}"))
    return Settings(store=store, asterisk=(server,), site=SITE, api=ApiSettings(**api))


def _sounds(parent: Path) -> Path:
    """The audio store: one file of four bytes, of 2026-11-20 05:00 in New York."""
    folder = parent / "sounds"
    folder.mkdir(exist_ok=True)
    (folder / "hello.wav").write_bytes(b"RIFF")
    os.utime(folder / "hello.wav", (1795168800, 1795168800))
    return folder


@asynccontextmanager
async def serving(file: Path, stand_in: StandIn, system: Mapping[str, str]) -> AsyncIterator[int]:
    """The service, in step with its Asterisk; the port on which it is asked."""
    async with stand_in.ami:
        with patch.object(access, "Hasher", cheap_hasher):
            core = Core(settings_for(file, stand_in.ami.port, system))
        # In the original another program looks for callbacks that are due, and the recordings have none.
        core.reminders.run = asyncio.Event().wait  # type: ignore[assignment,method-assign]
        async with core.running():
            await _in_step(core)
            with _application(core) as app:
                config = uvicorn.Config(
                    app,
                    port=0,
                    http=limited(core.settings.http.request_timeout, core.settings.http.max_connections),
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    timeout_graceful_shutdown=1,
                )
                async with _listening(uvicorn.Server(config)) as port:
                    yield port


@contextmanager
def _application(core: Core) -> Iterator[Litestar]:
    """The service's HTTP application over this core.

    To build one takes longer than to answer a request, and it holds no state but the services: so the one
    of a case that is over serves the next.
    """
    app = _idle.pop() if _idle else None

    def reused(services: Services) -> Litestar:
        found = create_app(services) if app is None else app
        found.state.services = services
        return found

    with patch.object(service, "create_app", reused):
        made = Interfaces(core).http.config.app
    assert isinstance(made, Litestar)
    try:
        yield made
    finally:
        _idle.append(made)


_idle: list[Litestar] = []


async def _in_step(core: Core) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while not all(watch.ready for watch in core.watches.values()):  # noqa: ASYNC110  there is no event for it
            await asyncio.sleep(0.002)


@asynccontextmanager
async def _listening(server: uvicorn.Server) -> AsyncIterator[int]:
    task = asyncio.create_task(server._serve())
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.002)
        port: int = server.servers[0].sockets[0].getsockname()[1]
        yield port
    finally:
        server.should_exit = server.force_exit = True
        await task
