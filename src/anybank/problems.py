"""What a vendor's error answer says, in our terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from attrs import Factory, frozen

from .capabilities import Capabilities, Fields
from .errors import (
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from .model.addresses import Address
from .model.phones import Phone
from .wire import Response

Class: TypeAlias = type[ProviderError]
FieldErrors: TypeAlias = Mapping[str, tuple[str, ...]]

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
    """Return the problem of an error answer that is not the vendor's own.

    A page of HTML comes from something between: its 404 says nothing of a customer.
    """
    kind = by_status(response.status)
    between = "html" in response.headers.get("content-type", "") or (
        response.content.lstrip()[:1] == b"<"
    )
    if between and not issubclass(kind, (ProviderUnavailable, RateLimited)):
        kind = UnexpectedResponse
    message = "the answer is a page of HTML, perhaps a proxy's" if between else ""
    return Problem(kind=kind, message=message or response.text.strip())


def field_errors(
    capabilities: Capabilities, kind: type, said: Mapping[str, Any]
) -> FieldErrors:
    """Translate a vendor's map of field errors into our field names.

    Nested maps and lists are followed; a name without a rule is kept as it is.
    """
    native = _by_native(capabilities.rules(kind))
    return dict(_translated(capabilities, native, said, ""))


def _by_native(rules: Fields) -> dict[str, str]:
    """Map the vendor's names to ours; a list that holds one is a plain field there."""
    return {
        rule.native or name: f"{name}[0]" if rule.items and rule.items[1] == 1 else name
        for name, rule in rules.items()
    }


def _translated(
    capabilities: Capabilities, native: Mapping[str, str], said: Any, path: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, found in said.items():
        inner = _by_index(found)
        here = _item(path, name) if str(name).isdigit() else _joined(path, native, name)
        if isinstance(inner, Mapping):
            below = _native_below(capabilities, here) or native
            yield from _translated(capabilities, below, inner, here)
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
    return tuple(map(str, said)) if isinstance(said, list) else (str(said),)


def retry_after(response: Response, now: float) -> float | None:
    """Return the seconds that Retry-After asks for; `now` is in Unix seconds."""
    said = response.headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        seconds = float(said) if said.isdigit() else _until(said, now)
    except ValueError:
        return None
    return max(0.0, seconds)


def server_time(response: Response) -> datetime | None:
    """Return the vendor's clock by the Date header."""
    try:
        return _moment(response.headers.get("date", ""))
    except ValueError:
        return None


def _until(said: str, now: float) -> float:
    return _moment(said).timestamp() - now


def _moment(said: str) -> datetime:
    """Read an HTTP date: one that names no zone is GMT, whatever this machine's is."""
    moment = parsedate_to_datetime(said)
    return moment.replace(tzinfo=moment.tzinfo or UTC)
