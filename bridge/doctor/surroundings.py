"""Checks of what is around the manager interface: address, clock, relay, dangerous functions, records."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from bridge.doctor.facts import Facts, Relay
from bridge.doctor.model import Check, fail, ok, unknown, warn

__all__ = ["DANGEROUS", "check_address", "check_cdr", "check_clock", "check_dangerously", "check_relay"]

DANGEROUS = "STAT(e,/)"
"""A dialplan function that reaches files: it asks whether the root directory exists. An AMI user without
`system` gets an answer only with `live_dangerously = yes` (measured on 16 and 22)."""

CLOCK_WARN, CLOCK_FAIL = 1.0, 30.0
"""Seconds between the clocks. Drop times are counted in single seconds; call windows in minutes."""


def check_address(facts: Facts) -> Iterator[Check]:
    """AMI belongs on a loopback or private address: elsewhere everybody can listen, and try secrets."""
    check = "ami.address"
    public = [address for address in facts.addresses if ipaddress.ip_address(address).is_global]
    if public and not facts.tls:
        text = f"the manager interface is reached at a public address ({public[0]}) without TLS"
        yield fail(
            check, text, "bindaddr = 127.0.0.1 or a private network in manager.conf; else TLS and a VPN"
        )
    elif public:
        text = f"the manager interface is reached at a public address ({public[0]}), though with TLS"
        yield warn(
            check, text, "let only the bridge's address through: a firewall, and permit = in manager.conf"
        )
    elif _all_loopback(facts):
        yield ok(check, "the manager interface is reached over loopback")
    elif facts.tls:
        yield ok(check, "the manager interface is reached over a private network, with TLS")
    else:
        text = (
            "the manager interface is reached over a private network without TLS: who listens has its secret"
        )
        mend = "tlsenable in manager.conf and tls = true; or keep everybody else out of that network"
        yield warn(check, text, mend)


def _all_loopback(facts: Facts) -> bool:
    return all(ipaddress.ip_address(address).is_loopback for address in facts.addresses)


def check_clock(facts: Facts) -> Iterator[Check]:
    """Times of calls are compared across the two machines."""
    clock = facts.clock
    if clock is None:
        yield unknown("clock", "Asterisk does not tell its clock")
        return
    direction = "ahead" if clock.offset > 0 else "behind"
    text = f"Asterisk's clock is {abs(clock.offset):.3f} s {direction} (±{clock.margin:.3f} s)"
    certain = abs(clock.offset) - clock.margin
    mend = "let both machines follow a time server: timedatectl set-ntp true"
    if certain >= CLOCK_FAIL:
        yield fail("clock", text, mend)
    elif certain >= CLOCK_WARN:
        yield warn("clock", text, mend)
    else:
        yield ok("clock", text)


def check_relay(facts: Facts) -> Iterator[Check]:
    """Every call asks the relay beside its Asterisk."""
    mend = "start it beside Asterisk: systemctl enable --now agent-bridge-relay"
    match facts.relay:
        case Relay.ANSWERS:
            yield ok("relay", "something answers on the relay's port")
        case Relay.REFUSED:
            yield fail("relay", "nothing answers on the relay's port: calls get no decisions", mend)
        case Relay.OPEN:
            text = "the relay's port is open to the network, and FastAGI knows no login"
            yield fail("relay", text, "let the relay listen on 127.0.0.1 only")
        case Relay.ELSEWHERE | None:
            if facts.call is None:
                text = "the relay listens on Asterisk's own loopback, out of sight from here"
                yield unknown("relay", text, "agent-bridge doctor --call, or look on that machine")


def check_dangerously(facts: Facts) -> Iterator[Check]:
    """Dialplan functions that reach files or a shell must be closed to AMI."""
    check = "live-dangerously"
    if facts.functions is None:
        yield unknown(check, "the AMI user may not read functions", "see live_dangerously in asterisk.conf")
    elif facts.functions.get(DANGEROUS):
        text = "AMI users without system can call functions that reach files: live_dangerously is on"
        yield fail(check, text, "live_dangerously = no in asterisk.conf, and restart Asterisk")
    else:
        yield ok(check, "functions that reach files are closed to AMI")


def check_cdr(facts: Facts) -> Iterator[Check]:
    """Each call's id is in the `userfield` of its call record."""
    if facts.cdr is None:
        yield unknown("cdr", "the AMI user may not see whether call records are written")
    elif facts.cdr:
        yield ok("cdr", "call records are written")
    else:
        yield warn(
            "cdr", "Asterisk writes no call records, so none has our call ids", "enable = yes in cdr.conf"
        )
