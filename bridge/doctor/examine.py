"""All checks, in the order in which a person would mend what they find."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.ami.errors import AmiConnectError, AmiError, AmiLoginRefused, CertificateRefused, NotAsterisk
from bridge.doctor.browsers import check_browsers
from bridge.doctor.contexts import check_contexts
from bridge.doctor.dialplan import Step
from bridge.doctor.events import check_call, check_events, check_view
from bridge.doctor.facts import Facts
from bridge.doctor.model import Check, fail, ok
from bridge.doctor.modules import check_modules
from bridge.doctor.rights import check_rights
from bridge.doctor.surroundings import check_address, check_cdr, check_clock, check_dangerously, check_relay
from bridge.doctor.versions import check_version

__all__ = ["examine", "unreachable"]


def examine(facts: Facts, ours: Mapping[str, tuple[Step, ...]]) -> tuple[Check, ...]:
    """Judge what was seen.

    Args:
        facts: what was seen.
        ours: the contexts of our own `bridge_extensions.conf`.
    """
    return (
        ok("ami.reachable", f"the manager interface answers at {facts.host}:{facts.port}"),
        ok("ami.login", f"the login as {facts.user} is accepted"),
        *check_address(facts),
        *check_version(facts),
        *check_dangerously(facts),
        *check_rights(facts),
        *check_view(facts),
        *check_contexts(facts, ours),
        *check_modules(facts),
        *check_cdr(facts),
        *check_events(facts),
        *check_call(facts),
        *check_relay(facts),
        *check_browsers(facts),
        *check_clock(facts),
    )


def unreachable(error: AmiError, host: str, port: int, user: str) -> tuple[Check, ...]:
    """What can be said of an Asterisk that cannot be logged in to."""
    place = f"{host}:{port}"
    match error:
        case AmiLoginRefused():
            return (
                ok("ami.reachable", f"the manager interface answers at {place}"),
                fail(
                    "ami.login",
                    f"{error} (user {user})",
                    f"compare its secret and permit: asterisk -rx 'manager show user {user}'",
                ),
            )
        case CertificateRefused():
            mend = "tls_ca: the authority that signed it; tls_server_name: the name that is in it"
        case NotAsterisk():
            mend = "check host and port: this is not the manager interface"
        case AmiConnectError():
            mend = (
                "enabled, port and bindaddr in manager.conf (asterisk -rx 'manager show settings'); firewalls"
            )
        case _:
            mend = "try again; if it stays so, see Asterisk's log"
    return (fail("ami.reachable", f"no usable manager interface at {place}: {error}", mend),)
