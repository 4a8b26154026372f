"""The reader: what goes where, without a socket."""

from __future__ import annotations

import asyncio

import pytest

from bridge.ami.errors import AmiConnectError, NotAsterisk, ProtocolFault
from bridge.ami.events.base import AmiEvent
from bridge.ami.pending import Expect, InFlight
from bridge.ami.routing import Router
from bridge.ami.state import CloseKind
from bridge.ami.wire import HELD_LIMIT, Wire

BANNER = b"Asterisk Call Manager/9.0.0\r\n"


class Reader:
    """A wire, and what came of the bytes."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ends: list[tuple[CloseKind, str, Exception | None]] = []
        self.events: list[AmiEvent] = []
        self.router = Router()
        self.flight = InFlight(loop)
        self.wire = Wire(loop, self.flight, self.router, 1000, self._lost)

    def _lost(self, kind: CloseKind, detail: str, error: Exception | None = None) -> None:
        self.ends.append((kind, detail, error))

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]


@pytest.fixture
async def reader() -> Reader:
    reader = Reader()
    reader.router.add(["Hangup", "Early"], reader.events.append)
    return reader


async def test_the_banner_is_told_before_anything_else(reader: Reader) -> None:
    reader.wire.data_received(BANNER[:10])
    assert not reader.wire.banner.done()
    reader.wire.data_received(BANNER[10:] + b"Event: Early\r\n\r\n")
    assert (await reader.wire.banner).version == "9.0.0"
    reader.wire.go_live()
    assert reader.names == ["Early"]


async def test_a_wrong_banner_ends_it_once(reader: Reader) -> None:
    reader.wire.data_received(b"SSH-2.0\r\n")
    reader.wire.connection_lost(None)
    ((kind, _, error),) = reader.ends
    assert kind is CloseKind.LOGIN
    assert isinstance(error, NotAsterisk)


async def test_what_was_known_on_the_last_link_is_held_on_the_next(reader: Reader) -> None:
    """Routes outlive a connection; its events wait all the same until it goes live."""
    reader.router.learn(b"Event: Hangup")
    reader.wire.data_received(BANNER + b"Event: Hangup\r\nCause: 1\r\n\r\n")
    assert reader.names == []
    reader.wire.go_live()
    assert reader.names == ["Hangup"]


async def test_a_message_of_one_line(reader: Reader) -> None:
    reader.wire.go_live()
    reader.wire.data_received(BANNER + b"Event: Hangup\r\n\r\nEvent: Hangups\r\n\r\nEvent: Hangup\r\n\r\n")
    assert reader.names == ["Hangup", "Hangup"]


async def test_unwanted_and_unknown_things_are_passed_over(reader: Reader) -> None:
    reader.wire.go_live()
    reader.wire.data_received(BANNER + b"\r\n\r\nNonsense\r\n\r\nEvent: VarSet\r\nA: 1\r\n\r\n: x\r\n\r\n")
    assert reader.names == []
    assert reader.ends == []


async def test_rows_of_a_list_are_not_for_everybody(reader: Reader) -> None:
    reader.wire.go_live()
    future = reader.flight.add("1", "List", Expect.LIST, 60)
    reader.wire.data_received(
        BANNER + b"Response: Success\r\nActionID: 1\r\n\r\n"
        b"Event: Hangup\r\nActionID: 1\r\n\r\n"
        b"Event: Hangup\r\nActionID: 2\r\n\r\n"
        b"Response: Success\r\nActionID: 1\r\n\r\n"
        b"Event: Done\r\nActionID: 1\r\nEventList: Complete\r\n\r\n"
    )
    assert len((await future).rows) == 1
    assert [event.action_id for event in reader.events] == ["2"]
    assert reader.flight.late == 1  # the second answer
    reader.flight.forget("1")


async def test_a_fault_ends_it_with_its_reason(reader: Reader) -> None:
    reader.wire.data_received(BANNER + b"Response: Error\r\nMessage: Missing action\r\n\r\n")
    ((kind, detail, error),) = reader.ends
    assert kind is CloseKind.PROTOCOL
    assert "Missing action" in detail
    assert isinstance(error, ProtocolFault)


async def test_too_much_before_going_live_is_discarded(reader: Reader) -> None:
    reader.wire.data_received(BANNER + b"Event: Hangup\r\n\r\n" * (HELD_LIMIT + 1))
    reader.wire.data_received(b"Event: Early\r\n\r\n")
    reader.wire.go_live()
    assert reader.names == ["Early"]


async def test_after_the_end_nothing_is_taken(reader: Reader) -> None:
    reader.wire.go_live()
    reader.wire.shut(AmiConnectError())
    reader.wire.data_received(BANNER + b"Event: Hangup\r\n\r\n")
    reader.wire.eof_received()
    assert reader.names == []
    assert reader.ends == []
    with pytest.raises(AmiConnectError):
        await reader.wire.banner


@pytest.mark.parametrize(
    ("error", "kind"), [(None, CloseKind.PEER), (ConnectionResetError("reset"), CloseKind.NETWORK)]
)
async def test_tells_a_close_from_a_failure(reader: Reader, error: Exception | None, kind: CloseKind) -> None:
    reader.wire.connection_lost(error)
    assert reader.wire.gone.is_set()
    assert [end[0] for end in reader.ends] == [kind]
