"""What the AGI scripts may ask of the bridge, and the records that go there and back.

The service gives the scripts something that fulfils `CallDesk`, and nothing else of the bridge. Every method
is idempotent by call id: the relay asks again, or asks another bridge, when an answer does not come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bridge.agi.wire import Record

ANSWER_PATIENCE = 8.0
"""Seconds that a script waits for the answer to `call_answered`: the dialplan's own limit is 10."""


@dataclass(frozen=True)
class CallStart(Record):
    """A call that begins in the dialplan: dialled on a phone, a third party, a Local channel."""

    channel: str
    unique_id: str
    number: str
    """As dialled: not checked yet, not normalised."""
    linked_id: str = ""
    caller_id: str = ""
    context: str = ""
    agent: str = ""
    """The agent's user name, if the dialplan knows it."""
    phone: str = ""
    """The phone that dialled, if the dialplan knows it: `1000` of `PJSIP/1000-0000002a`."""


@dataclass(frozen=True)
class StartDecision(Record):
    """Whether that call may leave, and how."""

    allowed: bool
    call_id: str = ""
    dial: str = ""
    """For `Dial()`, for example `PJSIP/15551234567@carrier`."""
    caller_id: str = ""
    timeout: int = 0
    """Seconds to ring."""
    reason: str = ""
    """Why not; the name of a rule."""

    @classmethod
    def allow(cls, call_id: str, dial: str, caller_id: str = "", timeout: int = 60) -> StartDecision:
        """Let it go."""
        return cls(allowed=True, call_id=call_id, dial=dial, caller_id=caller_id, timeout=timeout)

    @classmethod
    def refuse(cls, reason: str, call_id: str = "") -> StartDecision:
        """Stop it."""
        return cls(allowed=False, call_id=call_id, reason=reason)


@dataclass(frozen=True)
class AnswerDecision(Record):
    """Where an answered outbound call goes."""

    action: str
    """`room`, `detect`, `wait` or `drop`, as BRIDGE_DECISION takes it."""
    room: str = ""
    wait: float = 0.0
    """Seconds after which to ask again; those that a detection may take."""
    message: str = ""
    """The sound to play before the hang-up; none if empty."""
    key: str = ""
    """The digit that forbids further calls."""

    @classmethod
    def join(cls, room: str) -> AnswerDecision:
        """An agent has been taken: the customer's channel goes into her room."""
        return cls("room", room=room)

    @classmethod
    def wait_for(cls, seconds: float) -> AnswerDecision:
        """No agent yet: ask again."""
        return cls("wait", wait=seconds)

    @classmethod
    def detect(cls, seconds: float) -> AnswerDecision:
        """Find out first whether a machine has answered, in this time."""
        return cls("detect", wait=seconds)

    @classmethod
    def drop(cls, message: str = "", key: str = "") -> AnswerDecision:
        """No agent in time: play the abandon message and end."""
        return cls("drop", message=message, key=key)


@dataclass(frozen=True)
class ScreenDecision(Record):
    """What becomes of an answered call of which it is known who has answered."""

    action: str
    """`ask` (a person: who takes it?), `machine` (hang up), `message` (leave one) or `drop`."""
    message: str = ""
    """The sound that is left, or (`drop`) that a person hears; none if empty."""
    key: str = ""
    """The digit that forbids further calls."""


@dataclass(frozen=True)
class OfferDecision(Record):
    """Whether an agent takes the inbound call that a queue offers her."""

    taken: bool
    room: str = ""
    reason: str = ""
    phone: str = ""
    """For `Dial()`: her phone, which is rung for this call; empty if it is in her room."""

    @classmethod
    def take(cls, room: str, phone: str = "") -> OfferDecision:
        """She is taken for this call, and for no other."""
        return cls(taken=True, room=room, phone=phone)

    @classmethod
    def busy(cls, reason: str = "busy") -> OfferDecision:
        """The queue shall try the next."""
        return cls(taken=False, reason=reason)


@dataclass(frozen=True)
class CallReport(Record):
    """How a call ended, as Asterisk knows it. Spooled, so it may come late and twice."""

    call_id: str
    """Ours; empty if the call never got one (then `unique_id` and `linked_id` say which it was)."""
    channel: str = ""
    unique_id: str = ""
    linked_id: str = ""
    dialstatus: str = ""
    hangupcause: int = 0
    answered_seconds: int | None = None
    """ANSWEREDTIME: how long the two sides were connected; None if `Dial` did not run."""
    dialed_seconds: int | None = None
    """DIALEDTIME: from the dialling to the end."""
    amd_status: str = ""
    amd_cause: str = ""
    decision: str = ""
    """The last answer that the dialplan acted on: `drop` if nobody was there for an answered call."""
    reported_at: float = 0.0
    """Unix time of the report, by the clock of Asterisk's machine."""


@dataclass(frozen=True)
class InboundCall(Record):
    """A customer calls us."""

    did: str
    """The number that was dialled, as the carrier sent it."""
    channel: str
    unique_id: str
    linked_id: str = ""
    caller_number: str = ""
    """Empty if withheld."""
    caller_name: str = ""
    """Hostile text."""


@dataclass(frozen=True)
class InboundDecision(Record):
    """Which queue the caller joins, and what the agent's screen will show."""

    queue: str
    """Empty: the dialplan's default queue."""
    call_id: str = ""
    lead_id: int | None = None
    screen: dict[str, str] = field(default_factory=dict)
    """Set as BRIDGE_SCREEN_<name>; names are [A-Z0-9_]+."""
    refused: bool = False
    """Do not take the call at all."""
    opted_out: bool = False
    """Her number is forbidden from now on, as she wanted: tell her, and let her go."""
    message: str = ""
    """Sound that she hears first; empty: none."""
    key: str = ""
    """Digit by which she can forbid further calls while she hears it; empty: none."""


class CallDesk(Protocol):
    """The bridge, as scripts see it."""

    async def call_start(self, start: CallStart) -> StartDecision:
        """May this call leave, and how? Idempotent by `start.unique_id`."""
        ...

    async def call_answered(
        self, call_id: str, channel: str, patience: float = ANSWER_PATIENCE
    ) -> AnswerDecision:
        """A call dialled alone was answered: who takes it? Idempotent by call id.

        Whoever asks goes on alone after `patience` seconds: what is answered later is not acted upon.
        """
        ...

    async def call_screened(self, call_id: str, amd_status: str, amd_cause: str) -> ScreenDecision:
        """Detection has run for an answered call: what then? Idempotent by call id."""
        ...

    async def opt_out(self, call_id: str, key: str) -> None:
        """A customer forbids further calls. Once this returns, nothing dials her number. Idempotent."""
        ...

    async def agent_offer(self, member: str, call_id: str, channel: str, queue: str) -> OfferDecision:
        """A queue offers an inbound call to an agent (her room or user name). Idempotent by both ids."""
        ...

    async def call_end(self, report: CallReport) -> None:
        """A call is over. Once this returns, the report is kept safe. Idempotent by call id."""
        ...

    async def inbound(self, call: InboundCall) -> InboundDecision:
        """A customer calls: who is she, and which queue? Idempotent by `call.unique_id`."""
        ...
