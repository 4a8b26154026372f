"""The parameters of the non-agent API, and which characters of each are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.api.vicidial.non_agent.did_parameters import DID_FILTERS
from bridge.api.vicidial.non_agent.phone_parameters import PHONE_FILTERS
from bridge.api.vicidial.non_agent.report_parameters import REPORT_FILTERS
from bridge.api.vicidial.non_agent.site_parameters import SITE_FILTERS
from bridge.api.vicidial.non_agent.user_parameters import USER_FILTERS
from bridge.api.vicidial.parameters import (
    CAPITALS,
    DIGITS,
    NAME,
    WORD,
    Filter,
    drop_all,
    keep_only,
)

TEXT: Final = drop_all(';#"\\\\', plus_is_blank=True)
"""Free text: letters and digits of any script, most punctuation."""
_CODE = keep_only("-_.0-9A-Za-z")
_SPACED = keep_only("- _.0-9A-Za-z", plus_is_blank=True)
_NUMBERS = keep_only(",0-9")
_MOMENT = keep_only("- :._0-9A-Za-z", plus_is_blank=True)
_SIGNED = keep_only("-.0-9")

LEAD_TEXTS: Final = (
    "vendor_lead_code",
    "source_id",
    "title",
    "first_name",
    "middle_initial",
    "last_name",
    "address1",
    "address2",
    "address3",
    "city",
    "state",
    "province",
    "postal_code",
    "country_code",
    "gender",
    "date_of_birth",
    "alt_phone",
    "email",
    "security_phrase",
    "comments",
    "owner",
)
"""Fields of a lead that are texts."""
_SWITCHES = (
    "add_to_hopper archived_lead callback_type custom_fields delete_cf_data delete_lead "
    "duplicate_check_all hopper_local_call_time_check insert_if_not_found list_exists_check lookup_state "
    "nanpa_ac_prefix_check no_update remove_from_hopper reset_lead update_phone_number "
    "usacan_areacode_check usacan_prefix_check dnc_check campaign_dnc_check"
)

FILTERS: Final[Mapping[str, Filter]] = {
    "user": NAME,
    "pass": keep_only("-.+/=_0-9A-Za-z"),
    "source": WORD,
    "function": NAME,
    "format": WORD,
    "stage": WORD,
    "header": WORD,
    "close_window_link": NAME,
    "language": NAME,
    "agent_user": NAME,
    "session_id": DIGITS,
    **dict.fromkeys(LEAD_TEXTS, TEXT),
    **dict.fromkeys(_SWITCHES.split(), WORD),
    "phone_number": _NUMBERS,
    "phone_code": DIGITS,
    "list_id": keep_only("-0-9A-Za-z"),
    "list_id_field": DIGITS,
    "lead_id": DIGITS,
    "lead_ids": _NUMBERS,
    "campaign_id": NAME,
    "gmt_offset_now": _SIGNED,
    "rank": keep_only("-0-9"),
    "entry_list_id": DIGITS,
    "force_entry_list_id": DIGITS,
    "duplicate_check": keep_only("-_0-9A-Za-z"),
    "tz_method": keep_only("-_0-9A-Za-z"),
    "hopper_priority": keep_only("-0-9"),
    "callback": CAPITALS,
    "callback_datetime": _MOMENT,
    "callback_status": NAME,
    "callback_user": NAME,
    "callback_comments": TEXT,
    "multi_alt_phones": drop_all(";#\"'\\\\", plus_is_blank=True),
    "search_method": keep_only("-_A-Za-z"),
    "search_location": CAPITALS,
    "records": DIGITS,
    "status": NAME,
    "user_field": NAME,
    "called_count": DIGITS,
    "field_name": NAME,
    "date": keep_only("-0-9"),
    "call_id": _CODE,
    "group": NAME,
    "local_call_time": _CODE,
    **REPORT_FILTERS,
    **PHONE_FILTERS,
    **SITE_FILTERS,
    **USER_FILTERS,
    **DID_FILTERS,
}
"""The names that the functions read. Any other parameter may be a custom field of a list."""
