"""Tokens that a scanner for leaked secrets can recognise: a prefix, random characters, a checksum.

The form is that of GitHub's tokens (github.blog, "Behind GitHub's new authentication token formats", 2021):
what has the right checksum is almost surely a token of ours, and what has not needs no look into the store.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from typing import Final

KEY_PREFIX: Final = "abk_"
"""Of the keys of API users."""
INTAKE_PREFIX: Final = "abi_"
"""Of the keys of web forms."""
CONSOLE_PREFIX: Final = "abc_"
"""Of the sessions of agents' pages."""
LINK_PREFIX: Final = "abl_"
"""Of the links that log an agent in once."""

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM: Final = 30
"""Characters of chance: 178 bits."""
LONG: Final = 43
"""The same for what a browser keeps: 256 bits."""
_CHECK: Final = 6


def new_token(prefix: str, length: int = _RANDOM) -> str:
    """A token that nobody can guess, with so many characters of chance."""
    random = "".join(secrets.choice(_DIGITS) for _ in range(length))
    return prefix + random + _checksum(random)


def is_token(text: str, prefix: str, length: int = _RANDOM) -> bool:
    """Whether the text has the form of a token of this kind, its checksum included."""
    random = text[len(prefix) : -_CHECK]
    return (
        len(text) == len(prefix) + length + _CHECK
        and text.startswith(prefix)
        and text.isascii()
        and random.isalnum()
        and text.endswith(_checksum(random))
    )


def digest(token: str) -> str:
    """What is stored of a token: nobody can guess its 178 bits or more, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(random: str) -> str:
    rest, signs = zlib.crc32(random.encode()), ""
    for _ in range(_CHECK):
        rest, digit = divmod(rest, len(_DIGITS))
        signs = _DIGITS[digit] + signs
    return signs
