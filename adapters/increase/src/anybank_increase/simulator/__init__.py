"""Increase in memory, for tests and for the sandbox."""

from .increase import IncreaseSimulator
from .switches import IncreaseSwitches

__all__ = ["IncreaseSimulator", "IncreaseSwitches"]
