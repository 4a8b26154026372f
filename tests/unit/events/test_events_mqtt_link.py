"""The border to aiomqtt: addresses, and that nobody else knows the library."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bridge
from bridge.events.mqtt_link import broker_at


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("mqtt://broker", "broker", 1883, False),
        ("mqtt://broker:2883", "broker", 2883, False),
        ("mqtts://broker", "broker", 8883, True),
        ("mqtt://[::1]:1884", "::1", 1884, False),
    ],
)
def test_where_a_broker_is(url: str, host: str, port: int, *, tls: bool) -> None:
    broker = broker_at(url, "me")
    assert (broker.host, broker.port, broker.tls is not None, broker.username) == (host, port, tls, None)


def test_name_and_secret_may_hold_anything_and_are_not_shown() -> None:
    broker = broker_at("mqtts://us%40er:p%2Fss@broker", "me")
    assert (broker.username, broker.password) == ("us@er", "p/ss")
    assert "p/ss" not in repr(broker)
    assert "p/ss" not in str(broker)


@pytest.mark.parametrize(
    "url", ["", "broker", "http://broker", "mqtt://", "mqtt://:1883", "mqtt://a:notaport"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)mqtt|port"):
        broker_at(url, "me")


@pytest.mark.parametrize("url", ["mqtt://u:s3cr/et@broker:1883", "mqtt://u:s3cr#et@broker"])
def test_what_is_said_of_a_secret_that_is_not_encoded_does_not_show_it(url: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded") as refused:
        broker_at(url, "me")
    assert "s3cr" not in str(refused.value)


def test_only_the_adapter_knows_the_library() -> None:
    found = set()
    for path in Path(bridge.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in {"aiomqtt", "paho"} for name in names):
                found.add(path.name)
    assert found == {"mqtt_link.py"}
