"""What a site consists of: plain data, each checked when it is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from bridge.access.names import ALL, Names
from bridge.campaigns.alt_url import AltUrl
from bridge.campaigns.alt_url import check as check_alternates
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.line_settings import KEPT
from bridge.campaigns.line_settings import why_not as why_not_kept
from bridge.campaigns.messages import STATED, AmdAction
from bridge.campaigns.page_fields import Script, WebForm, why_no_script, why_no_web_form
from bridge.campaigns.redial import UNREACHED, AutoAltDial, Recycle
from bridge.campaigns.template import MAX_TEMPLATE, check_template, fill, template_pattern
from bridge.campaigns.url_template import URL_FIELDS, CrmUrl, why_not

_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_OPTIONAL_NAME = re.compile(r"[A-Za-z0-9_-]{0,40}")
_CONSENT = re.compile(r"[a-z0-9_-]{0,40}")
_STATUS = re.compile(r"[A-Za-z0-9_-]{1,6}")
_NUMBER = re.compile(r"[0-9]{0,20}")
_DID = re.compile(r"\+?[0-9]{2,20}")
_KEYS = re.compile(r"[0-9PSQ]{0,40}")
_SOUND = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/_-]{0,100}(?<!/)")
_ALIAS = re.compile(r"[A-Za-z0-9]{1,30}")
_KEY = re.compile(r"[0-9]?")
_SHIFT = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
_CALLBACK = re.compile(r"(\+?[0-9]{7,18})?")
_URL = re.compile(r"(https?://[^\s\x00-\x1f\x7f<>\"']+)?")
_URL_LENGTH = 500
_TITLE_LENGTH = 100
_LIMITS: Mapping[str, tuple[float, float]] = {
    "dial_timeout": (15, 600),
    "wrapup_seconds": (0, 3600),
    "drop_seconds": (0, 60),
    "dial_level": (0, 20),
    "max_dial_level": (0, 20),
    "hopper_level": (1, 2000),
    "call_count_limit": (0, 1000),
    "amd_seconds": (0.5, 2.0),
    "attempts_per_day": (0, 100),
    "attempts_per_week": (0, 500),
    "drop_limit": (0, 100),
    "drop_lockout_hours": (0, 8760),
    "max_calls": (0, 10_000),
    "calls_per_second": (0.1, 1000),
}


def _told(**schema: Any) -> Meta:
    """A limit for the API's description only: the check is `__post_init__`'s, whose errors say more."""
    return Meta(extra_json_schema=schema)


def matching(pattern: re.Pattern[str]) -> Meta:
    """The API's description of a text that matches."""
    return _told(pattern=f"^(?:{pattern.pattern})$(?!\\n)")


def _between(field: str) -> Meta:
    least, most = _LIMITS[field]
    return _told(minimum=least, maximum=most)


Id = Annotated[str, matching(_ID)]
Name = Annotated[str, matching(_NAME)]
OptionalName = Annotated[str, matching(_OPTIONAL_NAME)]
StatusName = Annotated[str, matching(_STATUS)]
Number = Annotated[str, matching(_DID)]
Title = Annotated[str, _told(maxLength=_TITLE_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]


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

    code: StatusName
    """1 to 6 characters."""
    name: Title = ""
    billable: bool = False

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_STATUS, "pause_codes", self.code, "1 to 6 letters, digits, '-' or '_'")
        check_printable("pause_codes", self.name)


class Status(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disposition that a campaign adds to those of the system."""

    status: StatusName
    """1 to 6 characters."""
    name: Title = ""
    selectable: bool = True
    callback: bool = False
    """It asks for a time at which the lead is called again."""

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_STATUS, "statuses", self.status, "1 to 6 letters, digits, '-' or '_'")
        check_printable("statuses", self.name)


class PresetOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent's screen makes of a preset, beside its number."""

    hide_number: bool = False
    keys: Annotated[str, matching(_KEYS)] = ""
    """Digits that are sent once it is answered, with the line format's letters for silence and such."""

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_KEYS, "preset_options", self.keys, "digits, P, S and Q, at most 40")


