"""The colours of the report are distinguishable and legible for everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import combinations

import pytest

STYLE = (files("anybank.migrate.reports") / "templates/style.css").read_text("utf-8")
INKS = ("--ink", "--quiet", "--good", "--busy", "--wait", "--gone")
SERIES = ("--busy", "--good", "--wait")

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SEEN_BY: Mapping[str, Sequence[Sequence[float]]] = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopes": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopes": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_XYZ = (
    (0.4124, 0.3576, 0.1805),
    (0.2126, 0.7152, 0.0722),
    (0.0193, 0.1192, 0.9505),
)
WHITE = (0.9505, 1.0, 1.089)
Colours = Mapping[str, tuple[float, ...]]


def colours(at: int) -> Colours:
    """Return the colours on a light or dark background, as linear RGB."""
    block = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[at]
    return {
        name: tuple(_linear(int(code[i : i + 2], 16) / 255) for i in (0, 2, 4))
        for name, code in re.findall(r"(--\w+): #(\w{6})", block)
    }


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def times(matrix: Sequence[Sequence[float]], colour: Sequence[float]) -> list[float]:
    """Return a transformed colour, limited to what a screen can show."""
    created = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return [min(max(item, 0), 1) for item in created]


def lab(colour: Sequence[float]) -> tuple[float, float, float]:
    """Return a colour in CIE Lab, whose distances match human vision."""
    x, y, z = (
        part / white for part, white in zip(times(TO_XYZ, colour), WHITE, strict=True)
    )
    f, g, h = (
        item ** (1 / 3) if item > 0.008856 else 7.787 * item + 16 / 116
        for item in (x, y, z)
    )
    return 116 * g - 16, 500 * (f - g), 200 * (g - h)


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the contrast ratio of WCAG 2, from 1 to 21."""
    low, high = sorted(times(TO_XYZ, item)[1] for item in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("at", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["--ground", "--wash"])
@pytest.mark.parametrize("ink", INKS)
def test_everything_is_legible(at: int, ground: str, ink: str) -> None:
    """Text, bars and lines have a contrast of at least 4.5 to their background."""
    result = colours(at)
    assert contrast(result[ink], result[ground]) >= 4.5


@pytest.mark.parametrize("at", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_everybody_can_distinguish_the_series(at: int, eyes: str) -> None:
    """Neighbouring colours differ by 20 in Lab, for colour-blind people too."""
    values = {
        name: lab(times(SEEN_BY[eyes], colour)) for name, colour in colours(at).items()
    }
    for one, other in combinations(SERIES, 2):
        apart = sum(
            (a - b) ** 2 for a, b in zip(values[one], values[other], strict=True)
        )
        assert apart**0.5 >= 20
