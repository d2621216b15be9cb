"""The checks by name, and what runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

from .subject import Broken, NotApplicable, Subject

Examine: TypeAlias = Callable[[Subject], None]


@frozen
class Check:
    """One thing that is examined: its name, what it says, the features it needs."""

    name: str
    says: str
    needs: tuple[str, ...]
    examine: Examine


@frozen
class Finding:
    """What one check found; `skipped` is the reason where there was nothing to examine."""

    check: str
    passed: bool
    message: str = ""
    skipped: str = ""


CHECKS: dict[str, Check] = {}
"""Every check, in the order in which an author should read what fails."""


def check(*needs: str) -> Callable[[Examine], Examine]:
    """Enter a function as a check; its docstring is what it says."""

    def enter(examine: Examine) -> Examine:
        says = (examine.__doc__ or "").strip().splitlines()[0]
        name = examine.__name__
        CHECKS[name] = Check(name, says, needs, examine)
        return examine

    return enter


def run_check(subject: Subject, name: str) -> Finding:
    """Run one check by its name."""
    chosen = CHECKS[name]
    missing = [each for each in chosen.needs if not subject.supports(each)]
    if missing:
        reason = f"{', '.join(missing)} is not declared"
        return Finding(name, passed=True, skipped=reason)
    try:
        chosen.examine(subject)
    except NotApplicable as nothing:
        return Finding(name, passed=True, skipped=str(nothing))
    except Broken as broken:
        return Finding(name, passed=False, message=f"{chosen.says} {broken}")
    except Exception as error:  # noqa: BLE001  # its text may hold a person's data
        said = f"{chosen.says} It could not be examined: {_place(error)}."
        return Finding(name, passed=False, message=said)
    return Finding(name, passed=True)


def _place(error: Exception) -> str:
    """Name an error and where it arose, without its text."""
    step = error.__traceback__
    place = "?"
    while step is not None:
        code = step.tb_frame.f_code
        place = f"{step.tb_frame.f_globals.get('__name__')}:{code.co_name}"
        step = step.tb_next
    return f"{type(error).__name__} in {place}"
