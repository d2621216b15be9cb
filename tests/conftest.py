"""Settings of all tests: Ctrl-C interrupts them, and hypothesis has a profile."""

from __future__ import annotations

import signal
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from sqlalchemy.engine import Engine
from tests.proofs import PROFILE

# A shell that starts the tests in its background would have Ctrl-C ignored, in them and
# in every process that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

_PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
_SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much)

settings.register_profile(
    "quick",
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=_PHASES,
    suppress_health_check=_SLOW,
)
# CI tries the same examples for the same commit, so that its verdict is not a matter of luck;
# `make proof` looks for new ones.
settings.register_profile(
    "short", parent=settings.get_profile("quick"), max_examples=60
)
settings.register_profile(
    "thorough",
    parent=settings.get_profile("quick"),
    max_examples=1000,
    derandomize=False,
)
settings.load_profile(PROFILE)


class CompiledStatements(dict[Any, Any]):
    """The compiled statements of all engines of the same database.

    SQLAlchemy compiles each statement once for each engine. The tests open some thousands of
    journals, and spend a third of their time on compiling the same statements again.
    """

    @staticmethod
    def _shared(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect, *rest = key
        version = getattr(dialect, "server_version_info", None)
        return dialect.name, dialect.driver, version, *rest

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the statement that any engine of the database has compiled."""
        return super().get(self._shared(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._shared(key), value)


_COMPILED = CompiledStatements()
Engine._compiled_cache = property(lambda _: _COMPILED, lambda *_: None)  # type: ignore[assignment]
