"""The description, the pages, health."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, client

from bridge.api import errors
from bridge.api.rest import (
    by_hand,
    call_rules,
    callback_access,
    callback_wishes,
    campaigns_now,
    consents,
    hopper,
    imports,
    intake,
    keys,
    lead,
    lead_batch,
    lead_numbers,
    leads,
    models,
    new_lead,
    now,
    phone,
    queues,
    reports,
    screen,
    shift,
    site,
    sounds,
    users,
)
from bridge.api.rest.examples import EXAMPLES
from bridge.audit import model
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.template import Placeholder, check_template, template_pattern
from bridge.events.catalogue import CATALOGUE
from bridge.services import ApiOptions, Check
from bridge.why import model as why_model


async def test_the_description_is_openapi_3_1_with_problems_and_examples(http: httpx.AsyncClient) -> None:
    schema = (await http.get("/v1/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    assert schema["components"]["securitySchemes"]["basic"]["scheme"] == "basic"
    operations = [(path, operation) for path, item in schema["paths"].items() for operation in item.values()]
    assert len({operation["operationId"] for _, operation in operations}) == len(operations)
    for path, operation in operations:
        assert operation["summary"], path
        assert operation["description"], path
        if path.startswith("/v1"):
            error = operation["responses"]["403"]["content"]["application/problem+json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Problem"}
    for name in EXAMPLES:
        assert schema["components"]["schemas"][name]["examples"] == [EXAMPLES[name]]


async def test_no_list_is_of_one_kind_of_entry_or_of_anything(http: httpx.AsyncClient) -> None:
    """An entry would fit both, and `oneOf` refuses what fits two."""
    schema = (await http.get("/v1/openapi.json")).json()
    types = schema["components"]["schemas"]["Webhook"]["properties"]["types"]
    assert (types["items"], types["maxItems"]) == ({"type": "string"}, 50)
    assert [part for part in parts_of(schema) if {} in part.get("oneOf", ())] == []


def parts_of(node: Any) -> Iterator[dict[str, Any]]:
    """Each object of a JSON value."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts_of(part)


