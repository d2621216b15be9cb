"""The records that a live run creates, and their removal when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from attrs import define, field

from ...adapter.base import Adapter
from ...client import Bank
from ...errors import AnybankError, ConfigurationError, NotFound
from ...model.accounts import AccountNumberChanges, AccountNumberStatus
from ...model.events import WebhookSubscriptionChanges
from ...model.features import Feature
from ...model.operations import QUESTIONS


class _Sent(Enum):
    """What is known about the write of a create."""

    NO = "it was not sent"
    REFUSED = "the vendor refused it"
    UNKNOWN = "its outcome is unknown"
    DONE = "the vendor accepted it"


@define(eq=False)
class CreatedRecord:
    """A create: the question that asked for it, and the id once it is known."""

    feature: Feature
    query: Any = field(repr=False)
    sent: _Sent = _Sent.NO
    id: str | None = None
    is_gone: bool = False

    @property
    def kind(self) -> str:
        """The kind of record in words: `customer address`."""
        resource = self.feature.value.partition(".")[0]
        return _WORDS.get(resource, resource.rstrip("s").replace("_", " "))

    @property
    def may_exist(self) -> bool:
        """True if the vendor has the record, or may have it."""
        is_there = self.id is not None or self.sent in (_Sent.UNKNOWN, _Sent.DONE)
        return is_there and not self.is_gone


_WORDS = {"kyc": "uploaded document"}


@define(eq=False)
class CreatedRecords:
    """Every create of a live run, in its order.

    `adapter_class` returns an adapter whose creates and deletions are noted here, and the
    connection calls `before_write` and `after_write`. A create is noted before it is
    sent, so that nothing is forgotten when the run is interrupted.
    """

    records: list[CreatedRecord] = field(factory=list)
    _open: CreatedRecord | None = None

    def adapter_class(self, kind: type[Adapter]) -> type[Adapter]:
        """Return a subclass of an adapter that notes what it creates and deletes."""
        members: dict[str, Any] = {}
        for feature in (*_CREATES, *_REMOVES):
            if kind.capabilities.supports(feature):
                method = QUESTIONS[feature].method
                note = self._creating if feature in _CREATES else self._removing
                members[method] = note(kind, method)
        return type(kind.__name__, (kind,), {**members, "__module__": kind.__module__})

    def before_write(self) -> None:
        """Note that a write is about to leave: from now on its outcome is unknown."""
        if self._open is not None and self._open.sent is not _Sent.DONE:
            self._open.sent = _Sent.UNKNOWN

    def after_write(self, status: int) -> None:
        """Note the status of the response to a write."""
        if self._open is None or self._open.sent is _Sent.DONE or status >= _SERVER:
            return
        self._open.sent = _Sent.REFUSED if status >= _REFUSED else _Sent.DONE

    def remove_all(self, bank: Bank) -> Iterator[tuple[CreatedRecord, str]]:
        """Remove every record, the newest first; yield each with why it is left, or ""."""
        for record in reversed(self.records):
            if record.may_exist:
                yield record, _removed(bank, record)

    def _creating(self, kind: type[Adapter], method: str) -> Callable[..., Any]:
        def create(adapter: Any, query: Any) -> Any:
            record = CreatedRecord(query.feature, query)
            self.records.append(record)
            self._open = record
            try:
                value = yield from getattr(kind, method)(adapter, query)
                record.id = value.id
            finally:
                self._open = None
            return value

        return create

    def _removing(self, kind: type[Adapter], method: str) -> Callable[..., Any]:
        def remove(adapter: Any, query: Any) -> Any:
            value = yield from getattr(kind, method)(adapter, query)
            for record in self.records:
                if (record.feature, record.id) == (_REMOVES[query.feature], query.id):
                    record.is_gone = True
            return value

        return remove


_REFUSED, _SERVER = 400, 500
_CREATES = (
    Feature.CUSTOMERS_CREATE,
    Feature.CUSTOMER_ADDRESSES_CREATE,
    Feature.KYC_UPLOAD_DOCUMENT,
    Feature.CREDIT_APPLICATIONS_CREATE,
    Feature.ACCOUNTS_CREATE,
    Feature.ACCOUNT_NUMBERS_CREATE,
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
)
_REMOVES: Mapping[Feature, Feature] = {
    Feature.CUSTOMERS_DELETE: Feature.CUSTOMERS_CREATE,
    Feature.CUSTOMER_ADDRESSES_DELETE: Feature.CUSTOMER_ADDRESSES_CREATE,
    Feature.ACCOUNTS_DELETE: Feature.ACCOUNTS_CREATE,
    Feature.ACCOUNTS_CLOSE: Feature.ACCOUNTS_CREATE,
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
}
"""What each operation removes, by the operation that creates it."""


def _removed(bank: Bank, record: CreatedRecord) -> str:
    """Remove a record and return "", or the reason why it is left."""
    try:
        record.id = record.id or _looked_up(bank, record)
        if record.id is not None:
            _remove(bank, record, record.id)
    except NotFound:
        pass  # an owner's deletion may have removed it
    except ConfigurationError as error:
        return error.describe()
    # The text of an error may have a vendor's words: the class and the code are enough.
    except AnybankError as error:
        code = getattr(error, "code", None)
        return f"{type(error).__name__}{f' {code}' if code else ''}"
    record.is_gone = True
    return ""


def _looked_up(bank: Bank, record: CreatedRecord) -> str | None:
    """Return the id of a create whose response was lost; None if it did not happen."""
    resource, _, verb = record.feature.value.partition(".")
    declared = bank.capabilities.feature(record.feature).idempotency
    new, key = record.query.new, getattr(record.query, "idempotency_key", None)
    is_customer = record.feature is Feature.CUSTOMERS_CREATE
    if is_customer and (declared.listed_by_key or declared.kind == "client_reference"):
        by_key = key if declared.listed_by_key else None
        match = bank.customers.resolve(None, new, idempotency_key=by_key)
        return match.id if match else None
    if verb == "create" and declared.kind == "replays" and key:
        # The vendor replays its first response, or creates the record that goes next.
        again: str = getattr(bank, resource).create(new, idempotency_key=key).id
        return again
    raise ConfigurationError("its outcome is unknown, and so is its id")


def _remove(bank: Bank, record: CreatedRecord, identifier: str) -> None:
    """Delete, archive, close or disable a record with what the vendor offers."""
    supports = bank.capabilities.supports
    for feature, remove in _WAYS.get(record.feature, ()):
        if supports(feature):
            remove(bank, record, identifier)
            return
    raise ConfigurationError("the vendor has no operation to remove it")


_Remove = Callable[[Bank, CreatedRecord, str], object]
_WAYS: Mapping[Feature, tuple[tuple[Feature, _Remove], ...]] = {
    Feature.CUSTOMERS_CREATE: (
        (Feature.CUSTOMERS_DELETE, lambda bank, _, own: bank.customers.delete(own)),
    ),
    Feature.CUSTOMER_ADDRESSES_CREATE: (
        (
            Feature.CUSTOMER_ADDRESSES_DELETE,
            lambda bank, record, own: bank.customer_addresses.delete(
                record.query.customer_id, own
            ),
        ),
    ),
    Feature.ACCOUNTS_CREATE: (
        (Feature.ACCOUNTS_CLOSE, lambda bank, _, own: bank.accounts.close(own)),
        (Feature.ACCOUNTS_DELETE, lambda bank, _, own: bank.accounts.delete(own)),
    ),
    Feature.ACCOUNT_NUMBERS_CREATE: (
        (
            Feature.ACCOUNT_NUMBERS_UPDATE,
            lambda bank, _, own: bank.account_numbers.update(
                own, AccountNumberChanges(status=AccountNumberStatus.DISABLED)
            ),
        ),
    ),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: (
        (
            Feature.WEBHOOK_SUBSCRIPTIONS_DELETE,
            lambda bank, _, own: bank.webhook_subscriptions.delete(own),
        ),
        (
            Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE,
            lambda bank, _, own: bank.webhook_subscriptions.update(
                own, WebhookSubscriptionChanges(enabled=False)
            ),
        ),
    ),
}
"""The ways to remove each kind of record, the best first."""
