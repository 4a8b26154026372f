"""The description and the API agree: requests made from it, good and bad, over the fakes."""

from __future__ import annotations

from typing import Any

import schemathesis
from api_fakes import basic, load_world
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from bridge.agents.model import AgentState
from bridge.api.app import create_app
from bridge.api.rest.imports import PART_TYPE
from bridge.leads.model import Lead, LeadList

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    negative_data_rejection,
]


schemathesis.serializer.alias(PART_TYPE, "application/octet-stream")

WORLD = load_world()
WORLD.agents.seat("1000", AgentState.PAUSED)
WORLD.site.items[LeadList, "101"] = LeadList(id=101, campaign="TESTCAMP")
WORLD.desk.kept[201] = Lead(id=201, list_id=101, phone_number="7275550100")
schema = schemathesis.openapi.from_asgi("/v1/openapi.json", create_app(WORLD.services()))
"""Over one world for the whole run: agent 1000, lead 201, and whatever the requests have made."""


@schema.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_requests_made_from_the_description(case: Case[Any]) -> None:
    response = case.call(headers={"Authorization": basic()._auth_header})
    case.validate_response(response, checks=CHECKS)
