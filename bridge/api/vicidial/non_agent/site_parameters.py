"""The parameters of the functions that set up lists, campaigns and caller ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.api.vicidial.parameters import DIGITS, NAME, WORD, Filter, drop_all, keep_only

_TEXT: Final = drop_all(';#"\\\\', plus_is_blank=True)
_ADDRESS: Final = drop_all("\"'\\\\")
"""A `+` in an address is one; blanks are refused where it is kept."""
_LABEL: Final = keep_only("_0-9A-Za-z")

NUMERALS: Final = ("one", "two", "three", "four", "five")
XFERCONF: Final = tuple(f"xferconf_{name}" for name in NUMERALS)
WEB_FORMS: Final = ("web_form_address", "web_form_address_two", "web_form_address_three")

SITE_FILTERS: Final[Mapping[str, Filter]] = {
    **dict.fromkeys(("list_name", "list_description"), _TEXT),
    **dict.fromkeys(("active", "reset_list", "delete_list", "delete_leads"), WORD),
    **dict.fromkeys(("leads_counts", "dialable_count"), WORD),
    **dict.fromkeys(("outbound_cid", "script", "drop_inbound_group", "custom_order"), NAME),
    "am_message": keep_only("-_.0-9A-Za-z/|"),
    **dict.fromkeys(WEB_FORMS, _ADDRESS),
    "reset_time": keep_only("-0-9A-Za-z"),
    "expiration_date": keep_only("-0-9A-Za-z"),
    **dict.fromkeys(XFERCONF, keep_only("-_*#0-9A-Za-z")),
    "custom_fields_copy": DIGITS,
    "custom_copy_method": WORD,
    **dict.fromkeys(("custom_fields_add", "custom_fields_update", "custom_fields_delete"), WORD),
    "field_label": _LABEL,
    "field_type": WORD,
    "field_size": DIGITS,
    "field_rank": DIGITS,
    "campaign_name": _TEXT,
    **dict.fromkeys(("auto_dial_level", "adaptive_maximum_level"), keep_only(".0-9")),
    **dict.fromkeys(("hopper_level", "dial_timeout"), DIGITS),
    "dial_method": keep_only("_A-Z"),
    **dict.fromkeys(("campaign_vdad_exten", "reset_hopper", "list_order_randomize", "action"), WORD),
    "list_order": keep_only(" 0-9A-Za-z", plus_is_blank=True),
    "list_order_secondary": keep_only("_A-Z"),
    **dict.fromkeys(("dial_status_add", "dial_status_remove", "lead_filter_id"), NAME),
    **dict.fromkeys(("dispo_call_url", "webform_one", "webform_two", "webform_three"), _ADDRESS),
    "alt_url_id": WORD,
    **dict.fromkeys(("entry_type", "url_type"), WORD),
    **dict.fromkeys(("url_rank", "url_call_length"), DIGITS),
    "url_statuses": keep_only("-_ 0-9A-Za-z", plus_is_blank=True),
    "url_lists": keep_only(" 0-9", plus_is_blank=True),
    "url_description": _TEXT,
    "url_address": _ADDRESS,
    "preset_name": _TEXT,
    "preset_number": DIGITS,
    "preset_hide_number": WORD,
    "preset_dtmf": keep_only("-0-9A-Z"),
    "caller_id_number": DIGITS,
    "caller_id_name": _TEXT,
    "cid_group_id": NAME,
    "areacode": NAME,
    "cid_description": _TEXT,
    "group_alias_id": _LABEL,
    "group_alias_name": _TEXT,
    "admin_user_group": NAME,
}
"""What is kept of each."""
