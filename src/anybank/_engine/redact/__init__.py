"""Mask personal data in vendor text before it becomes part of an error.

The text is cut to a maximum length, decoded and normalised (`folding`), then searched for
the values that the call sent (`known_values`) and for text that looks personal
(`patterns`). Every pattern takes linear time.
"""

from __future__ import annotations

from .personal import personal_texts
from .scrubber import LONGEST, Scrubber, scrub

__all__ = ["LONGEST", "Scrubber", "personal_texts", "scrub"]
