"""The registry of checks, and the functions that run them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from attrs import frozen

from ...errors import AnybankError
from .mode_table import reason_not_to_run
from .recorder import CheckFailed, NotApplicable, SeedFailed, place_of
from .subject import Subject

UNRECORDED = "unrecorded"
"""Where a subject's cache has the calls of a check that no cassette answers."""
SEED_FAILED = "seed_failed"
"""Where a subject's cache has the check that met the failure of `seed_expected`."""
CheckFunction: TypeAlias = Callable[[Subject], None]


@frozen
class ConformanceCheck:
    """A check: its name, the rule that it enforces, and the features that it needs."""

    name: str
    rule: str
    features: tuple[str, ...]
    function: CheckFunction


@frozen
class CheckResult:
    """The result of one check.

    `message` states the violated rule, what the adapter did and how to fix it. `skipped`
    is the reason why the check did not run: the author's, or (`applies` is False) that the
    adapter declares nothing that the check could examine, or (`ran` is False) that the
    mode of the kit cannot show anything about it.
    """

    check: str
    passed: bool
    message: str = ""
    skipped: str = ""
    applies: bool = True
    ran: bool = True


# Filled by the decorator in the order in which the modules of checks are imported,
# which is their order in reports.
CHECKS: dict[str, ConformanceCheck] = {}
"""Every check by its name."""


def check(*features: str) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function as a check that runs where all *features* are declared.

    The first line of its docstring is the rule that reports show.
    """

    def register(function: CheckFunction) -> CheckFunction:
        # The docstring is the rule and the text in reports, so the two cannot differ.
        rule = (function.__doc__ or "").strip().splitlines()[0]
        name = function.__name__
        CHECKS[name] = ConformanceCheck(name, rule, features, function)
        return function

    return register


@check()
def skips_have_reasons(subject: Subject) -> None:
    """Every skip names an existing check that would fail, and gives a reason."""
    for name, reason in subject.skips.items():
        if name not in CHECKS:
            raise CheckFailed(
                f"`skips` names {name!r}, which is not a check. Correct or remove it."
            )
        if not reason.strip():
            raise CheckFailed(f"`skips` gives no reason for {name}. Add one.")
        # A skip outlives its reason easily. A check that would pass must not be
        # skipped.
        if _run(subject, CHECKS[name]).passed:
            raise CheckFailed(
                f"`skips` names {name}, but the adapter passes that check. "
                "Remove the skip."
            )


def run_check(subject: Subject, name: str) -> CheckResult:
    """Run the check called *name*, unless the author skips it with a reason."""
    if name in subject.skips:
        return CheckResult(name, passed=True, skipped=subject.skips[name].strip())
    if reason := reason_not_to_run(subject.mode, name):
        return _not_run(name, reason)
    return _run(subject, CHECKS[name])


def _not_run(name: str, reason: str) -> CheckResult:
    return CheckResult(name, passed=True, skipped=reason, applies=False, ran=False)


BASIS = "declared_operations_succeed"
"""The check on whose success nearly all others rely."""


def judge(subject: Subject, name: str) -> CheckResult:
    """Run a check; report a failure as not judged where a more basic check fails.

    An operation that fails makes dozens of checks fail, and one mistake is one failure. The
    checks of the declaration send little, so they are always judged.
    """
    result = run_check(subject, name)
    if result.passed or name == BASIS or _needs_no_operation(name):
        return result
    if BASIS not in subject.cache:
        subject.cache[BASIS] = run_check(subject, BASIS).passed
    if subject.cache[BASIS]:
        return result
    reason = f"not judged: {BASIS} fails, which may be the cause. Fix it first."
    return CheckResult(name, passed=True, skipped=reason, applies=False)


def _needs_no_operation(name: str) -> bool:
    module = CHECKS[name].function.__module__.rpartition(".")[2]
    return module in ("declarations", "registry")


def run_subject(subject: Subject) -> list[CheckResult]:
    """Run every check on an adapter; see `judge` for failures with a common cause."""
    return list(iterate_results(subject))


def iterate_results(subject: Subject) -> Iterator[CheckResult]:
    """Run the checks one after the other, for callers that show progress."""
    return (judge(subject, name) for name in CHECKS)


def _run(subject: Subject, chosen: ConformanceCheck) -> CheckResult:
    """Run a check; where a cassette lacks a response, the result is no result."""
    unrecorded: list[str] = subject.cache.get(UNRECORDED, [])
    unrecorded.clear()
    result = _judged(subject, chosen)
    if not unrecorded:
        return result
    reason = f"not run: no cassette of the vendor has the response to {unrecorded[0]}"
    return _not_run(chosen.name, reason)


def _judged(subject: Subject, chosen: ConformanceCheck) -> CheckResult:
    undeclared = [name for name in chosen.features if not subject.supports(name)]
    if undeclared:
        reason = f"{', '.join(undeclared)} is not declared"
        return CheckResult(chosen.name, passed=True, skipped=reason, applies=False)
    try:
        chosen.function(subject.for_check())
    # Inapplicable is not the same as skipped by the author: an attestation lists the
    # second kind with its reasons.
    except NotApplicable as inapplicable:
        reason = str(inapplicable)
        return CheckResult(chosen.name, passed=True, skipped=reason, applies=False)
    except CheckFailed as failure:
        return _failed(subject, chosen, failure)
    # The texts of these exceptions are never shown, since a faulty adapter may have put
    # a customer's data into them: the class, the code and the names of fields are.
    except AnybankError as error:
        return _unexpected(chosen, _failed_operation(error))
    except Exception as error:  # noqa: BLE001  # its text may hold a person's data
        return _unexpected(chosen, place_of(error))
    return CheckResult(chosen.name, passed=True)


def _failed(
    subject: Subject, chosen: ConformanceCheck, failure: CheckFailed
) -> CheckResult:
    # One mistake is one failure: of the checks that need the author's records, the first
    # one reports that they cannot be created.
    if isinstance(failure, SeedFailed):
        first = subject.cache.setdefault(SEED_FAILED, chosen.name)
        if first != chosen.name:
            reason = f"not judged: `seed_expected` fails, see {first}"
            return CheckResult(chosen.name, passed=True, skipped=reason, applies=False)
    message = f"{chosen.rule} {failure}"
    return CheckResult(chosen.name, passed=False, message=message)


def _unexpected(chosen: ConformanceCheck, problem: str) -> CheckResult:
    message = f"{chosen.rule} The check could not run: {problem}."
    return CheckResult(chosen.name, passed=False, message=message)


_PLACE = re.compile(r"\w+ failed: \w+ in [\w.]+:[\w<>]+:\d+(?=\. Its message)")
"""How the library names the place of an exception whose message it does not show."""


def _failed_operation(error: AnybankError) -> str:
    """Describe a failed operation by its error class, code and fields."""
    if error.operation is None and (place := _PLACE.match(str(error))):
        return place[0]
    fields = ", ".join(getattr(error, "field_errors", ()))
    code = getattr(error, "code", None)
    failed = f"{error.operation} failed with {type(error).__name__}"
    details = [failed, code and f"({code})", fields and f"on {fields}"]
    return " ".join(filter(None, details))
