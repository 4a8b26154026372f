"""A picture of the curves, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from bridge.dialer.simulator.compare import Curves
from bridge.dialer.simulator.outcome import Outcome

_WIDTH: Final = 320
_HEIGHT: Final = 260
_LEFT: Final = 52
_TOP: Final = 56
_BOTTOM: Final = 84
_DROPS: Final = 0.06
"""The right end of the axis."""
_TITLE: Final = "Seconds an agent waits between two calls, against the share of answered calls dropped"
_COLOURS: Final = {
    "agent bridge, targets 1, 2, 3 and 5 %": "#1f6f50",
    "original's rules, methods, targets and fixed levels": "#b5542c",
    "one call for each ready agent": "#5a6b8c",
    "oracle": "#8a6d1d",
}


def draw(panels: Sequence[Curves]) -> str:
    """Idle seconds between two calls against the drop rate: a panel for each scenario."""
    width = len(panels) * (_WIDTH + _LEFT) + 24
    height = _TOP + _HEIGHT + _BOTTOM
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        "<title>Idle time between two calls against the drop rate</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">{_TITLE}</text>',
    ]
    for n, curves in enumerate(panels):
        parts += _panel(curves, _LEFT + n * (_WIDTH + _LEFT))
    parts += _legend(width)
    return "\n".join([*parts, "</svg>", ""])


def _panel(curves: Curves, left: float) -> Iterator[str]:
    most = max(curves.one_each.idle_each, *(run.idle_each for run in curves.bridge)) * 1.1
    bottom = _TOP + _HEIGHT
    yield f'<text x="{left}" y="{_TOP - 10}" font-weight="bold">{escape(curves.scenario.name)}</text>'
    yield f'<path d="M{left} {_TOP}V{bottom}H{left + _WIDTH}" fill="none" stroke="#888"/>'
    for percent in range(7):
        x = left + percent / 100 / _DROPS * _WIDTH
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{percent} %</text>'
    for n in range(5):
        y = bottom - n / 4 * _HEIGHT / 1.1
        yield f'<path d="M{left} {y:.1f}H{left + _WIDTH}" stroke="#eee"/>'
        yield f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{n / 4 * most / 1.1:.0f} s</text>'
    limit = left + curves.scenario.target / _DROPS * _WIDTH
    yield f'<path d="M{limit:.1f} {_TOP}V{bottom}" stroke="#c00" stroke-dasharray="4 3"/>'
    yield f'<text x="{limit + 4:.1f}" y="{_TOP + 12}" fill="#c00">target</text>'
    yield from _points(curves, left, most)


def _points(curves: Curves, left: float, most: float) -> Iterator[str]:
    bridge, original, one_each, oracle = _COLOURS.values()

    def at(run: Outcome) -> tuple[float, float]:
        x = left + min(run.drop_rate / _DROPS, 1.0) * _WIDTH
        return x, _TOP + _HEIGHT - min(run.idle_each / most, 1.0) * _HEIGHT

    for run in curves.originals:
        if run.drop_rate <= _DROPS:
            yield _dot(*at(run), original)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, curves.bridge))
    yield f'<polyline points="{line}" fill="none" stroke="{bridge}" stroke-width="2"/>'
    for run in curves.bridge:
        yield _dot(*at(run), bridge)
    yield _dot(*at(curves.one_each), one_each)
    yield _dot(*at(curves.oracle), oracle)


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}" fill-opacity="0.8"/>'


def _legend(width: float) -> Iterator[str]:
    for n, (name, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + n % 2 * max(width / 2, 300)
        y = _TOP + _HEIGHT + 44 + n // 2 * 20
        yield _dot(x, y - 4, colour)
        yield f'<text x="{x + 10}" y="{y}">{escape(name)}</text>'
