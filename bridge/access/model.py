"""What a principal is: plain data, shared by the store, the API and the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from bridge.access.errors import InvalidUser
from bridge.access.limits import Limits
from bridge.access.names import ALL, All, Names, names_both
from bridge.campaigns.line_settings import why_not as why_not_kept

USER_NAME = re.compile(r"[A-Za-z0-9_-]{2,20}")
"""What the line format takes as `user`: other characters are dropped there before use."""
SECRET = re.compile(r"[A-Za-z0-9._+/=-]{2,100}")
"""What the line format takes as `pass`; a secret with other characters could never log in."""
FUNCTION_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
LEVELS = range(10)
"""0 is nobody, 1 an agent, 7 a reader of reports, 8 one who changes things, 9 an administrator."""

RIGHTS: Mapping[str, int] = {
    "admin_hide_lead_data": 1,
    "api_list_restrict": 1,
    "ast_admin_access": 1,
    "ast_delete_phones": 1,
    "change_agent_campaign": 1,
    "custom_fields_modify": 1,
    "delete_from_dnc": 1,
    "delete_inbound_dids": 1,
    "delete_lists": 1,
    "delete_users": 1,
    "modify_campaigns": 1,
    "modify_inbound_dids": 1,
    "modify_leads": 6,
    "modify_lists": 1,
    "modify_remoteagents": 1,
    "modify_same_user_level": 1,
    "modify_users": 1,
    "view_reports": 1,
}
"""The rights columns and the largest value of each; a column that is not given is 0."""

ALL_RIGHTS: Mapping[str, int] = {
    name: 1 for name in RIGHTS if name not in ("admin_hide_lead_data", "api_list_restrict")
}
"""Every right at its widest. Those that are left out are no rights but restrictions."""


class PrincipalKind(StrEnum):
    """What a principal is for."""

    AGENT = "agent"
    API = "api"
    """A program: a CRM, a web form, a script."""
    MANAGER = "manager"


class UserSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator decides about a user; checked when it is made.

    Raises:
        InvalidUser: a field holds what it must not.
    """

    user: str
    kind: PrincipalKind = PrincipalKind.API
    name: str = ""
    group: str = "ADMIN"
    level: int = 1
    active: bool = True
    api_access: bool = False
    """May use the API at all (`vdc_agent_api_access`)."""
    functions: Names = frozenset()
    """Functions of the API that it may call. Actions under `/v1` ask for the same names."""
    rights: Mapping[str, int] = {}
    crm_id: str = ""
    """Id of an agent in the CRM (`custom_three`), by which `alt_user` finds her."""
    manual_dial: bool = True
    """The agent may place manual dial calls (`agentcall_manual`)."""
    phone: str = ""
    """Login of the phone that is rung when none is named."""
    team: str = ""
    """Team of the agent in the CRM (`custom_four`), as `st_login_log` told it."""
    queues: tuple[str, ...] | None = None
    """In-groups that she serves from her login on; `None`: those of the campaign."""
    limits: Limits = Limits()
    """What it may not, for all its rights."""
    remote: str = ""
    """Campaign for which the agent is switched on and off as a remote agent: from outside, her phone rung for
    each call. Empty: she is none."""
    line_settings: Mapping[str, str] = {}
    """What the line format sets of a user and the bridge has nothing for; it is kept and given back."""

    def __post_init__(self) -> None:
        """Check every field, so that no other value gets as far as a topic, a header or a log."""
        _check(self)

    def right(self, name: str) -> int:
        """Value of a rights column, 0 if it was never given."""
        return self.rights.get(name, 0)


class GroupScope(msgspec.Struct, frozen=True, kw_only=True):
    """What the user's group may use and see."""

    campaigns: Names = ALL
    groups: Names = ALL

    def within(self, limits: Limits) -> GroupScope:
        """What is left of it to a user with these limits of its own."""
        return GroupScope(campaigns=names_both(self.campaigns, limits.campaigns), groups=self.groups)