class Campaign(SiteItem, frozen=True, kw_only=True):
    """How calls are made and given to agents."""

    kind: ClassVar[str] = "campaign"
    key_field: ClassVar[str] = "id"

    id: Id
    name: Title = ""
    active: bool = True
    dial_method: DialMethod = DialMethod.MANUAL
    dial_level: Annotated[float, _between("dial_level")] = 0.0
    """Lines for each waiting agent; 0 dials nothing by itself."""
    max_dial_level: Annotated[float, _between("max_dial_level")] = 3.0
    """Lines for each agent that the adaptive methods use at most."""
    shift: Annotated[str, matching(_SHIFT)] = "09:00-21:00"
    """When its agents work, on the site's clock: `ADAPT_TAPERED` risks less towards the end."""
    dial_statuses: tuple[Name, ...] = ()
    """Statuses of the leads that may be dialled by themselves."""
    hopper_level: Annotated[int, _between("hopper_level")] = 100
    """Leads of its lists that wait in the hopper, as long as there are so many."""
    recycle: tuple[Recycle, ...] = ()
    """Statuses with which leads are called again after a while, without a reset of their list."""
    auto_alt_dial: AutoAltDial = AutoAltDial.NONE
    """Other numbers of a lead that are dialled by themselves when the last one reached nobody."""
    auto_alt_dial_statuses: tuple[StatusName, ...] = UNREACHED
    """Statuses after which they are."""
    call_count_limit: Annotated[int, _between("call_count_limit")] = 0
    """Calls of a lead, by hand or not, after which she is not dialled by itself any more; 0: no limit."""
    call_time: OptionalName = "24hours"
    """Name of the hours in which leads may be called."""
    attempts_per_day: Annotated[int, _between("attempts_per_day")] = 0
    """Calls to one number within 24 hours, by whichever campaign; 0: no limit."""
    attempts_per_week: Annotated[int, _between("attempts_per_week")] = 0
    """The same within 7 days."""
    consent: Annotated[str, matching(_CONSENT)] = ""
    """Purpose of the consent without which nobody is called, `any` for one of any purpose; empty: none."""
    dnc_lists: tuple[Name, ...] = ()
    """Imported do-not-call lists that it needs: without a fresh one of each it only dials by hand."""
    drop_limit: Annotated[float, _between("drop_limit")] = 3.0
    """Per cent of the calls answered within 30 days that may be abandoned; then it only dials by hand."""
    drop_lockout_hours: Annotated[int, _between("drop_lockout_hours")] = 72
    """Hours for which an abandoned customer is called by agents only."""
    api_manual_dial: ApiManualDial = ApiManualDial.STANDARD
    inbound: bool = False
    queues: tuple[Name, ...] = ()
    """In-groups: Asterisk's queues of which its agents are members."""
    default_transfer_queue: OptionalName = ""
    manual_list: int | None = None
    """List that takes leads of manual dials; none: they are refused by `external_add_lead`."""
    trunk: OptionalName = ""
    """Name of the trunk its calls go out on."""
    caller_id: Annotated[str, matching(_NUMBER)] = ""
    """Digits shown to the customer; empty: the trunk's own."""
    caller_id_group: OptionalName = ""
    """Caller-id group whose number for the customer's area is shown before that."""
    dial_timeout: Annotated[int, _between("dial_timeout")] = 60
    """Seconds until an unanswered call is given up; at least 15."""
    wrapup_seconds: Annotated[int, _between("wrapup_seconds")] = 30
    """Seconds for the disposition after a call. 0 takes the default status at once: then a status that a
    CRM sends after the hang-up, as is usual, comes too late."""
    default_status: StatusName = "DISPO"
    """Disposition of an answered call that nobody disposed; no status that is dialled again by itself."""
    drop_seconds: Annotated[float, _between("drop_seconds")] = 5.0
    """Seconds that an answered call waits for an agent before it is abandoned."""
    abandon_message: Annotated[str, matching(_SOUND)] = ""
    """Sound file, without its extension, that an abandoned caller hears, once the four below are stated."""
    amd: bool = False
    """Machines that answer automatic calls are detected; whoever is not surely one is a person."""
    amd_seconds: Annotated[float, _between("amd_seconds")] = 2.0
    """Seconds after the answer in which it must be known; they count as waiting for an agent."""
    amd_action: AmdAction = AmdAction.HANGUP
    machine_message: Annotated[str, matching(_SOUND)] = ""
    """Sound file that is left after the tone, with `amd_action` MESSAGE, once the four below are stated."""
    opt_out_key: Annotated[str, matching(_KEY)] = ""
    """Digit by which whoever hears such a message forbids further calls; empty: none."""
    message_purpose: Title = ""
    """Why is called, as it can be shown to an authority; without it no recorded message is played."""
    message_seller: Title = ""
    """For whom; the same."""
    message_callback_number: Annotated[str, matching(_CALLBACK)] = ""
    """Number, with or without `+`, by which customers reach the seller; the same."""
    message_consent: Title = ""
    """On what consent the messages rest; the same."""
    park_music: OptionalName = ""
    """Class of the music that a parked customer hears; empty: Asterisk's own."""
    preview: Preview = Preview.DISABLED
    alt_number_dialing: bool = False
    """Agents may dial a lead's other numbers."""
    inbound_lead_search: bool = False
    """Agents may look for another lead during an inbound call."""
    presets: Mapping[Title, Number] = {}
    """Numbers by the name that transfers know them by."""
    preset_options: Mapping[Title, PresetOptions] = {}
    """By the preset's name."""
    start_call_url: CrmUrl = ""
    """Address that is called when an agent has the customer; see `bridge.campaigns.url_template`."""
    dispo_call_url: CrmUrl = ""
    """The same when a call that an agent had has its disposition."""
    no_agent_call_url: CrmUrl = ""
    """The same for a call that no agent had."""
    add_lead_url: CrmUrl = ""
    """The same for a lead that has come in."""
    alt_urls: tuple[AltUrl, ...] = ()
    """Addresses that are called where one of the four is `ALT`."""
    script: Script = ""
    """What an agent reads, on her page; placeholders as in the addresses."""
    web_form_url: WebForm = ""
    """Page of the CRM for the lead that an agent has, in a frame of her page or another tab."""
    pause_codes: tuple[PauseCode, ...] = ()
    statuses: tuple[Status, ...] = ()
    line_settings: Annotated[Mapping[str, str], KEPT] = {}
    """What the line format sets of a campaign and the bridge has nothing for; it is kept and given back."""

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_ID, "id", self.id, "1 to 20 letters, digits, '-' or '_'")
        check_printable("name", self.name)
        for field in ("queues", "dial_statuses", "dnc_lists"):
            for name in getattr(self, field):
                _match(_NAME, field, name, "letters, digits, '-' or '_'")
        for status in self.auto_alt_dial_statuses:
            _match(_STATUS, "auto_alt_dial_statuses", status, "1 to 6 letters, digits, '-' or '_'")
        for field in ("trunk", "default_transfer_queue", "call_time", "park_music", "caller_id_group"):
            _match(_OPTIONAL_NAME, field, getattr(self, field), "letters, digits, '-' or '_'")
        _in_order(self, "pause_codes", "code")
        _in_order(self, "statuses", "status")
        _in_order(self, "recycle", "status")
        for name, number in self.presets.items():
            check_printable("presets", name)
            _match(_DID, "presets", number, "a name and a number")
        _match(_NUMBER, "caller_id", self.caller_id, "digits only")
        _match(_STATUS, "default_status", self.default_status, "1 to 6 letters, digits, '-' or '_'")
        _check_messages(self)
        _match(_SHIFT, "shift", self.shift, "two times of the day, 09:00-21:00")
        _match(_CONSENT, "consent", self.consent, "small letters, digits, '-' or '_'")
        _check_limits(self)
        check_urls(self)
        check_alternates(self.alt_urls)
        _check_page(self)
        if why := why_not_kept(self.line_settings):
            raise InvalidField("line_settings", why)
        for name in self.preset_options:
            if name not in self.presets:
                raise InvalidField("preset_options", f"there is no preset {name[:60]!r}")

    def may_play(self, sound: str) -> str:
        """A recorded message of the campaign; empty while it has not stated what the law asks for."""
        return "" if self.unstated else sound

    @property
    def unstated(self) -> tuple[str, ...]:
        """Fields that it has to fill in before any recorded message is played in its calls."""
        return tuple(field for field in STATED if not getattr(self, field).strip())

    def is_callback(self, status: str) -> bool:
        """Whether a status asks for a time at which the lead is called again."""
        own = next((entry for entry in self.statuses if entry.status == status), None)
        return own.callback if own else status in SYSTEM_CALLBACKS


