"""What a site consists of: plain data, each checked when it is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

import msgspec

from bridge.access.names import ALL, Names
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.template import check_template, fill

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_OPTIONAL_NAME = re.compile(r"[A-Za-z0-9_-]{0,40}")
_STATUS = re.compile(r"[A-Za-z0-9_-]{1,6}")
_NUMBER = re.compile(r"[0-9]{0,20}")
_DID = re.compile(r"\+?[0-9]{2,20}")


class DialMethod(StrEnum):
    """Who decides that the next lead is dialled."""

    MANUAL = "MANUAL"
    RATIO = "RATIO"
    ADAPT_AVERAGE = "ADAPT_AVERAGE"
    ADAPT_HARD_LIMIT = "ADAPT_HARD_LIMIT"
    ADAPT_TAPERED = "ADAPT_TAPERED"
    INBOUND_MAN = "INBOUND_MAN"


class ApiManualDial(StrEnum):
    """What a dial through the API does while the agent is not paused."""

    STANDARD = "STANDARD"
    """It is refused."""
    QUEUE = "QUEUE"
    """It waits until she is paused."""
    QUEUE_AND_AUTOCALL = "QUEUE_AND_AUTOCALL"
    """It waits, and is then dialled by itself."""


class Preview(StrEnum):
    """What an agent may do with a lead before it is dialled."""

    DISABLED = "DISABLED"
    PREVIEW_ONLY = "PREVIEW_ONLY"
    PREVIEW_AND_SKIP = "PREVIEW_AND_SKIP"


class PauseCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason for a pause that agents may choose."""

    code: str
    """1 to 6 characters."""
    name: str = ""
    billable: bool = False

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_STATUS, "pause_codes", self.code, "1 to 6 letters, digits, '-' or '_'")
        _printable("pause_codes", self.name)


class Status(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disposition that a campaign adds to those of the system."""

    status: str
    """1 to 6 characters."""
    name: str = ""
    selectable: bool = True
    callback: bool = False
    """It asks for a time at which the lead is called again."""

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_STATUS, "statuses", self.status, "1 to 6 letters, digits, '-' or '_'")
        _printable("statuses", self.name)


class Campaign(SiteItem, frozen=True, kw_only=True):
    """How calls are made and given to agents."""

    kind: ClassVar[str] = "campaign"
    key_field: ClassVar[str] = "id"

    id: str
    name: str = ""
    active: bool = True
    dial_method: DialMethod = DialMethod.MANUAL
    dial_level: float = 0.0
    """Lines for each waiting agent; 0 dials nothing by itself."""
    dial_statuses: tuple[str, ...] = ()
    """Statuses of the leads that may be dialled by themselves."""
    call_time: str = "24hours"
    """Name of the hours in which leads may be called."""
    api_manual_dial: ApiManualDial = ApiManualDial.STANDARD
    inbound: bool = False
    queues: tuple[str, ...] = ()
    """In-groups: Asterisk's queues of which its agents are members."""
    default_transfer_queue: str = ""
    manual_list: int | None = None
    """List that takes leads of manual dials; none: they are refused by `external_add_lead`."""
    trunk: str = ""
    """Name of the trunk its calls go out on."""
    caller_id: str = ""
    """Digits shown to the customer; empty: the trunk's own."""
    dial_timeout: int = 60
    """Seconds until an unanswered call is given up; at least 15."""
    wrapup_seconds: int = 30
    """Seconds for the disposition after a call. 0 takes the default status at once: then a status that a
    CRM sends after the hang-up, as is usual, comes too late."""
    default_status: str = "DISPO"
    """Disposition of an answered call that nobody disposed; no status that is dialled again by itself."""
    drop_seconds: float = 5.0
    """Seconds that an answered call waits for an agent before it is abandoned."""
    abandon_message: str = ""
    """Sound file, without its extension, that an abandoned caller hears."""
    preview: Preview = Preview.DISABLED
    alt_number_dialing: bool = False
    """Agents may dial a lead's other numbers."""
    inbound_lead_search: bool = False
    """Agents may look for another lead during an inbound call."""
    presets: Mapping[str, str] = {}
    """Numbers by the name that transfers know them by."""
    pause_codes: tuple[PauseCode, ...] = ()
    statuses: tuple[Status, ...] = ()

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(re.compile(r"[A-Za-z0-9_-]{1,20}"), "id", self.id, "1 to 20 letters, digits, '-' or '_'")
        _printable("name", self.name)
        for field in ("queues", "dial_statuses"):
            for name in getattr(self, field):
                _match(_NAME, field, name, "letters, digits, '-' or '_'")
        for field in ("trunk", "default_transfer_queue", "call_time"):
            _match(_OPTIONAL_NAME, field, getattr(self, field), "letters, digits, '-' or '_'")
        _in_order(self, "pause_codes", "code")
        _in_order(self, "statuses", "status")
        for name, number in self.presets.items():
            _printable("presets", name)
            _match(_DID, "presets", number, "a name and a number")
        _match(_NUMBER, "caller_id", self.caller_id, "digits only")
        _match(_STATUS, "default_status", self.default_status, "1 to 6 letters, digits, '-' or '_'")
        _match(re.compile(r"[A-Za-z0-9/_-]{0,100}"), "abandon_message", self.abandon_message, "a sound file")
        _within("dial_timeout", self.dial_timeout, 15, 600)
        _within("wrapup_seconds", self.wrapup_seconds, 0, 3600)
        _within("drop_seconds", self.drop_seconds, 0, 60)
        _within("dial_level", self.dial_level, 0, 20)

    def is_callback(self, status: str) -> bool:
        """Whether a status asks for a time at which the lead is called again."""
        own = next((entry for entry in self.statuses if entry.status == status), None)
        return own.callback if own else status in SYSTEM_CALLBACKS


SYSTEM_CALLBACKS = frozenset({"CALLBK", "CBHOLD", "QCFAIL"})
"""Statuses of the system that ask for a time at which the lead is called again."""


class Phone(SiteItem, frozen=True, kw_only=True):
    """A phone that agents log in with."""

    kind: ClassVar[str] = "phone"
    key_field: ClassVar[str] = "login"

    login: str
    name: str = ""
    template: str = "PJSIP/{phone}"
    asterisk: str = ""
    """Server it is registered with; empty: the first of the settings."""
    active: bool = True

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_NAME, "login", self.login, "1 to 40 letters, digits, '-' or '_'")
        _printable("name", self.name)
        check_template(self.template, "phone", "template")
        _match(_OPTIONAL_NAME, "asterisk", self.asterisk, "a server's name")

    @property
    def dial(self) -> str:
        """The dial string that rings it."""
        return fill(self.template, "phone", self.login)


