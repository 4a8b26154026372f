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


class Buckets:
    """A bucket for each key, which is full when it is first used.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, rate: float, burst: int) -> float:
        """Seconds until there is one to be taken; 0: now."""
        left = self._now(key, rate, burst)[0]
        return 0.0 if left >= 1 else (1 - left) / rate

    def take(self, key: str, rate: float, burst: int) -> None:
        """Take one, if there is one."""
        left, now = self._now(key, rate, burst)
        self._left[key] = (max(0.0, left - 1), now)
        self._left.move_to_end(key)
        if len(self._left) > BUCKETS:
            self._left.popitem(last=False)

    def _now(self, key: str, rate: float, burst: int) -> tuple[float, float]:
        now = self._clock()
        left, at = self._left.get(key, (float(burst), now))
        return min(float(burst), left + (now - at) * rate), now


class Throttle:
    """What is checked of each request of a user who is known, beside its rights. In memory, for one bridge.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Buckets(clock)

    def admit(self, principal: Principal, address: str) -> None:
        """Take one request of the principal's.

        Raises:
            Forbidden: it may not come from this address.
            TooManyRequests: it has asked more often than it may; this one does not count.
        """
        limits = principal.limits
        if limits.addresses and not may_come_from(limits.addresses, address):
            raise Forbidden(Rule.ADDRESS, user=principal.user, function="the API from here")
        if limits.rate is None:
            return
        rate, burst = limits.rate, burst_of(limits)
        if seconds := self._buckets.wait(principal.user, rate, burst):
            raise TooManyRequests(principal.user, seconds)
        self._buckets.take(principal.user, rate, burst)
