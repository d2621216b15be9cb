"""The adapter that the broken ones are made of passes the conformance kit."""

from __future__ import annotations

from tests.testing.conformance.acme.seeds import AcmeConformance


class TestAcme(AcmeConformance):
    """Acme with everything that its author can set."""
