"""Links to recordings: who may have one, and the address that it leads to. Both APIs hand them out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from litestar import Request

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.api.own_lists import of_own_lists
from bridge.recordings.model import Recording
from bridge.services import Services


class SignedUrl(NamedTuple):
    """A link to a file, good for everybody who has it."""

    url: str
    expires_at: datetime


def base_of(request: Request[Any, Any, Any], services: Services) -> str:
    """How others reach the bridge: as it is set, else as this request did; without a slash at the end."""
    return (services.options.public_url or str(request.base_url)).rstrip("/")


async def may_fetch(services: Services, principal: Principal, recording: Recording) -> bool:
    """Whether somebody may have this recording: it is a right of its own, beside that to record."""
    agent = await services.access.principal(recording.user)
    try:
        services.access.authorize(principal, "recordings.get", agent=agent, campaign=recording.campaign)
        services.access.check_limits(
            principal, "recordings.get", agent=recording.user or None
        )  # she may be gone
    except Forbidden:
        return False
    return await of_own_lists(services, principal, recording.lead_id, recording.asked_by)


async def signed_url(
    services: Services, principal: Principal, recording: Recording, base: str
) -> SignedUrl | None:
    """A link for somebody; `None` if she may not have it, or there is no file to be fetched.

    Args:
        services: what signs it.
        principal: who asks.
        recording: one that is over, or still runs: its file can be fetched when it is closed.
        base: how others reach the bridge.
    """
    if not await may_fetch(services, principal, recording):
        return None
    link = await services.downloads.link(recording, principal.user)
    if link is None:
        return None
    query = urlencode({"expires": link.expires, "for": link.signed_for, "signature": link.signature})
    url = f"{base}/v1/recordings/{link.recording_id}/audio?{query}"
    return SignedUrl(url, datetime.fromtimestamp(link.expires, UTC))
