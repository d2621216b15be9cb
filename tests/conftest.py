"""What holds for all tests: Ctrl-C works, and how many examples a property is tried with."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, Phase, settings
from tests.proofs import PROFILE

# A shell that starts the tests in its background would have Ctrl-C ignored, in them and
# in every process that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

_PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
_SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much)

settings.register_profile(
    "quick",
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=_PHASES,
    suppress_health_check=_SLOW,
)
settings.register_profile(
    "short", parent=settings.get_profile("quick"), max_examples=60, derandomize=False
)
settings.register_profile(
    "thorough",
    parent=settings.get_profile("quick"),
    max_examples=1000,
    derandomize=False,
)
settings.load_profile(PROFILE)
