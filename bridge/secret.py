"""Values that are never shown: not in a log, not in an error, not on a screen."""

from __future__ import annotations

import hmac
import re

MASK = "********"
_PASSWORD = re.compile(r"(?<=:).*(?=@[^@]*$)")
"""From the first colon to the last @: a password that was not escaped may hold either."""
_PASSWORD_PARAMETER = re.compile(r"(?i)(?<=[?&])([^=&]*pass[^=&]*|pwd)=[^&]*")


class Secret:
    """A text that shows itself only to who asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def masked(self) -> str:
        """What may be shown."""
        return MASK if self._value else ""

    def __bool__(self) -> bool:
        return bool(self._value)

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked()!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)


class SecretUrl(Secret):
    """A URL; only the password in it is hidden."""

    __slots__ = ()

    def masked(self) -> str:
        """The URL with a mask for its password."""
        scheme, separator, rest = self.reveal().partition("://")
        if not separator:
            return super().masked()  # no URL: it may be a password in the wrong place
        shown = _PASSWORD.sub(MASK, rest, count=1)
        return f"{scheme}://{_PASSWORD_PARAMETER.sub(lambda found: f'{found[1]}={MASK}', shown)}"
