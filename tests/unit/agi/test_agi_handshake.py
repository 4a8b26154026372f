from __future__ import annotations

import time

import pytest

from bridge.agi.errors import HandshakeFailed
from bridge.agi.handshake import BridgeHandshake, RelayHandshake

SECRET = "correct horse battery staple"


def shake(relay: RelayHandshake, bridge: BridgeHandshake) -> list[bytes]:
    """Carry bytes to and fro until nobody has any more; all that was on the wire."""
    wire = [relay.opening]
    while wire[-1]:
        side = bridge if len(wire) % 2 else relay
        wire.append(side.receive_data(wire[-1]))
    return wire


@pytest.mark.parametrize("purpose", ["desk", "session"])
def test_two_that_know_the_secret(purpose: str) -> None:
    relay, bridge = RelayHandshake(SECRET, purpose), BridgeHandshake(SECRET)
    wire = shake(relay, bridge)
    assert relay.done
    assert bridge.done
    assert bridge.purpose == purpose
    assert abs(relay.clock - time.monotonic()) < 5
    assert SECRET.encode() not in b"".join(wire)


def test_a_bridge_without_the_secret_learns_nothing() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk"), BridgeHandshake("guess")
    with pytest.raises(HandshakeFailed, match="bridge does not know"):
        relay.receive_data(bridge.receive_data(relay.opening))
    assert not relay.done


def test_a_relay_without_the_secret_does_not_get_in() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk"), BridgeHandshake(SECRET)
    bridge.receive_data(relay.opening)
    with pytest.raises(HandshakeFailed, match="relay does not know"):
        bridge.receive_data(b"0" * 64 + b"\n")
    assert not bridge.done


def test_a_clock_that_is_none() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk"), BridgeHandshake(SECRET)
    relay.receive_data(bridge.receive_data(relay.opening))
    with pytest.raises(HandshakeFailed, match="clock"):
        relay.receive_data(b"OK soon\n")


def test_a_proof_cannot_be_thrown_back_or_used_again() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk"), BridgeHandshake(SECRET)
    answer = bridge.receive_data(relay.opening)
    with pytest.raises(HandshakeFailed):
        bridge.receive_data(answer.split(b" ")[2])
    recorded = RelayHandshake(SECRET, "desk")
    first = BridgeHandshake(SECRET)
    proof = recorded.receive_data(first.receive_data(recorded.opening))
    second = BridgeHandshake(SECRET)
    second.receive_data(recorded.opening)
    with pytest.raises(HandshakeFailed):
        second.receive_data(proof)


def test_a_proof_for_one_purpose_is_none_for_another() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk"), BridgeHandshake(SECRET)
    with pytest.raises(HandshakeFailed):
        relay.receive_data(bridge.receive_data(relay.opening.replace(b"desk", b"session")))


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n", b"AGENT-BRIDGE/1 root abc\n", b"\n", b"x" * 300, b"agi_network: yes\n"]
)
def test_strangers(data: bytes) -> None:
    with pytest.raises(HandshakeFailed):
        BridgeHandshake(SECRET).receive_data(data)
    with pytest.raises(HandshakeFailed):
        RelayHandshake(SECRET, "desk").receive_data(data)


def test_byte_by_byte_and_what_follows_is_kept() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk"), BridgeHandshake(SECRET)
    answer = b"".join(bridge.receive_data(bytes([b])) for b in relay.opening)
    proof = relay.receive_data(answer)
    verdict = bridge.receive_data(proof + b'{"id": 1}\n')
    assert bridge.leftover == b'{"id": 1}\n'
    assert b"".join(relay.receive_data(bytes([b])) for b in verdict + b"more") == b""
    assert relay.leftover == b"m" or relay.leftover.startswith(b"m")


@pytest.mark.parametrize("purpose", ["desk", "session"])
def test_a_relay_says_whose_it_is(purpose: str) -> None:
    relay = RelayHandshake(SECRET, purpose, "east")
    bridge = BridgeHandshake(SECRET, {"main", "east"})
    shake(relay, bridge)
    assert relay.done
    assert (bridge.done, bridge.purpose, bridge.asterisk, bridge.refusal) == (True, purpose, "east", "")


def test_an_asterisk_that_the_bridge_does_not_know_is_refused_by_name() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk", "west"), BridgeHandshake(SECRET, {"main", "east"})
    with pytest.raises(HandshakeFailed, match="no Asterisk is named 'west'"):
        shake(relay, bridge)
    assert "'west'" in bridge.refusal


def test_the_name_of_the_asterisk_cannot_be_changed_on_the_way() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk", "main"), BridgeHandshake(SECRET, {"main", "east"})
    with pytest.raises(HandshakeFailed):
        relay.receive_data(bridge.receive_data(relay.opening.replace(b"@main", b"@east")))


def test_a_refusal() -> None:
    relay, bridge = RelayHandshake(SECRET, "desk"), BridgeHandshake(SECRET)
    relay.receive_data(bridge.receive_data(relay.opening))
    with pytest.raises(HandshakeFailed, match="refused"):
        relay.receive_data(b"NO\n")


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(HandshakeFailed):
        BridgeHandshake("")
