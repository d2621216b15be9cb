"""`anybank doctor`: check the variables, the credentials, the host and the clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches

import attrs
import click
from attrs import frozen

from ..adapter.options import variable
from ..client import Bank
from ..errors import (
    AnybankError,
    AuthenticationFailed,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from ..exit_codes import ExitCode, exit_code_of
from ..model.credentials import CredentialCheck
from ..plugins import find, providers
from .error_messages import next_step
from .options import json_option
from .output import emit_json, table

_MAX_CLOCK_SKEW = 60
"""Seconds. Vendors reject signatures and tokens whose time differs by more."""


@frozen
class Diagnosis:
    """The result of one check; `ok` is None if the check was not possible."""

    check: str
    ok: bool | None
    message: str
    exit_code: ExitCode = ExitCode.DONE


@click.command()
@click.argument("bank")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, bank: str, as_json: bool) -> None:
    """Check that the credentials for BANK, its host and the clock are right.

    The command changes nothing at the bank. It also names the variables ANYBANK_<BANK>_*
    that no option reads. It exits 0 if nothing is wrong, 75 if the bank does not respond or
    rejects the credentials, and 2 if the clock or a variable is wrong.
    """
    diagnoses = list(_diagnoses(bank))
    if as_json:
        emit_json(
            [
                {
                    "check": diagnosis.check,
                    "ok": diagnosis.ok,
                    "message": diagnosis.message,
                }
                for diagnosis in diagnoses
            ]
        )
    else:
        rows = [
            (diagnosis.check, _WORDS[diagnosis.ok], diagnosis.message)
            for diagnosis in diagnoses
        ]
        table("", ("check", "", "result"), rows)
    # The larger code wins: 75 for the bank outweighs 2 for anything else.
    ctx.exit(max(diagnosis.exit_code for diagnosis in diagnoses))


_COMMON = (
    *("environment", "base_url", "timeout", "retries", "rate_limit", "overrides"),
    "http_engine",
)
"""The options of every bank that the environment may set."""
_WORDS = {True: "ok", False: "wrong", None: "unknown"}


def _diagnoses(bank: str) -> Iterator[Diagnosis]:
    yield from _misspelt(bank)
    # No retries: a diagnosis shows the first failure, and not what a retry made of it.
    with Bank(bank, retries=0) as client:
        yield Diagnosis("configuration", True, "all credentials are set")
        try:
            result = client.credentials.check()
        except Unsupported as error:
            yield Diagnosis("credentials", None, error.describe())
        except AnybankError as error:
            yield from _failure(error)
        else:
            yield from _success(result)


def _misspelt(bank: str) -> Iterator[Diagnosis]:
    """Yield the variables of a bank that no option reads: a misspelt one has no effect."""
    options = [field.name for field in attrs.fields(find(bank).adapter.Options)]
    known = [variable(bank, name) for name in (*_COMMON, *options)]
    # `acme-eu` is another bank, whose variables begin like those of `acme`.
    prefixes = [variable(info.name, "") for info in providers() if info.name != bank]
    own = variable(bank, "")
    others = tuple(it for it in prefixes if it.startswith(own))
    for name in sorted(os.environ):
        if name.startswith(own) and name not in known and not name.startswith(others):
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            message = f"{name} is no option of {bank} and has no effect{hint}"
            yield Diagnosis("variables", False, message, ExitCode.NEEDS_A_PERSON)


def _failure(error: AnybankError) -> Iterator[Diagnosis]:
    step = next_step(error)
    message = f"{error.describe()}; {step}" if step else error.describe()
    if isinstance(error, (NotSent, OutcomeUnknown)):
        yield Diagnosis("host", False, message, exit_code_of(error))
        return
    yield Diagnosis("host", True, "the host responds")
    is_refused = isinstance(error, AuthenticationFailed)
    # Another error says nothing about the credentials.
    ok = False if is_refused else None
    yield Diagnosis("credentials", ok, message, exit_code_of(error))


def _success(result: CredentialCheck) -> Iterator[Diagnosis]:
    yield Diagnosis("host", True, "the host responds")
    yield Diagnosis("credentials", True, result.note)
    if result.server_time is None:
        yield Diagnosis("clock", None, "the vendor does not return its time")
        return
    skew = abs((datetime.now(UTC) - result.server_time).total_seconds())
    ok = skew <= _MAX_CLOCK_SKEW
    code = ExitCode.DONE if ok else ExitCode.NEEDS_A_PERSON
    yield Diagnosis("clock", ok, f"{skew:.0f} s from the vendor's clock", code)
