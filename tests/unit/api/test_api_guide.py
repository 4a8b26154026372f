"""docs/api.md: what it says of rights is so, and its first requests are let through."""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from pathlib import Path

import httpx
import pytest
from api_fakes import World, basic, client
from api_fakes.http import app_of
from litestar.handlers import HTTPRouteHandler

from bridge.access.model import RIGHTS, UserSpec
from bridge.access.names import parse_names
from bridge.access.rights import ACTIONS
from bridge.agents.model import AgentState
from bridge.api.guard import NO_RIGHTS

GUIDE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
Needs = tuple[str, int, frozenset[str]]
"""Function, level, rights."""


def _of_the_routes(world: World) -> dict[Needs, set[str]]:
    found: dict[Needs, set[str]] = defaultdict(set)
    for route in app_of(world).routes:
        for handler in getattr(route, "route_handlers", ()):
            rights = handler.opt.get("right") if isinstance(handler, HTTPRouteHandler) else None
            if rights in (None, *NO_RIGHTS):
                continue
            for action in (rights,) if isinstance(rights, str) else rights:
                right = ACTIONS[action]
                needed = frozenset(_told(column, enough) for column, enough in right.needs.items())
                requests = {f"{method} {_plain(route.path)}" for method in handler.http_methods - {"OPTIONS"}}
                found[right.function, right.level, needed] |= requests
    return found


def _told(column: str, enough: frozenset[int]) -> str:
    """As the table has it: the values that are enough stand behind it, unless that is 1 alone."""
    return column if enough == {1} else f"{column} {min(enough)}-{max(enough)}"


def _plain(path: str) -> str:
    path = re.sub(r":\w+}", "}", path)
    return re.sub(r"(^/v1/site/[a-z]+).*", r"\1", path)


def _of_the_guide() -> dict[Needs, set[str]]:
    found: dict[Needs, set[str]] = {}
    rows = re.findall(
        r"^\| (`(?:GET|PUT|POST|PATCH|DELETE).*?) \| `(\w+)` \| (\d) \|(.*?)\|$", GUIDE, re.MULTILINE
    )
    for requests, function, level, rights in rows:
        needs = function, int(level), frozenset(re.findall(r"\w+(?: \d-\d)?", rights.replace("`", "")))
        assert needs not in found, "one line for each"
        found[needs] = set(_requests(requests))
    return found


def _requests(cell: str) -> list[str]:
    """`POST`, `PUT /x` and `GET /y` are POST /x, PUT /x and GET /y."""
    found, methods = [], []
    for method, path in re.findall(r"`(GET|PUT|POST|PATCH|DELETE)(?: (/[^`]*))?`", cell):
        methods.append(method)
        if path:
            found += [f"{each} {path}" for each in methods]
            methods = []
    return found


def test_the_table_of_rights_is_the_one_that_holds(world: World) -> None:
    guide, routes = _of_the_guide(), dict(_of_the_routes(world))
    for needs in guide.keys() | routes.keys():
        assert guide.get(needs) == routes.get(needs), needs
    assert all(right.partition(" ")[0] in RIGHTS for _, _, rights in guide for right in rights)


def _block() -> list[list[str]]:
    """The commands of the first requests, as a shell reads them."""
    found = re.search(r"## First requests\n\n```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    text = found[1].replace("\\\n", "")
    return [shlex.split(line) for line in text.splitlines() if line]


def _option(words: list[str], name: str, default: str = "") -> str:
    return words[words.index(name) + 1] if name in words else default


@pytest.fixture
async def caller(world: World) -> httpx.AsyncClient:
    """The user that the guide makes, and her agent is there."""
    words = _block()[0]
    assert words[:3] == ["agent-bridge", "apiuser", "add"]
    spec = UserSpec(
        user=words[3],
        level=int(_option(words, "--level", "1")),
        functions=parse_names(_option(words, "--functions")),
        rights={_option(words, "--right"): 1},
        api_access=True,
    )
    await world.access.create(spec, "SECRET")
    world.agents.seat("1000", AgentState.PAUSED)
    return client(world, auth=basic(words[3], "SECRET"))


async def test_the_first_requests_are_let_through(caller: httpx.AsyncClient) -> None:
    """What the fakes then make of them is another matter: the site of the guide is not theirs."""
    requests = _block()[1:]
    assert len(requests) == 4
    async with caller as http:
        for words in requests:
            url = next(word for word in words if word.startswith("http"))
            body = json.loads(_option(words, "-d")) if "-d" in words else None
            reply = await http.request("POST" if body else "GET", httpx.URL(url).raw_path.decode(), json=body)
            assert reply.status_code not in (400, 401, 403), (words, reply.text)
            assert not reply.text.startswith("ERROR"), words
