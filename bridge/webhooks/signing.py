"""Signatures as Standard Webhooks 1.0.0 has them (https://www.standardwebhooks.com, symmetric: `v1`).

The secret of a webhook is made of the bridge's own key, the webhook's name and its generation: it
is kept nowhere, and all bridges that have the key sign alike.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Final

from bridge.secret import Secret
from bridge.webhooks.model import Webhook

PREFIX: Final = "whsec_"


def secret_of(key: Secret, hook: Webhook) -> bytes:
    """The 32 bytes by which the events of a webhook are signed."""
    text = f"webhook\n{hook.name}\n{hook.generation}"
    return hmac.digest(key.reveal().encode(), text.encode(), "sha256")


def shown(secret: bytes) -> str:
    """A secret as libraries of Standard Webhooks take it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(secret: bytes, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """What proves who has sent a body, and when.

    Args:
        secret: from `secret_of`.
        message: id, the same at each attempt: who has taken it drops the second.
        at: of this attempt; receivers refuse what is minutes old.
        body: as it is sent.
    """
    seconds = str(int(at.timestamp()))
    signed = f"{message}.{seconds}.".encode() + body
    mark = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return {"webhook-id": message, "webhook-timestamp": seconds, "webhook-signature": f"v1,{mark}"}
