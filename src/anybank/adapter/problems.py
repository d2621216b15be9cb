"""What a vendor's error answer says, in our terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
from ..model.addresses import Address
from ..model.phones import Phone
from .wire import Response

Class: TypeAlias = type[ProviderError]
FieldErrors: TypeAlias = Mapping[str, tuple[str, ...]]

_START = 200
"""So many bytes of a body say what it is."""
_PHRASES = {status.phrase.casefold(): status.phrase for status in HTTPStatus}
_TOKEN = re.compile(r"[\w .:/+=-]{1,100}")
_NAME = re.compile(r"[A-Za-z_][\w.\[\]-]{0,63}|[0-9]{1,4}")
_MOST = 50
_DEEPEST = 8
_LONGEST_DATE = 100
_NEVER = 1e10
"""A pause of centuries, in seconds, asks for nothing that can be done."""

_BY_STATUS: Mapping[int, Class] = {
    401: AuthenticationFailed,
    403: AuthenticationFailed,
    404: NotFound,
    408: ProviderUnavailable,
    409: Conflict,
    410: NotFound,
    424: ProviderUnavailable,
    429: RateLimited,
}


@frozen(kw_only=True)
class Problem:
    """A vendor's no: the class of error it is, and the vendor's own words.

    `code`, `type` and `message` are the vendor's; `field_errors` is by our field names.
    `retry_after` is in seconds, where the body says it and not the header.
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
        """Return the seconds that a vendor asks for: in the header, or in the body."""
        asked = retry_after(response, now)
        return self.retry_after if asked is None else asked


def by_status(status: int) -> Class:
    """Return the class of error that an HTTP status stands for."""
    if status >= 500:
        return ProviderUnavailable
    return _BY_STATUS.get(status, Rejected if status >= 400 else UnexpectedResponse)


def unreadable(response: Response) -> Problem:
    """Return the problem of an error answer that is not the vendor's own shape.

    A page of HTML comes from something between: its 404 says nothing of a customer, and no
    more does a body that cannot be decompressed. The body is described and never quoted:
    it may be anybody's record.
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
    """Tell whether a transport left a body out: it was compressed, and not readable."""
    return not response.content and "content-encoding" in response.headers


def _described(response: Response) -> str:
    """Return what a body is; only the standard phrase of a status is repeated."""
    if _is_undecoded(response):
        return "the answer cannot be decompressed"
    if _is_html(response):
        return "the answer is a page of HTML, perhaps a proxy's"
    start = response.content[:_START].strip()
    if not start:
        return ""
    phrase = start.decode("utf-8", "replace").strip('".').casefold()
    if phrase in _PHRASES:
        return _PHRASES[phrase]
    shape = "JSON" if start[:1] in b'{["' else "text"
    return f"the answer is {shape} of another form than the vendor's errors; not shown"


def words(value: object) -> str | None:
    """Return a member of an error answer that is a sentence; None for anything else.

    An object or a list is never written out: it may be what was sent, or a record.
    """
    if isinstance(value, str):
        return value
    return str(value) if _is_number(value) else None


def token(value: object) -> str | None:
    """Return a code, a type or an id; None for what is longer or has other characters."""
    text = words(value)
    return text if text is not None and _TOKEN.fullmatch(text) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def field_errors(
    capabilities: Capabilities, kind: type, said: Mapping[str, Any]
) -> FieldErrors:
    """Translate a vendor's map of field errors into our field names.

    Nested maps and lists are followed; a name without a rule is returned unchanged. Only
    texts are repeated, and only names that can be names: what else stands there may be
    the value.
    """
    if not isinstance(said, Mapping):
        return {}
    native = _by_native(capabilities.rules(kind))
    found = _translated(capabilities, native, said, "", _DEEPEST)
    return dict(islice(found, _MOST))


def _by_native(rules: Fields) -> dict[str, str]:
    """Map the vendor's names to ours; a list that holds one is a plain field there."""
    return {
        rule.native or name: f"{name}[0]" if rule.items and rule.items[1] == 1 else name
        for name, rule in rules.items()
    }


def _translated(
    capabilities: Capabilities,
    native: Mapping[str, str],
    said: Any,
    path: str,
    depth: int,
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, found in said.items():
        if not _NAME.fullmatch(str(name)) or not depth:
            continue
        inner = _by_index(found)
        here = _item(path, name) if str(name).isdigit() else _joined(path, native, name)
        if isinstance(inner, Mapping):
            below = _native_below(capabilities, here) or native
            yield from _translated(capabilities, below, inner, here, depth - 1)
        else:
            yield here, _texts(inner)


def _by_index(said: Any) -> Any:
    """Return a list of maps as a map by index, as other answers have it."""
    if isinstance(said, list) and any(isinstance(each, Mapping) for each in said):
        return {str(index): each for index, each in enumerate(said) if each}
    return said


def _native_below(capabilities: Capabilities, path: str) -> Mapping[str, str]:
    kinds = {"addresses": Address, "phones": Phone}
    kind = kinds.get(path.partition("[")[0])
    return _by_native(capabilities.rules(kind)) if kind else {}


def _item(path: str, index: str) -> str:
    """Return an item's path; a list of at most one has the index of it already."""
    return f"{path.removesuffix('[0]')}[{index}]"


def _joined(path: str, native: Mapping[str, str], name: str) -> str:
    ours = native.get(name, name)
    return f"{path}.{ours}" if path.endswith("]") else ours


def _texts(said: Any) -> tuple[str, ...]:
    listed = said if isinstance(said, list) else [said]
    return tuple(each for each in listed[:_MOST] if isinstance(each, str))


def retry_after(response: Response, now: float) -> float | None:
    """Return the seconds that Retry-After asks for; `now` is in Unix seconds.

    One that cannot be read, or that no clock can hold, is none.
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
    """Return the vendor's clock by the Date header."""
    try:
        return _moment(response.headers.get("date", ""))
    except (ValueError, OverflowError, TypeError):
        return None


def _until(text: str, now: float) -> float:
    return _moment(text).timestamp() - now


def _moment(text: str) -> datetime:
    """Read an HTTP date: one that names no zone is GMT, whatever this machine's is."""
    moment = parsedate_to_datetime(text[:_LONGEST_DATE])
    return moment.replace(tzinfo=moment.tzinfo or UTC)
