"""A bar chart of the ratios as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

_LINE, _LEFT, _RIGHT, _TOP = 26, 420, 320, 56
_MET, _MISSED = "#2a78d6", "#c0392b"


def svg(rows: Sequence[dict[str, Any]]) -> str:
    """Draw a bar for each ratio, with a line at its target."""
    compared = [row for row in rows if row["target"] and row["ratio"] is not None]
    longest = max([1.0, *(row["ratio"] for row in compared), *map(_limit, compared)])
    # A quarter of the width is left for the figures behind the bars.
    scale = _RIGHT / (longest * 1.25)
    bars = "".join(
        _bar(row, _TOP + _LINE * index, scale) for index, row in enumerate(compared)
    )
    size = f'width="{_LEFT + _RIGHT}" height="{_TOP + _LINE * len(compared) + 12}"'
    style = 'font-family="sans-serif" font-size="13"'
    inside = f'<rect width="100%" height="100%" fill="#fff"/>{_head()}{bars}'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{inside}</svg>\n'


def _head() -> str:
    """Return the title and the legend."""
    caption = (
        "Ratios within one run. The line is the target, "
        f'<tspan fill="{_MET}">met</tspan> or <tspan fill="{_MISSED}">missed</tspan>.'
    )
    return (
        '<text x="12" y="22" font-size="16" font-weight="bold">anybank, measured</text>'
        f'<text x="12" y="42" fill="#444">{caption}</text>'
    )


def _limit(row: dict[str, Any]) -> float:
    return float(row["target"].split()[1])


def _bar(row: dict[str, Any], top: int, scale: float) -> str:
    text = escape(f"{row['what']} ({row['target']})")
    width, limit = row["ratio"] * scale, _limit(row) * scale
    color = _MET if row["met"] else _MISSED
    mark = f"M{_LEFT + limit:.0f} {top + 3}v18"
    beyond = _LEFT + max(width, limit) + 8
    return (
        f'<text x="{_LEFT - 8}" y="{top + 17}" text-anchor="end">{text}</text>'
        f'<rect x="{_LEFT}" y="{top + 5}" width="{width:.0f}" height="14" fill="{color}"/>'
        f'<path d="{mark}" stroke="#222" stroke-width="2"/>'
        f'<text x="{beyond:.0f}" y="{top + 17}">{row["ratio"]:.2f}</text>'
    )
