from __future__ import annotations

import pytest

from bridge.access import throttle
from bridge.access.errors import Forbidden, Rule, TooManyRequests
from bridge.access.limits import Limits
from bridge.access.model import Principal
from bridge.access.throttle import Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def user(name: str = "crm", **limits: object) -> Principal:
    return Principal(user=name, limits=Limits(**limits))  # type: ignore[arg-type]


def admitted(gate: Throttle, who: Principal, times: int) -> int:
    count = 0
    for _ in range(times):
        try:
            gate.admit(who, "192.0.2.7")
        except TooManyRequests:
            continue
        count += 1
    return count


def test_a_burst_and_then_the_rate() -> None:
    clock = Clock()
    gate, crm = Throttle(clock), user(rate=2, burst=5)
    assert admitted(gate, crm, 10) == 5
    with pytest.raises(TooManyRequests) as refused:
        gate.admit(crm, "192.0.2.7")
    assert refused.value.seconds == pytest.approx(0.5)
    clock.now += 0.5
    assert admitted(gate, crm, 3) == 1
    clock.now += 3600
    assert admitted(gate, crm, 10) == 5, "no more than the burst is saved up"


def test_less_than_one_a_second_and_no_burst_lets_one_through() -> None:
    clock = Clock()
    gate, slow = Throttle(clock), user(rate=0.1)
    assert admitted(gate, slow, 3) == 1
    clock.now += 9.9
    assert admitted(gate, slow, 1) == 0
    clock.now += 0.1
    assert admitted(gate, slow, 1) == 1


def test_one_users_rate_is_none_of_the_others() -> None:
    gate = Throttle(Clock())
    assert admitted(gate, user("crm", rate=1), 5) == 1
    assert admitted(gate, user("web", rate=1), 5) == 1
    assert admitted(gate, user("free"), 500) == 500


def test_new_limits_count_at_once() -> None:
    gate = Throttle(Clock())
    assert admitted(gate, user(rate=100, burst=100), 50) == 50
    assert admitted(gate, user(rate=1, burst=2), 50) == 2


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "BUCKETS", 3)
    gate = Throttle(Clock())
    for number in range(10):
        gate.admit(user(f"user{number}", rate=1), "192.0.2.7")
    assert list(gate._buckets._left) == ["user7", "user8", "user9"]


@pytest.mark.parametrize("address", ["192.0.3.7", "2001:db8::1", "", "unix"])
def test_another_address_is_refused_and_takes_nothing_of_the_rate(address: str) -> None:
    gate, crm = Throttle(Clock()), user(addresses=("192.0.2.0/24",), rate=1)
    with pytest.raises(Forbidden) as refused:
        gate.admit(crm, address)
    assert refused.value.rule is Rule.ADDRESS
    assert "192.0.2.0" not in str(refused.value)
    assert admitted(gate, crm, 1) == 1