async def test_who_asks_for_the_description_again_and_again_holds_nobody_up(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make it takes a third of a second, and it needs no login."""
    first = await http.get("/v1/openapi.json")
    assert first.headers["content-type"] == "application/json"
    monkeypatch.setattr("bridge.api.rest.docs.complete", None)
    assert (await http.get("/v1/openapi.json")).content == first.content


async def test_the_description_says_where_the_bridge_is_reached(
    http: httpx.AsyncClient, world: World
) -> None:
    assert (await http.get("/v1/openapi.json")).json()["servers"] == [{"url": "/"}]
    world.options = ApiOptions(public_url="https://bridge.example/calls")
    async with client(world) as again:
        servers = (await again.get("/v1/openapi.json")).json()["servers"]
    assert servers == [{"url": "https://bridge.example/calls"}]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_each_example_is_what_it_is_an_example_of(name: str) -> None:
    kind: Any = next(
        getattr(module, name)
        for module in (
            models,
            by_hand,
            call_rules,
            callback_access,
            callback_wishes,
            campaigns_now,
            consents,
            hopper,
            imports,
            intake,
            keys,
            lead,
            lead_numbers,
            lead_batch,
            leads,
            new_lead,
            now,
            phone,
            queues,
            reports,
            screen,
            shift,
            site,
            sounds,
            users,
            errors,
            model,
            why_model,
        )
        if hasattr(module, name)
    )
    assert msgspec.json.decode(msgspec.json.encode(EXAMPLES[name]), type=kind) is not None


async def test_every_reference_of_the_description_leads_somewhere(http: httpx.AsyncClient) -> None:
    reply = await http.get("/v1/openapi.json")
    schemas = reply.json()["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', reply.text):
        assert name in schemas


async def test_the_description_says_what_happens(http: httpx.AsyncClient) -> None:
    """What Litestar cannot know, or does not tell, of single routes."""
    schema = (await http.get("/v1/openapi.json")).json()
    paths, schemas = schema["paths"], schema["components"]["schemas"]
    assert set(paths["/ready"]["get"]["responses"]) == {"200", "503"}
    for path in (path for path in paths if path.startswith("/v1/site/") and path.endswith("{key}")):
        assert {"200", "201"} < set(paths[path]["put"]["responses"]), path
    assert "201" not in paths["/v1/site/agents/{user}"]["put"]["responses"]
    assert paths["/v1/agents/{user}/pause"]["post"]["requestBody"]["required"] is False
    assert paths["/v1/calls"]["post"]["requestBody"]["required"] is True
    headers = paths["/v1/calls"]["post"]["responses"]["201"]["headers"]
    assert set(headers) == {"Location", "Idempotency-Replayed", "Preference-Applied"}
    assert set(paths["/v1/calls"]["get"]["responses"]["200"]["headers"]) == {"Link"}
    (after,) = (one for one in paths["/v1/events"]["get"]["parameters"] if one["name"] == "after")
    assert after["schema"]["minimum"] == 0
    bodies = {name for name in schemas if name.endswith("Body")} | {"PauseCode", "Status"}
    assert len(bodies) == 64
    for name in bodies:
        assert schemas[name]["additionalProperties"] is False, name


async def test_the_limits_of_a_body_are_those_that_hold(http: httpx.AsyncClient) -> None:
    """A value just within each limit is taken, and the next one is not."""
    schemas = (await http.get("/v1/openapi.json")).json()["components"]["schemas"]
    found = 0
    for body in site.SITE_BODIES:
        required = EXAMPLES[body.__name__]
        for field, schema in schemas[body.__name__]["properties"].items():
            for good, bad in _edges(schema):
                found += 1
                assert msgspec.convert({**required, field: good}, body), (body, field)
                with pytest.raises(msgspec.ValidationError):
                    msgspec.convert({**required, field: bad}, body)
    assert found > 30


def _edges(schema: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if "maximum" in schema:
        yield schema["maximum"], schema["maximum"] + 1
        yield schema["minimum"], schema["minimum"] - 1
    if "maxLength" in schema and "pattern" in schema and schema["pattern"].startswith("^[^"):
        yield "x" * schema["maxLength"], "x" * (schema["maxLength"] + 1)
        yield "Zoë & Co", "a\nb"
    elif "DISABLED" in schema.get("pattern", ""):  # an address of the CRM
        start = "https://crm.example/"
        yield start.ljust(schema["maxLength"], "x"), start.ljust(schema["maxLength"] + 1, "x")
        yield "DISABLED", "ftp://crm.example/"
    elif schema.get("pattern", "").startswith("^(?:(?:https?://"):  # a web form of the CRM
        start = "https://crm.example/"
        yield start.ljust(schema["maxLength"], "x"), start.ljust(schema["maxLength"] + 1, "x")
        yield "", "DISABLED"
    elif schema.get("pattern", "").startswith("^(?:[^") and "maxLength" in schema:  # a script
        yield "x" * schema["maxLength"], "x" * (schema["maxLength"] + 1)
        yield "a\n\tb", "a\rb"
    elif r"\+[1-9]" in schema.get("pattern", ""):  # E.164
        yield "+" + "1" * 15, "+" + "1" * 16
        yield "+1727555", "1727555"
    elif most := re.search(r"\[([^]]+)\]\{(\d),(\d+)\}", schema.get("pattern", "")):
        yield most[1][0] * int(most[3]), most[1][0] * (int(most[3]) + 1)
        short = "12".ljust(int(most[2]), "1")
        yield short, f"{short}\n"


@pytest.mark.parametrize("placeholder", ["phone", "number"])
def test_a_template_is_described_as_it_is_checked(placeholder: Placeholder) -> None:
    pattern, mark = re.compile(template_pattern(placeholder)), f"{{{placeholder}}}"
    assert pattern.search(f"PJSIP/{mark}@carrier")
    assert pattern.search(f"Local/{mark}@from-internal/n")
    for wrong in ("PJSIP/1000", f"{mark}@x", f"SIP/{mark}&SIP/911", f"SIP/{mark},{mark}", f"SIP/{mark}\n"):
        assert not pattern.search(wrong), wrong
        with pytest.raises(InvalidField):
            check_template(wrong, placeholder, "template")


@pytest.mark.parametrize("path", ["/docs", "/", "/console"])
async def test_pages_load_nothing_from_elsewhere(admin: httpx.AsyncClient, path: str) -> None:
    page = await admin.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in set(links) - {"data:,"}:
        reply = await admin.get(link)
        assert reply.status_code == 200, link
    assert not re.search(r"https?://|<script>|\son\w+=|style=", page.text)


def test_scripts_put_no_text_into_markup() -> None:
    scripts = [entry for entry in files("bridge.web").iterdir() if entry.name.endswith(".js")]
    assert len(scripts) >= 2
    for what in ("setAttribute", r"\.href\s*="):
        setting = [script.name for script in scripts for _ in re.findall(what, script.read_text())]
        assert setting == ["words.js"], "in one place, which knows what may be set"
    for script in scripts:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|srcdoc|DOMParser|createContextualFragment"
            r"|\.src\s*=|new Function|import\((?!\"\./phone\.js\"\))|setTimeout\([\"'`]",
            script.read_text(),
        )


async def test_the_library_of_the_phone_comes_with_the_pages(http: httpx.AsyncClient) -> None:
    (name,) = re.findall(r'from "(\./vendor/[^"]+)"', (await http.get("/assets/phone.js")).text)
    reply = await http.get(f"/assets/{name}")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "name",
    [
        *("docs.html", "__init__.py", "nothing.css", "..%2fservices.py"),
        *("vendor/README.md", "vendor/versions.json", "vendor/nothing.js", "vendor/..%2fphone.js", "vendor"),
    ],
)
async def test_only_assets_are_assets(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/assets/{name}")).status_code == 404


async def test_health_and_readiness(http: httpx.AsyncClient, world: World) -> None:
    assert (await http.get("/health")).json() == {"status": "ok", "checks": {}}
    world.health.duties.append("mqtt")
    good = await http.get("/ready")
    assert good.status_code == 200
    assert good.json() == {"status": "ready", "checks": {"database": True}, "duties": ["mqtt"]}
    world.health.duties.clear()
    world.health.states.append(Check(name="asterisk:main", ok=False, detail="10.0.0.5 refused"))
    bad = await http.get("/ready")
    assert bad.status_code == 503
    checks = {"database": True, "asterisk:main": False}
    assert bad.json() == {"status": "not ready", "checks": checks, "duties": []}


async def test_events_are_described_for_programs(admin: httpx.AsyncClient) -> None:
    reply = await admin.get("/v1/asyncapi.json")
    assert reply.headers["content-type"] == "application/json"
    told = reply.json()
    assert told["asyncapi"] == "3.0.0"
    assert told["components"]["messages"].keys() == CATALOGUE.keys()
    assert told["channels"]["mqtt.call.ended"]["address"].startswith("agent-bridge/events/call/ended/")


async def test_a_page_frames_the_origins_that_are_named_and_no_others(
    http: httpx.AsyncClient, world: World
) -> None:
    assert "frame-src" not in (await http.get("/console")).headers["content-security-policy"]
    world.options = ApiOptions(frame_origins=("https://crm.example", "https://shop.example"))
    async with client(world) as again:
        page, other = await again.get("/console"), await again.get("/docs")
    framed = "; frame-src https://crm.example https://shop.example"
    assert page.headers["content-security-policy"].endswith(framed)
    assert "frame-src" not in other.headers["content-security-policy"]
