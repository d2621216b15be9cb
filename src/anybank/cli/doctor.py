"""`anybank doctor`: check the credentials, the host and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click
from attrs import frozen

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

    The command changes nothing at the bank. It exits 0 if nothing is wrong, 75 if the
    bank does not respond or rejects the credentials, and 2 if the clock is wrong.
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
    # The larger code wins: 75 for the bank outweighs 2 for the clock.
    ctx.exit(max(diagnosis.exit_code for diagnosis in diagnoses))


_WORDS = {True: "ok", False: "wrong", None: "unknown"}


def _diagnoses(bank: str) -> Iterator[Diagnosis]:
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
