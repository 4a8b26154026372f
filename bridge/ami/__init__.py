"""An asyncio client of the Asterisk Manager Interface: the standard library only, typed throughout.

Example:
    async with AmiClient(AmiSettings(host="127.0.0.1", user="bridge", secret=secret)) as ami:
        await ami.connected(timeout=5)
        await ami.send(actions.Originate(channel="PJSIP/1000", context="demo", exten="s"))
        async with ami.subscribe(["Hangup"]) as events:
            async for item in events:
                match item:
                    case events.Hangup(): print(item.channel, item.cause)
                    case Gap(): ...  # the link was lost and is back: read the state again
"""

from __future__ import annotations

from bridge.ami import actions, events
from bridge.ami.client import AmiClient
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import (
    ActionRefused,
    ActionTimeout,
    AmiConnectError,
    AmiError,
    AmiLoginRefused,
    CertificateRefused,
    InvalidAction,
    NotAsterisk,
    NotConnected,
    OutcomeUnknown,
    PermissionDenied,
    ProtocolFault,
)
from bridge.ami.events.base import AmiEvent
from bridge.ami.protocol import Message
from bridge.ami.settings import AmiSettings
from bridge.ami.state import CloseKind, CloseReason, ConnectionState, LinkState
from bridge.ami.subscriptions import Gap, Item, LinkDown, LinkUp, Subscription

__all__ = [
    "ActionRefused",
    "ActionTimeout",
    "AmiClient",
    "AmiConnectError",
    "AmiConnection",
    "AmiError",
    "AmiEvent",
    "AmiLoginRefused",
    "AmiSettings",
    "CertificateRefused",
    "CloseKind",
    "CloseReason",
    "ConnectionState",
    "Gap",
    "InvalidAction",
    "Item",
    "LinkDown",
    "LinkState",
    "LinkUp",
    "Message",
    "NotAsterisk",
    "NotConnected",
    "OutcomeUnknown",
    "PermissionDenied",
    "ProtocolFault",
    "Subscription",
    "actions",
    "events",
]
