"""Parameters of the reports, and which characters of each are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.api.vicidial.parameters import CAPITALS, DIGITS, NAME, WORD, Filter, keep_only

_DATE: Final = keep_only("-0-9")
_BARRED: Final = keep_only("-_|0-9A-Za-z")
"""Names divided by bars."""

REPORT_FILTERS: Final[Mapping[str, Filter]] = {
    "campaigns": _BARRED,
    "user_groups": _BARRED,
    "in_groups": _BARRED,
    "show_sub_status": WORD,
    "detail": WORD,
    "type": WORD,
    "uniqueid": keep_only(".0-9"),
    "extension": NAME,
    "duration": WORD,
    **dict.fromkeys(("datetime_start", "datetime_end"), keep_only("- :0-9", plus_is_blank=True)),
    "time_format": CAPITALS,
    "group_by_campaign": CAPITALS,
    "query_date": _DATE,
    "end_date": _DATE,
    **dict.fromkeys(("ingroups", "dids", "did_patterns", "statuses", "users", "categories"), _BARRED),
    **dict.fromkeys(("status_breakdown", "show_percentages", "file_download"), DIGITS),
}
"""The names that only reports read."""