def _check_messages(campaign: Campaign) -> None:
    for field in ("abandon_message", "machine_message"):
        _match(_SOUND, field, getattr(campaign, field), "a sound file")
    _match(_KEY, "opt_out_key", campaign.opt_out_key, "one digit")
    _match(_CALLBACK, "message_callback_number", campaign.message_callback_number, "7 to 18 digits")
    for field in ("message_purpose", "message_seller", "message_consent"):
        check_printable(field, getattr(campaign, field))


def _check_page(campaign: Campaign) -> None:
    if why := why_no_script(campaign.script):
        raise InvalidField("script", why)
    if why := why_no_web_form(campaign.web_form_url):
        raise InvalidField("web_form_url", why)


SYSTEM_CALLBACKS = frozenset({"CALLBK", "CBHOLD", "QCFAIL"})
"""Statuses of the system that ask for a time at which the lead is called again."""


class Phone(SiteItem, frozen=True, kw_only=True):
    """A phone that agents log in with."""

    kind: ClassVar[str] = "phone"
    key_field: ClassVar[str] = "login"

    login: Name
    name: Title = ""
    template: Annotated[str, _told(maxLength=MAX_TEMPLATE, pattern=template_pattern("phone"))] = (
        "PJSIP/{phone}"
    )
    asterisk: OptionalName = ""
    """Server it is registered with; empty: the first of the settings."""
    webphone_url: Annotated[str, matching(_URL), _told(maxLength=_URL_LENGTH)] = ""
    """Page of a phone in the browser that is not the bridge's own."""
    browser: bool = False
    """Whether the agent's console is the phone: `agent-bridge phone secret` gives what it registers with."""
    active: bool = True
    extension: OptionalName = ""
    """What stands in its dial string; empty: the login."""
    voicemail: OptionalName = ""
    """Its voicemail box."""
    line_settings: Annotated[Mapping[str, str], KEPT] = {}
    """Settings of the line format that the bridge has no use for."""

    def __post_init__(self) -> None:
        """Check the fields."""
        check_name("login", self.login)
        for field in ("extension", "voicemail"):
            _match(_OPTIONAL_NAME, field, getattr(self, field), "letters, digits, '-' or '_'")
        if why := why_not_kept(self.line_settings):
            raise InvalidField("line_settings", why)
        check_printable("name", self.name)
        check_template(self.template, "phone", "template")
        _match(_OPTIONAL_NAME, "asterisk", self.asterisk, "a server's name")
        _match(_URL, "webphone_url", self.webphone_url[: _URL_LENGTH + 1], "an http or https URL")
        if len(self.webphone_url) > _URL_LENGTH:
            raise InvalidField("webphone_url", f"at most {_URL_LENGTH} characters")

    @property
    def dial(self) -> str:
        """The dial string that rings it."""
        return fill(self.template, "phone", self.device)

    @property
    def device(self) -> str:
        """What Asterisk knows it by."""
        return self.extension or self.login

    @property
    def before_login(self) -> str:
        """What its dial string has before the login."""
        return self.template.partition("{phone}")[0]

    @property
    def number(self) -> str:
        """Digits that it is dialled by at an exchange; empty if it is a device of Asterisk's own.

        `PJSIP/{phone}` is a device; `PJSIP/{phone}@carrier`, `DAHDI/g1/{phone}` and `Local/{phone}@…` dial.
        """
        technology, _, before = self.before_login.partition("/")
        dials = technology == "Local" or "/" in before or "@" in self.template.partition("{phone}")[2]
        return self.device if dials and self.device.isdecimal() else ""


