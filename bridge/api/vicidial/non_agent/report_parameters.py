"""Parameters of the reports, and which characters of each are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.api.vicidial.parameters import WORD, Filter, keep_only

_BARRED: Final = keep_only("-_|0-9A-Za-z")
"""Names divided by bars."""

REPORT_FILTERS: Final[Mapping[str, Filter]] = {
    "campaigns": _BARRED,
    "user_groups": _BARRED,
    "in_groups": _BARRED,
    "show_sub_status": WORD,
}
"""The names that only reports read."""