class Principal(UserSpec, frozen=True, kw_only=True):
    """A user as the bridge knows it now."""

    scope: GroupScope | None = None
    """Limits of its group, within its own; `None` means that the group is not defined."""
    failed_logins: int = 0
    """Wrong secrets of late, from all addresses."""
    locked_until: datetime | None = None
    """When the last of the addresses is free again that have guessed too often."""
    has_secret: bool = False
    key: str = ""
    """Id of the key with which it came; empty: with its secret."""
    console: str = ""
    """Id of the session of her page by which an agent came: she may do what is her own, and nothing else."""
    changed_at: datetime | None = None
    """When it was made, changed or given a secret last."""
    stopped: str = ""
    """Why it was stopped, by a breach of its limits; empty: it was not. It is refused as an inactive one."""


class Reason(StrEnum):
    """How a login ended."""

    GOOD = "GOOD"
    BAD = "BAD"
    """No such user, or not this secret: the caller cannot tell which."""
    LOCK = "LOCK"
    """Too many wrong secrets of this user from this address."""
    INACTIVE = "INACTIVE"
    """The secret is right, but the user is switched off, stopped, out of its time or of level 0."""
    NOAPI = "NOAPI"
    """The secret is right, but the user has no right to use the API."""


class Authentication(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a login."""

    reason: Reason
    principal: Principal | None = None
    """Set only with `GOOD`."""
    api_access: bool = False
    """The user's API right, where the secret is right: the line format prints it (`auth_api`)."""

    @property
    def ok(self) -> bool:
        """Whether the principal may go on."""
        return self.reason is Reason.GOOD

    @property
    def authenticated(self) -> bool:
        """Whether it is who it says (`auth` of the line format): `GOOD` or only without the API right."""
        return self.reason in (Reason.GOOD, Reason.NOAPI)


def changed_fields(old: msgspec.Struct, new: msgspec.Struct) -> tuple[str, ...]:
    """Names of the fields that differ between two values of one type."""
    names = new.__struct_fields__
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))


def spec_of(principal: Principal) -> UserSpec:
    """The part of a principal that an administrator decides."""
    return UserSpec(**{name: getattr(principal, name) for name in UserSpec.__struct_fields__})


_PATTERNS = (
    ("group", r"[A-Za-z0-9_-]{1,20}", "1 to 20 letters, digits, '-' or '_'"),
    ("crm_id", r"[A-Za-z0-9]{0,100}", "letters and digits only"),
    ("phone", r"[A-Za-z0-9_-]{0,40}", "at most 40 letters, digits, '-' or '_'"),
    ("remote", r"[A-Za-z0-9_-]{0,20}", "the id of a campaign"),
)


def _check(spec: UserSpec) -> None:
    if not USER_NAME.fullmatch(spec.user):
        raise InvalidUser("user", f"{spec.user!r}: 2 to 20 letters, digits, '-' or '_'")
    if spec.level not in LEVELS:
        raise InvalidUser("level", f"{spec.level} is not in 0 to 9")
    for field, pattern, told in _PATTERNS:
        value = getattr(spec, field)
        if not re.fullmatch(pattern, value):
            raise InvalidUser(field, f"{value!r}: {told}")
    if len(spec.name) > 50 or not spec.name.isprintable():
        raise InvalidUser("name", "at most 50 printable characters")
    if len(spec.team) > 100 or not spec.team.isprintable():
        raise InvalidUser("team", "at most 100 printable characters")
    for queue in spec.queues or ():
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", queue):
            raise InvalidUser("queues", f"{queue!r}: 1 to 40 letters, digits, '-' or '_'")
    if why := why_not_kept(spec.line_settings):
        raise InvalidUser("line_settings", why)
    _check_functions(spec.functions)
    _check_rights(spec.rights)


def _check_functions(functions: Names) -> None:
    if isinstance(functions, All):
        return
    for name in sorted(functions):
        if not FUNCTION_NAME.fullmatch(name):
            raise InvalidUser("functions", f"{name!r} is no function name")


def _check_rights(rights: Mapping[str, int]) -> None:
    for name, value in rights.items():
        if name not in RIGHTS:
            raise InvalidUser("rights", f"{name!r} is none of {', '.join(RIGHTS)}")
        if not 0 <= value <= RIGHTS[name]:
            raise InvalidUser("rights", f"{name} is {value}, not in 0 to {RIGHTS[name]}")
