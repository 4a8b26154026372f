from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")


@pytest.fixture
def carrier(command: Command) -> Command:
    for number in ("+17275550000", "+17275550100", "+17275550111"):
        assert command("ownnumber", "add", number).status == 0
    assert command("trunk", "add", "carrier", "--template", "PJSIP/{number}@carrier").status == 0
    return command


def test_what_is_added_is_shown_and_listed(carrier: Command) -> None:
    assert carrier("trunk", "show", "carrier", "--json").json == {
        "name": "carrier",
        "template": "PJSIP/{number}@carrier",
        "asterisk": "",
        "active": True,
        "max_calls": 0,
        "calls_per_second": 5.0,
    }
    assert "PJSIP/{number}@carrier" in carrier("trunk", "list").out
    assert carrier("trunk", "list", "--json").json == [carrier("trunk", "show", "carrier", "--json").json]


def test_every_field_of_a_campaign_is_taken(carrier: Command, tmp_path: Path) -> None:
    (script := tmp_path / "script.txt").write_text("Hello --A--first_name--B--,\nhow are you?\n")
    words = "SALES --name Sales --trunk carrier --caller-id 7275550000 --dial-method RATIO --dial-timeout 20"
    words += " --api-manual-dial QUEUE --wrapup 30 --default-status N --queue SALESLINE --queue SUPPORT"
    words += " --pause-code LUNCH --pause-code BRK --manual-list 998 --inactive --status CSALE"
    words += " --callback-status XCB --preset Desk=7275550110 --transfer-queue SUPPORT --alt-numbers"
    words += " --preview PREVIEW_ONLY --lead-search --park-music jazz --recycle NA=7200:3 --recycle B=600:1"
    words += " --auto-alt-dial ALT_AND_EXTENDED --auto-alt-status NA --call-count-limit 6"
    words += " --amd --amd-seconds 1.5 --amd-action MESSAGE --machine-message later --abandon-message sorry"
    words += " --opt-out-key 9 --message-purpose renewals --message-seller Acme --message-consent contract"
    words += (
        " --message-callback-number +17275550000 --dial-level 1.5 --max-dial-level 2.5 --shift 22:00-06:00"
    )
    words += " --dial-status NEW --dial-status NA --hopper-level 50 --drop-limit 2 --drop-seconds 2"
    words += " --drop-lockout-hours 96 --attempts-per-day 3 --attempts-per-week 7 --dnc-list national"
    words += f" --consent sales --script-file {script} --web-form-url https://crm.example/--A--lead_id--B--"
    added = carrier("campaign", "add", *words.split(), "--json").json
    assert added == carrier("campaign", "show", "SALES", "--json").json
    assert added["queues"] == ["SALESLINE", "SUPPORT"]
    assert [code["code"] for code in added["pause_codes"]] == ["BRK", "LUNCH"]
    wanted = {
        "name": "Sales",
        "trunk": "carrier",
        "caller_id": "7275550000",
        "dial_method": "RATIO",
        "dial_level": 1.5,
        "max_dial_level": 2.5,
        "shift": "22:00-06:00",
        "dial_statuses": ["NEW", "NA"],
        "hopper_level": 50,
        "drop_limit": 2.0,
        "drop_seconds": 2.0,
        "drop_lockout_hours": 96,
        "attempts_per_day": 3,
        "attempts_per_week": 7,
        "dnc_lists": ["national"],
        "consent": "sales",
        "script": "Hello --A--first_name--B--,\nhow are you?",
        "web_form_url": "https://crm.example/--A--lead_id--B--",
        "dial_timeout": 20,
        "api_manual_dial": "QUEUE",
        "wrapup_seconds": 30,
        "default_status": "N",
        "manual_list": 998,
        "inbound": True,
        "active": False,
        "default_transfer_queue": "SUPPORT",
        "presets": {"Desk": "7275550110"},
        "preview": "PREVIEW_ONLY",
        "alt_number_dialing": True,
        "inbound_lead_search": True,
        "park_music": "jazz",
        "recycle": [
            {"status": "B", "delay": 600, "attempts": 1},
            {"status": "NA", "delay": 7200, "attempts": 3},
        ],
        "auto_alt_dial": "ALT_AND_EXTENDED",
        "auto_alt_dial_statuses": ["NA"],
        "call_count_limit": 6,
        "amd": True,
        "amd_seconds": 1.5,
        "amd_action": "MESSAGE",
        "machine_message": "later",
        "abandon_message": "sorry",
        "opt_out_key": "9",
        "message_purpose": "renewals",
        "message_seller": "Acme",
        "message_callback_number": "+17275550000",
        "message_consent": "contract",
    }
    assert [(one["status"], one["callback"]) for one in added["statuses"]] == [
        ("CSALE", False),
        ("XCB", True),
    ]
    assert {key: added[key] for key in wanted} == wanted


