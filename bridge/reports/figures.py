"""What reports tell of an agent's time: whole seconds, averages, shares. Pure."""

from __future__ import annotations

import msgspec

from bridge.reports.agent_time import AgentTime


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of one row, rounded first, so that a row's sum is the sum of what it shows."""

    pause: int
    wait: int
    talk: int
    wrapup: int
    login: int
    """All of them."""
    average_talk: int
    """For each call."""
    average_wait: int
    """For each call."""
    average_pause: int
    average_session: int

    @classmethod
    def of(cls, one: AgentTime) -> Figures:
        """The figures of a row."""
        pause, wait, talk, wrapup = (
            round(part / 1000) for part in (one.pause, one.wait, one.talk, one.wrapup)
        )
        login = pause + wait + talk + wrapup
        return cls(
            pause=pause,
            wait=wait,
            talk=talk,
            wrapup=wrapup,
            login=login,
            average_talk=ratio(talk, one.calls),
            average_wait=ratio(wait, one.calls),
            average_pause=ratio(pause, one.pauses),
            average_session=ratio(login, one.sessions),
        )


def ratio(part: int, whole: int) -> int:
    """Rounded; 0 where there is no whole."""
    return round(part / whole) if whole else 0
