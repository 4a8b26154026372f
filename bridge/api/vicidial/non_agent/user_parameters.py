"""Parameters of the functions about users, and which characters of each are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.api.vicidial.non_agent.phone_parameters import SECRET
from bridge.api.vicidial.parameters import DIGITS, NAME, WORD, Filter, drop_all, keep_only

_TEXT: Final = drop_all(';#"\\\\', plus_is_blank=True)
_SIGNED: Final = keep_only("-0-9")
_CHOICES = "hotkeys_active agent_choose_ingroups agent_choose_blended closer_default_blended"
_DIGITS = f"{_CHOICES} agent_user_level camp_rg_only ingrp_rg_only reset_password number_of_lines"
_RANKS = "wrapup_seconds_override campaign_rank campaign_grade ingroup_rank ingroup_grade"

USER_FILTERS: Final[Mapping[str, Filter]] = {
    **dict.fromkeys(_DIGITS.split(), DIGITS),
    **dict.fromkeys(_RANKS.split(), _SIGNED),
    **dict.fromkeys(("agent_user_group", "source_user", "group_id"), NAME),
    **dict.fromkeys((f"custom_{name}" for name in ("one", "two", "three", "four", "five")), _TEXT),
    "agent_full_name": _TEXT,
    "agent_pass": SECRET,
    "delete_user": WORD,
}
"""What is kept of each."""
