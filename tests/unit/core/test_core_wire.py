"""The core over the real AMI client: a manager interface that drops, stays away, and comes back another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from core_bench import CUSTOMER, MAIN, eventually
from fake_ami import FakeAmi, Received, Session, succeed

from bridge.agents.model import AgentState
from bridge.calls.model import Call, CallState
from bridge.errors import AsteriskUnavailable, OriginateUnknown
from bridge.secret import Secret, SecretUrl
from bridge.service import Core
from bridge.services import CallQuery, DialRequest
from bridge.settings import AsteriskSettings, Settings, StoreSettings

Row = tuple[str, Iterable[tuple[str, str]]]


class Pbx(FakeAmi):
    """A manager interface with channels and no queues."""

    channels: list[str]

    def prepare(self) -> None:
        self.channels = []
        self.answers |= {
            "CoreShowChannels": self._show,
            "QueueStatus": lambda s, a: s.list(a, [], "QueueStatusComplete"),
            "Setvar": succeed,
            "QueueAdd": succeed,
            "QueuePause": succeed,
            "QueueRemove": succeed,
        }

    def _show(self, session: Session, action: Received) -> None:
        rows: list[Row] = [
            ("CoreShowChannel", [("Uniqueid", name), ("ChannelState", "5"), ("BridgeId", "")])
            for name in self.channels
        ]
        session.list(action, rows, "CoreShowChannelsComplete")

    def tells(self, name: str, **headers: str) -> None:
        self.session.event(name, headers.items())


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    made = Pbx()
    made.prepare()
    async with made:
        yield made


@pytest.fixture
async def core(pbx: Pbx, store_url: str) -> AsyncIterator[Core]:
    """Running, and ready."""
    asterisk = AsteriskSettings(name=MAIN, user=pbx.user, secret=Secret(pbx.secret), port=pbx.port)
    made = Core(Settings(store=StoreSettings(url=SecretUrl(store_url)), asterisk=(asterisk,)))
    async with made.running():
        await until_ready(made)
        yield made


async def until_ready(core: Core) -> None:
    async def ready() -> bool:
        return core.watches[MAIN].ready

    await eventually(ready)


async def dial(core: Core, **more: Any) -> Call:
    return await core.call_commands.dial(DialRequest(number=CUSTOMER, campaign="TEST", **more))


async def call_is(core: Core, call_id: str, state: CallState) -> None:
    async def there() -> bool:
        found = await core.call_commands.get(call_id)
        return found is not None and found.state is state

    await eventually(there)


async def test_agent_logs_in_and_a_call_is_made_over_the_wire(pbx: Pbx, core: Core) -> None:
    session = await core.agent_commands.login("1000", "1000", "TEST", asked_by="")
    (ring,) = [action for action in pbx.actions if action.name == "Originate"]
    assert (ring.id, ring["ChannelId"], ring["Exten"]) == (session.id, session.id, session.room)
    pbx.tells("ConfbridgeJoin", Uniqueid=session.id, Conference=session.room)

    async def seated() -> bool:
        found = await core.agent_commands.session("1000")
        return found is not None and found.state is AgentState.PAUSED

    await eventually(seated)
    call = await core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
    pbx.tells("DialBegin", Uniqueid=call.id, DestUniqueid="cust")
    pbx.tells("DialEnd", Uniqueid=call.id, DestUniqueid="cust", DialStatus="ANSWER")
    await call_is(core, call.id, CallState.BRIDGED)
    await core.agent_commands.hangup("1000", asked_by="")
    assert [action["Channel"] for action in pbx.actions if action.name == "Hangup"] == [call.id]


async def test_link_cut_in_mid_originate_leaves_one_call_and_the_truth_is_read_back(
    pbx: Pbx, core: Core
) -> None:
    def cut(session: Session, action: Received) -> None:
        pbx.channels.append(action["ChannelId"])  # it did take the action
        session.drop()

    pbx.answers["Originate"] = cut
    with pytest.raises(OriginateUnknown):
        await dial(core)
    (call,) = await core.call_commands.list(CallQuery())
    await call_is(core, call.id, CallState.RINGING)
    assert pbx.count("Originate") == 1, "never sent again"
    await until_ready(core)


async def test_nothing_is_dialled_while_there_is_no_link(pbx: Pbx, core: Core) -> None:
    await pbx.down()

    async def down() -> bool:
        return not core.watches[MAIN].ready

    await eventually(down)
    with pytest.raises(AsteriskUnavailable):
        await dial(core)
    assert await core.call_commands.list(CallQuery()) == []


async def test_another_asterisk_behind_the_link_ends_what_was(pbx: Pbx, core: Core) -> None:
    call = await dial(core)
    pbx.tells("Newchannel", Uniqueid=call.id)
    await call_is(core, call.id, CallState.DIALING)
    pbx.started = "2026-11-24 02:00:00"
    pbx.session.drop()
    await call_is(core, call.id, CallState.ENDED)
    ended = await core.call_commands.get(call.id)
    assert ended is not None
    assert ended.end_reason == "asterisk_restarted"


async def test_events_in_one_burst_are_taken_in_their_order(pbx: Pbx, core: Core) -> None:
    call = await dial(core)
    for name, state in (("Newchannel", "0"), ("Newstate", "5"), ("Newstate", "6"), ("Hangup", "6")):
        pbx.tells(name, Uniqueid=call.id, ChannelState=state, Cause="16")
    await call_is(core, call.id, CallState.ENDED)
    types = [record.type for record in await core.call_commands.timeline(call.id)]
    assert types == ["call.planned", "call.dialing", "call.ringing", "call.answered", "call.ended"]


async def test_stop_with_a_call_in_the_air_hangs_up_nobody(pbx: Pbx, store_url: str) -> None:
    asterisk = AsteriskSettings(name=MAIN, user=pbx.user, secret=Secret(pbx.secret), port=pbx.port)
    made = Core(Settings(store=StoreSettings(url=SecretUrl(store_url)), asterisk=(asterisk,)))
    before = asyncio.all_tasks()
    async with made.running():
        await until_ready(made)
        await dial(made)
    assert pbx.count("Hangup") == 0
    left = {task for task in asyncio.all_tasks() - before if "_serve" not in repr(task)}
    assert not left, "the fake's own connection aside"
