from __future__ import annotations

import pytest

from bridge.doctor import reach
from bridge.doctor.facts import Relay


@pytest.mark.parametrize(
    ("address", "ami_port", "listens", "relay"),
    [
        ("127.0.0.1", 5038, True, Relay.ANSWERS),
        ("127.0.0.1", 5038, False, Relay.REFUSED),
        ("::1", 5039, False, Relay.REFUSED),
        ("127.0.0.1", 15038, True, None),
        ("127.0.0.1", 15038, False, None),
        ("10.0.0.5", 5038, False, Relay.ELSEWHERE),
        ("10.0.0.5", 5038, True, Relay.OPEN),
    ],
)
async def test_what_the_port_of_the_relay_means_depends_on_where_it_is_seen_from(
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    ami_port: int,
    listens: bool,  # noqa: FBT001  a parameter of the table
    relay: Relay | None,
) -> None:
    asked: list[tuple[str, int]] = []

    async def fake(host: str, port: int) -> bool:
        asked.append((host, port))
        return listens

    monkeypatch.setattr(reach, "_listens", fake)
    assert await reach.look_at_relay("pbx", ami_port, [address], 4573) is relay
    assert asked == [("pbx", 4573)]
