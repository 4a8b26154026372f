"""How to reach one Asterisk, and how patient to be with it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from bridge.ami.protocol import MESSAGE_LIMIT

__all__ = ["AmiSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiSettings:
    """One Asterisk manager interface. Times are in seconds.

    Attributes:
        name: what this Asterisk is called in logs.
        host: its address.
        port: 5038, or 5039 with TLS.
        user: the AMI user of manager.conf.
        secret: that user's secret; never shown.
        tls: a context that checks certificates (`ssl.create_default_context()`), or none for plain TCP.
        tls_server_name: the name that the certificate must carry, if it is not `host`.
        plain_login: send the secret itself instead of answering an MD5 challenge. Over TLS only.
        events: classes of events wanted, as in `call,agent,user`; what the user may not read does not come.
        connect_timeout: for everything from the connection to the accepted login.
        ping_interval: the longest silence before Asterisk is asked for a sign of life.
        ping_timeout: how long it then has. A dead link is noticed within the sum of both.
        action_timeout: how long an action waits for its answer unless told otherwise.
        backoff_min: the first pause before a new connection; it doubles with each failure …
        backoff_max: … up to this.
        refused_retry: the longest pause after a refused login. A person has to mend manager.conf, and every
            try is a line in a security log; but nobody should have to restart the service afterwards.
        max_message: the longest message taken from Asterisk, in bytes.
    """

    name: str = "asterisk"
    host: str = "127.0.0.1"
    port: int = 5038
    user: str
    secret: str = field(repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    tls_server_name: str | None = None
    plain_login: bool = False
    events: str = "on"
    connect_timeout: float = 10.0
    ping_interval: float = 10.0
    ping_timeout: float = 5.0
    action_timeout: float = 10.0
    backoff_min: float = 0.2
    backoff_max: float = 30.0
    refused_retry: float = 300.0
    max_message: int = MESSAGE_LIMIT
