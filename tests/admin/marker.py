"""A secret that can be found again, however it was written down."""

from __future__ import annotations

import base64
from typing import Final
from urllib.parse import quote

UNIT: Final = "Q7zMARKs9xK2"
SECRET: Final = f"{UNIT}+{UNIT}/{UNIT}="
"""A secret that a URL has to escape; each third of it is the unit, so that pieces of it are found as well."""
TWICE: Final = quote(quote(SECRET, safe=""), safe="")


def _traces() -> tuple[bytes, ...]:
    plain = UNIT.encode()
    found = [plain, plain[::-1], plain.hex().encode(), plain.hex().upper().encode()]
    for before in (b"", b"x", b"xx"):  # base64 looks different at each of three places
        encoded = base64.b64encode(before + plain)
        first, last = -(-len(before) * 8 // 6), len(before + plain) * 8 // 6
        found += [encoded[first:last], base64.b85encode(plain)]
    return tuple(found)


TRACES: Final = _traces()


def traces_in(data: bytes) -> list[bytes]:
    """How the secret stands in there: where it is found, with what is around it."""
    places = [data.find(trace) for trace in TRACES]
    return [data[max(0, place - 60) : place + 80] for place in places if place >= 0]
