"""`/metrics`: for Prometheus."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from bridge.api.rest.command import Asked
from bridge.api.rest.whole import check_sees_all
from bridge.services import Services

TEXT_FORMAT = "text/plain; version=0.0.4"
"""Prometheus, "Exposition formats"; the character set, UTF-8, is added on the way out."""


@get(
    "/metrics",
    opt={"right": "metrics.read"},
    tags=["health"],
    summary="Figures for Prometheus",
    media_type="text/plain",
)
async def metrics(request: Asked, services: NamedDependency[Services]) -> Response[bytes]:
    """Text format of Prometheus. No label holds a call, a lead, a number or an agent."""
    check_sees_all(request.user, "the page")
    return Response(await services.metrics.page(), media_type=TEXT_FORMAT)
