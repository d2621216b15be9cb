"""The errors of this library, grouped by what the caller can do next.

::

    AnybankError
      ConfigurationError         no such provider, missing credentials, bad option
      Unsupported                the vendor or the adapter does not do this
      InvalidInput               the value breaks a rule; also a ValueError
        FieldNotUpdatable        the field may not change, or not any more
      ProviderError              the vendor rejected the request
        AuthenticationFailed  NotFound  Conflict  AlreadyExists  Rejected
        RateLimited              wait `retry_after` seconds
        ProviderUnavailable      the vendor failed; a create may have happened
        UnexpectedResponse       the response cannot be read; `path` says where
      TransportError
        NotSent                  safe to repeat
        OutcomeUnknown           sent, no response
      WebhookRejected            bad signature, stale, malformed

Every error has an `outcome`, which says whether the operation happened, and a flag
`retryable`, which is True where repeating the same call cannot create a duplicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import frozen


class Outcome(StrEnum):
    """Whether the requested operation has happened."""

    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DONE = "done"


class Effect(StrEnum):
    """What happens to a field.

    A create or an update has only the first four. A migration also reports MISSING and
    KEPT, and the comparison of two vendors NARROWED, UNREADABLE and FIXED.
    """

    BLOCKED = "blocked"
    """The vendor would reject the value."""
    CHANGED = "changed"
    """The vendor stores the value in another form."""
    DEFAULTED = "defaulted"
    """The field has no value, and a declared default is written."""
    DROPPED = "dropped"
    """The vendor does not store the field: this needs consent."""
    MISSING = "missing"
    """The source does not return the field in full: somebody must supply it."""
    KEPT = "kept"
    """The field arrives unchanged."""
    NARROWED = "narrowed"
    """The target blocks some of the values that the source allows."""
    UNREADABLE = "unreadable"
    """The target stores the field and returns less of it than the source does."""
    FIXED = "fixed"
    """The target allows fewer changes of the field than the source does."""


@frozen
class Remedy:
    """The way to resolve an issue.

    `text` is an instruction. `accept_loss` is the name by which a caller consents to lose
    the field: `accept_loss={"emails"}` in a call, `--accept-loss emails` in a command.
    """

    text: str = ""
    accept_loss: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.accept_loss)

    def __str__(self) -> str:
        consent = f"pass accept_loss={{{self.accept_loss!r}}} to go without it"
        steps = (self.text, consent if self.accept_loss else "")
        return ", or ".join(filter(None, steps))


NO_REMEDY = Remedy()
"""The remedy of an issue that needs none, or whose message says what to do."""


@frozen
class Issue:
    """A field that will not arrive unchanged, and the rule that is the reason.

    `field` is our name with its position (`addresses[0].line2`), `source` the
    vendor's page that has the rule. No value is ever part of an issue.
    """

    field: str
    effect: Effect
    rule: str
    source: str
    message: str
    remedy: Remedy = NO_REMEDY

    def __str__(self) -> str:
        remedy = str(self.remedy)
        advice = f". {remedy[:1].upper()}{remedy[1:]}" if remedy else ""
        return f"{self.field}: {self.message}{advice}"


@frozen(kw_only=True)
class IssueCount:
    """An issue that `count` records share, with the ids of some of them.

    `effect` is an Effect, or the state of the records (failed, quarantined, ...).
    `remedy` is an instruction, empty where nothing needs to be done.
    """

    effect: str
    field: str = ""
    rule: str
    source: str = ""
    message: str
    count: int
    examples: tuple[str, ...] = ()
    remedy: str = ""


_CODE = re.compile(r"(?!.*[0-9]{5})[A-Za-z][A-Za-z0-9_.:/-]{0,63}|[0-9]{1,4}")
"""The form of a vendor's error code, which no personal name, date or number has."""


def _shown_code(code: object) -> str | None:
    if code is None:
        return None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "***"