class Trunk(SiteItem, frozen=True, kw_only=True):
    """A way to the telephone network."""

    kind: ClassVar[str] = "trunk"

    name: Name
    template: Annotated[str, _told(maxLength=MAX_TEMPLATE, pattern=template_pattern("number"))]
    """For example `PJSIP/{number}@carrier` or `Local/{number}@from-internal/n`."""
    asterisk: OptionalName = ""
    """Server that has it; empty: the first of the settings."""
    active: bool = True
    max_calls: Annotated[int, _between("max_calls")] = 0
    """Calls at a time with which the dialler begins no other; 0: no limit."""
    calls_per_second: Annotated[float, _between("calls_per_second")] = 5.0
    """Calls that the dialler begins in a second, at most."""

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_NAME, "name", self.name, "1 to 40 letters, digits, '-' or '_'")
        check_template(self.template, "number", "template")
        _match(_OPTIONAL_NAME, "asterisk", self.asterisk, "a server's name")
        _check_limits(self)

    @property
    def before_number(self) -> str:
        """What its dial strings have before the number."""
        return self.template.partition("{number}")[0]

    def dial(self, number: str, prefix: str = "") -> str:
        """The dial string for a number of digits, with or without `+`.

        Args:
            number: the number.
            prefix: digits directly before it; then a `+` is left out.

        Raises:
            InvalidField: they are anything else.
        """
        _match(_NUMBER, "prefix", prefix, "digits, 20 at most")
        if not prefix:
            return fill(self.template, "number", number)
        template = self.template.replace("{number}", f"{prefix}{{number}}")
        return fill(template, "number", number.removeprefix("+"))


