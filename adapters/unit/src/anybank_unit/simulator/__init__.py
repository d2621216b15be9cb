"""Unit in memory, for tests and for the sandbox."""

from .unit import UnitSimulator

__all__ = ["UnitSimulator"]