def test_phones_dids_and_groups_are_added(carrier: Command) -> None:
    carrier("campaign", "add", "SALES")
    assert carrier("phone", "add", "1000", "--template", "SIP/{phone}").out == "added phone 1000\n"
    many = carrier("phonealias", "add", "1000a", "--phones", "1000", "--json")
    assert many.json == {"name": "1000a", "title": "", "logins": ["1000"]}
    assert "in use by phone alias 1000a" in carrier("phone", "remove", "1000").err
    did = carrier("did", "add", "7275551234", "--queue", "SALESLINE", "--campaign", "SALES")
    assert did.out == "added did 7275551234\n"
    assert carrier("usergroup", "add", "AGENTS", "--campaigns", "SALES").out == "added usergroup AGENTS\n"
    group = carrier("usergroup", "show", "AGENTS", "--json").json
    assert (group["campaigns"], group["sees_groups"]) == (["SALES"], ["AGENTS"])
    wanted = ("SALESLINE", "--title", "Sales", "--caller-id", "7275550111")
    assert carrier("ingroup", "add", *wanted).out == "added ingroup SALESLINE\n"
    alias = carrier("groupalias", "add", "DESK", "--caller-id", "7275550100", "--json").json
    assert (alias["name"], alias["caller_id"], alias["active"]) == ("DESK", "7275550100", True)
    assert carrier("ingroup", "show", "SALESLINE", "--json").json["caller_id"] == "7275550111"
    url = "https://phone.example/1001"
    assert carrier("phone", "add", "1001", "--webphone-url", url, "--json").json["webphone_url"] == url
    everything = carrier(
        "usergroup", "add", "ADMIN", "--campaigns", "ALL", "--sees-groups", "ALL", "--json"
    ).json
    assert (everything["campaigns"], everything["sees_groups"]) == ("ALL", "ALL")


def test_a_campaign_shows_numbers_by_area(carrier: Command) -> None:
    words = "cidgroup add LOCAL --entry 727=7275550100 --entry NONE=7275550111 --title Near --json"
    local = carrier(*words.split()).json
    assert [(one["area"], one["number"]) for one in local["entries"]] == [
        ("727", "7275550100"),
        ("NONE", "7275550111"),
    ]
    added = carrier("campaign", "add", "SALES", "--cidgroup", "LOCAL", "--json").json
    assert added["caller_id_group"] == "LOCAL"
    assert carrier("cidgroup", "remove", "LOCAL").err == (
        "error: cidgroup 'LOCAL' is in use by campaign SALES\n"
    )


def test_a_thing_is_added_once_and_replaced_when_asked(carrier: Command) -> None:
    again = ("trunk", "add", "carrier", "--template", "SIP/{number}")
    refused = carrier(*again)
    assert (refused.status, refused.err) == (1, "error: trunk 'carrier' exists already\n")
    assert carrier(*again, "--replace").out == "changed trunk carrier\n"
    assert carrier(*again, "--replace").out == "unchanged trunk carrier\n"
    assert carrier("trunk", "show", "carrier", "--json").json["template"] == "SIP/{number}"


def test_every_field_of_a_list_is_taken(carrier: Command) -> None:
    carrier("campaign", "add", "SALES", "--trunk", "carrier")
    carrier("calltime", "add", "office", "--hours", "09:00-17:00")
    words = "101 --campaign SALES --name Web --description form --expires-at 2027-01-01T00:00:00Z"
    words += (
        " --call-time office --caller-id 7275550000 --custom-field colour=TEXT --custom-field size=SELECT"
    )
    words += " --country gb --start-call-url https://crm.example/s --dispo-call-url https://crm.example/d"
    words += " --no-agent-call-url https://crm.example/n --add-lead-url https://crm.example/a --inactive"
    assert carrier("list", "add", *words.split()).out == "added list 101\n"
    wanted = {
        "id": 101,
        "name": "Web",
        "description": "form",
        "campaign": "SALES",
        "active": False,
        "expires_at": "2027-01-01T00:00:00Z",
        "country": "GB",
        "call_time": "office",
        "caller_id": "7275550000",
        "custom_fields": {"colour": "TEXT", "size": "SELECT"},
        "start_call_url": "https://crm.example/s",
        "dispo_call_url": "https://crm.example/d",
        "no_agent_call_url": "https://crm.example/n",
        "add_lead_url": "https://crm.example/a",
    }
    shown = carrier("list", "show", "101", "--json").json
    assert {field: shown[field] for field in wanted} == wanted
    assert [item["id"] for item in carrier("list", "list", "--after", "100", "--json").json] == [101]
    assert carrier("campaign", "remove", "SALES").err == ("error: campaign 'SALES' is in use by list 101\n")
    assert carrier("list", "remove", "101").out == "removed list 101\n"


