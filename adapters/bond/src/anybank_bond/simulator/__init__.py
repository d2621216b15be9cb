"""Bond in memory, for tests and for the sandbox."""

from .bond import PROGRAM, BondSimulator
from .outbox import Delivery
from .switches import BondSwitches

__all__ = ["PROGRAM", "BondSimulator", "BondSwitches", "Delivery"]
