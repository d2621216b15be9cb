"""`anybank doctor`: are credentials, host and clock right?"""

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
from .failures import next_step
from .output import emit_json, table

_MOST_SECONDS = 60


@frozen
class Finding:
    """One thing that was looked at: fine, wrong, or not to be known (None)."""

    what: str
    fine: bool | None
    said: str
    code: ExitCode = ExitCode.DONE


@click.command()
@click.argument("bank")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def doctor(ctx: click.Context, *, bank: str, as_json: bool) -> None:
    """Ask BANK whether credentials, host and clock are right; nothing is changed.

    Exits 0 where nothing is wrong, 75 where the bank does not answer or refuses the
    credentials, and 2 where the clock is wrong.
    """
    findings = list(_findings(bank))
    if as_json:
        emit_json([{"what": f.what, "fine": f.fine, "said": f.said} for f in findings])
    else:
        rows = [
            (finding.what, _WORDS[finding.fine], finding.said) for finding in findings
        ]
        table("", ("checked", "", "found"), rows)
    ctx.exit(max(finding.code for finding in findings))


_WORDS = {True: "ok", False: "wrong", None: "unknown"}


def _findings(bank: str) -> Iterator[Finding]:
    with Bank(bank, retries=0) as opened:
        yield Finding("configuration", True, "every credential is set")
        try:
            found = opened.credentials.check()
        except Unsupported as error:
            yield Finding("credentials", None, error.describe())
        except AnybankError as error:
            yield from _failed(error)
        else:
            yield from _answered(found)


def _failed(error: AnybankError) -> Iterator[Finding]:
    step = next_step(error)
    said = f"{error.describe()}; {step}" if step else error.describe()
    if isinstance(error, (NotSent, OutcomeUnknown)):
        yield Finding("host", False, said, exit_code_of(error))
        return
    yield Finding("host", True, "it answers")
    refused = isinstance(error, AuthenticationFailed)
    fine = False if refused else None
    yield Finding("credentials", fine, said, exit_code_of(error))


def _answered(found: CredentialCheck) -> Iterator[Finding]:
    yield Finding("host", True, "it answers")
    yield Finding("credentials", True, found.note)
    if found.server_time is None:
        yield Finding("clock", None, "the vendor told no time")
        return
    apart = abs((datetime.now(UTC) - found.server_time).total_seconds())
    fine = apart <= _MOST_SECONDS
    code = ExitCode.DONE if fine else ExitCode.NEEDS_A_PERSON
    yield Finding("clock", fine, f"{apart:.0f} s from the vendor's", code)
