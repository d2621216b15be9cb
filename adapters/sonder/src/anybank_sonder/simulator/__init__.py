"""Sonder Labs in memory, for tests and for the sandbox."""

from .sonder import SonderSimulator
from .switches import SonderSwitches

__all__ = ["SonderSimulator", "SonderSwitches"]
