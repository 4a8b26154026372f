"""What the site's settings say about dialling."""

from __future__ import annotations

from bridge.calls.intent import SiteRules
from bridge.settings import SiteSettings


def rules_of(site: SiteSettings, asterisk: str, dnc_days: int) -> SiteRules:
    """Those of the settings; `asterisk` is the one that a trunk or phone without one belongs to."""
    return SiteRules(
        country=site.country,
        allowed_countries=frozenset(site.allowed_countries),
        timezone=site.zone,
        asterisk=asterisk,
        dnc_days=dnc_days,
    )
