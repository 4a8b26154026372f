"""The site of the tests with real calls."""

from __future__ import annotations

SITE = """
[[trunk]]
name = "carrier"
template = "TRUNK"

[[ingroup]]
name = "SALESLINE"

[[ingroup]]
name = "SUPPORT"

[[ingroup]]
name = "NOWHERE"  # no queue of Asterisk's

# Numbers of the tests are fictional, and tests run at any hour.
[[calltime]]
name = "law-US"
hours = "00:00-24:00"
source = "nobody is called"

[[calltime]]
name = "law-US-FL"
hours = "00:00-24:00"
source = "nobody is called"

[[campaign]]
id = "TEST"
trunk = "carrier"
caller_id = "7275550000"
dial_timeout = 20
wrapup_seconds = 0
default_status = "TALKED"
drop_seconds = 2
inbound = true
queues = ["SALESLINE"]
manual_list = 998
message_purpose = "renewals"
message_seller = "Acme"
message_callback_number = "7275550000"
message_consent = "contract"

[[campaign]]
id = "WRAPUP"
trunk = "carrier"
caller_id = "7275550001"
wrapup_seconds = 60
default_status = "TALKED"
manual_list = 998

[[list]]
id = 998
campaign = "TEST"

[[usergroup]]
name = "ADMIN"

[[did]]
number = "7275551234"
queue = "SALESLINE"
campaign = "TEST"

[[apiuser]]
user = "crm"
level = 9
functions = "ALL"
rights = "ALL"
secret_env = "TEST_API_SECRET"
"""
PHONES = tuple(str(number) for number in range(1000, 1010))


def site_file(trunk: str) -> str:
    """The site of the tests: ten agents, each with the phone of her number."""
    people = "".join(
        f'\n[[phone]]\nlogin = "{phone}"\n\n[[agent]]\nuser = "{phone}"\ngroup = "ADMIN"\n'
        for phone in PHONES
    )
    return SITE.replace("TRUNK", trunk) + people
