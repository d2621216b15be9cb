"""The body fields that a log may show: an allow-list of the caller, empty by default."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from ..adapter.wire import Json
from ..declaration.vocabulary import Capabilities
from ..errors import ConfigurationError
from ..model._fields import is_personal
from ..model.accounts import Account, AccountNumber, ExternalAccount
from ..model.credentials import TemporaryCredentials
from ..model.customers import Customer
from ..model.events import WebhookSubscription
from ..model.transactions import Transaction
from .redact import Scrubber

_MOST_FIELDS = 50
"""A page of records would fill a line of the log."""
_LONGEST = 200
_READ = (
    *(Account, AccountNumber, Customer, ExternalAccount, TemporaryCredentials),
    *(Transaction, WebhookSubscription),
)
"""Values that a vendor returns, for which a declaration may have no rules."""
_SECRET_WORDS = ("ssn", "passport", "accountnumber", "secret", "token", "password")
"""Parts of names that no log shows, whatever else the name says."""


def checked_fields(names: object, declared: Capabilities) -> frozenset[str]:
    """Return the names of an allow-list.

    Raises ConfigurationError for a field that holds personal data at this vendor.
    """
    if isinstance(names, str) or not isinstance(names, Collection):
        raise ConfigurationError("log_fields must be a list of names of JSON fields")
    if not all(isinstance(name, str) and name for name in names):
        raise ConfigurationError("log_fields must contain names of JSON fields only")
    personal = sorted(_personal(names, declared)) if names else ()
    if personal:
        raise ConfigurationError(
            f"log_fields: {', '.join(personal)} may contain personal data, which no log "
            "shows. Leave it out"
        )
    return frozenset(map(str, names))


def _personal(names: Collection[str], declared: Capabilities) -> Iterator[str]:
    """Yield the names of fields that hold personal data, however the vendor spells them."""
    known = frozenset(map(_plain, _personal_names(declared)))
    for name in names:
        plain = _plain(name)
        if plain in known or any(word in plain for word in _SECRET_WORDS):
            yield name


def _personal_names(declared: Capabilities) -> Iterator[str]:
    """Yield the vendor's names, and ours, of the personal fields of every value."""
    for kind in {*declared.fields, *declared.reads, *_READ}:
        rules = declared.fields.get(kind, {})
        for field in attrs.fields(kind) if attrs.has(kind) else ():
            if is_personal(field):
                yield field.name
                if (rule := rules.get(field.name)) and rule.native:
                    # A native name may be a path, such as `natural_person.name`.
                    yield rule.native.rpartition(".")[2]


def _plain(name: str) -> str:
    """Return a name without its style: `accountNumber` is `account_number`."""
    return name.replace("_", "").replace("-", "").lower()


def shown_fields(
    body: Json, names: Collection[str], personal: Collection[str]
) -> Mapping[str, Any]:
    """Return the values of a JSON body that an allow-list names, by their paths.

    A text in which personal data are recognised is masked: a vendor may repeat in any
    field what a request has sent.
    """
    scrub = Scrubber(personal)
    shown: dict[str, Any] = {}
    for path, value in _leaves(body, ""):
        if len(shown) == _MOST_FIELDS:
            break
        if path.rpartition(".")[2].partition("[")[0] in names:
            # The path, too: its outer names come from the vendor.
            shown[scrub(path, _LONGEST)] = _scrubbed(value, scrub)
    return shown


def _scrubbed(value: Any, scrub: Scrubber) -> Any:
    """Return a value, masked where its text is personal: a number may be an SSN."""
    text = scrub(str(value), _LONGEST)
    return text if isinstance(value, str) or text != str(value) else value


def _leaves(value: Json, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the paths and values that are no objects; a Sensitive is never yielded."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{name}".lstrip("."))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    elif value is None or isinstance(value, (str, int, float)):
        yield path, value
