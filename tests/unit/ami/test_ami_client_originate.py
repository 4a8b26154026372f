"""An Originate whose outcome is waited for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ami_waits import CALL
from fake_ami import FakeAmi, Received, Session
from fake_ami.waiting import eventually, never

from bridge.ami.errors import ActionRefused, ActionTimeout, NotConnected, OutcomeUnknown


def outcome(fake: FakeAmi, action_id: str, response: str = "Success") -> None:
    fake.session.event("OriginateResponse", [("ActionID", action_id), ("Response", response)])


async def test_is_over_when_its_own_channel_was_answered(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        making = asyncio.create_task(client.originate(CALL, action_id="mine"))
        await eventually(lambda: fake.count("Originate"))
        outcome(fake, "another")
        await never(making.done, during=0.05)
        outcome(fake, "mine")
        assert (await making).success


async def test_that_nobody_answers_is_refused(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        making = asyncio.create_task(client.originate(CALL, action_id="mine"))
        await eventually(lambda: fake.count("Originate"))
        outcome(fake, "mine", "Failure")
        with pytest.raises(ActionRefused, match="not answered"):
            await making


async def test_whose_outcome_comes_before_its_answer_is_over_too(fake: FakeAmi, up: Any) -> None:
    def hurry(session: Session, action: Received) -> None:
        outcome(fake, action.id)
        session.respond(action)

    fake.answers["Originate"] = hurry
    async with up(fake) as client:
        assert (await client.originate(CALL, action_id="mine")).success


async def test_with_the_link_lost_meanwhile_is_unknown(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        making = asyncio.create_task(client.originate(CALL, action_id="mine"))
        await eventually(lambda: fake.count("Originate"))
        fake.session.drop()
        with pytest.raises(OutcomeUnknown) as caught:
            await making
        assert caught.value.action_id == "mine"


async def test_without_an_outcome_is_unknown(fake: FakeAmi, up: Any) -> None:
    async with up(fake, action_timeout=0.1) as client:
        with pytest.raises(ActionTimeout):
            await client.originate(CALL, action_id="mine")


async def test_without_a_link_is_not_sent(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        await fake.down()
        with pytest.raises((NotConnected, OutcomeUnknown)):
            await client.originate(CALL, action_id="mine")
    assert not fake.count("Originate")
