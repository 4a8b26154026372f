"""Parameters of functions about phones and lists for forms, and which characters of each are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.api.vicidial.parameters import DIGITS, NAME, WORD, Filter, drop_all, keep_only

_LABEL = drop_all(";#\"'\\\\|", plus_is_blank=True)
"""Names that people read."""
SECRET = keep_only("-.+/=_0-9A-Za-z")
"""What can be a password here."""
_NAMES = keep_only("-_,0-9A-Za-z")
_NAME_FIELDS = (
    "extension phone_login template_id is_webphone phone_context alias_id voicemail_id dialplan_number"
)
_WORDS = (
    "protocol webphone_auto_answer use_external_server_ip on_hook_agent delete_vm_after_email delete_phone "
    "delete_alias"
)
_DIGITS = "outbound_alt_cid phone_ring_timeout"

PHONE_FILTERS: Final[Mapping[str, Filter]] = {
    **dict.fromkeys(_NAME_FIELDS.split(), NAME),
    **dict.fromkeys(_WORDS.split(), WORD),
    **dict.fromkeys(_DIGITS.split(), DIGITS),
    "alias_name": _LABEL,
    "local_gmt": keep_only("-.0-9"),
    "phone_full_name": _LABEL,
    "phone_logins": _NAMES,
    "phone_pass": SECRET,
    "registration_password": SECRET,
    "server_ip": keep_only("-.:_0-9A-Za-z"),
    "type": keep_only("_A-Z"),
}
