"""The conformance kit: what is declared works, and what is not is refused.

from anybank.testing import AdapterConformance

class TestAcme(AdapterConformance):
    adapter = Acme
    simulator = AcmeSimulator
"""

from . import declared, faults, privacy, reading, writing
from .kit import AdapterConformance, run
from .registry import CHECKS, Check, Finding, run_check
from .subject import Subject

__all__ = [
    "CHECKS",
    "AdapterConformance",
    "Check",
    "Finding",
    "Subject",
    "declared",
    "faults",
    "privacy",
    "reading",
    "run",
    "run_check",
    "writing",
]
