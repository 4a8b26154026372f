"""What the gate must know beside the number."""

from __future__ import annotations

import msgspec

from bridge.rules.consent import Agreed
from bridge.rules.history import Attempt, Drops, Limits
from bridge.rules.hold import Hold
from bridge.rules.hours import Hours
from bridge.rules.lists import GOOD_FOR, DncList
from bridge.rules.model import Asker, DncHit
from bridge.rules.zones import NOWHERE, Zones


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules must know beside the number; read by the caller in the moment of dialling."""

    allowed_countries: frozenset[str]
    """ISO 3166 codes; a country that is not among them is not dialled."""
    holds: tuple[Hold, ...] = ()
    """Those that stand: nobody is called."""
    asker: Asker | None = None
    """`None`: a person asks, or the bridge itself."""
    dnc: tuple[DncHit, ...] = ()
    """The lists that hold the number, looked up under each of `Number.forms`."""
    dnc_lists: tuple[DncList, ...] = ()
    """The imported lists that were looked into: those in force that hold for the campaign."""
    needed_lists: tuple[str, ...] = ()
    """Names of those without which, fresh, the campaign dials nothing by itself."""
    dnc_days: int = GOOD_FOR
    """For which an imported list is good, from its date on."""
    consent: str = ""
    """Purpose of the consent that the campaign demands; `any`: whichever; empty: none."""
    consents: tuple[Agreed, ...] = ()
    """Those for the number, also those that were taken back."""
    dial_prefix: str = ""
    """Digits that the trunk or the request puts before the number, see `digits_before`."""
    asked_prefix: str = ""
    """The part of `dial_prefix` that the request asks for; what a trunk has is its administrator's affair."""
    country: str = ""
    """ISO 3166 code of the place from which is dialled; needed with `asked_prefix`."""
    hours: tuple[Hours, ...] = ()
    """Those that must be open where the customer is; for an automatic dial the law's are among them."""
    zones: Zones = NOWHERE
    """Where she may be."""
    no_hours: str = ""
    """Name of hours that must be kept and are not there."""
    attempts: tuple[Attempt, ...] = ()
    """Calls to the number that have left, as far back as `limits` look."""
    limits: Limits = Limits()
    drops: Drops = Drops()
    """Of the campaign within 30 days; for an automatic dial."""
    drop_limit: float = 3.0
    """Per cent."""
    dialled: str = ""
    """The number as the trunk is given it, behind the prefix; empty: in any of its forms."""

    @property
    def countries(self) -> frozenset[str]:
        """Those that may be dialled for who asks."""
        own = self.asker.countries if self.asker else self.allowed_countries
        return own & self.allowed_countries
