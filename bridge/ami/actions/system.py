"""Actions about Asterisk itself, the session, and events of one's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.ami.actions.base import Action, Fields, ListAction, SimpleAction, given
from bridge.ami.errors import InvalidAction
from bridge.ami.events.rows import ListDialplan
from bridge.ami.events.system import DeviceStateChange
from bridge.ami.protocol import Message

__all__ = [
    "Challenge",
    "CoreSettings",
    "CoreSettingsResult",
    "CoreStatus",
    "CoreStatusResult",
    "DeviceStateList",
    "Events",
    "ListCommands",
    "Login",
    "LoginMD5",
    "Logoff",
    "Ping",
    "ShowDialPlan",
    "UserEvent",
]

_OUR_HEADERS = frozenset({"response", "actionid", "message"})


@dataclass(frozen=True, slots=True)
class Ping(Action[float]):
    """Ask for a sign of life; gives Asterisk's clock, in seconds since 1970 (0.0 if it does not tell)."""

    name = "Ping"

    def result(self, response: Message) -> float:
        """Return Asterisk's clock."""
        try:
            return float(response.get("Timestamp"))
        except ValueError:
            return 0.0


@dataclass(frozen=True, slots=True)
class CoreStatusResult:
    """How long Asterisk is up and what it has done.

    Attributes:
        startup: when it started, as `YYYY-MM-DD HH:MM:SS` on its own wall clock. It names a run of Asterisk:
            another value means that it was restarted. Empty while it is still booting.
        reload: when its configuration was last read, likewise.
        current_calls: channels that are up.
        processed_calls: calls since the start.
    """

    startup: str
    reload: str
    current_calls: int
    processed_calls: int


@dataclass(frozen=True, slots=True)
class CoreStatus(Action[CoreStatusResult]):
    """Ask when Asterisk started."""

    name = "CoreStatus"

    def result(self, response: Message) -> CoreStatusResult:
        """Read the answer."""
        return CoreStatusResult(
            startup=_moment(response, "CoreStartup"),
            reload=_moment(response, "CoreReload"),
            current_calls=_number(response, "CoreCurrentCalls"),
            processed_calls=_number(response, "CoreProcessedCalls"),
        )


@dataclass(frozen=True, slots=True)
class CoreSettingsResult:
    """Which Asterisk this is."""

    ami_version: str
    asterisk_version: str
    system_name: str
    max_calls: int


@dataclass(frozen=True, slots=True)
class CoreSettings(Action[CoreSettingsResult]):
    """Ask for Asterisk's version and limits."""

    name = "CoreSettings"

    def result(self, response: Message) -> CoreSettingsResult:
        """Read the answer."""
        return CoreSettingsResult(
            ami_version=response.get("AMIversion"),
            asterisk_version=response.get("AsteriskVersion"),
            system_name=response.get("SystemName"),
            max_calls=_number(response, "CoreMaxCalls"),
        )


@dataclass(frozen=True, slots=True)
class Challenge(Action[str]):
    """Ask for the challenge of an MD5 login."""

    name = "Challenge"

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield "AuthType", "MD5"

    def result(self, response: Message) -> str:
        """Return the challenge."""
        return response.get("Challenge")


@dataclass(frozen=True, slots=True)
class Login(SimpleAction):
    """Log in with the secret in clear text; use it over TLS only."""

    name = "Login"
    user: str
    secret: str = field(repr=False)
    events: str = "on"

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(("Username", self.user), ("Secret", self.secret), ("Events", self.events))


@dataclass(frozen=True, slots=True)
class LoginMD5(SimpleAction):
    """Log in by answering a challenge; the secret itself is not sent."""

    name = "Login"
    user: str
    secret: str = field(repr=False)
    challenge: str
    events: str = "on"

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: challenge or secret cannot be written as bytes.
        """
        try:
            proof = (self.challenge + self.secret).encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise InvalidAction("the challenge or the secret holds what is no text") from None
        key = hashlib.md5(proof, usedforsecurity=False).hexdigest()  # the protocol knows no better one
        yield from given(("AuthType", "MD5"), ("Username", self.user), ("Key", key), ("Events", self.events))


@dataclass(frozen=True, slots=True)
class Logoff(SimpleAction):
    """Take leave; Asterisk closes the link."""

    name = "Logoff"


@dataclass(frozen=True, slots=True)
class Events(SimpleAction):
    """Choose which classes of events come on this link: `on`, `off`, or `call,agent,…`."""

    name = "Events"
    mask: str

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield "EventMask", self.mask


@dataclass(frozen=True, slots=True)
class UserEvent(SimpleAction):
    """Send an event of one's own to every AMI user that may read `user`."""

    name = "UserEvent"
    user_event: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield "UserEvent", self.user_event
        yield from self.headers.items()


@dataclass(frozen=True, slots=True)
class DeviceStateList(ListAction[DeviceStateChange]):
    """List the state of every device that Asterisk knows one of."""

    name = "DeviceStateList"
    rows = (DeviceStateChange,)


@dataclass(frozen=True, slots=True)
class ShowDialPlan(ListAction[ListDialplan]):
    """List the dialplan, of one context or extension or of all."""

    name = "ShowDialPlan"
    rows = (ListDialplan,)
    context: str | None = None
    extension: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(("Context", self.context), ("Extension", self.extension))


@dataclass(frozen=True, slots=True)
class ListCommands(Action[dict[str, str]]):
    """Ask which actions this user may send: names, each with its description and rights."""

    name = "ListCommands"

    def result(self, response: Message) -> dict[str, str]:
        """Read the answer; each action is a header of it."""
        return {name: text for name, text in response.items() if name.lower() not in _OUR_HEADERS}


def _moment(response: Message, header: str) -> str:
    """Join date and time; before it has booted Asterisk tells the epoch."""
    date, time = response.get(f"{header}Date"), response.get(f"{header}Time")
    return "" if date < "2000" else f"{date} {time}"


def _number(response: Message, header: str) -> int:
    value = response.get(header)
    return int(value) if value.isdecimal() else 0
