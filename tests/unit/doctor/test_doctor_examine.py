from __future__ import annotations

import pytest
from doctor_facts import OURS, facts, wrong

from bridge.ami.errors import (
    AmiConnectError,
    AmiError,
    AmiLoginRefused,
    CertificateRefused,
    NotAsterisk,
    OutcomeUnknown,
)
from bridge.doctor.examine import examine, unreachable
from bridge.doctor.facts import View
from bridge.doctor.model import Report


def test_nothing_is_wrong_with_a_good_asterisk() -> None:
    assert wrong(facts()) == set()


def test_every_line_has_a_name_of_its_own_and_says_how_to_mend() -> None:
    seen = facts(version="16.28.0", cdr=False, user_event=False, contexts={}, view=View(user="v", error="no"))
    checks = examine(seen, OURS)
    assert len({check.id for check in checks}) == len(checks)
    assert all(check.text for check in checks)
    assert all(check.mend for check in checks if check.wrong)


def test_a_user_who_may_do_nothing_gives_a_report_and_not_an_error() -> None:
    blind = facts(
        version=None,
        cdr=None,
        commands={},
        contexts=None,
        functions=None,
        clock=None,
        user_event=None,
        relay=None,
    )
    assert {"rights.originate", "rights.reporting"} <= wrong(blind)


@pytest.mark.parametrize(
    ("error", "check", "says"),
    [
        (
            AmiLoginRefused("Asterisk refused the login: Authentication failed"),
            "ami.login",
            "manager show user",
        ),
        (CertificateRefused("expired"), "ami.reachable", "tls_ca"),
        (NotAsterisk(), "ami.reachable", "port"),
        (AmiConnectError("refused"), "ami.reachable", "bindaddr"),
        (OutcomeUnknown("lost"), "ami.reachable", "again"),
    ],
)
def test_an_asterisk_that_cannot_be_examined(error: AmiError, check: str, says: str) -> None:
    last = unreachable(error, "pbx", 5038, "bridge")[-1]
    assert (last.id, last.wrong) == (check, True)
    assert says in last.mend


def test_what_is_ignored_is_not_counted() -> None:
    checks = examine(facts(cdr=False), OURS)
    report = Report("pbx", "127.0.0.1:5038", "bridge", reached=True, checks=checks)
    assert [check.id for check in report.wrong()] == ["cdr"]
    assert report.wrong(["cdr"]) == ()
