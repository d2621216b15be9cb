"""The conformance kit: what is declared works, and what is not is refused.

from anybank.testing import AdapterConformance

class TestAcme(AdapterConformance):
    adapter = Acme
    simulator = AcmeSimulator
"""

from . import (
    declared,
    deliveries,
    fields,
    lookups,
    odd_answers,
    paging,
    privacy,
    purity,
    reading,
    recordings,
    refusals,
    repeating,
    updates,
)
from .kit import AdapterConformance, run
from .registry import CHECKS, Check, Finding, findings, run_check, run_subject
from .subject import Subject

__all__ = [
    "CHECKS",
    "AdapterConformance",
    "Check",
    "Finding",
    "Subject",
    "declared",
    "deliveries",
    "fields",
    "findings",
    "lookups",
    "odd_answers",
    "paging",
    "privacy",
    "purity",
    "reading",
    "recordings",
    "refusals",
    "repeating",
    "run",
    "run_check",
    "run_subject",
    "updates",
]
