from __future__ import annotations

from pathlib import Path

import pytest

from bridge.access.model import ALL_RIGHTS, PrincipalKind
from bridge.access.names import ALL
from bridge.campaigns.model import Campaign, PauseCode, Status, UserGroup
from bridge.campaigns.queries import KINDS
from bridge.campaigns.site_file import SiteFile, read
from bridge.tables import TableError

ROOT = Path(__file__).parents[3]


def parse(text: str, base: Path = Path(), **environ: str) -> SiteFile:
    return read(text, base=base, environ=environ)


def test_things_come_in_an_order_in_which_none_refers_to_a_later_one() -> None:
    text = """
        [[did]]
        number = "7275551234"
        queue = "Q"
        [[usergroup]]
        name = "ADMIN"
        [[campaign]]
        id = "A"
        [[trunk]]
        name = "carrier"
        template = "PJSIP/{number}@carrier"
    """
    assert [item.kind for item in parse(text).items] == ["trunk", "campaign", "usergroup", "did"]


def test_short_forms_mean_the_long_ones() -> None:
    text = """
        [[campaign]]
        id = "A"
        pause_codes = ["LUNCH", {code = "BRK", billable = true}]
        statuses = ["CSALE", {status = "XCB", callback = true}]
        [[usergroup]]
        name = "ADMIN"
        campaigns = "ALL"
        sees_groups = "ADMIN AGENTS"
    """
    campaign, group = parse(text).items
    assert campaign == Campaign(
        id="A",
        pause_codes=(PauseCode(code="BRK", billable=True), PauseCode(code="LUNCH")),
        statuses=(Status(status="CSALE"), Status(status="XCB", callback=True)),
    )
    assert group == UserGroup(name="ADMIN", sees_groups=frozenset({"ADMIN", "AGENTS"}))


def test_each_section_of_users_has_its_kind() -> None:
    text = """
        [[agent]]
        user = "1000"
        [[apiuser]]
        user = "crm"
        functions = ["version"]
        rights = "ALL"
        [[manager]]
        user = "boss"
        functions = "ALL"
    """
    agent, crm, boss = (user.spec for user in parse(text).users)
    assert (agent.kind, agent.api_access, agent.group) == (PrincipalKind.AGENT, False, "AGENTS")
    assert (crm.kind, crm.api_access, crm.rights) == (PrincipalKind.API, True, ALL_RIGHTS)
    assert (boss.kind, boss.functions) == (PrincipalKind.MANAGER, ALL)


def test_secrets_come_from_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "crm.secret").write_text("from-a-file\n")
    text = """
        [[apiuser]]
        user = "crm"
        secret_file = "crm.secret"
        [[apiuser]]
        user = "web"
        secret_env = "WEB_SECRET"
        [[apiuser]]
        user = "new"
    """
    users = parse(text, tmp_path, WEB_SECRET="from-the-environment").users
    assert [user.secret for user in users] == ["from-a-file", "from-the-environment", None]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[campain]]\nid='A'", "campain: unknown section; did you mean 'campaign'?"),
        ("[[zzz]]\nid='A'", "zzz: unknown section; known are trunk, "),
        ("[campaign]\nid='A'", "campaign: must be written as [[campaign]]"),
        ("campaign = ['A']", "campaign: must be written as [[campaign]]"),
        (
            "[[campaign]]\nid='A'\ndial_methd='x'",
            "campaign 'A': dial_methd: unknown key; did you mean 'dial_method'?",
        ),
        ("[[campaign]]\nid='A'\ndial_method='x'", "campaign 'A': dial_method: invalid enum value 'x'"),
        ("[[campaign]]\nid='A'\ndial_timeout='x'", "campaign 'A': dial_timeout: expected int, got text"),
        ("[[campaign]]\nid='A'\ndial_timeout=3", "campaign 'A': dial_timeout: 3 is not in 15 to 600"),
        ("[[campaign]]\nid='A'\npause_codes=[{cod='x'}]", "campaign 'A': pause_codes: cod: unknown key"),
        ("[[campaign]]\nid='A'\npause_codes=7", "campaign 'A': pause_codes: a list or a text is needed"),
        ("[[campaign]]\nname='A'", "campaign '(without id)': id is missing"),
        ("[[trunk]]\nname='a'\ntemplate='SIP'", "trunk 'a': template: 'SIP' must hold {number} once"),
        ("[[agent]]\nuser='x y'", "agent 'x y': user: 'x y': 2 to 20 letters"),
        ("[[agent]]\nuser='1000'\nrights={fly=1}", "agent '1000': rights: 'fly' is none of"),
        ("[[apiuser]]\nuser='crm'\nsecret='x'", "apiuser 'crm': secret does not belong in this file"),
        ("[[apiuser]]\nuser='crm'\nsecret_env='NO'", "apiuser 'crm': secret_env names NO, which is not set"),
        (
            "[[apiuser]]\nuser='crm'\nsecret_file='no'",
            "apiuser 'crm': secret_file: cannot read no: No such file",
        ),
        (
            "[[apiuser]]\nuser='crm'\nsecret_file='a'\nsecret_env='B'",
            "apiuser 'crm': secret_file and secret_env are both given",
        ),
        (
            "[[apiuser]]\nuser='crm'\nfunctions=['external_dail']",
            "apiuser 'crm': functions: there is no function 'external_dail'; did you mean 'external_dial'?",
        ),
        ("[[phone]]\nlogin='1'\n[[phone]]\nlogin='1'", "phone '1': is there twice"),
        ("[[agent]]\nuser='crm'\n[[apiuser]]\nuser='crm'", "user 'crm': is there twice"),
        (
            "[[phone]]\nlogin = 1000x\n",
            "is no TOML: Expected newline or end of document after a statement (at line 2",
        ),
    ],
)
def test_an_error_names_the_thing_the_key_and_the_mend(text: str, error: str) -> None:
    with pytest.raises(TableError) as caught:
        parse(text)
    assert str(caught.value).startswith(error)


def test_a_secret_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(TableError, match=r"secret_file: .* is not UTF-8"):
        read("[[apiuser]]\nuser='crm'\nsecret_file='secret'", base=tmp_path, environ={})


def test_the_example_and_the_demo_are_good_files() -> None:
    example = parse((ROOT / "examples" / "site.toml").read_text())
    demo = parse((ROOT / "docker" / "demo" / "site.toml").read_text(), DEMO_SECRET="demo-secret")
    assert {item.kind for item in example.items} == set(KINDS)
    phones = {item.key for item in demo.items if item.kind == "phone"}
    assert phones == {str(number) for number in range(1000, 1021)}
    assert [user.secret for user in demo.users if user.secret] == ["demo-secret"]
