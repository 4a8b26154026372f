"""The settings of what is told to other systems."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from bridge.campaigns.url_template import URL_FIELDS, why_not
from bridge.outgoing import Outgoing, networks
from bridge.secret import Secret
from bridge.tls import client_context

_SHORTEST_KEY = 32


class OutgoingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of the bridge to addresses that users have set."""

    allowed_networks: Annotated[
        tuple[str, ...],
        Meta(description="own networks that may be reached, as 10.0.0.0/8; empty: public ones alone"),
    ] = ()
    timeout: Annotated[
        float, Meta(gt=0, le=86_400, description="s for a request, from looking up the host to its answer")
    ] = 10.0
    max_answer: Annotated[int, Meta(ge=0, le=16_777_216, description="bytes of an answer that are read")] = (
        65_536
    )
    per_host: Annotated[int, Meta(ge=1, le=50, description="requests to one host at the same time")] = 4
    retry_hours: Annotated[float, Meta(gt=0, le=720, description="hours that a delivery is tried")] = 24.0
    retention_days: Annotated[
        float, Meta(gt=0, description="days that what became of a delivery is kept")
    ] = 30.0
    tls_ca: Annotated[str, Meta(description="file of the authority; empty: the system's")] = ""
    signing_key: Annotated[
        Secret, Meta(description="key of the secrets of webhooks, 32 characters at least; empty: no webhooks")
    ] = Secret()
    signing_key_file: Annotated[str, Meta(description="file that holds it instead")] = ""

    def __post_init__(self) -> None:
        """Check the networks and the key."""
        if self.signing_key and len(self.signing_key.reveal()) < _SHORTEST_KEY:
            raise ValueError(f"signing_key: at least {_SHORTEST_KEY} characters: openssl rand -hex 32")
        try:
            networks(self.allowed_networks)
        except ValueError as error:
            raise ValueError(f"allowed_networks: {error}") from None

    def client(self) -> Outgoing:
        """The client that sends them.

        Raises:
            OSError: the file of the certificate authority cannot be used.
        """
        return Outgoing(
            allowed=networks(self.allowed_networks),
            seconds=self.timeout,
            most_bytes=self.max_answer,
            tls=client_context(self.tls_ca, names=("outgoing.tls_ca", "")) if self.tls_ca else None,
        )


class CrmSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of the CRM for all that has none of its own (list, in-group, campaign)."""

    start_call_url: Annotated[
        Secret, Meta(description="called when an agent has the customer; empty: none")
    ] = Secret()
    dispo_call_url: Annotated[Secret, Meta(description="called when an agent's call has its result")] = (
        Secret()
    )
    no_agent_call_url: Annotated[Secret, Meta(description="called when a call ended without an agent")] = (
        Secret()
    )
    add_lead_url: Annotated[Secret, Meta(description="called when a lead has come in")] = Secret()
    start_call_url_file: Annotated[str, Meta(description="file that holds it instead")] = ""
    dispo_call_url_file: Annotated[str, Meta(description="file that holds it instead")] = ""
    no_agent_call_url_file: Annotated[str, Meta(description="file that holds it instead")] = ""
    add_lead_url_file: Annotated[str, Meta(description="file that holds it instead")] = ""

    def __post_init__(self) -> None:
        """Check the addresses."""
        for field, template in self.templates().items():
            if why := why_not(template):
                raise ValueError(f"{field}: {why}")

    def templates(self) -> dict[str, str]:
        """The addresses by their fields."""
        return {field: getattr(self, field).reveal() for field in URL_FIELDS}
