"""What is written in one turn of the loop is one packet, in its order, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from typing import cast

from bridge.api.http_transport import AT_ONCE, OnePacket


class Peer:
    """A transport that notes what is done with it."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        self.seen.append(data.decode())

    def close(self) -> None:
        self.closing = True
        self.seen.append("closed")

    def abort(self) -> None:
        self.closing = True
        self.seen.append("aborted")

    def is_closing(self) -> bool:
        return self.closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.seen.append(type(protocol).__name__)

    def get_extra_info(self, name: str) -> str:
        return f"its {name}"


def joined() -> tuple[OnePacket, Peer]:
    peer = Peer()
    return OnePacket(cast("asyncio.Transport", peer), asyncio.get_running_loop()), peer


async def turn() -> None:
    await asyncio.sleep(0)


async def test_head_and_body_leave_together_and_the_next_answer_after_them() -> None:
    transport, peer = joined()
    transport.write(b"head")
    transport.write(b"body")
    assert peer.seen == []
    await turn()
    transport.write(b"next")
    await turn()
    assert peer.seen == ["headbody", "next"]


async def test_a_long_answer_feels_within_one_turn_that_its_reader_takes_no_more() -> None:
    transport, peer = joined()
    pieces = [bytes([65 + number]) * 20_000 for number in range(8)]
    for piece in pieces:
        transport.write(piece)
    assert len("".join(peer.seen)) >= 8 * 20_000 - AT_ONCE, "the rest is held, and no more than that"
    await turn()
    assert "".join(peer.seen).encode() == b"".join(pieces)


async def test_a_close_sends_what_was_written_before() -> None:
    transport, peer = joined()
    transport.write(b"last")
    transport.close()
    await turn()
    assert peer.seen == ["last", "closed"]
    assert transport.is_closing()


async def test_an_abort_sends_nothing_more() -> None:
    transport, peer = joined()
    transport.write(b"lost")
    transport.abort()
    await turn()
    assert peer.seen == ["aborted"]


async def test_nothing_is_written_once_the_peer_is_gone() -> None:
    transport, peer = joined()
    transport.write(b"late")
    peer.closing = True
    await turn()
    assert peer.seen == []


async def test_another_protocol_takes_over_after_what_was_written() -> None:
    transport, peer = joined()
    transport.write(b"switching")
    transport.set_protocol(asyncio.Protocol())
    assert peer.seen == ["switching", "Protocol"]


async def test_the_rest_is_the_transports_own() -> None:
    transport, _ = joined()
    assert transport.get_extra_info("peername") == "its peername"
