"""Which answer belongs to whom."""

from __future__ import annotations

import asyncio

import pytest

from bridge.ami.errors import (
    ActionRefused,
    ActionTimeout,
    InvalidAction,
    OutcomeUnknown,
    PermissionDenied,
    ProtocolFault,
)
from bridge.ami.message import Message
from bridge.ami.pending import Expect, InFlight

HOUR = 3600.0


@pytest.fixture
async def flight() -> InFlight:
    return InFlight(asyncio.get_running_loop())


def answer(action_id: str, kind: str = "Success", more: str = "") -> Message:
    return Message(f"Response: {kind}\r\nActionID: {action_id}{more}".encode())


def row(action_id: str, name: str = "Row", more: str = "") -> bytes:
    return f"Event: {name}\r\nActionID: {action_id}{more}".encode()


async def test_each_answer_goes_to_its_caller(flight: InFlight) -> None:
    first = flight.add("1", "Ping", Expect.ONE, HOUR)
    second = flight.add("2", "Ping", Expect.ONE, HOUR)
    flight.take_response(answer("2"))
    flight.take_response(answer("1"))
    assert (await first).response["ActionID"] == "1"
    assert (await second).response["ActionID"] == "2"
    flight.forget("1")
    flight.forget("2")
    assert len(flight) == 0


async def test_an_error_is_raised_with_its_text_and_the_whole_answer(flight: InFlight) -> None:
    future = flight.add("1", "Hangup", Expect.ONE, HOUR)
    flight.take_response(answer("1", "Error", "\r\nMessage: No such channel"))
    with pytest.raises(ActionRefused, match="No such channel") as caught:
        await future
    assert type(caught.value) is ActionRefused
    assert caught.value.response["ActionID"] == "1"
    flight.forget("1")


async def test_an_error_without_a_text_says_which_action(flight: InFlight) -> None:
    future = flight.add("1", "Hangup", Expect.ONE, HOUR)
    flight.take_response(answer("1", "Error"))
    with pytest.raises(ActionRefused, match="Hangup was refused"):
        await future
    flight.forget("1")


async def test_a_lack_of_rights_is_an_error_of_its_own(flight: InFlight) -> None:
    future = flight.add("1", "ModuleCheck", Expect.ONE, HOUR)
    flight.take_response(answer("1", "Error", "\r\nMessage: Permission denied"))
    with pytest.raises(PermissionDenied):
        await future
    flight.forget("1")


async def test_a_list_ends_at_its_complete(flight: InFlight) -> None:
    future = flight.add("1", "List", Expect.LIST, HOUR)
    assert not flight.take_row(row("1"))  # before the answer an event with the id is no row
    flight.take_response(answer("1", more="\r\nEventList: start"))
    assert flight.take_row(row("1", more="\r\nA: 1"))
    assert not flight.take_row(row("2"))
    assert not flight.take_row(b"Event: Foreign\r\nChannel: x")
    assert flight.take_row(row("1", more="\r\nA: 2"))
    assert not future.done()
    assert flight.take_row(row("1", "ListComplete", "\r\nEventList: Complete"))
    assert [message["A"] for message in (await future).rows] == ["1", "2"]
    flight.forget("1")


async def test_a_list_need_not_be_announced_by_a_header(flight: InFlight) -> None:
    future = flight.add("1", "List", Expect.LIST, HOUR)
    flight.take_response(answer("1"))
    assert flight.take_row(row("1", "ListComplete", "\r\nEventList: Complete"))
    assert (await future).rows == []
    flight.forget("1")


async def test_a_list_answered_by_an_error_ends_at_once(flight: InFlight) -> None:
    future = flight.add("1", "List", Expect.LIST, HOUR)
    flight.take_response(answer("1", "Error", "\r\nMessage: No active conferences."))
    with pytest.raises(ActionRefused, match="No active"):
        await future
    flight.forget("1")


async def test_a_cancelled_list_is_an_error(flight: InFlight) -> None:
    future = flight.add("1", "List", Expect.LIST, HOUR)
    flight.take_response(answer("1", more="\r\nEventList: start"))
    flight.take_row(row("1", "ListComplete", "\r\nEventList: cancelled"))
    with pytest.raises(ActionRefused):
        await future
    flight.forget("1")


@pytest.mark.parametrize("announced", [True, False])
async def test_either_waits_for_rows_only_if_they_are_announced(
    flight: InFlight,
    announced: bool,  # noqa: FBT001 - a parameter
) -> None:
    future = flight.add("1", "Raw", Expect.EITHER, HOUR)
    flight.take_response(answer("1", more="\r\nEventList: start" if announced else ""))
    assert future.done() is not announced
    if announced:
        flight.take_row(row("1"))
        flight.take_row(row("1", "Complete", "\r\nEventList: Complete"))
    assert len((await future).rows) == int(announced)
    flight.forget("1")


async def test_an_answer_without_an_id_is_a_fault(flight: InFlight) -> None:
    future = flight.add("1", "Ping", Expect.ONE, HOUR)
    with pytest.raises(ProtocolFault, match="line too long"):
        flight.take_response(Message(b"Response: Error\r\nMessage: Failed to parse message: line too long"))
    flight.forget("1")
    future.cancel()


async def test_an_id_in_flight_is_not_taken_twice(flight: InFlight) -> None:
    flight.add("1", "Ping", Expect.ONE, HOUR)
    with pytest.raises(InvalidAction, match="in flight already"):
        flight.add("1", "Ping", Expect.ONE, HOUR)
    flight.forget("1")


async def test_an_answer_that_comes_too_late_is_counted_and_harms_nobody(flight: InFlight) -> None:
    future = flight.add("1", "Originate", Expect.ONE, 0.001)
    with pytest.raises(ActionTimeout, match=r"Originate was not answered within 0\.001 s") as caught:
        await future
    assert caught.value.action_id == "1"
    flight.forget("1")
    flight.take_response(answer("1"))
    flight.take_response(answer("never-sent"))
    assert flight.late == 2


async def test_a_second_answer_is_late_too(flight: InFlight) -> None:
    future = flight.add("1", "Ping", Expect.ONE, HOUR)
    flight.take_response(answer("1"))
    flight.take_response(answer("1", "Error"))
    assert (await future).response.name == "Success"
    assert flight.late == 1
    flight.forget("1")


async def test_a_loss_tells_everybody_with_an_exception_of_their_own(flight: InFlight) -> None:
    futures = [flight.add(str(number), "Originate", Expect.ONE, HOUR) for number in range(3)]
    flight.fail_all(lambda action_id: OutcomeUnknown("link lost", action_id=action_id))
    errors = [future.exception() for future in futures]
    assert [error.action_id for error in errors if isinstance(error, OutcomeUnknown)] == ["0", "1", "2"]
    assert len(set(map(id, errors))) == 3
    assert len(flight) == 0


async def test_a_caller_who_has_gone_is_no_problem(flight: InFlight) -> None:
    future = flight.add("1", "List", Expect.LIST, HOUR)
    future.cancel()
    flight.take_response(answer("1"))
    assert flight.take_row(row("1", "Complete", "\r\nEventList: Complete"))
    flight.fail_all(lambda _: OutcomeUnknown())
    flight.forget("1")


async def test_knows_whether_an_action_blocks_the_link(flight: InFlight) -> None:
    flight.add("1", "Ping", Expect.ONE, HOUR)
    assert not flight.blocking
    flight.add("2", "Originate", Expect.ONE, HOUR, blocking=True)
    assert flight.blocking
    flight.forget("2")
    assert not flight.blocking
    flight.forget("1")
