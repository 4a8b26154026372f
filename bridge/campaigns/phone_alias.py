"""A name for several phones, of which a login takes a free one."""

from __future__ import annotations

from typing import ClassVar

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Name, Title, check_name, check_printable

MOST_PHONES = 100
"""Phones of one alias."""


class PhoneAlias(SiteItem, frozen=True, kw_only=True):
    """A name that agents log in with in place of a phone's: one of its phones is rung."""

    kind: ClassVar[str] = "phonealias"

    name: Name
    title: Title = ""
    logins: tuple[Name, ...]
    """Its phones, in the order in which they are tried."""

    def __post_init__(self) -> None:
        """Check the fields."""
        check_name("name", self.name)
        check_printable("title", self.title)
        if not 1 <= len(self.logins) <= MOST_PHONES or len(set(self.logins)) < len(self.logins):
            raise InvalidField("logins", f"1 to {MOST_PHONES} phones, each once")
        for login in self.logins:
            check_name("logins", login)
