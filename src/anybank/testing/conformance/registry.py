"""The checks by name, and what runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from attrs import frozen

from ...errors import AnybankError
from .recorder import Broken, NotApplicable, place_of
from .subject import Subject

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
    """What one check found.

    `message` says what failed and what to do; `skipped` is the reason where nothing was
    examined: the author's, or (`applies` is False) that nothing of the kind is declared.
    """

    check: str
    passed: bool
    message: str = ""
    skipped: str = ""
    applies: bool = True


CHECKS: dict[str, Check] = {}
"""Every check, in the order in which an author should read what fails."""

SKIPS = "skips_have_reasons"
"""The name under which wrong skips are found."""


def check(*needs: str) -> Callable[[Examine], Examine]:
    """Enter a function as a check; its docstring is what it says."""

    def enter(examine: Examine) -> Examine:
        says = (examine.__doc__ or "").strip().splitlines()[0]
        name = examine.__name__
        CHECKS[name] = Check(name, says, needs, examine)
        return examine

    return enter


@check()
def skips_have_reasons(subject: Subject) -> None:
    """A skip names a check, gives its reason, and is still needed."""
    for name, reason in subject.skips.items():
        if name not in CHECKS:
            raise Broken(f"skips: there is no check {name!r}; remove it, or mend it.")
        if not reason.strip():
            raise Broken(f"skips: {name} is skipped without a reason; write it.")
        if _examined(subject, CHECKS[name]).passed:
            raise Broken(f"skips: {name} has nothing to skip any more; remove it.")


def run_check(subject: Subject, name: str) -> Finding:
    """Run one check by its name, unless the author skips it with a reason."""
    if name in subject.skips:
        return Finding(name, passed=True, skipped=subject.skips[name].strip())
    return _examined(subject, CHECKS[name])


def run_subject(subject: Subject) -> list[Finding]:
    """Run every check on an adapter."""
    return list(findings(subject))


def findings(subject: Subject) -> Iterator[Finding]:
    """Run check after check, for whoever shows how far it has come."""
    return (run_check(subject, name) for name in CHECKS)


def _examined(subject: Subject, chosen: Check) -> Finding:
    missing = [each for each in chosen.needs if not subject.supports(each)]
    if missing:
        reason = f"{', '.join(missing)} is not declared"
        return Finding(chosen.name, passed=True, skipped=reason, applies=False)
    try:
        chosen.examine(subject)
    except NotApplicable as nothing:
        said = str(nothing)
        return Finding(chosen.name, passed=True, skipped=said, applies=False)
    except Broken as broken:
        return Finding(chosen.name, passed=False, message=f"{chosen.says} {broken}")
    except AnybankError as error:
        said = f"{chosen.says} It could not be examined: {_failed(error)}."
        return Finding(chosen.name, passed=False, message=said)
    except Exception as error:  # noqa: BLE001  # its text may hold a person's data
        said = f"{chosen.says} It could not be examined: {place_of(error)}."
        return Finding(chosen.name, passed=False, message=said)
    return Finding(chosen.name, passed=True)


def _failed(error: AnybankError) -> str:
    """Say which operation failed on the way, by class, code and fields."""
    fields = ", ".join(getattr(error, "field_errors", ()))
    code = getattr(error, "code", None)
    of = f"{error.operation} failed with {type(error).__name__}"
    return " ".join(filter(None, [of, code and f"({code})", fields and f"on {fields}"]))
