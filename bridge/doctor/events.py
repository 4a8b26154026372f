"""Do events arrive, and does the second user only look on?"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.agi.fallback import REASON as NO_BRIDGE
from bridge.doctor.facts import CallSeen, Facts
from bridge.doctor.model import Check, fail, ok, unknown, warn
from bridge.doctor.rights import SECTION, held

__all__ = ["check_call", "check_events", "check_view"]


def check_events(facts: Facts) -> Iterator[Check]:
    """A `UserEvent` that was sent has to come back."""
    check = "events.user"
    place = SECTION.format(user=facts.user)
    if facts.user_event is None:
        yield unknown(check, "no event could be sent, so none can come back", f"{place}: write needs user")
    elif facts.user_event:
        yield ok(check, "events of the class user arrive")
    else:
        mend = f"{place}: read = call,agent,user, and no eventfilter that takes UserEvent away"
        yield fail(check, "an event that was sent did not come back", mend)


def check_call(facts: Facts) -> Iterator[Check]:
    """What the call inside Asterisk showed, if one was asked for."""
    call = facts.call
    place = SECTION.format(user=facts.user)
    if call is None:
        mend = "agent-bridge doctor --call makes one call inside Asterisk, to nobody, and looks"
        yield unknown("events.call", "whether events of calls arrive shows only in a call", mend)
        return
    if not (call.ended and call.channel_events):
        text = "a call was made inside Asterisk and its events did not come"
        yield fail("events.call", text, f"{place}: read = call,agent,user")
    else:
        yield ok("events.call", "events of calls arrive")
    yield from _relay(call)


def _relay(call: CallSeen) -> Iterator[Check]:
    if call.agi_ran is None:
        mend = "configure view_user and view_secret: that user sees the steps of the dialplan"
        yield unknown("relay.call", "whether the relay answered could not be seen", mend)
    elif not call.agi_ran:
        yield fail("relay.call", "the call ended before its question to the relay", "see modules.res_agi")
    elif not call.acknowledged and call.agi_status == "SUCCESS":
        text = "something answers on the relay's port, but it did not answer the question"
        yield fail("relay.call", text, "see what listens on port 4573 of Asterisk's machine, and its log")
    elif not call.acknowledged:
        text = f"Asterisk could not reach its relay (AGISTATUS={call.agi_status or 'none'})"
        yield fail("relay.call", text, "start it beside Asterisk: systemctl enable --now agent-bridge-relay")
    elif call.reason == NO_BRIDGE:
        text = "the relay answers, but no bridge answers the relay"
        yield fail(
            "relay.call", text, "is the bridge running, and reachable from there? its [agi] host and secret"
        )
    else:
        yield ok("relay.call", f"the relay and a bridge answer; the whole call took {call.seconds:.2f} s")


def check_view(facts: Facts) -> Iterator[Check]:
    """The second user serves `ami tail` and traces and may do nothing."""
    view = facts.view
    if view is None:
        return
    place = SECTION.format(user=view.user)
    rights = held(view.commands)
    if view.error:
        text = f"the user {view.user}, who looks on, cannot log in: {view.error}"
        yield warn("view", text, f"{place}: check secret and permit; or leave view_secret empty")
    elif rights:
        text = f"the user {view.user} is to look on, and may act: {', '.join(sorted(rights))}"
        yield warn("view", text, f"{place}: write = (empty)")
    else:
        yield ok("view", f"the user {view.user} may look on and do nothing")
