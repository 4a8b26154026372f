"""Which webhooks are told of an event, and what they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bridge.campaigns.service import Site
from bridge.delivery.model import Due, NewDelivery, Request, Unsendable
from bridge.events import queries as log
from bridge.events.catalogue import CATALOGUE, PERSONAL
from bridge.events.envelope import EventRecord, about, envelope
from bridge.events.filters import Filter
from bridge.events.personal import Shown, Veil
from bridge.secret import Secret
from bridge.store.database import Database
from bridge.webhooks.model import Webhook
from bridge.webhooks.signing import headers, secret_of

OF_OURSELVES: Final = ("delivery.failed", "delivery.retried")
"""Told to nobody by a delivery: one that fails would make the next."""
CONTENT: Final = "application/cloudevents+json"


class Webhooks:
    """The source of the deliveries to webhooks.

    The body is made of the event log when it is sent: nothing personal waits in the table of deliveries.

    Args:
        db: the open store.
        site: its webhooks.
        key: by which secrets are made; without one nothing is sent.
        hash_key: of numbers that are shown as hashes.
        origin: `source` of the envelopes.
        clock: what time it is, aware.
    """

    name = "webhook"
    types = tuple(kind for kind in CATALOGUE if kind not in OF_OURSELVES)

    def __init__(  # noqa: PLR0913  each is a part
        self,
        db: Database,
        site: Site,
        *,
        key: Secret,
        hash_key: Secret,
        origin: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._site = site
        self._key = key
        self._origin = origin
        self._clock = clock
        self._veils: Mapping[str, Veil] = {way.value: Veil(way, PERSONAL, hash_key) for way in Shown}

    async def make(self, record: EventRecord) -> Sequence[NewDelivery]:
        """One for each webhook that wants the event."""
        return [_told(hook, record) for hook in await self._site.webhooks() if wants(hook, record)]

    async def request(self, due: Due) -> Request:
        """What is sent now.

        Raises:
            Unsendable: the webhook, the key or the event is gone.
        """
        hook = await self._site.get(Webhook, due.kind)
        if hook is None or not hook.active:
            raise Unsendable("the webhook is there no more, or switched off")
        if not self._key:
            raise Unsendable("there is no [outgoing] signing_key")
        async with self._db.read() as conn:
            found = await log.after(conn, due.event_seq - 1, 1)
        if not found or found[0].seq != due.event_seq:
            raise Unsendable("the event is past its retention")
        body = self._body(hook, found[0])
        signed = headers(secret_of(self._key, hook), due.id, self._clock(), body)
        return Request(method="POST", url=hook.url, headers={"Content-Type": CONTENT, **signed}, body=body)

    def _body(self, hook: Webhook, record: EventRecord) -> bytes:
        return envelope(record, self._origin, self._veils[hook.personal].data(record.type, record.data))


def wants(hook: Webhook, record: EventRecord) -> bool:
    """Whether a webhook is told of an event."""
    return hook.active and Filter(types=hook.types, campaign=hook.campaign).passes(record)


def _told(hook: Webhook, record: EventRecord) -> NewDelivery:
    parts = urlsplit(hook.url)
    return NewDelivery(
        kind=hook.name,
        once=f"{hook.name}:{record.seq}",
        event_seq=record.seq,
        subject=f"{hook.name} {record.subject}",
        call_id=about(record).call_id or "",
        host=parts.netloc,
        url=hook.url,
        shown=f"{parts.scheme}://{parts.netloc}{parts.path}",
    )
