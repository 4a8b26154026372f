"""MQTT over TLS: the broker has to prove who it is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from bridge.events.mqtt_link import MqttLost, Will, broker_at, connect

if TYPE_CHECKING:
    from events_fixtures import Broker

WILL = Will("ab/bridge/one/online", b"{}")


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for `localhost`, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make certificates with")
    key, made = folder / f"{name}.key", folder / f"{name}.crt"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-keyout", key, "-out", made], check=True, capture_output=True)
    return made, key


@pytest.fixture
def tls_broker(broker: Broker, tmp_path: Path) -> Broker:
    """A broker that speaks TLS only."""
    made, key = certificate(tmp_path, "broker")
    broker.reconfigure(f"allow_anonymous true\ncertfile {made}\nkeyfile {key}\n")
    broker.stop()
    broker.start()
    return broker


async def test_a_broker_with_a_trusted_certificate_is_talked_to(tls_broker: Broker, tmp_path: Path) -> None:
    address = broker_at(f"mqtts://localhost:{tls_broker.port}", "me", str(tmp_path / "broker.crt"))
    async with connect(address, WILL) as link:
        await link.publish("ab/test", b"{}")


@pytest.mark.parametrize("trusted", ["another", "the system's"])
async def test_a_broker_that_cannot_prove_itself_gets_nothing(
    tls_broker: Broker, tmp_path: Path, trusted: str
) -> None:
    other = str(certificate(tmp_path, "other")[0]) if trusted == "another" else None
    address = broker_at(f"mqtts://me:hidden@localhost:{tls_broker.port}", "me", other)
    with pytest.raises(MqttLost, match=r"(?i)certificate"):
        async with connect(address, WILL):
            pass
    assert "New client connected" not in tls_broker.log.read_text()


async def test_a_certificate_for_another_name_is_refused(tls_broker: Broker, tmp_path: Path) -> None:
    address = broker_at(f"mqtts://127.0.0.1:{tls_broker.port}", "me", str(tmp_path / "broker.crt"))
    with pytest.raises(MqttLost, match=r"(?i)certificate"):
        async with connect(address, WILL):
            pass


async def test_a_broker_without_tls_is_not_talked_to_in_clear(broker: Broker) -> None:
    address = broker_at(f"mqtts://me:hidden@127.0.0.1:{broker.port}", "me")
    with pytest.raises(MqttLost):
        async with connect(address, WILL):
            pass


async def test_nobody_there_is_lost_at_once() -> None:
    address = msgspec.structs.replace(broker_at("mqtt://127.0.0.1", "me"), port=1)
    with pytest.raises(MqttLost, match="refused"):
        async with connect(address, WILL):
            pass