def test_an_own_number_stays_for_as_long_as_it_is_shown(carrier: Command) -> None:
    assert carrier("groupalias", "add", "DESK", "--caller-id", "7275550100").status == 0
    refused = carrier("ownnumber", "remove", "+17275550100")
    assert refused.err == "error: ownnumber '+17275550100' is in use by groupalias DESK\n"
    assert carrier("groupalias", "remove", "DESK").status == 0
    assert carrier("ownnumber", "remove", "+17275550100").out == "removed ownnumber +17275550100\n"


def test_a_thing_is_removed(carrier: Command) -> None:
    assert carrier("trunk", "remove", "carrier").out == "removed trunk carrier\n"
    gone = carrier("trunk", "show", "carrier")
    assert (gone.status, gone.err) == (1, "error: there is no trunk 'carrier'\n")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            "trunk add west --template PJSIP/{nmber}",
            "template: 'PJSIP/{nmber}' must hold {number} once, for example",
        ),
        ("trunk add a&b --template SIP/{number}", "name: 'a&b': 1 to 40 letters"),
        ("campaign add SALES --trunk carier", "trunk: there is no trunk 'carier'; did you mean 'carrier'?"),
        ("campaign add SALES --dial-timeout 5", "dial_timeout: 5 is not in 15 to 600"),
        ("campaign add SALES --shift 9-21", "shift: '9-21': two times of the day, 09:00-21:00"),
        ("campaign add SALES --dial-level 21", "dial_level: 21 is not in 0 to 20"),
        ("campaign add SALES --preset Desk", "--preset: 'Desk' needs a name, = and a number"),
        ("campaign add SALES --status A --callback-status A", "statuses: the same one is there twice"),
        ("ingroup add a&b", "name: 'a&b': 1 to 40 letters"),
        ("ingroup remove SALES", "there is no ingroup 'SALES'"),
        (
            "groupalias add DESK --caller-id 7275550199",
            "caller_id: '7275550199' is none of the site's own numbers: agent-bridge ownnumber add +",
        ),
        ("campaign add SALES --caller-id 17275550199", "caller_id: '17275550199' is none of the site's own"),
        (
            "ingroup add SALES --caller-id 0000000",
            "caller_id: '0000000' is none of the site's own numbers: it",
        ),
        ("ownnumber add 7275550100", "number: '7275550100': + and country code, as in +17275550100"),
        ("cidgroup add LOCAL --entry 727", "--entry: '727' needs an area, = and a number"),
        (
            "cidgroup add LOCAL --entry 727=7275550199",
            "entries: '7275550199' is none of the site's own numbers: agent-bridge ownnumber add +",
        ),
        ("groupalias add DESK --caller-id 12x", "caller_id: '12x': digits only"),
        ("phone add 1000 --webphone-url ftp://x", "webphone_url: 'ftp://x': an http or https URL"),
        ("did add x --queue Q", "number: 'x': 2 to 20 digits"),
        ("usergroup add A --campaigns NONE", "campaigns: there is no campaign 'NONE'"),
        ("list add 0", "id: 0: 1 to 14 digits"),
        ("list add 101 --campaign NONE", "campaign: there is no campaign 'NONE'"),
        ("list add 101 --call-time none", "call_time: there is no calltime 'none'"),
        ("list add 101 --country XX", "country: 'XX' is no country (two letters, as in US)"),
        ("list add 101 --expires-at soon", "--expires-at: 'soon' is no time, as 2027-01-01T00:00:00Z"),
        ("list add 101 --expires-at 2027-01-01", "expires_at: a moment with its offset from UTC"),
        ("list add 101 --custom-field colour", "--custom-field: 'colour' needs a = between the two"),
        ("list add 101 --start-call-url ftp://x", "start_call_url: "),
        ("campaign add WEB --web-form-url javascript:x", "web_form_url: an address as"),
        ("campaign add WEB --script-file /nowhere/x", "--script-file: cannot read /nowhere/x"),
        ("list remove abc", "there is no list 'abc'"),
        ("list show 101", "there is no list '101'"),
        ("trunk remove carier", "there is no trunk 'carier'; did you mean 'carrier'?"),
        ("phone remove 1000", "there is no phone '1000'"),
    ],
)
def test_an_error_is_one_line_and_status_1(carrier: Command, words: str, error: str) -> None:
    answer = carrier(*words.split())
    assert answer.status == 1
    assert answer.out == ""
    assert answer.err.startswith(f"error: {error}")
    assert answer.err.count("\n") == 1


