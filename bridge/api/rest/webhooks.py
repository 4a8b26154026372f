"""Webhooks under `/v1/site/webhooks`: who may have which, and their secrets."""

from __future__ import annotations

import msgspec
from litestar import get
from litestar.di import NamedDependency

from bridge.access.model import Principal
from bridge.api.rest.command import Asked
from bridge.api.rest.fields import KeyPath
from bridge.api.rest.whole import check_sees_all
from bridge.audit.entry import here
from bridge.campaigns.errors import NoSuchItem
from bridge.campaigns.item import SiteItem
from bridge.errors import NotSetUp
from bridge.events.catalogue import CATALOGUE, Right
from bridge.secret import Secret
from bridge.services import Services
from bridge.webhooks.model import Webhook
from bridge.webhooks.signing import secret_of, shown


class WebhookSecret(msgspec.Struct, frozen=True, kw_only=True):
    """By what the receiver of a webhook knows that an event is ours."""

    secret: str
    """As libraries of Standard Webhooks take it: `whsec_…`."""
    generation: int


def check_webhook(services: Services, principal: Principal, action: str, hook: Webhook) -> None:
    """Whether a principal may see or set up a webhook: it tells nothing that they may not see themselves.

    Raises:
        Forbidden, NotAllowed: it would.
    """
    services.access.authorize(principal, action, campaign=hook.campaign or None)
    for right in rights_of(hook):
        services.access.authorize(principal, right)
    check_sees_all(principal, "a webhook", of_campaign=bool(hook.campaign))


def check_signed(services: Services, item: SiteItem) -> None:
    """Whether a webhook that is to be told events could sign them; whatever else it is needs no key.

    Raises:
        NotSetUp: there is no key: each event for it would be a delivery that fails.
    """
    if isinstance(item, Webhook) and item.active:
        _signing_key(services)


def rights_of(hook: Webhook) -> set[Right]:
    """What one must be allowed to see of what it tells."""
    wanted = [kind for name, kind in CATALOGUE.items() if not hook.types or _is_among(name, hook.types)]
    return {kind.right for kind in wanted}


def _is_among(name: str, types: tuple[str, ...]) -> bool:
    return name in types or name.partition(".")[0] in types


@get(
    "/site/webhooks/{key:str}/secret",
    opt={"right": "site.webhook"},
    tags=["site"],
    summary="The secret by which a webhook's events are signed",
)
async def webhook_secret(request: Asked, services: NamedDependency[Services], key: KeyPath) -> WebhookSecret:
    """For its receiver. Another `generation` of the webhook is another secret."""
    here().on("webhook", key)
    hook = await services.site.get(Webhook, key)
    if hook is None:
        raise NoSuchItem(Webhook.kind, key)
    check_webhook(services, request.user, "site.webhook", hook)
    secret = shown(secret_of(_signing_key(services), hook))
    return WebhookSecret(secret=secret, generation=hook.generation)


def _signing_key(services: Services) -> Secret:
    if not services.options.signing_key:
        raise NotSetUp("webhooks need a key of their secrets: [outgoing] signing_key")
    return services.options.signing_key
