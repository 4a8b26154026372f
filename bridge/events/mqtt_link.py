"""One connection to an MQTT broker, and the only module that knows aiomqtt.

A connection is used once: when it is lost, every publish in flight ends with `MqttLost` at once, and
whoever wants to go on makes a new one. What was in flight may or may not have arrived.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiomqtt
import msgspec
import structlog
from aiomqtt import MqttError, ProtocolVersion
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from bridge.tls import client_context

KEEPALIVE_SECONDS = 15
"""After 1.5 times this the broker publishes the last will (MQTT 5, section 3.1.2.10)."""
ANSWER_SECONDS = 5.0
"""A broker that acknowledges nothing for so long counts as lost."""
INCOMING = 100
"""Messages that wait to be read at most; aiomqtt's own default is without limit."""

_log = structlog.get_logger(__name__)


class MqttLost(Exception):  # noqa: N818  the name says what happened
    """There is no connection to the broker, or no longer."""


class MqttRefused(MqttLost):
    """The broker does not let us in."""


class Broker(msgspec.Struct, frozen=True):
    """Where the broker is, and who we are there."""

    host: str
    client_id: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"Broker({self.client_id}@{self.host}:{self.port})"


def broker_at(url: str, client_id: str, tls: ssl.SSLContext | None = None) -> Broker:
    """The broker of `mqtt[s]://user:secret@host:port`.

    Args:
        url: where it is.
        client_id: who we are there.
        tls: how to speak to it, of `mqtts`; left out: with the authorities that the system believes.

    Raises:
        ValueError: Not such a URL.
    """
    wrong = "not an MQTT URL (mqtt://host or mqtts://user:secret@host:port, the secret percent-encoded)"
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:  # whose text holds what stands there: a part of the secret, perhaps
        raise ValueError(wrong) from None
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise ValueError(wrong)
    encrypted = parts.scheme == "mqtts"
    return Broker(
        host=parts.hostname,
        client_id=client_id,
        port=port or (8883 if encrypted else 1883),
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        tls=(tls or client_context()) if encrypted else None,
    )


class Link(Protocol):
    """A connection that stands."""

    @property
    def lost(self) -> asyncio.Future[None]:
        """Done when it is gone."""

    @property
    def refused(self) -> int:
        """Messages that the broker has acknowledged and yet not taken."""

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False, expiry: int = 0) -> None:
        """Publish at QoS 1; returns when the broker has acknowledged it.

        Args:
            topic: Where to.
            payload: What; empty and retained: take away what is kept there.
            retain: Keep it for those who subscribe later.
            expiry: Seconds after which the broker may forget it; 0: never.

        Raises:
            MqttLost: The connection is gone, or the broker is silent.
        """

    async def watch(self, topic: str, seen: Callable[[bytes], None]) -> None:
        """Tell `seen` what others publish at `topic` from now on.

        Raises:
            MqttLost: The connection is gone, or the broker is silent.
        """


class Will(msgspec.Struct, frozen=True):
    """What the broker publishes (retained) when we are gone without a word."""

    topic: str
    payload: bytes


Connect = Callable[[Broker, Will], AbstractAsyncContextManager[Link]]


@asynccontextmanager
async def connect(broker: Broker, will: Will) -> AsyncIterator[Link]:
    """A connection for as long as the context stands.

    Raises:
        MqttRefused: The broker does not let us in.
        MqttLost: It cannot be reached.
    """
    client = _client(broker, will)
    await _enter(client)
    link = _Link(client)
    try:
        yield link
    finally:
        await link.close()


class _Client(aiomqtt.Client):
    """Counts messages that the broker has acknowledged with a refusal: aiomqtt takes them for sent."""

    refused = 0

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if reason_code.is_failure:
            self.refused += 1
            _log.error("the broker refuses what we publish", reason=str(reason_code))
        super()._on_publish(client, userdata, mid, reason_code, properties)


def _client(broker: Broker, will: Will) -> _Client:
    client = _Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=broker.client_id,
        protocol=ProtocolVersion.V5,
        will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=True),
        timeout=ANSWER_SECONDS,
        keepalive=KEEPALIVE_SECONDS,
        clean_start=True,
        max_queued_incoming_messages=INCOMING,
        socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        tls_context=broker.tls,
    )
    client.pending_calls_threshold = 1000  # it warns of more than 10, which is what a page of events has
    return client


async def _enter(client: _Client) -> None:
    """Connect. A connect that is given up is waited for: aiomqtt would leave its socket open."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        if await _quietly(entering):
            await _quietly(client.__aexit__(None, None, None))
        raise
    except MqttError as error:
        refused = isinstance(error, MqttConnectError)
        raise (MqttRefused if refused else MqttLost)(str(error)) from error


async def _quietly(leaving: Awaitable[object]) -> bool:
    """Whether it went well."""
    try:
        await leaving
    except (MqttError, OSError):
        return False
    return True


class _Link:
    """Around an aiomqtt client that is connected."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._seen: dict[str, Callable[[bytes], None]] = {}
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(), name="mqtt-reader")

    @property
    def refused(self) -> int:
        return self._client.refused

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False, expiry: int = 0) -> None:
        properties = None
        if expiry:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = expiry
        await self._or_lost(self._client.publish(topic, payload, 1, retain, properties))

    async def watch(self, topic: str, seen: Callable[[bytes], None]) -> None:
        self._seen[topic] = seen
        options = SubscribeOptions(qos=1, noLocal=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        await self._or_lost(self._client.subscribe(topic, options=options))

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await _quietly(self._client.__aexit__(None, None, None))

    async def _or_lost(self, asking: Coroutine[Any, Any, object]) -> None:
        """Wait for the broker's word; aiomqtt alone would wait on after the connection is gone."""
        answer = asyncio.create_task(asking)
        try:
            await asyncio.wait((answer, self.lost), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise MqttLost
            try:
                answer.result()
            except (MqttError, ValueError) as error:
                raise MqttLost(str(error)) from error
        finally:
            answer.cancel()

    async def _read(self) -> None:
        """Until the connection is gone, which shows here first."""
        try:
            async for message in self._client.messages:
                seen = self._seen.get(str(message.topic))
                if seen is not None and isinstance(message.payload, bytes):
                    seen(message.payload)
        except MqttError as error:
            _log.info("the connection to the broker is lost", reason=str(error))
        finally:
            if not self.lost.done():
                self.lost.set_result(None)
