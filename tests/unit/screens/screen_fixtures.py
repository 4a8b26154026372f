"""The API over the real services, on a furnished store and an Asterisk that only records."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from core_bench import AGENTS, Bench, core_on, furnish, opened
from core_fixtures import any_bench, any_url, postgres_database, postgres_server, postgres_url
from screen_scenes import Caller, caller_of

from bridge import service
from bridge.access.hashing import Hasher
from bridge.access.model import ALL_RIGHTS, PrincipalKind, UserSpec
from bridge.access.names import ALL
from bridge.access.service import Access
from bridge.campaigns.model import Campaign, Phone, UserGroup
from bridge.leads.model import NewLead

__all__ = [
    "any_bench",
    "any_url",
    "bench",
    "caller",
    "furnished",
    "postgres_database",
    "postgres_server",
    "postgres_url",
    "store_url",
]

USERS = (
    UserSpec(user="6666", kind=PrincipalKind.MANAGER, level=9, api_access=True, functions=ALL),
    UserSpec(user="7000", level=8, api_access=True, functions=frozenset({"version"})),
    UserSpec(user="7001", level=8, api_access=True, functions=ALL, group="LIMITED"),
    UserSpec(user="7005", level=8, api_access=True, functions=ALL),
)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with callers, campaigns, phones and leads 1 and 2."""
    file = tmp_path_factory.mktemp("screens") / "bridge.db"

    async def make() -> None:
        with pytest.MonkeyPatch.context() as patch:
            quick_hashes(patch)
            async with opened(core_on(f"sqlite:///{file}", patch), migrate=True) as bench:
                await furnish(bench.core)
                await _more(bench)

    asyncio.run(make())
    return file


def quick_hashes(patch: pytest.MonkeyPatch) -> None:
    """A secret is checked in no time."""
    hasher = Hasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(service, "Access", partial(Access, hasher=hasher))


async def _more(bench: Bench) -> None:
    core = bench.core
    await core.site.put(
        Campaign(id="TEST", trunk="carrier", wrapup_seconds=0, manual_list=998, inbound_lead_search=True)
    )
    await core.site.put(UserGroup(name="LIMITED", campaigns=frozenset({"WRAPUP"}), sees_groups=frozenset()))
    await core.site.put(Phone(login="1000", webphone_url="https://phone.example/?a=1&b=2"))
    for user in USERS:
        rights = ALL_RIGHTS if user.user in ("6666", "7001") else {}
        spec = UserSpec(**{name: getattr(user, name) for name in user.__struct_fields__} | {"rights": rights})
        await core.access.create(spec, "1234")
    agent = next(agent for agent in AGENTS if agent.user == "1000")
    fields = {name: getattr(agent, name) for name in agent.__struct_fields__}
    await core.access.change(UserSpec(**fields | {"crm_id": "CRM1000"}))
    for number, code in (("7275550201", "VLC1"), ("7275550202", "VLC2")):
        await core.leads.add(
            NewLead(
                list_id=998,
                phone_number=number,
                vendor_lead_code=code,
                first_name="Pat",
                city="Chicago",
                province="IL",
                security_phrase="secret",
                source_id="SRC",
            )
        )


@pytest.fixture
def store_url(furnished: Path, tmp_path: Path) -> str:
    """URL of a furnished store of the test's own."""
    return f"sqlite:///{shutil.copy(furnished, tmp_path / 'bridge.db')}"


@pytest.fixture
async def bench(store_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """The core on that store, without a watch."""
    quick_hashes(monkeypatch)
    async with opened(core_on(store_url, monkeypatch)) as made:
        yield made
        await made.core.notifications.stop()


@pytest.fixture
async def caller(bench: Bench) -> AsyncIterator[Caller]:
    """A caller of the APIs."""
    async with caller_of(bench) as made:
        yield made
