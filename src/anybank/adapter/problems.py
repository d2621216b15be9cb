"""Error responses of a vendor, translated into error classes and field names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, TypeAlias

from attrs import Factory, frozen

from ..declaration.vocabulary import Capabilities, Fields
from ..errors import (
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from ..model.accounts import AccountNumberChanges, NewAccount, NewAccountNumber
from ..model.addresses import Address
from ..model.credit import NewCreditApplication
from ..model.customers import NewCustomer
from ..model.events import NewWebhookSubscription, WebhookSubscriptionChanges
from ..model.features import Feature
from ..model.kyc import NewKycDocument, StartKyc
from ..model.values import item_types
from .wire import Request, Response

Class: TypeAlias = type[ProviderError]
FieldErrors: TypeAlias = Mapping[str, tuple[str, ...]]

_START = 200
"""The number of leading bytes that are inspected to recognise a body's form."""
_PHRASES = {status.phrase.casefold(): status.phrase for status in HTTPStatus}
_TOKEN = re.compile(r"[\w .:/+=-]{1,100}")
_NAME = re.compile(r"[A-Za-z_][\w.\[\]-]{0,63}|[0-9]{1,4}")
# Bounds of what is read from a body that anybody between us and the vendor may have
# sent.
_MOST = 50
_DEEPEST = 8
_LONGEST_DATE = 100
_LONGEST_PATH = 500
_NEVER = 1e10
"""Seconds; a longer pause than this is a mistake and is ignored."""

_BY_STATUS: Mapping[int, Class] = {
    401: AuthenticationFailed,
    403: AuthenticationFailed,
    404: NotFound,
    # The server gave up waiting, perhaps after it had begun (RFC 9110, section 15.5.9).
    408: ProviderUnavailable,
    409: Conflict,
    410: NotFound,
    # A service behind the vendor failed: Bond's page "Error statuses",
    # https://docs.bond.tech/docs/error-statuses.
    424: ProviderUnavailable,
    429: RateLimited,
}


@frozen(kw_only=True)
class Problem:
    """An error response: the error class that it stands for, and the vendor's details.

    `code`, `type` and `message` are the vendor's. `field_errors` has our field names.
    `retry_after` is in seconds, for vendors that state it in the body.
    """

    kind: Class
    message: str = ""
    code: str | None = None
    type: str | None = None
    request_id: str | None = None
    log_reference: str | None = None
    field_errors: FieldErrors = Factory(dict)
    retry_after: float | None = None

    def pause(self, response: Response, now: float) -> float | None:
        """Return the seconds to wait, from the Retry-After header or from the body."""
        header = retry_after(response, now)
        return self.retry_after if header is None else header


def by_status(status: int) -> Class:
    """Return the error class of an HTTP status."""
    if status >= 500:
        return ProviderUnavailable
    return _BY_STATUS.get(status, Rejected if status >= 400 else UnexpectedResponse)


def unreadable(response: Response) -> Problem:
    """Return the problem of an error response that does not have the vendor's form.

    An HTML page comes from a proxy or gateway, so its 404 says nothing about a customer.
    The same holds for a body that cannot be decompressed. The body is described and never
    quoted, because it may be a customer's record.
    """
    kind = by_status(response.status)
    between = _is_html(response) or _is_undecoded(response)
    if between and not issubclass(kind, (ProviderUnavailable, RateLimited)):
        kind = UnexpectedResponse
    return Problem(kind=kind, message=_described(response))


def _is_html(response: Response) -> bool:
    return "html" in response.headers.get("content-type", "") or (
        response.content[:_START].lstrip()[:1] == b"<"
    )


def _is_undecoded(response: Response) -> bool:
    """Return whether the transport dropped a body that it could not decompress."""
    return not response.content and "content-encoding" in response.headers


def _described(response: Response) -> str:
    """Describe a body. Only the standard phrase of an HTTP status is quoted."""
    if _is_undecoded(response):
        return "the response cannot be decompressed"
    if _is_html(response):
        return "the response is an HTML page, perhaps from a proxy"
    start = response.content[:_START].strip()
    if not start:
        return ""
    phrase = start.decode("utf-8", "replace").strip('".').casefold()
    if phrase in _PHRASES:
        return _PHRASES[phrase]
    shape = "JSON" if start[:1] in b'{["' else "text"
    return f"the response is {shape} that does not have the form of the vendor's errors"


def words(value: object) -> str | None:
    """Return a member of an error response if it is a string or a number, else None.

    An object or a list is never converted to text: it may be the request or a record.
    """
    if isinstance(value, str):
        return value
    return str(value) if _is_number(value) else None


def token(value: object) -> str | None:
    """Return a code, a type or an id; None if it is too long or has other characters."""
    text = words(value)
    return text if text is not None and _TOKEN.fullmatch(text) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


_WRITTEN: Mapping[Feature, type] = {
    Feature.CUSTOMER_ADDRESSES_CREATE: Address,
    Feature.CUSTOMER_ADDRESSES_UPDATE: Address,
    Feature.KYC_START: StartKyc,
    Feature.KYC_UPLOAD_DOCUMENT: NewKycDocument,
    Feature.CREDIT_APPLICATIONS_CREATE: NewCreditApplication,
    Feature.CREDIT_APPLICATIONS_UPDATE: NewCreditApplication,
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: NewWebhookSubscription,
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: WebhookSubscriptionChanges,
    Feature.ACCOUNTS_CREATE: NewAccount,
    Feature.ACCOUNT_NUMBERS_CREATE: NewAccountNumber,
    Feature.ACCOUNT_NUMBERS_UPDATE: AccountNumberChanges,
}


