"""Requests to addresses that users of the bridge configure: nobody's own network is reached by them.

Whoever may write down a URL must not thereby speak, through the bridge, with what only the bridge reaches:
its own machine, the private network, the metadata service of a cloud.
"""

from bridge.outgoing.addresses import networks
from bridge.outgoing.client import Outgoing, Reply
from bridge.outgoing.errors import (
    OutgoingError,
    TargetForbidden,
    TargetInvalid,
    TargetTooSlow,
    TargetUnreachable,
)

__all__ = [
    "Outgoing",
    "OutgoingError",
    "Reply",
    "TargetForbidden",
    "TargetInvalid",
    "TargetTooSlow",
    "TargetUnreachable",
    "networks",
]
