"""docs/non-agent-api-differences.md: which request under `/v1` does what each function does."""

from __future__ import annotations

import re
from pathlib import Path

from api_fakes import World
from api_fakes.http import app_of
from litestar.handlers import HTTPRouteHandler

from bridge.access.rights import ACTIONS
from bridge.api.guard import NO_RIGHTS, OWN_LOGIN
from bridge.api.vicidial.non_agent.registry import FUNCTIONS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "non-agent-api-differences.md").read_text()
NONE = "\N{EN DASH}"
LINE_FORMAT = {*FUNCTIONS, "version"}


def _rows() -> list[tuple[str, str]]:
    """Each function, and what stands beside it."""
    part = DOCUMENT.partition("## The same under `/v1`")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \| (.*?) \|", part, re.MULTILINE)


def _requests(cell: str) -> set[str]:
    return set(re.findall(r"`((?:GET|PUT|POST|PATCH|DELETE) /[^`]*)`", cell))


def _routes(world: World) -> dict[str, set[str]]:
    """Each request that there is, with the functions whose right is enough for it."""
    found: dict[str, set[str]] = {}
    for route in app_of(world).routes:
        for handler in getattr(route, "route_handlers", ()):
            right = handler.opt.get("right") if isinstance(handler, HTTPRouteHandler) else OWN_LOGIN
            if right in (None, OWN_LOGIN):
                continue
            actions = () if right in NO_RIGHTS else (right,) if isinstance(right, str) else right
            path = re.sub(r":\w+}", "}", route.path)
            for method in handler.http_methods - {"OPTIONS"}:
                found[f"{method} {path}"] = {ACTIONS[action].function for action in actions}
    return found


def test_every_function_has_one_row() -> None:
    names = [name for name, _ in _rows()]
    assert sorted(names) == sorted(LINE_FORMAT)


def test_every_request_is_there(world: World) -> None:
    routes = _routes(world)
    for function, cell in _rows():
        assert _requests(cell) or cell == NONE, function
        assert _requests(cell) <= routes.keys(), function


def test_no_function_is_said_to_have_none_while_a_request_asks_for_its_right(world: World) -> None:
    asked = set.union(*_routes(world).values())
    without = {function for function, cell in _rows() if cell == NONE}
    assert not without & asked
