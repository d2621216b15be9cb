"""Mask personal data in text from outside before it becomes part of an error.

The text is bounded first, then decoded and normalised (`folding`), then searched for the
values that the call carried (`known`) and for what looks personal by itself
(`patterns`). Every pattern is linear in the length of the text.
"""

from __future__ import annotations

from .personal import personal_texts
from .scrubber import LONGEST, Scrubber, scrub

__all__ = ["LONGEST", "Scrubber", "personal_texts", "scrub"]
