"""The settings of the service: what they are, their units and defaults, and where they come from.

A TOML file (`--config`, else `AGENT_BRIDGE_CONFIG`, else `/etc/agent-bridge/bridge.toml`), and over it
environment variables `AGENT_BRIDGE_<SECTION>__<FIELD>`. `agent-bridge settings` prints what is in force.
"""

from __future__ import annotations

import re
import ssl
from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import phonenumbers
from msgspec import Meta

from bridge.access.limits import networks
from bridge.agi.exposure import is_loopback
from bridge.ami.settings import AmiSettings
from bridge.campaigns.browser_server import BrowserServer
from bridge.campaigns.page_fields import ORIGIN
from bridge.delivery.settings import CrmSettings, OutgoingSettings
from bridge.rules import GOOD_FOR
from bridge.secret import Secret, SecretUrl
from bridge.tls import ServerCertificate, check_pair, client_context, server_certificate

Port = Annotated[int, Meta(ge=1, le=65_535)]
WEBSOCKET = r"^(wss?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9/._~-]*)?)?$"
"""A URL of nothing but what is safe in a header that lists such URLs."""
SHORTEST_KEY = 32
"""Characters of a key by which links are signed, or numbers are hashed."""
Seconds = Annotated[float, Meta(gt=0, le=86_400)]


def _check_origins(field: str, origins: tuple[str, ...]) -> None:
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"{field}: {origin!r} is no origin (as in https://crm.example, no path)")


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The HTTP interface."""

    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="TCP port")] = 8080
    tls_cert: Annotated[str, Meta(description="file of the certificate chain; empty: no TLS")] = ""
    tls_key: Annotated[str, Meta(description="file of its key; empty: in the same file")] = ""
    public_url: Annotated[
        str,
        Meta(pattern=r"^(https?://\S+)?$", description="how others reach it, for links and OpenAPI"),
    ] = ""
    cors_origins: Annotated[
        tuple[str, ...], Meta(description="whose pages may read answers, as https://crm.example; empty: none")
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(description="addresses or networks whose X-Forwarded-For and -Proto are believed; empty: none"),
    ] = ()
    request_timeout: Annotated[Seconds, Meta(description="s for a request to come in whole")] = 20.0
    max_connections: Annotated[
        int, Meta(ge=10, le=60_000, description="open at the same time, those of event streams among them")
    ] = 2000

    def __post_init__(self) -> None:
        """Check what belongs together, the proxies and the origins."""
        check_pair(self.tls_cert, self.tls_key)
        try:
            networks(self.trusted_proxies)
        except ValueError as error:
            raise ValueError(f"trusted_proxies: {error}") from None
        _check_origins("cors_origins", self.cors_origins)

    def certificate(self) -> ServerCertificate | None:
        """What the server shows, if it shall speak TLS.

        Raises:
            OSError: certificate or key cannot be used.
        """
        return server_certificate("http", self.tls_cert, self.tls_key)


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the line format's API does where its original has a system setting."""

    agent_api: Annotated[bool, Meta(description="whether /agc/api.php answers")] = True
    outbound_cid: Annotated[
        Literal["DISABLED", "API_ONLY"], Meta(description="API_ONLY: callers may choose the number shown")
    ] = "DISABLED"
    stop_after: Annotated[
        int, Meta(ge=1, le=1000, description="different forbidden numbers in an hour that stop an API user")
    ] = 3
    notifications: Annotated[bool, Meta(description="whether callers may put texts on agents' screens")] = (
        True
    )
    whisper: Annotated[
        bool, Meta(description="whether a manager may speak to an agent alone, and not only listen")
    ] = True
    sounds_folder: Annotated[
        str,
        Meta(pattern="^(/.+)?$", description="folder of sounds that sounds_list shows; empty: it shows none"),
    ] = ""
    sounds_url: Annotated[
        str, Meta(pattern="^(https?://[^ ]+)?$", description="where others reach that folder, for its links")
    ] = ""


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The database."""

    url: Annotated[SecretUrl, Meta(description="sqlite:////path or postgresql://user:secret@host/name")] = (
        SecretUrl("sqlite:////var/lib/agent-bridge/bridge.db")
    )
    url_file: Annotated[str, Meta(description="file that holds the URL instead")] = ""


class AdminSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The socket by which the command line reaches the running service."""

    socket: Annotated[
        str,
        Meta(pattern="^(/.+)?$", description="its path; empty: the SQLite file's name and .sock"),
    ] = ""


class AsteriskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One Asterisk."""

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,40}$", description="what calls and logs name it")] = (
        "asterisk"
    )
    host: Annotated[str, Meta(description="address of its manager interface")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="TCP port; 5039 is usual with TLS")] = 5038
    public_address: Annotated[
        str,
        Meta(pattern=r"^[A-Za-z0-9.:_-]{0,100}$", description="what replies name it by; empty: host"),
    ] = ""
    user: Annotated[str, Meta(description="AMI user of manager.conf")] = "bridge"
    secret: Annotated[Secret, Meta(description="its secret")] = Secret()
    secret_file: Annotated[str, Meta(description="file that holds the secret instead")] = ""
    view_user: Annotated[str, Meta(description="AMI user that may only look on")] = "bridge-view"
    view_secret: Annotated[Secret, Meta(description="its secret; empty: `user` looks on")] = Secret()
    view_secret_file: Annotated[str, Meta(description="file that holds it instead")] = ""
    tls: Annotated[bool, Meta(description="whether to speak TLS and check the certificate")] = False
    tls_ca: Annotated[str, Meta(description="file of the authority; empty: the system's")] = ""
    tls_server_name: Annotated[str, Meta(description="name in the certificate; empty: host")] = ""
    connect_timeout: Annotated[Seconds, Meta(description="s, from connect to login")] = 10.0
    ping_interval: Annotated[Seconds, Meta(description="s of silence until a ping")] = 10.0
    ping_timeout: Annotated[Seconds, Meta(description="s for its answer")] = 5.0
    action_timeout: Annotated[Seconds, Meta(description="s for the answer to an action")] = 10.0
    relay: Annotated[bool, Meta(description="whether it has a relay, without which /ready is 503")] = True
    websocket_url: Annotated[
        str,
        Meta(
            pattern=WEBSOCKET,
            description="where browsers that are phones register, as wss://pbx.example/ws; empty: none are",
        ),
    ] = ""
    sip_domain: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9.:\[\]-]{0,253}$",
            description="of their SIP addresses; empty: that URL's host",
        ),
    ] = ""
    ice_servers: Annotated[
        tuple[str, ...],
        Meta(description="by which they learn their address, as stun:stun.example:3478; empty: none"),
    ] = ()

    def __post_init__(self) -> None:
        """Check what a browser would only complain about when its phone starts."""
        for server in self.ice_servers:
            if not re.fullmatch(r"stuns?:[A-Za-z0-9.\[\]:-]{1,253}", server):
                raise ValueError(f"ice_servers: {server!r} is no STUN server (as in stun:stun.example:3478)")
        if (self.sip_domain or self.ice_servers) and not self.websocket_url:
            raise ValueError("websocket_url: sip_domain and ice_servers are of no use without it")

    def browsers(self) -> BrowserServer | None:
        """How browsers register at it, if they do."""
        if not self.websocket_url:
            return None
        domain = self.sip_domain or urlsplit(self.websocket_url).hostname or ""
        return BrowserServer(self.websocket_url, domain, self.ice_servers)

    def ami(self, *, view: bool = False) -> AmiSettings:
        """What the AMI engine needs; with `view` as the user who may only look on.

        Raises:
            OSError: the file of the certificate authority cannot be used.
        """
        looking_on = view and bool(self.view_secret)
        return AmiSettings(
            name=self.name,
            host=self.host,
            port=self.port,
            user=self.view_user if looking_on else self.user,
            secret=(self.view_secret if looking_on else self.secret).reveal(),
            tls=client_context(self.tls_ca, names=("asterisk.tls_ca", "")) if self.tls else None,
            tls_server_name=self.tls_server_name or None,
            connect_timeout=self.connect_timeout,
            ping_interval=self.ping_interval,
            ping_timeout=self.ping_timeout,
            action_timeout=self.action_timeout,
        )


class AgiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The FastAGI server, to which the relays beside each Asterisk connect (they listen on 4573)."""

    host: Annotated[str, Meta(description="address to listen on; never a public one")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="TCP port")] = 4574
    secret: Annotated[Secret, Meta(description="what relay and bridge know each other by")] = Secret()
    secret_file: Annotated[str, Meta(description="file that holds it instead")] = ""
    allow: Annotated[
        tuple[str, ...], Meta(description="addresses or networks that may connect; empty: all")
    ] = ()
    tls_cert: Annotated[str, Meta(description="file of the certificate chain; empty: no TLS")] = ""
    tls_key: Annotated[str, Meta(description="file of its key; empty: in the same file")] = ""
    max_sessions: Annotated[int, Meta(ge=1, description="scripts at the same time")] = 2000

    def __post_init__(self) -> None:
        """Check the networks, what belongs together, and that not everybody gets in."""
        check_pair(self.tls_cert, self.tls_key)
        if not (is_loopback(self.host) or self.secret or self.allow):
            raise ValueError(
                f"host: {self.host} is not loopback: give a secret, or allow, or anybody gets in"
            )
        for entry in self.allow:
            try:
                ip_network(entry)
            except ValueError:
                raise ValueError(f"allow: {entry!r} is no address or network") from None

    def certificate(self) -> ServerCertificate | None:
        """What the server shows, if it shall speak TLS.

        Raises:
            OSError: certificate or key cannot be used.
        """
        return server_certificate("agi", self.tls_cert, self.tls_key)


class MqttSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The broker that gets the events."""

    url: Annotated[SecretUrl, Meta(description="mqtt[s]://user:secret@host:port; empty: none")] = SecretUrl()
    url_file: Annotated[str, Meta(description="file that holds the URL instead")] = ""
    tls_ca: Annotated[str, Meta(description="file of the authority, for mqtts; empty: the system's")] = ""
    tls_cert: Annotated[str, Meta(description="file of our certificate; empty: none")] = ""
    tls_key: Annotated[str, Meta(description="file of its key; empty: in the same file")] = ""
    prefix: Annotated[str, Meta(pattern=r"^[^+#\x00]+$", description="first part of each topic")] = (
        "agent-bridge"
    )
    client_id: Annotated[str, Meta(description="id of this bridge; empty: the host's name")] = ""
    personal: Annotated[
        Literal["full", "last_four", "hash", "none"],
        Meta(description="how numbers of customers are shown; what people have written only with full"),
    ] = "last_four"
    hash_key: Annotated[Secret, Meta(description="key of the hash, 32 characters at least")] = Secret()
    hash_key_file: Annotated[str, Meta(description="file that holds it instead")] = ""

    def __post_init__(self) -> None:
        """Check what belongs together."""
        if self.personal == "hash" and len(self.hash_key.reveal()) < SHORTEST_KEY:
            raise ValueError(
                f"hash_key: personal = 'hash' needs one of {SHORTEST_KEY} characters at least, "
                "as whoever guesses it can tell all numbers: openssl rand -hex 32"
            )
        check_pair(self.tls_cert, self.tls_key)
        try:
            _ = urlsplit(self.url.reveal()).port
        except ValueError:
            raise ValueError(
                "url: its host or port cannot be read (signs of a user or secret as %xx, as %5B for [)"
            ) from None
        encrypted = self.url.reveal().startswith("mqtts:")
        for field in ("tls_ca", "tls_cert"):
            if self.url and getattr(self, field) and not encrypted:
                raise ValueError(f"{field}: the url must begin with mqtts:// for it")

    def tls(self) -> ssl.SSLContext | None:
        """What is needed to speak to the broker, if that is encrypted.

        Raises:
            OSError: a file of certificates cannot be used.
        """
        if not self.url.reveal().startswith("mqtts:"):
            return None
        return client_context(
            self.tls_ca, self.tls_cert, self.tls_key, names=("mqtt.tls_ca", "mqtt.tls_cert")
        )


class SiteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the call centre is, and where it may call."""

    country: Annotated[str, Meta(description="two letters: how a number without country code is read")] = "US"
    allowed_countries: Annotated[tuple[str, ...], Meta(description="countries that may be called")] = ("US",)
    timezone: Annotated[str, Meta(description="zone of the times in the line format and in call ids")] = "UTC"
    automatic: Annotated[
        bool, Meta(description="whether campaigns may dial by themselves; false: only what somebody asks for")
    ] = True

    def __post_init__(self) -> None:
        """Check what the libraries would only complain about in mid call."""
        for field, codes in (("country", (self.country,)), ("allowed_countries", self.allowed_countries)):
            for code in codes:
                if code not in phonenumbers.SUPPORTED_REGIONS:
                    raise ValueError(f"{field}: {code!r} is no country (two capital letters, as in US)")
        if self.timezone not in available_timezones():
            raise ValueError(f"timezone: {self.timezone!r} is not known (as in America/New_York)")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)


class RecordingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Recordings of calls."""

    folder: Annotated[
        str,
        Meta(pattern="^(/.+)?$", description="Asterisk's folder of recordings as seen here; empty: no links"),
    ] = ""
    link_seconds: Annotated[Seconds, Meta(description="s that a link to a file is good")] = 900.0
    key: Annotated[Secret, Meta(description="what links are signed with; empty: one made by the bridge")] = (
        Secret()
    )
    key_file: Annotated[str, Meta(description="file that holds it instead")] = ""

    def __post_init__(self) -> None:
        """Check that the key is none that can be guessed."""
        if self.key and len(self.key.reveal()) < SHORTEST_KEY:
            raise ValueError(f"key: at least {SHORTEST_KEY} characters (openssl rand -hex 32)")


class IntakeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What web forms post."""

    max_body: Annotated[int, Meta(ge=1024, le=1_048_576, description="bytes of one post")] = 65_536
    retention_days: Annotated[float, Meta(gt=0, description="days that posts are kept as they came")] = 30.0


class ImportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Leads out of files."""

    retention_days: Annotated[
        float, Meta(gt=0, description="days that refused rows are kept, from the import's last")
    ] = 30.0
    folder: Annotated[
        str,
        Meta(
            pattern="^(/.+)?$",
            description="where files are that come over HTTP; empty: the SQLite file's name and .imports",
        ),
    ] = ""
    max_bytes: Annotated[int, Meta(ge=1, le=1 << 40, description="most of one file over HTTP")] = 1 << 30
    part_bytes: Annotated[int, Meta(ge=1024, le=1 << 30, description="most of one part of it")] = 8 << 20
    per_user: Annotated[
        int, Meta(ge=1, le=1000, description="files over HTTP that a user may have open at a time")
    ] = 5
    unfinished_hours: Annotated[
        float, Meta(gt=0, description="hours after which a file is removed that nobody goes on with")
    ] = 24.0
    free_bytes: Annotated[
        int, Meta(ge=0, le=1 << 50, description="of the disk, that files over HTTP leave to everything else")
    ] = 256 << 20


class LawSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What laws ask for in days and years."""

    dnc_days: Annotated[
        int, Meta(ge=1, le=3650, description="days from its date that an imported do-not-call list is good")
    ] = GOOD_FOR
    call_years: Annotated[
        float, Meta(gt=0, le=100, description="years that calls are kept, with the rules that allowed them")
    ] = 5.0


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The page on which agents work."""

    hours: Annotated[
        float, Meta(gt=0, le=168, description="hours after which an agent has to log in to her page again")
    ] = 12.0
    frame_origins: Annotated[
        tuple[str, ...],
        Meta(description="whose web forms may stand in a frame of it, as https://crm.example; empty: none"),
    ] = ()

    def __post_init__(self) -> None:
        """Check the origins."""
        _check_origins("frame_origins", self.frame_origins)


class EventSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The event log."""

    retention_days: Annotated[float, Meta(gt=0, description="days that events are kept for replay")] = 30.0


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The audit trail: who asked for what."""

    retention_days: Annotated[float, Meta(gt=0, description="days that its rows are kept")] = 365.0


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The service's own log, on standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="the least that is written")
    ] = "info"
    format: Annotated[
        Literal["auto", "console", "json"], Meta(description="auto: console on a terminal, else json")
    ] = "auto"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings."""

    http: HttpSettings = HttpSettings()
    api: ApiSettings = ApiSettings()
    store: StoreSettings = StoreSettings()
    admin: AdminSettings = AdminSettings()
    asterisk: tuple[AsteriskSettings, ...] = (AsteriskSettings(),)
    agi: AgiSettings = AgiSettings()
    mqtt: MqttSettings = MqttSettings()
    site: SiteSettings = SiteSettings()
    recordings: RecordingSettings = RecordingSettings()
    intake: IntakeSettings = IntakeSettings()
    imports: ImportSettings = ImportSettings()
    outgoing: OutgoingSettings = OutgoingSettings()
    crm: CrmSettings = CrmSettings()
    law: LawSettings = LawSettings()
    console: ConsoleSettings = ConsoleSettings()
    events: EventSettings = EventSettings()
    audit: AuditSettings = AuditSettings()
    log: LogSettings = LogSettings()

    def __post_init__(self) -> None:
        """Check what concerns more than one table."""
        names = [server.name for server in self.asterisk]
        if not names or len(set(names)) != len(names):
            raise ValueError("asterisk: at least one server, each with a name of its own")