class Did(SiteItem, frozen=True, kw_only=True):
    """A number by which customers call us."""

    kind: ClassVar[str] = "did"
    key_field: ClassVar[str] = "number"

    number: Number
    name: Title = ""
    queue: OptionalName = ""
    """In-group: the queue in which its callers wait; empty: that of callers of an unknown number."""
    campaign: OptionalName = ""
    active: bool = True
    line_settings: Annotated[Mapping[str, str], KEPT] = {}
    """What the line format sets of a DID and the bridge has nothing for; it is kept and given back."""
    opt_out: bool = False
    """Whoever calls it is not called any more: at once, without a question."""
    opt_out_key: Annotated[str, matching(_KEY)] = ""
    """Digit by which its callers forbid further calls; empty: none."""
    opt_out_sound: Annotated[str, matching(_SOUND)] = ""
    """Sound file, without its extension, that tells them so before they wait."""

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_DID, "number", self.number, "2 to 20 digits, as the carrier sends them")
        check_printable("name", self.name)
        _match(_KEY, "opt_out_key", self.opt_out_key, "one digit")
        _match(_SOUND, "opt_out_sound", self.opt_out_sound, "a sound file")
        _check_opt_out(self)
        for field in ("queue", "campaign"):
            _match(_OPTIONAL_NAME, field, getattr(self, field), "letters, digits, '-' or '_'")
        if why := why_not_kept(self.line_settings):
            raise InvalidField("line_settings", why)


