"""The parameters of the functions about DIDs, and which characters of each are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.api.vicidial.parameters import DIGITS, NAME, WORD, Filter, drop_all, keep_only

_PATTERN: Final = "-+*#._:0-9A-Za-z"
"""Of a number that was called; the bridge's own are digits, with or without a `+`."""
_NAMES: Final = (
    "exten_context voicemail_ext phone_extension menu_id filter_clean_cid_number call_handle_method"
)

DID_FILTERS: Final[Mapping[str, Filter]] = {
    **dict.fromkeys(("did_pattern", "source_did_pattern"), keep_only(_PATTERN)),
    "new_dids": keep_only(f"{_PATTERN},"),
    "did_description": drop_all(';#"\\\\', plus_is_blank=True),
    **dict.fromkeys(_NAMES.split(), NAME),
    **dict.fromkeys(("did_route", "record_call", "delete_did"), NAME),
    "agent_search_method": WORD,
    "entry_list_id": DIGITS,
}
