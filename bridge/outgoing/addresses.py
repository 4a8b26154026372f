"""Which addresses may be reached.

Written out, not asked of `ipaddress`: what its `is_global` means has changed within one version of Python, it
takes multicast for global, and it does not look into addresses that stand for others.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

Network = IPv4Network | IPv6Network

_CLOSED_4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; a cloud's metadata at 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, by an address that looks public
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""The registries of special addresses (RFC 6890 and what followed it)."""
_OPEN_6: Final = IPv6Network("2000::/3")
"""All that is given out as global unicast; what is elsewhere is for somebody's own use."""
_CLOSED_6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocols' own, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise, and given up
        "3fff::/20",
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks of a setting.

    Raises:
        ValueError: one of the texts is no address or network.
    """
    found = []
    for text in texts:
        try:
            found.append(ip_network(text))
        except ValueError:
            raise ValueError(f"{text!r} is no address or network (as 10.0.0.0/8)") from None
    return tuple(found)


def may_reach(address: str, allowed: Iterable[Network] = ()) -> bool:
    """Whether requests may go to an address.

    Args:
        address: IPv4 or IPv6, as a socket names it.
        allowed: networks of one's own that may be reached all the same.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _stands_for(found)
    if any(each in network for network in allowed for each in (found, inner)):
        return True
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in _CLOSED_4)
    return inner in _OPEN_6 and not any(inner in network for network in _CLOSED_6)


def _stands_for(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that packets to this one go to in the end, if that is so."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address