class Trunk(SiteItem, frozen=True, kw_only=True):
    """A way to the telephone network."""

    kind: ClassVar[str] = "trunk"

    name: str
    template: str
    """For example `PJSIP/{number}@carrier` or `Local/{number}@from-internal/n`."""
    asterisk: str = ""
    """Server that has it; empty: the first of the settings."""
    active: bool = True

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_NAME, "name", self.name, "1 to 40 letters, digits, '-' or '_'")
        check_template(self.template, "number", "template")
        _match(_OPTIONAL_NAME, "asterisk", self.asterisk, "a server's name")

    def dial(self, number: str) -> str:
        """The dial string for a number of digits, with or without `+`.

        Raises:
            InvalidField: it is anything else.
        """
        return fill(self.template, "number", number)


class Did(SiteItem, frozen=True, kw_only=True):
    """A number by which customers call us."""

    kind: ClassVar[str] = "did"
    key_field: ClassVar[str] = "number"

    number: str
    name: str = ""
    queue: str
    """In-group: the queue in which its callers wait."""
    campaign: str = ""
    active: bool = True

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_DID, "number", self.number, "2 to 20 digits, as the carrier sends them")
        _printable("name", self.name)
        _match(_NAME, "queue", self.queue, "letters, digits, '-' or '_'")
        _match(_OPTIONAL_NAME, "campaign", self.campaign, "letters, digits, '-' or '_'")


class InGroup(SiteItem, frozen=True, kw_only=True):
    """A queue of inbound callers, by the name that Asterisk's queue has."""

    kind: ClassVar[str] = "ingroup"

    name: str
    title: str = ""
    active: bool = True

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_NAME, "name", self.name, "1 to 40 letters, digits, '-' or '_'")
        _printable("title", self.title)


class UserGroup(SiteItem, frozen=True, kw_only=True):
    """What its users may use and see."""

    kind: ClassVar[str] = "usergroup"

    name: str
    title: str = ""
    campaigns: Names = ALL
    sees_groups: Names = ALL

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(re.compile(r"[A-Za-z0-9_-]{1,20}"), "name", self.name, "1 to 20 letters, digits, '-' or '_'")
        _printable("title", self.title)


def _match(pattern: re.Pattern[str], field: str, value: str, wanted: str) -> None:
    if not pattern.fullmatch(value):
        raise InvalidField(field, f"{value[:60]!r}: {wanted}")


def _in_order(campaign: Campaign, field: str, by: str) -> None:
    """Two campaigns with the same entries are equal, in whatever order these were written."""
    entries = sorted(getattr(campaign, field), key=lambda entry: str(getattr(entry, by)))
    if len({getattr(entry, by) for entry in entries}) != len(entries):
        raise InvalidField(field, "the same one is there twice")
    msgspec.structs.force_setattr(campaign, field, tuple(entries))


def _printable(field: str, value: str) -> None:
    if len(value) > 100 or not value.isprintable():
        raise InvalidField(field, "at most 100 printable characters")


def _within(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise InvalidField(field, f"{value:g} is not in {least:g} to {most:g}")
