"""How often a user asks: a bucket of requests for each, which fills at its rate up to its burst."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from bridge.access.errors import Forbidden, Rule, TooManyRequests
from bridge.access.limits import burst_of, may_come_from
from bridge.access.model import Principal

BUCKETS: Final = 10_000
"""The one that was used first goes first; it comes back full."""


class Throttle:
    """What is checked of each request of a user who is known, beside its rights. In memory, for one bridge.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, principal: Principal, address: str) -> None:
        """Take one request of the principal's.

        Raises:
            Forbidden: it may not come from this address.
            TooManyRequests: it has asked more often than it may; this one does not count.
        """
        limits = principal.limits
        if limits.addresses and not may_come_from(limits.addresses, address):
            raise Forbidden(Rule.ADDRESS, user=principal.user, function="the API from here")
        if limits.rate is not None:
            self._take(principal.user, limits.rate, burst_of(limits))

    def _take(self, user: str, rate: float, burst: int) -> None:
        now = self._clock()
        left, at = self._buckets.get(user, (float(burst), now))
        left = min(float(burst), left + (now - at) * rate)
        if left < 1:
            raise TooManyRequests(user, (1 - left) / rate)
        self._buckets[user] = (left - 1, now)
        self._buckets.move_to_end(user)
        if len(self._buckets) > BUCKETS:
            self._buckets.popitem(last=False)
