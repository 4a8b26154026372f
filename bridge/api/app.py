"""The ASGI application: both APIs over the services it is given."""

from __future__ import annotations

from litestar import Litestar
from litestar.di import Provide

from bridge.api.vicidial.endpoint import agent_api
from bridge.services import Services


def create_app(services: Services) -> Litestar:
    """Build the application. It holds no state of its own; the services' owner opens and closes them."""

    def provide_services() -> Services:
        return services

    return Litestar(
        route_handlers=[agent_api],
        dependencies={"services": Provide(provide_services, sync_to_thread=False)},
        logging_config=None,
        openapi_config=None,
    )