class AnybankError(Exception):
    """The base class of all errors that this library raises."""

    def __init__(
        self,
        message: str = "",
        *,
        outcome: Outcome = Outcome.NOT_SENT,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.provider: str | None = None
        self.operation: str | None = None
        self.outcome = outcome
        self.retryable = retryable
        self.idempotency_key: str | None = None
        """The key that the request was sent with, where the vendor recognises keys."""

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.provider, self.operation)))
        return ": ".join(filter(None, (place, self.describe())))

    def __repr__(self) -> str:
        """Show the facts that a handler needs, without the message, which is the vendor's."""
        shown = {
            "provider": self.provider,
            "operation": self.operation,
            "status": getattr(self, "status", None),
            "code": _shown_code(getattr(self, "code", None)),
            "outcome": self.outcome.value,
            "retryable": self.retryable,
        }
        parts = (f"{name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}({', '.join(parts)})"

    def describe(self) -> str:
        """Return what happened, without provider and operation."""
        return str(self.args[0]) if self.args else ""


class ConfigurationError(AnybankError):
    """A provider, credential or option is missing or wrong; nothing was sent."""


class Unsupported(AnybankError):
    """The vendor or its adapter does not support the operation; nothing was sent."""


# Also a ValueError, because pydantic and FastAPI report one as an invalid request.
class InvalidInput(AnybankError, ValueError):
    """A value breaks a rule: `issues` names each field, rule and remedy."""

    def __init__(
        self, issues: Iterable[Issue] = (), *, outcome: Outcome = Outcome.NOT_SENT
    ) -> None:
        self.issues: list[Issue] = list(issues)
        super().__init__("; ".join(map(str, self.issues)), outcome=outcome)

    def __reduce__(self) -> tuple[object, ...]:
        # The default passes `args`, the message, where the constructor expects the
        # issues.
        return type(self), (self.issues,), self.__dict__


class FieldNotUpdatable(InvalidInput):
    """A field cannot be changed, by the declaration or by the vendor's response."""


class ProviderError(AnybankError):
    """The vendor rejected the request, or failed.

    `message` and `code` are the vendor's own; `field_errors` maps our field
    (`addresses[0].postal_code`) to the vendor's texts about it; `retry_after` is in
    seconds, where the vendor says when to come back.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        type: str | None = None,
        request_id: str | None = None,
        log_reference: str | None = None,
        field_errors: Mapping[str, tuple[str, ...]] | None = None,
        retry_after: float | None = None,
        outcome: Outcome = Outcome.REFUSED,
        retryable: bool = False,
    ) -> None:
        super().__init__(message, outcome=outcome, retryable=retryable)
        self.message = message
        self.status = status
        self.code = code
        self.type = type
        self.request_id = request_id
        self.log_reference = log_reference
        self.field_errors: dict[str, tuple[str, ...]] = dict(field_errors or {})
        self.retry_after = retry_after

    def describe(self) -> str:
        """Return status, code, message and field errors in one line."""
        head = " ".join(filter(None, (str(self.status or ""), self.code)))
        fields = (
            f"{name}: {' '.join(texts)}" for name, texts in self.field_errors.items()
        )
        return "; ".join(filter(None, (head, self.message, *fields, self._advice())))

    def _advice(self) -> str:
        if self.outcome is Outcome.UNKNOWN and not self.retryable:
            return "the outcome is unknown: look before repeating it"
        return ""


class AuthenticationFailed(ProviderError):
    """The credentials are missing or wrong, or do not allow the operation."""


class NotFound(ProviderError):
    """The vendor has no resource with this id."""


class Conflict(ProviderError):
    """The state of the resource does not allow the operation."""


class AlreadyExists(Conflict):
    """The vendor already has a resource with this reference."""


class Rejected(ProviderError):
    """The vendor rejected the input."""


class RateLimited(ProviderError):
    """Too many calls; `retry_after` is the pause in seconds, if the vendor names one."""


class ProviderUnavailable(ProviderError):
    """The vendor failed on its side; a create may have happened."""


class UnexpectedResponse(ProviderError):
    """The response cannot be read; `path` names the part that has another form."""

    def __init__(
        self, message: str = "", *, path: str | None = None, **details: object
    ) -> None:
        super().__init__(message, **details)  # type: ignore[arg-type] # passed through
        self.path = path


class TransportError(AnybankError):
    """The network failed."""


class NotSent(TransportError):
    """The request did not reach the vendor: it is safe to repeat."""


class OutcomeUnknown(TransportError):
    """The request was sent and no response arrived: look before repeating a create."""


class WebhookRejected(AnybankError):
    """A delivery is not from the vendor, is too old, or cannot be read."""


def unsupported_by(provider: str, operation: str, reason: str) -> Unsupported:
    """Return the Unsupported error of an operation, with provider and reason."""
    error = Unsupported(reason)
    error.provider, error.operation = provider, operation
    return error
