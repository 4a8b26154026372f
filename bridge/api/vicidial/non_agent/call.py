"""One request to a function of the non-agent API, after login."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, plain
from bridge.audit.entry import here
from bridge.dialer.model import PRIORITIES
from bridge.reports.sight import Sight

YES = "Y"


@dataclass(frozen=True, slots=True, kw_only=True)
class NonAgentCall(FunctionCall):
    """What a function is given."""

    now: datetime
    """When the request came, in the site's zone."""

    rest: list[AsyncIterator[str]] = field(default_factory=list)
    """How a reply goes on that is too long to be held: one, if any."""

    @property
    def user(self) -> str:
        """Who asks, as lines repeat it."""
        return self.principal.user

    @property
    def zone(self) -> tzinfo:
        """The site's."""
        return self.services.options.timezone

    def yes(self, name: str) -> bool:
        """Whether a parameter is exactly `Y`."""
        return self[name] == YES

    @property
    def priority(self) -> int:
        """`hopper_priority`, within what the hopper has."""
        text = self["hopper_priority"]
        digits = text.lstrip("-")[:6]
        number = int(digits) if digits.isdecimal() else 0
        return max(PRIORITIES.start, min(PRIORITIES.stop - 1, -number if text.startswith("-") else number))

    def check_source(self) -> None:
        """End unless the caller has named itself, with at least two letters or digits."""
        source = self["source"]
        if len(source) < 2:
            raise Answer(f"ERROR: Invalid Source - {source}\nERROR: Invalid Source: |{source}|\n")

    def check_function(self) -> None:
        """End unless the function is in the caller's list."""
        if not self.services.access.may_call(self.principal, self.function):
            here().refuse("function")
            why = "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION"
            raise Answer(plain("ERROR", why, "", self.user, self.function, ""))

    def check_rights(self, may: str, closing: str, told_as: str = "") -> None:
        """End unless the caller has level and rights that the function asks for.

        Args:
            may: what it may not do, in the format's words.
            closing: what the format has behind the count.
            told_as: name of the function there; empty: its own.
        """
        if not self.has_rights():
            here().refuse("right")
            why = f"{told_as or self.function} USER DOES NOT HAVE PERMISSION TO {may}"
            raise Answer(f"ERROR: {why}: |{self.user}|0{closing}\n")

    def check_lists(self, lead_list: int | All) -> None:
        """Whether the caller's own limits allow a list (`Forbidden`)."""
        self.check_limits(lead_list=lead_list)

    @property
    def restricted(self) -> bool:
        """Whether the caller may use the lists of its group's campaigns only (`api_list_restrict`)."""
        return self.principal.right("api_list_restrict") == 1

    def may_use_campaign(self, campaign: str) -> bool:
        """Whether the campaign is one of its group's, and within its own limits."""
        scope = self.principal.scope
        return scope is not None and campaign in scope.campaigns

    def sees(self, user: Principal) -> bool:
        """Whether a user is of a group that the caller's group sees."""
        scope = self.principal.scope
        return scope is not None and user.group in scope.groups

    @property
    def sight(self) -> Sight:
        """What the caller sees of calls and recordings."""
        return Sight.of(self.principal)

    def day(self, name: str) -> tuple[datetime, datetime] | None:
        """Begin and end, at the site, of the day that a parameter names; `None`: it names none."""
        try:
            begin = datetime.strptime(self[name], "%Y-%m-%d").replace(tzinfo=self.zone)
            return begin, begin + timedelta(days=1)
        except (ValueError, OverflowError):
            return None

    def clock(self, moment: datetime) -> str:
        """A time as lines tell it, at the site."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def line(self, word: str, reason: str, *fields: str) -> str:
        """`{word}: {function} {reason}: {fields}`: lines whose fields stand behind a colon."""
        return plain(word, f"{self.function} {reason}", *fields)

    def none_found(self, reason: str, *fields: str) -> str:
        """`ERROR: {function} {reason} - {user}|{fields}`."""
        return error(f"{self.function} {reason}", self.user, *fields)

    def error(self, reason: str, *fields: str) -> str:
        """`ERROR: {function} {reason}: |{fields}`."""
        return self.line("ERROR", reason, "", *fields)
