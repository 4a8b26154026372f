"""How little of what its rights allow a user may use: where, when, on what, from where, how often."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Final

import msgspec
import phonenumbers
from msgspec import Meta

from bridge.access.errors import InvalidUser
from bridge.access.names import ALL, All, Names, names_within, parse_names
from bridge.tables import TableError, build

NUMBER_TYPES: Final = frozenset(
    name.lower() for name, value in vars(phonenumbers.PhoneNumberType).items() if isinstance(value, int)
)
"""Types of numbers, as phonenumbers names them."""
COSTLY_TYPES: Final = frozenset({"premium_rate", "shared_cost"})
"""Those that nobody may call without being allowed to by name."""
MOST_ADDRESSES: Final = 100
MOST_RATE: Final = 10_000

_NAMES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "campaigns": (re.compile(r"[A-Za-z0-9_-]{1,40}"), "1 to 40 letters, digits, '-' or '_'"),
    "lists": (re.compile(r"[1-9][0-9]{0,17}"), "the number of a list"),
    "agents": (re.compile(r"[A-Za-z0-9_-]{2,20}"), "2 to 20 letters, digits, '-' or '_'"),
}
_TUPLES: Final = ("addresses", "countries", "number_types")
_COUNTS: Final = ("calls_per_hour", "calls_per_day", "calls_at_once")
_Count = Annotated[int, Meta(ge=0, le=1_000_000)] | None

Network = IPv4Network | IPv6Network


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one user, beside those of its group; without any it has none of its own.

    Raises:
        InvalidUser: a field holds what it must not.
    """

    campaigns: Names = ALL
    lists: Names = ALL
    """Numbers of lists, as text."""
    agents: Names = ALL
    """Users who may be commanded."""
    addresses: Annotated[tuple[str, ...], Meta(max_length=MOST_ADDRESSES)] = ()
    """Addresses and networks (CIDR, IPv4 and IPv6) that it may come from; empty: any."""
    not_before: datetime | None = None
    expires_at: datetime | None = None
    """From then on it is refused."""
    rate: Annotated[float, Meta(gt=0, le=MOST_RATE)] | None = None
    """Requests per second, on the average."""
    burst: Annotated[int, Meta(ge=1, le=MOST_RATE)] | None = None
    """Requests at once; left out: those of one second."""
    countries: tuple[str, ...] | None = None
    """Two-letter codes of the countries that it may call; left out: the site's own."""
    number_types: tuple[str, ...] | None = None
    """Types of numbers that it may call; left out: all but the costly ones."""
    calls_per_hour: _Count = None
    calls_per_day: _Count = None
    calls_at_once: _Count = None

    def __post_init__(self) -> None:
        """Check every field."""
        _check_names(self)
        _check_addresses(self.addresses)
        _check_times(self)
        _check_rate(self)
        _check_numbers(self)

    def wider_than(self, own: Limits, home: str) -> str:
        """Name of the first field that allows what `own` does not; empty if there is none.

        Args:
            own: limits of the user who gives these.
            home: the site's country, two letters.
        """
        return next((name for name, within in _comparisons(self, own, home) if not within), "")


def limits_from(table: Mapping[str, Any]) -> dict[str, Any]:
    """What people write, made into what the fields are: names and lists as one text, numbers of lists.

    An empty text is no limit in this field.
    """
    return {name: _longhand(name, value) for name, value in table.items() if value != ""}


def changed_limits(limits: Limits, change: Mapping[str, str]) -> Limits:
    """Limits with other values in some fields, as people write them; an empty text ends that limit.

    Raises:
        InvalidUser: there is no such field, or it cannot hold this.
    """
    kept = {name: value for name, value in limits_to_store(limits).items() if name not in change}
    try:
        return build(Limits, kept | limits_from(change), "limits")
    except TableError as wrong:
        raise _as_invalid(wrong) from None


def limits_to_store(limits: Limits) -> dict[str, Any]:
    """As the store keeps them: only what is limited."""
    plain: dict[str, Any] = msgspec.to_builtins(limits, order="sorted")
    names = (name for name in plain if getattr(limits, name) != getattr(NO_LIMITS, name))
    return {name: plain[name] for name in sorted(names)}


def limits_from_store(kept: Mapping[str, Any]) -> Limits:
    """The inverse of `limits_to_store`."""
    return msgspec.convert(kept, Limits) if kept else NO_LIMITS


@lru_cache(maxsize=10_000)
def may_come_from(addresses: tuple[str, ...], address: str) -> bool:
    """Whether an address is in one of these networks; what is no address is in none."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in networks(addresses))


@lru_cache(maxsize=1000)
def networks(addresses: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and networks, read.

    Raises:
        ValueError: one of them is none; which, and what to write.
    """
    return tuple(_network(text) for text in addresses)


def _network(text: str) -> Network:
    try:
        found = ip_network(text)
    except ValueError as why:
        told = " (bits behind the mask are set)" if "host bits" in str(why) else ""
        raise ValueError(f"{text!r} is no address or network{told}: 192.0.2.0/24, 2001:db8::/32") from None
    if isinstance(found, IPv6Network) and (found.network_address.ipv4_mapped or "%" in text):
        raise ValueError(f"{text!r}: write the IPv4 address, or one without a zone")
    return found


