"""Bond in memory, for tests and for the sandbox."""

from .bond import BondSimulator
from .switches import BondSwitches

__all__ = ["BondSimulator", "BondSwitches"]
