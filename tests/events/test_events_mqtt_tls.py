"""MQTT over TLS: the broker has to prove who it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from certificates import Authority

from bridge.events.mqtt_link import Broker as Address
from bridge.events.mqtt_link import MqttLost, Will, broker_at, connect
from bridge.secret import SecretUrl
from bridge.settings import MqttSettings

if TYPE_CHECKING:
    from events_fixtures import Broker

WILL = Will("ab/bridge/one/online", b"{}")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


Serve = Callable[..., "Broker"]


@pytest.fixture
def serve(broker: Broker, authority: Authority) -> Serve:
    """Make the broker speak TLS only."""

    def restart(host: str = "DNS:localhost", days: str = "1", *, asks: bool = False) -> Broker:
        shown = authority.issue(host, days)
        more = f"cafile {authority.file}\nrequire_certificate true\n" if asks else ""
        broker.reconfigure(f"allow_anonymous true\ncertfile {shown.certificate}\nkeyfile {shown.key}\n{more}")
        broker.stop()
        broker.start()
        return broker

    return restart


def address(broker: Broker, *, tls_ca: str = "", tls_cert: str = "", tls_key: str = "") -> Address:
    """The broker as settings name it."""
    url = SecretUrl(f"mqtts://me:hidden@localhost:{broker.port}")
    found = MqttSettings(url=url, tls_ca=tls_ca, tls_cert=tls_cert, tls_key=tls_key)
    return broker_at(found.url.reveal(), "me", found.tls())


async def test_a_broker_with_a_trusted_certificate_is_talked_to(serve: Serve, authority: Authority) -> None:
    async with connect(address(serve(), tls_ca=authority.file), WILL) as link:
        await link.publish("ab/test", b"{}")


async def test_a_broker_that_asks_gets_our_certificate(serve: Serve, authority: Authority) -> None:
    broker = serve(asks=True)
    ours = authority.issue("DNS:bridge", name="ours")
    mine = {"tls_cert": str(ours.certificate), "tls_key": str(ours.key)}
    async with connect(address(broker, tls_ca=authority.file, **mine), WILL) as link:
        await link.publish("ab/test", b"{}")
    with pytest.raises(MqttLost):
        async with connect(address(broker, tls_ca=authority.file), WILL):
            pass


WRONG = {
    "other name": ("DNS:other.example", "1", "Hostname mismatch"),
    "expired": ("DNS:localhost", "0", "certificate has expired"),
    "unknown issuer": ("DNS:localhost", "1", "unable to get local issuer"),
}


@pytest.mark.parametrize(("host", "days", "why"), WRONG.values(), ids=WRONG)
async def test_a_broker_that_cannot_prove_itself_gets_nothing(
    serve: Serve, authority: Authority, tmp_path: Path, host: str, days: str, why: str
) -> None:
    trusted = Authority(tmp_path / "other", "Other CA") if "issuer" in why else authority
    broker = serve(host, days)
    with pytest.raises(MqttLost, match=f"(?i)certificate verify failed: {why}"):
        async with connect(address(broker, tls_ca=trusted.file), WILL):
            pass
    assert "New client connected" not in broker.log.read_text()


async def test_the_systems_authorities_do_not_know_a_certificate_of_ours(serve: Serve) -> None:
    with pytest.raises(MqttLost, match="certificate verify failed"):
        async with connect(address(serve()), WILL):
            pass


async def test_a_broker_without_tls_is_not_talked_to_in_clear(broker: Broker) -> None:
    with pytest.raises(MqttLost):
        async with connect(address(broker), WILL):
            pass


async def test_nobody_there_is_lost_at_once() -> None:
    nobody = msgspec.structs.replace(broker_at("mqtt://127.0.0.1", "me"), port=1)
    with pytest.raises(MqttLost, match="refused"):
        async with connect(nobody, WILL):
            pass
