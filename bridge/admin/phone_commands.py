"""Commands about phones that are browsers."""

from __future__ import annotations

from bridge.admin.command import Command, Parts, Reading
from bridge.audit.entry import Entry, Result
from bridge.campaigns.browser_phone import set_secret, states
from bridge.campaigns.browser_server import BrowserPhoneState
from bridge.campaigns.model import Phone


class SetPhoneSecret(Command[None], frozen=True, kw_only=True):
    """Keep what a phone registers with, for its page."""

    login: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"{type(self).__name__}({self.login!r})"

    def tell(self, entry: Entry) -> None:
        """Whose, if there is such a phone."""
        if entry.result is Result.OK:
            entry.on(Phone.kind, self.login)

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        await set_secret(parts.db, self.login, self.secret)


class ListBrowserPhones(Reading[list[BrowserPhoneState]], frozen=True, kw_only=True):
    """The phones that are browsers."""

    async def do(self, parts: Parts) -> list[BrowserPhoneState]:
        """See `Command`."""
        return await states(parts.db)