def _as_invalid(wrong: TableError) -> InvalidUser:
    """What `build` says of a field, or what the field's own check said through it."""
    field, colon, why = wrong.why.partition(": ")
    if colon and field.startswith("limits."):
        return InvalidUser(field, why)
    return InvalidUser(wrong.key, wrong.why.replace(" | null", ""))


def _longhand(name: str, value: Any) -> Any:
    if name in _NAMES:
        words = value if isinstance(value, str) else [str(word) for word in value]
        names = parse_names(words)
        return names.value if isinstance(names, All) else sorted(names)
    if name in _TUPLES and isinstance(value, str):
        return value.replace(",", " ").split()
    return value


def _check_names(limits: Limits) -> None:
    for field, (pattern, wanted) in _NAMES.items():
        names: Names = getattr(limits, field)
        for name in sorted(() if isinstance(names, All) else names):
            if not pattern.fullmatch(name):
                raise InvalidUser(f"limits.{field}", f"{name[:40]!r}: {wanted}")


def _check_addresses(addresses: tuple[str, ...]) -> None:
    if len(addresses) > MOST_ADDRESSES:
        raise InvalidUser("limits.addresses", f"at most {MOST_ADDRESSES}")
    try:
        networks(addresses)
    except ValueError as why:
        raise InvalidUser("limits.addresses", str(why)) from None


def _check_times(limits: Limits) -> None:
    for field in ("not_before", "expires_at"):
        moment: datetime | None = getattr(limits, field)
        if moment is not None and moment.utcoffset() is None:
            raise InvalidUser(f"limits.{field}", "it needs its offset from UTC, as in 2027-01-31T18:00:00Z")
    if limits.not_before and limits.expires_at and limits.expires_at <= limits.not_before:
        raise InvalidUser("limits.expires_at", "it is not after not_before")


def _check_rate(limits: Limits) -> None:
    if limits.rate is not None and not (math.isfinite(limits.rate) and 0 < limits.rate <= MOST_RATE):
        raise InvalidUser("limits.rate", f"more than 0, at most {MOST_RATE} requests per second")
    if limits.burst is None:
        return
    if not 1 <= limits.burst <= MOST_RATE:
        raise InvalidUser("limits.burst", f"1 to {MOST_RATE} requests")
    if limits.rate is None:
        raise InvalidUser("limits.burst", "it needs a rate")


def _check_numbers(limits: Limits) -> None:
    for code in limits.countries or ():
        if code not in phonenumbers.SUPPORTED_REGIONS:
            raise InvalidUser("limits.countries", f"{code[:40]!r} is no country (two capital letters: US)")
    for name in limits.number_types or ():
        if name not in NUMBER_TYPES:
            raise InvalidUser("limits.number_types", f"{name[:40]!r} is none of {_words(NUMBER_TYPES)}")
    for field in _COUNTS:
        count: int | None = getattr(limits, field)
        if count is not None and not 0 <= count <= 1_000_000:
            raise InvalidUser(f"limits.{field}", "0 to 1000000")


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _comparisons(some: Limits, own: Limits, home: str) -> Iterable[tuple[str, bool]]:
    """Each field, and whether what `some` allows is within `own`; who gives is past her own `not_before`."""
    for name in _NAMES:
        yield name, names_within(getattr(some, name), getattr(own, name))
    yield "addresses", _addresses_within(some.addresses, own.addresses)
    yield "expires_at", _at_most(some.expires_at, own.expires_at)
    yield "rate", _at_most(some.rate, own.rate)
    yield "burst", own.rate is None or _at_most(burst_of(some), burst_of(own))
    yield "countries", set(_or(some.countries, {home})) <= set(_or(own.countries, {home}))
    usual = NUMBER_TYPES - COSTLY_TYPES
    yield "number_types", set(_or(some.number_types, usual)) <= set(_or(own.number_types, usual))
    for name in _COUNTS:
        yield name, _at_most(getattr(some, name), getattr(own, name))


def burst_of(limits: Limits) -> int:
    """How many requests may come at once, where there is a rate."""
    return limits.burst or max(1, math.ceil(limits.rate or 1))


def _or(names: tuple[str, ...] | None, default: Iterable[str]) -> Iterable[str]:
    return default if names is None else names


def _at_most(value: Any, most: Any) -> bool:
    return most is None or (value is not None and value <= most)


def _addresses_within(some: tuple[str, ...], own: tuple[str, ...]) -> bool:
    if not own:
        return True
    return bool(some) and all(_within_one(network, networks(own)) for network in networks(some))


def _within_one(network: Network, wider: Iterable[Network]) -> bool:
    return any(_is_subnet(network, other) for other in wider)


def _is_subnet(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(other, IPv4Network):
        return network.subnet_of(other)
    return isinstance(network, IPv6Network) and isinstance(other, IPv6Network) and network.subnet_of(other)


NO_LIMITS: Final = Limits()