def _check_opt_out(did: Did) -> None:
    if bool(did.opt_out_key) != bool(did.opt_out_sound):
        missing = "opt_out_sound" if did.opt_out_key else "opt_out_key"
        raise InvalidField(missing, "a key and the sound that tells of it are given together")
    if did.opt_out and did.opt_out_key:
        raise InvalidField("opt_out_key", "with opt_out nobody is asked: leave one of the two out")


class InGroup(SiteItem, frozen=True, kw_only=True):
    """A queue of inbound callers, by the name that Asterisk's queue has."""

    kind: ClassVar[str] = "ingroup"

    name: Name
    title: Title = ""
    caller_id: Annotated[str, matching(_NUMBER)] = ""
    """Digits shown to whom is called in its name; empty: those of the campaign."""
    active: bool = True
    start_call_url: CrmUrl = ""
    """As in a campaign, for its callers and before that of the campaign; the others too."""
    dispo_call_url: CrmUrl = ""
    no_agent_call_url: CrmUrl = ""
    add_lead_url: CrmUrl = ""

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_NAME, "name", self.name, "1 to 40 letters, digits, '-' or '_'")
        check_printable("title", self.title)
        _match(_NUMBER, "caller_id", self.caller_id, "digits only")
        check_urls(self)


class GroupAlias(SiteItem, frozen=True, kw_only=True):
    """A number of the site's own that a caller of the API may choose to show."""

    kind: ClassVar[str] = "groupalias"

    name: Annotated[str, matching(_ALIAS)]
    title: Title = ""
    caller_id: Annotated[str, matching(_NUMBER)]
    """Digits; a number of fewer than six is there and not used."""
    active: bool = True

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_ALIAS, "name", self.name, "1 to 30 letters and digits")
        check_printable("title", self.title)
        _match(_NUMBER, "caller_id", self.caller_id, "digits only")


class UserGroup(SiteItem, frozen=True, kw_only=True):
    """What its users may use and see."""

    kind: ClassVar[str] = "usergroup"

    name: Id
    title: Title = ""
    campaigns: Names = ALL
    sees_groups: Names = ALL

    def __post_init__(self) -> None:
        """Check the fields."""
        _match(_ID, "name", self.name, "1 to 20 letters, digits, '-' or '_'")
        check_printable("title", self.title)


def _match(pattern: re.Pattern[str], field: str, value: str, wanted: str) -> None:
    if not pattern.fullmatch(value):
        raise InvalidField(field, f"{value[:60]!r}: {wanted}")


def check_name(field: str, value: str) -> None:
    """Refuse what is no name (`InvalidField`)."""
    _match(_NAME, field, value, "1 to 40 letters, digits, '-' or '_'")


def _in_order(campaign: Campaign, field: str, by: str) -> None:
    """Two campaigns with the same entries are equal, in whatever order these were written."""
    entries = sorted(getattr(campaign, field), key=lambda entry: str(getattr(entry, by)))
    if len({getattr(entry, by) for entry in entries}) != len(entries):
        raise InvalidField(field, "the same one is there twice")
    msgspec.structs.force_setattr(campaign, field, tuple(entries))


def check_printable(field: str, value: str) -> None:
    """Refuse a title that is too long or holds a control character (`InvalidField`)."""
    if len(value) > _TITLE_LENGTH or not value.isprintable():
        raise InvalidField(field, f"at most {_TITLE_LENGTH} printable characters")


def check_urls(item: SiteItem) -> None:
    """Refuse an address of the CRM that cannot be called (`InvalidField`)."""
    for field in URL_FIELDS:
        if why := why_not(getattr(item, field)):
            raise InvalidField(field, why)


def _check_limits(item: SiteItem) -> None:
    for field in set(_LIMITS) & set(item.__struct_fields__):
        _within(field, getattr(item, field), *_LIMITS[field])


def _within(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise InvalidField(field, f"{value:g} is not in {least:g} to {most:g}")
