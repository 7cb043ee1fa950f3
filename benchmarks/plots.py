# SPDX-License-Identifier: MPL-2.0

"""Line plots on logarithmic axes, as SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 40, 50
_COLOURS = ("#0b6e99", "#b3541e", "#777777", "#3a7d34")


@dataclass(frozen=True)
class Series:
    """A named line; all values are above zero."""

    name: str
    points: Sequence[tuple[float, float]]


class _Axis:
    """Whole decades that hold all values, on so many pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.first = floor(log10(min(values)))
        self.last = max(ceil(log10(max(values))), self.first + 1)
        self._start, self._end = start, end

    def location(self, value: float) -> float:
        share = (log10(value) - self.first) / (self.last - self.first)
        return self._start + share * (self._end - self._start)

    def decades(self) -> list[float]:
        return [10.0**power for power in range(self.first, self.last + 1)]


def log_plot(title: str, x_label: str, series: Sequence[Series]) -> str:
    """Draw the lines, each with its name at its colour. Values that are not above zero are left out."""
    series = [Series(each.name, [p for p in each.points if min(p) > 0]) for each in series]
    x = _Axis([point[0] for each in series for point in each.points], _LEFT, _WIDTH - _RIGHT)
    y = _Axis([point[1] for each in series for point in each.points], _HEIGHT - _BOTTOM, _TOP)
    elements = [
        _text(_WIDTH / 2, 20, title, "middle"),
        _text(_WIDTH / 2, _HEIGHT - 10, x_label, "middle"),
        *_grid(x, y),
    ]
    for number, each in enumerate(series):
        elements += _line(each, x, y, _COLOURS[number % len(_COLOURS)], _TOP + 16 * (number + 1))
    body = "\n".join(elements)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' font-family="sans-serif" font-size="12">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


def _grid(x: _Axis, y: _Axis) -> Iterator[str]:
    for value in x.decades():
        at = x.location(value)
        yield f'<path d="M{at:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>'
        yield _text(at, _HEIGHT - _BOTTOM + 18, f"{value:g}", "middle")
    for value in y.decades():
        at = y.location(value)
        yield f'<path d="M{_LEFT} {at:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
        yield _text(_LEFT - 8, at + 4, f"{value:g}", "end")


def _line(series: Series, x: _Axis, y: _Axis, colour: str, legend_at: float) -> Iterator[str]:
    locations = [(x.location(value), y.location(other)) for value, other in series.points]
    path = " ".join(f"{left:.1f},{top:.1f}" for left, top in locations)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for left, top in locations:
        yield f'<circle cx="{left:.1f}" cy="{top:.1f}" r="3" fill="{colour}"/>'
    yield _text(_LEFT + 12, legend_at, series.name, "start", colour)


def _text(left: float, top: float, text: str, anchor: str, colour: str = "#222") -> str:
    return (
        f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(text)}</text>"
    )
