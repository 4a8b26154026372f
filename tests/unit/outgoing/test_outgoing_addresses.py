from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.outgoing.addresses import may_reach, networks

CLOSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "192.88.99.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "2001::1",
    "2001:db8::1",
    "100::1",
    "5f00::1",
]
OPEN = [
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "169.253.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2a00:1450::1",
    "2606:4700::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_what_is_somebodys_own_is_closed(address: str) -> None:
    assert not may_reach(address)


@pytest.mark.parametrize("address", OPEN)
def test_what_is_public_is_open(address: str) -> None:
    assert may_reach(address)


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.1", "2130706433", "1.2.3.4/8", "::1]"])
def test_what_is_no_address_is_closed(text: str) -> None:
    assert not may_reach(text)
    assert not may_reach(text, networks(["0.0.0.0/0", "::/0"]))


def test_a_network_that_is_allowed_is_open_in_each_disguise() -> None:
    allowed = networks(["10.0.0.0/8", "fd00::/8", "127.0.0.1"])
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00::1", "127.0.0.1"):
        assert may_reach(address, allowed), address
    for address in ("127.0.0.2", "192.168.1.1", "fe80::1", "169.254.169.254"):
        assert not may_reach(address, allowed), address


@pytest.mark.parametrize("text", ["10.0.0.1/8", "all", ""])
def test_a_network_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no address or network"):
        networks([text])


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_each_disguise(address: IPv4Address) -> None:
    judged = may_reach(str(address))
    assert may_reach(f"::ffff:{address}") is judged
    assert may_reach(str(IPv6Address((0x64FF9B << 96) | int(address)))) is judged


@given(st.ip_addresses())
def test_nothing_that_python_knows_as_private_is_open(address: IPv4Address | IPv6Address) -> None:
    if may_reach(str(address)):
        inner = getattr(address, "ipv4_mapped", None) or address
        assert ip_address(inner).is_global
        assert not inner.is_multicast
