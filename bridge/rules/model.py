"""What the gate is asked about, what it must know, and what it answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Purpose(StrEnum):
    """Why the number is dialled."""

    MANUAL = "manual"
    """An agent calls a customer."""
    AUTO = "auto"
    """The dialler calls a customer."""
    THREE_WAY = "three_way"
    """A third party is added to a call."""
    TRANSFER = "transfer"
    """A customer is passed on."""
    CALL_AGENT = "call_agent"
    """An agent's own telephone is rung."""


class Rule(StrEnum):
    """The rules that can forbid a call."""

    NOT_A_NUMBER = "not_a_number"
    EMERGENCY = "emergency"
    SATELLITE = "satellite"
    PREMIUM = "premium"
    COUNTRY = "country"
    DNC_SYSTEM = "dnc_system"
    DNC_CAMPAIGN = "dnc_campaign"
    DNC_STALE = "dnc_stale"
    """A do-not-call list that the campaign needs is too old: it dials nothing by itself."""
    CONSENT = "consent"
    """The campaign demands a consent, and there is none that holds."""
    CALL_TIME = "call_time"
    """Outside the hours of the campaign or of the list, on the customer's clock."""
    LAW_HOURS = "law_hours"
    """Outside the hours of the law of her country or state."""
    TIME_ZONE = "time_zone"
    """There are hours to be kept, and nobody knows her clock."""
    NO_CALL_TIME = "no_call_time"
    """The campaign or the list names hours that are not there."""
    ATTEMPTS_PER_DAY = "attempts_per_day"
    ATTEMPTS_PER_WEEK = "attempts_per_week"
    DROP_LOCKOUT = "drop_lockout"
    """The customer was abandoned, and is left alone by what dials by itself."""
    DROP_LIMIT = "drop_limit"
    """The campaign has abandoned too many, and dials nothing by itself."""
    HELD = "held"
    """Nobody is called now, whoever asks; see `hold`."""
    USER_STOPPED = "user_stopped"
    """The API user who asks was shut out since."""
    USER_COUNTRY = "user_country"
    USER_NUMBER_TYPE = "user_number_type"
    USER_CALLS_PER_HOUR = "user_calls_per_hour"
    USER_CALLS_PER_DAY = "user_calls_per_day"
    USER_CALLS_AT_ONCE = "user_calls_at_once"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The number must not be dialled."""

    rule: Rule
    why: str
    """One sentence for people; holds nothing of the request but digits."""
    source: str
    """The law, standard or setting behind the rule."""
    opens: datetime | None = None
    """When this rule will no longer forbid it, as far as can be told."""
    zone: str = ""
    """The time zone by whose clocks that is, where it is the customer's own that count."""


PASSING: frozenset[Rule] = frozenset(
    {
        Rule.CALL_TIME,
        Rule.LAW_HOURS,
        Rule.TIME_ZONE,
        Rule.NO_CALL_TIME,
        Rule.ATTEMPTS_PER_DAY,
        Rule.ATTEMPTS_PER_WEEK,
        Rule.DROP_LOCKOUT,
        Rule.DROP_LIMIT,
        Rule.DNC_STALE,
    }
)
"""Rules that say nothing of the number or the lead: it may well be dialled later, and another lead now."""
OF_CAMPAIGN: frozenset[Rule] = frozenset({Rule.DROP_LIMIT, Rule.DNC_STALE, Rule.HELD})
"""Those by which the campaign dials nobody at all by itself."""


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A telephone number that has been read and found possible. Made by `normalise` only."""

    digits: str
    """As it was given, without anything but digits."""
    e164: str
    """With `+` and country calling code."""
    country_code: int
    """Country calling code, e.g. 1 or 49."""
    national: str
    """National significant number: digits without country calling code and trunk prefix."""
    domestic: str
    """As one dials it within its country: `national`, after the trunk prefix where the country has one."""
    country: str
    """ISO 3166 code of the country; `001` for numbers of no country."""
    kind: int
    """A `phonenumbers.PhoneNumberType`: what the national plan uses the number's range for."""

    @property
    def forms(self) -> tuple[str, ...]:
        """All the ways in which lists may hold it and trunks may want it: digits only."""
        return tuple(dict.fromkeys((self.digits, self.national, self.domestic, self.e164[1:])))


class DncHit(msgspec.Struct, frozen=True, kw_only=True):
    """A do-not-call list that holds the number."""

    campaign: str = ""
    """Whose list; empty for the one of the whole system."""
    kind: str = "number"
    """What of the number it holds: `number`, `area_code` or `prefix`."""
    entry: str = ""
    """The area code or the prefix."""
    list: str = ""
    """Name of the imported list; empty: the site's own."""
    version: str = ""
    """Of that list."""


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What an API user has used of one of its limits."""

    rule: Rule
    calls: int
    most: int


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """The API user who asks, with its own limits: it may call less than the site, and never more."""

    user: str
    countries: frozenset[str]
    """ISO 3166 codes of those that it may call."""
    number_types: frozenset[str]
    """Those that it may call, as `phonenumbers` names them, in small letters."""
    shut_out: str = ""
    """Why nothing is dialled for it any more; empty: it may dial."""
    used: tuple[Used, ...] = ()
    """What is limited, and how much of it was used when the call was about to be written."""