def written_type(request: Request | None) -> type:
    """Return the type whose fields a request wrote, for `field_errors`.

    NewCustomer where the request or its feature is unknown: most errors of fields are
    about a person.
    """
    feature = request.feature if request is not None else None
    return _WRITTEN.get(feature, NewCustomer) if feature else NewCustomer


def field_errors(
    capabilities: Capabilities, kind: type, messages: Mapping[str, Any]
) -> FieldErrors:
    """Translate a vendor's map of field errors into our field names.

    Nested maps and lists are followed. A name without a rule is returned unchanged. Only
    strings are copied, and only names with the form of a name, because anything else may
    be the rejected value.
    """
    if not isinstance(messages, Mapping):
        return {}
    native = _by_native(capabilities.rules(kind))
    errors = _translated(capabilities, native, messages, "", _DEEPEST)
    return dict(islice(errors, _MOST))


def pointer_errors(
    capabilities: Capabilities,
    kind: type,
    errors: Iterable[tuple[str, str]],
    root: str = "/data/attributes",
) -> FieldErrors:
    """Translate pairs of a JSON pointer and a message into our field names.

    `root` is the pointer of the object that has the fields: `/data/attributes` in JSON:API.
    A pointer outside of it is no field's and is skipped. Several messages about one field
    are all returned (RFC 6901 and "Error objects" of https://jsonapi.org).
    """
    errors_by_name: dict[str, tuple[str, ...]] = {}
    for pointer, message in islice(errors, _MOST):
        names = pointer_steps(pointer, root)
        nested: Any = [message]
        for name in reversed(names):
            nested = {name: nested}
        for ours, texts in field_errors(capabilities, kind, nested).items():
            errors_by_name[ours] = (*errors_by_name.get(ours, ()), *texts)
    return errors_by_name


def path_errors(
    capabilities: Capabilities, kind: type, errors: Iterable[tuple[str, str]]
) -> FieldErrors:
    """Translate pairs of a path such as `homes[0].zip` and a message into our field names.

    Vendors list the invalid fields of a request so, each with a name and a message, in the
    manner of RFC 9457 ("Problem Details", the extension member `invalid-params`).
    """
    # An index in brackets is one step of a pointer, as a name after a dot is.
    pointers = (
        ("/" + re.sub(r"\[(\d{1,4})\]", r".\1", path).replace(".", "/"), message)
        for path, message in islice(errors, _MOST)
        if len(path) <= _LONGEST_PATH and "/" not in path and "~" not in path
    )
    return pointer_errors(capabilities, kind, pointers, root="")


def pointer_steps(pointer: str, root: str) -> list[str]:
    """Return the names in a JSON pointer below *root*; RFC 6901 escapes two characters."""
    if not pointer.startswith(f"{root}/"):
        return []
    below = pointer.removeprefix(f"{root}/").split("/")
    names = [name.replace("~1", "/").replace("~0", "~") for name in below]
    # A step of another form may be the rejected value.
    return names if all(map(_NAME.fullmatch, names)) else []


def _by_native(rules: Fields) -> dict[str, str]:
    """Map the vendor's names to ours. A list of at most one item is a plain field there."""
    return {
        rule.native or name: f"{name}[0]" if rule.items and rule.items[1] == 1 else name
        for name, rule in rules.items()
    }


def _translated(
    capabilities: Capabilities,
    native: Mapping[str, str],
    messages: Any,
    path: str,
    depth: int,
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, message in messages.items():
        if not _NAME.fullmatch(str(name)) or not depth:
            continue
        inner = _by_index(message)
        here = _item(path, name) if str(name).isdigit() else _joined(path, native, name)
        if isinstance(inner, Mapping):
            below = _native_below(capabilities, here) or native
            yield from _translated(capabilities, below, inner, here, depth - 1)
        else:
            yield here, _texts(inner)


def _by_index(messages: Any) -> Any:
    """Return a list of maps as a map by index, the form that other responses have."""
    if isinstance(messages, list) and any(
        isinstance(item, Mapping) for item in messages
    ):
        return {str(index): item for index, item in enumerate(messages) if item}
    return messages


def _native_below(capabilities: Capabilities, path: str) -> Mapping[str, str]:
    kind = item_types(NewCustomer).get(path.partition("[")[0])
    return _by_native(capabilities.rules(kind)) if kind else {}


def _item(path: str, index: str) -> str:
    """Return the path of an item. A list of at most one item has its index already."""
    return f"{path.removesuffix('[0]')}[{index}]"


def _joined(path: str, native: Mapping[str, str], name: str) -> str:
    ours = native.get(name, name)
    return f"{path}.{ours}" if path.endswith("]") else ours


def _texts(message: Any) -> tuple[str, ...]:
    messages = message if isinstance(message, list) else [message]
    return tuple(text for text in messages[:_MOST] if isinstance(text, str))


def retry_after(response: Response, now: float) -> float | None:
    """Return the seconds of the Retry-After header; `now` is in Unix seconds.

    A header that cannot be read, or is out of range, returns None.
    """
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text) if text.isdigit() else _until(text, now)
    except (ValueError, OverflowError, TypeError):
        return None
    return max(0.0, seconds) if seconds < _NEVER else None


def server_time(response: Response) -> datetime | None:
    """Return the vendor's time from the Date header."""
    try:
        return _moment(response.headers.get("date", ""))
    except (ValueError, OverflowError, TypeError):
        return None


def _until(text: str, now: float) -> float:
    return _moment(text).timestamp() - now


def _moment(text: str) -> datetime:
    """Read an HTTP date. A date without a zone is GMT (RFC 9110, section 5.6.7)."""
    moment = parsedate_to_datetime(text[:_LONGEST_DATE])
    return moment.replace(tzinfo=moment.tzinfo or UTC)
