"""What agents' sessions ask of Asterisk."""

from __future__ import annotations

from typing import Any

import pytest
from core_bench import FakeAmi, ami_event, member, refused
from hypothesis import given
from hypothesis import strategies as st
from session_makers import a_session

from bridge.agents.asterisk import PHONE_TIMEOUT_MS, AgentLink, interface, room_of
from bridge.agents.model import AgentState
from bridge.ami.errors import NotConnected, PermissionDenied
from bridge.ami.events import QueueParams
from bridge.ami.message import Message
from bridge.ami.settings import AmiSettings

SESSION = a_session(AgentState.READY)
MEMBER = "Local/8600051@bridge-offer/n"


@pytest.fixture
def ami() -> FakeAmi:
    return FakeAmi(AmiSettings(host="", user="", secret=""))


@pytest.fixture
def link(ami: FakeAmi) -> AgentLink:
    return AgentLink(ami)  # type: ignore[arg-type] # stands in for the client


def fields(ami: FakeAmi, name: str) -> list[dict[str, str]]:
    """The headers of each action of a name."""
    return [dict(action.fields()) for action in ami.named(name)]


@given(st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_member_of_a_room_names_the_room(room: str) -> None:
    assert room_of(interface(room)) == room


@pytest.mark.parametrize(
    "name", ["", "PJSIP/1000", "Local/8600051@elsewhere/n", "8600051", "Local/@", "Local/8600051"]
)
def test_member_of_somebody_else_has_no_room_of_ours(name: str) -> None:
    assert room_of(name) == ""


async def test_rings_the_phone_into_the_room(link: AgentLink, ami: FakeAmi) -> None:
    await link.ring(SESSION, "PJSIP/1000", None)
    (headers,) = fields(ami, "Originate")
    assert (headers["Channel"], headers["ChannelId"]) == ("PJSIP/1000", SESSION.id)
    assert (headers["Context"], headers["Exten"]) == ("bridge-agent", SESSION.room)
    assert headers["Timeout"] == str(PHONE_TIMEOUT_MS)
    assert headers["CallerID"] == '"Login TEST" <8600051>'
    assert ami.ids == [SESSION.id], "OriginateResponse is known by it"


async def test_rings_it_again_by_a_channel_of_its_own(link: AgentLink, ami: FakeAmi) -> None:
    again = a_session(AgentState.READY, next_channel="phone-2")
    await link.ring(again, "PJSIP/1000", None)
    (headers,) = fields(ami, "Originate")
    assert (headers["ChannelId"], headers["Exten"], ami.ids) == ("phone-2", SESSION.room, ["phone-2"])


async def test_hangs_up_the_phone(link: AgentLink, ami: FakeAmi) -> None:
    await link.hangup(SESSION.id)
    assert fields(ami, "Hangup") == [{"Channel": SESSION.id}]


async def test_joins_a_queue_paused_with_her_own_device(link: AgentLink, ami: FakeAmi) -> None:
    assert await link.join(SESSION, "sales")
    assert fields(ami, "QueueAdd") == [
        {
            "Queue": "sales",
            "Interface": MEMBER,
            "MemberName": "anna",
            "StateInterface": "Custom:agent-anna",
            "Paused": "true",
        }
    ]


async def test_member_already_is_no_error_and_no_such_queue_is_told(link: AgentLink, ami: FakeAmi) -> None:
    ami.queues = ["sales"]
    ami.fails["QueueAdd"] = refused("Unable to add interface")
    assert await link.join(SESSION, "sales")
    assert not await link.join(SESSION, "support")


async def test_knows_which_queues_there_are(link: AgentLink, ami: FakeAmi) -> None:
    ami.queues = ["sales"]
    assert await link.has_queue("sales")
    assert not await link.has_queue("sale")


@pytest.mark.parametrize(("paused", "reason", "wire"), [(True, "LUNCH", "true"), (False, "", "false")])
async def test_pauses_and_unpauses(
    link: AgentLink,
    ami: FakeAmi,
    paused: bool,  # noqa: FBT001  as above
    reason: str,
    wire: str,
) -> None:
    await link.pause(SESSION, ("sales",), paused=paused, reason=reason)
    wanted = {"Interface": MEMBER, "Paused": wire, "Queue": "sales"} | ({"Reason": reason} if reason else {})
    assert fields(ami, "QueuePause") == [wanted]


async def test_a_reason_cannot_break_a_line_of_the_queue_log(link: AgentLink, ami: FakeAmi) -> None:
    await link.pause(SESSION, ("sales",), paused=True, reason="|oM, 1")
    assert [one["Reason"] for one in fields(ami, "QueuePause")] == ["oM1"]


async def test_tells_her_device_to_the_queues(link: AgentLink, ami: FakeAmi) -> None:
    await link.set_device(SESSION, "NOT_INUSE")
    assert fields(ami, "Setvar") == [
        {"Variable": "DEVICE_STATE(Custom:agent-anna)", "Value": "NOT_INUSE"},
    ]


async def test_knows_which_rooms_are_members(link: AgentLink, ami: FakeAmi) -> None:
    ami.members = [
        member("sales", MEMBER),
        member("support", "PJSIP/1000"),
        ami_event(QueueParams, Queue="sales"),  # type: ignore[list-item] # as Asterisk mixes them
    ]
    assert await link.members() == {("sales", "8600051")}


async def test_takes_a_room_out_of_a_queue(link: AgentLink, ami: FakeAmi) -> None:
    ami.fails["QueueRemove"] = refused("Unable to remove interface: Not there")
    await link.remove("sales", "8600051")
    assert fields(ami, "QueueRemove") == [{"Queue": "sales", "Interface": MEMBER}]


ASKED: dict[str, Any] = {
    "QueueAdd": lambda link: link.join(SESSION, "sales"),
    "QueuePause": lambda link: link.pause(SESSION, ("sales",), paused=True, reason=""),
    "QueueRemove": lambda link: link.remove("sales", SESSION.room),
    "Hangup": lambda link: link.hangup("channel"),
    "Originate": lambda link: link.ring(SESSION, "PJSIP/1000", None),
    "Setvar": lambda link: link.set_device(SESSION, "INUSE"),
}


@pytest.mark.parametrize("action", ASKED)
async def test_lost_link_is_told(link: AgentLink, ami: FakeAmi, action: str) -> None:
    ami.fails[action] = NotConnected()
    with pytest.raises(NotConnected):
        await ASKED[action](link)


@pytest.mark.parametrize("action", ["QueueAdd", "QueuePause", "QueueRemove", "Hangup"])
async def test_right_that_is_missing_is_told_and_not_taken_for_gone(
    link: AgentLink, ami: FakeAmi, action: str
) -> None:
    ami.fails[action] = PermissionDenied("Permission denied", Message(b"Response: Error"))
    with pytest.raises(PermissionDenied):
        await ASKED[action](link)
