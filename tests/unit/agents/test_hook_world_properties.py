"""The days of `test_world_properties`, with agents on hook among the others: the same holds for them."""

from __future__ import annotations

from collections import Counter

from hook_world import HookWorld
from hypothesis import given, settings
from hypothesis import strategies as st
from test_world_properties import (
    HAPPENINGS,
    Happening,
    at_every_step,
    far_end,
    live_through,
    news_arrives,
    offer,
    one_of,
    resume,
)
from world import World

from bridge.agents.model import AgentState
from bridge.calls.model import LIVE


def puts_down(world: World, number: int) -> None:
    """Somebody on hook hangs up her phone."""
    assert isinstance(world, HookWorld)
    phone = one_of(world.up, number)
    if phone:
        world.put_down(phone)


def picks_up(world: World, number: int) -> None:
    """Somebody on hook answers her phone, for a call of her own or for a caller."""
    assert isinstance(world, HookWorld)
    call_id = one_of(world.rings, number)
    if call_id and call_id in world.offers:
        world.connect(call_id)
    elif call_id:
        world.answer(call_id)


OFTEN = [picks_up, offer, resume, news_arrives, far_end]
days = st.lists(
    st.tuples(
        st.sampled_from([*HAPPENINGS, *OFTEN * 8, *[puts_down] * 3]), st.integers(min_value=0, max_value=59)
    ),
    min_size=40,
    max_size=160,
)


def at_the_end(world: HookWorld) -> None:
    for call_id, call in world.calls.items():
        channel = world.channels.get(call_id)
        assert (call.state in LIVE) == (channel is not None), f"{call_id} is {call.state}, truly {channel}"
        assert channel is not None or world.disposals[call_id] == 1
        assert channel is None or call.hangup_asked_at is None, "who was to be hung up is hung up"
    for session_id, session in world.sessions.items():
        talking = [one for one, channel in world.channels.items() if channel.with_session == session_id]
        assert (session.state is AgentState.INCALL) == bool(talking), f"{session_id} is {session.state}"
        assert session.state not in (AgentState.WRAPUP, AgentState.OFFERED), "all deadlines have passed"
        if session.on_hook:
            there = {phone for phone, whose in world.up.items() if whose == session_id}
            assert there == ({session.channel} if session.channel else set()), "no phone is up unknown to us"
            assert bool(there) == (session.state in (AgentState.DIALING, AgentState.INCALL)), session.state


@settings(max_examples=200, deadline=None)
@given(days)
def test_asterisk_never_contradicts(day: list[tuple[Happening, int]]) -> None:
    world = HookWorld()
    live_through(day, world)
    at_the_end(world)


def test_the_days_get_around() -> None:
    """The property above says something only if phones are rung and answered in them."""
    met: Counter[str] = Counter()

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(days)
    def look(day: list[tuple[Happening, int]]) -> None:
        world = HookWorld()
        for _ in range(2):
            world.answer_phone(world.log_in())
        world.drain()
        for happens, number in day:
            happens(world, number)
            at_every_step(world)
            for session in world.sessions.values():
                if session.on_hook:
                    met.update({session.state, *(("ringing",) if session.is_ringing else ())})
                    met.update({"seated"} if session.channel else set())

    look()
    for what in (*(set(AgentState) - {AgentState.CONNECTING}), "ringing", "seated"):
        assert met[what] > 20, f"{what} is met {met[what]} times"