def test_what_is_in_use_is_not_removed(carrier: Command) -> None:
    carrier("campaign", "add", "SALES", "--trunk", "carrier")
    answer = carrier("trunk", "remove", "carrier")
    assert (answer.status, answer.err) == (1, "error: trunk 'carrier' is in use by campaign SALES\n")


def test_an_in_group_that_is_served_is_not_removed(carrier: Command) -> None:
    carrier("ingroup", "add", "SALESLINE")
    carrier("campaign", "add", "SALES", "--queue", "SALESLINE")
    answer = carrier("ingroup", "remove", "SALESLINE")
    assert (answer.status, answer.err) == (1, "error: ingroup 'SALESLINE' is in use by campaign SALES\n")


def test_an_empty_list_says_how_to_fill_it(command: Command) -> None:
    assert command("phone", "list").err == "no phone yet: agent-bridge phone add --help\n"
    assert command("phone", "list", "--json").json == []


def test_lists_have_pages(command: Command) -> None:
    for login in ("1000", "1001", "1002"):
        command("phone", "add", login)
    page = command("phone", "list", "--after", "1000", "--limit", "1", "--json").json
    assert [phone["login"] for phone in page] == ["1001"]


def test_another_key_for_links_to_recordings(command: Command) -> None:
    for _ in range(2):
        assert command("recording", "newkey").out.startswith("links are signed with a new key")


def test_do_not_call_entries_come_and_go(command: Command) -> None:
    assert command("dnc", "add", "+1 312 555 9999").out == "added +1 312 555 9999\n"
    assert command("dnc", "add", "3125559999").out == "unchanged 3125559999\n"
    command("dnc", "add", "901", "--campaign", "SALES")
    (entry,) = command("dnc", "show", "(312) 555-9999", "--json").json
    assert (entry["number"], entry["added_by"]) == ("3125559999", "cli")
    assert [entry["number"] for entry in command("dnc", "list", "--campaign", "SALES", "--json").json] == [
        "901"
    ]
    assert command("dnc", "remove", "13125559999").status == 0
    assert command("dnc", "remove", "13125559999").err == "error: 13125559999 is not forbidden to all\n"
    assert command("dnc", "show", "3125559999").err == "nothing forbids 3125559999\n"


@pytest.mark.parametrize("way", ["stdin", "file", "prompt"])
def test_a_phones_secret_is_taken_and_never_shown(
    command: Command, store: Path, tmp_path: Path, way: str
) -> None:
    command("phone", "add", "1020", "--browser")
    file = tmp_path / "secret"
    file.write_text("given-secret\n")
    words, stdin = {
        "stdin": (["--secret-stdin"], "given-secret\n"),
        "file": (["--secret-file", str(file)], None),
        "prompt": ([], "given-secret\ngiven-secret\n"),
    }[way]
    answer = command("phone", "secret", "1020", *words, stdin=stdin)
    assert (answer.status, answer.out.splitlines()[-1]) == (
        0,
        "the console registers phone 1020 with it from its next login on",
    )
    shown = [answer, command("phone", "show", "1020"), command("phone", "list", "--json"), command("audit")]
    assert all("given-secret" not in each.out + each.err for each in shown)
    assert command("phone", "show", "1020", "--json").json["browser"] is True
    with contextlib.closing(sqlite3.connect(store)) as conn:
        assert conn.execute("SELECT login, secret FROM phone_secrets").fetchall() == [
            ("1020", "given-secret")
        ]


def test_a_secret_for_no_phone_or_too_short_is_refused(command: Command) -> None:
    missed = command("phone", "secret", "1020", "--secret-stdin", stdin="given-secret\n")
    assert (missed.status, missed.err) == (1, "error: there is no phone '1020'\n")
    short = command("phone", "secret", "1020", "--secret-stdin", stdin="short\n")
    assert "the secret has 5 characters: at least 8" in short.err
