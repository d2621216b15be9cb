"""A plot of the ratios, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

_LINE, _LEFT, _RIGHT = 26, 420, 320


def svg(rows: Sequence[dict[str, Any]]) -> str:
    """Draw a bar for each ratio, its target marked by a line."""
    compared = [row for row in rows if row["target"] and row["ratio"] is not None]
    height = _LINE * (len(compared) + 1)
    widest = max([1.0, *(row["ratio"] for row in compared)]) * 1.2
    bars = "".join(
        _bar(row, _LINE * index, _RIGHT / widest) for index, row in enumerate(compared)
    )
    size = f'width="{_LEFT + _RIGHT}" height="{height}"'
    style = 'font-family="sans-serif" font-size="13"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{bars}</svg>\n'


def _bar(row: dict[str, Any], top: int, scale: float) -> str:
    text = escape(f"{row['what']} ({row['target']})")
    width, limit = row["ratio"] * scale, float(row["target"].split()[1]) * scale
    colour = "#2a78d6" if row["met"] else "#c0392b"
    mark = f"M{_LEFT + limit:.0f} {top + 3}v18"
    return (
        f'<text x="{_LEFT - 8}" y="{top + 17}" text-anchor="end">{text}</text>'
        f'<rect x="{_LEFT}" y="{top + 5}" width="{width:.0f}" height="14" fill="{colour}"/>'
        f'<path d="{mark}" stroke="#222" stroke-width="2"/>'
        f'<text x="{_LEFT + width + 8:.0f}" y="{top + 17}">{row["ratio"]:.2f}</text>'
    )
