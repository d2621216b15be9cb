"""Which operation of a document belongs to which feature: a guess from paths and verbs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from attrs import frozen

from ....errors import ConfigurationError
from ....model.features import Feature
from .identifiers import joined
from .source import DocumentedOperation, SourceDocument

_CUSTOMER = ("customer", "person", "people", "individual", "consumer", "accountholder")
_APPLICANT = ("legalentity", "legalentities", "entity", "entities", "applicant")
_NOUNS: Mapping[str, Sequence[str]] = {
    "customers": (*_CUSTOMER, *_APPLICANT, "application", "user"),
    "accounts": (
        *("account", "depositaccount", "financialaccount", "balanceaccount"),
        "bankaccount",
    ),
    "account_numbers": ("accountnumber",),
    "external_accounts": ("externalaccount", "counterparty", "counterparties"),
    "transactions": ("transaction", "balancetransaction", "financialtransaction"),
    "events": ("event",),
    "webhook_subscriptions": (
        *("webhook", "webhookendpoint", "eventsubscription", "webhooksubscription"),
        "subscription",
    ),
    "kyc": ("kyc", "verification", "identityverification", "evaluation"),
}
"""The last word of a path, without case and plural, by group; the best guess first."""
_ACTIONS: Mapping[Feature, Sequence[str]] = {
    Feature.CUSTOMERS_DELETE: ("archive", "deactivate", "disable", "close"),
    Feature.ACCOUNTS_CLOSE: ("close",),
    Feature.ACCOUNTS_BALANCE: ("balance", "balances"),
}
"""The last word of a path below a record, for operations that are no method of HTTP."""
_METHODS: Mapping[str, Sequence[str]] = {
    "get": ("GET",),
    "list": ("GET",),
    "balance": ("GET",),
    "create": ("POST",),
    "start": ("POST",),
    "update": ("PATCH", "PUT", "POST"),
    "delete": ("DELETE",),
}
"""The methods of HTTP that fit a feature, by the last part of its name."""
_FEATURES = tuple(feature.value for feature in Feature)
_MOVED = ("transactions.list", "transactions.get", "events.list", "events.get")
"""The features that read what no operation creates."""
_PARAMETER = re.compile(r"\{[^}]*\}")


@frozen(kw_only=True)
class Guess:
    """A feature with the operation that it may be, and the others that were considered."""

    feature: Feature
    operation: DocumentedOperation
    others: tuple[DocumentedOperation, ...] = ()

    @property
    def verb(self) -> str:
        """The last part of the feature's name."""
        return self.feature.value.partition(".")[2]

    @property
    def is_list(self) -> bool:
        """True for the feature that lists records."""
        return self.verb == "list"


def choose(
    document: SourceDocument, names: Sequence[str]
) -> tuple[list[DocumentedOperation], list[Guess]]:
    """Return the operations to write about, and the guess for each feature.

    `names` are operation ids, tags, paths, or `METHOD /path`; `customers.get=getPerson`
    says what an operation is. Without any, the operations of the guesses are chosen.
    Raises ConfigurationError for a name that the document does not have.
    """
    everything = list(document.operations())
    pairs = [it for it in names if "=" in it]
    assignments = [_assignment(document, everything, it) for it in pairs]
    chosen = [
        operation
        for name in names
        if name not in pairs
        for operation in _named(document, everything, name)
    ]
    chosen = list(dict.fromkeys((*chosen, *(it.operation for it in assignments))))
    assigned = {it.feature for it in assignments}
    free = [it for it in chosen if it not in [each.operation for each in assignments]]
    guesses = [
        guess
        for guess in _guesses(free if names else everything)
        if guess.feature not in assigned
    ]
    ordered = sorted(
        (*assignments, *guesses), key=lambda it: list(Feature).index(it.feature)
    )
    if not names:
        chosen = list(dict.fromkeys(it.operation for it in ordered))
    if not chosen:
        raise ConfigurationError(
            f"no path of {document.path.name} is about customers, accounts or "
            "transactions: name the operations with --operations"
        )
    return chosen, ordered


def _guesses(operations: Iterable[DocumentedOperation]) -> Iterator[Guess]:
    candidates: dict[Feature, list[tuple[tuple[int, ...], DocumentedOperation]]]
    candidates = {}
    everything = list(operations)
    listed = {it.path.rstrip("/") for it in everything if it.method == "GET"}
    created = {it.path.rstrip("/") for it in everything if it.method == "POST"}
    for at, operation in enumerate(everything):
        for feature, rank in _features(operation):
            # A collection near the root, with a name in the plural, is most likely meant.
            word = operation.path.rstrip("/").rpartition("/")[2]
            root = _root(operation)
            # `/accounts/{id}` of settings has no create, `/fraud/transactions/{id}` no list.
            # A customer may have no create either, because an application becomes one.
            is_person = feature.value.startswith("customers.") and rank < len(_CUSTOMER)
            # Money moves without a create of its own.
            is_made = not is_person and feature.value not in _MOVED
            is_alone = (root not in listed, root not in created and is_made)
            depth = len(operation.path.split("/"))
            shape = (*is_alone, rank, not word.endswith(("s", "}")), depth, at)
            order = (operation.path.count("{"), *shape)
            candidates.setdefault(feature, []).append((order, operation))
    for feature, scored in candidates.items():
        first, *others = [it for _, it in sorted(scored, key=lambda it: it[0])]
        yield Guess(feature=feature, operation=first, others=tuple(others[:3]))


def _root(operation: DocumentedOperation) -> str:
    """Return the path of the collection that an operation belongs to."""
    path = operation.path.rstrip("/")
    root = path.rpartition("/")[0] if path.endswith("}") else path
    is_owned = path.endswith("}") and _owned(path.split("/")[1:]) is not None
    return root.rpartition("/")[0] if is_owned else root


def _features(operation: DocumentedOperation) -> Iterator[tuple[Feature, int]]:
    """Yield each feature that an operation may be, and how good the guess is."""
    segments = [it for it in operation.path.split("/") if it]
    is_item = bool(segments) and bool(_PARAMETER.fullmatch(segments[-1]))
    words = [it for it in segments if not _PARAMETER.search(it)]
    if not words:
        return
    if is_item and (owned := _owned(segments)) is not None:
        # `GET /transactions/user/{id}` lists what somebody has.
        yield from _lists(operation.method, owned)
        return
    for group, verb in _verbs(operation.method, words, is_item=is_item):
        name = f"{group}.{verb}"
        rank = _rank(group, words[-1])
        # `/customers/{id}/entities/{id}` is a part of a customer and no customer.
        is_part = any(_rank(group, word) is not None for word in words[:-1])
        if rank is not None and name in _FEATURES and not is_part:
            yield Feature(name), rank
    yield from _actions(operation, segments)


def _owned(segments: Sequence[str]) -> str | None:
    """Return the collection of `/transactions/user/{id}`, which has a word for the owner."""
    collection, owner = segments[-3:-1] if len(segments) > 2 else ("", "")
    is_owner = _rank("customers", owner) is not None or joined(owner) == "account"
    is_many = collection.endswith("s") or _rank("kyc", collection) is not None
    is_below = is_many and not owner.endswith("s") and not _PARAMETER.search(collection)
    return collection if is_owner and is_below else None


def _lists(method: str, collection: str) -> Iterator[tuple[Feature, int]]:
    for group in _NOUNS if method == "GET" else ():
        rank = _rank(group, collection)
        if rank is not None and group == "kyc":
            # Our question names the person, and `/kyc/{id}` the verification.
            yield Feature.KYC_GET, rank - 1
        elif rank is not None:
            yield Feature(f"{group}.list"), rank


def _verbs(
    method: str, words: Sequence[str], *, is_item: bool
) -> Iterator[tuple[str, str]]:
    verb = {
        ("POST", False): "create",
        ("GET", False): "list",
        ("GET", True): "get",
        ("PATCH", True): "update",
        ("PUT", True): "update",
        # Stripe and its followers update with POST.
        ("POST", True): "update",
        ("DELETE", True): "delete",
    }.get((method, is_item))
    for group in _NOUNS if verb else ():
        # The verification of a person is one: `GET /people/{id}/verification`.
        is_kyc = group == "kyc" and not is_item and (len(words) > 1 or method == "POST")
        own = {"create": "start", "list": "get"}.get(verb or "") if is_kyc else verb
        yield group, own or ""


def _actions(
    operation: DocumentedOperation, segments: Sequence[str]
) -> Iterator[tuple[Feature, int]]:
    collection = joined(segments[-2]) if len(segments) > 1 else ""
    if operation.method == "GET" and collection in _ACTIONS[Feature.ACCOUNTS_BALANCE]:
        # `GET /balances/{id}`: the best guess where no account has one below it.
        yield Feature.ACCOUNTS_BALANCE, len(_NOUNS["accounts"])
    if len(segments) < 3 or not _PARAMETER.fullmatch(segments[-2]):
        return
    for feature, actions in _ACTIONS.items():
        rank = _rank(feature.value.partition(".")[0], segments[-3])
        reads = feature is Feature.ACCOUNTS_BALANCE
        fits = operation.method == ("GET" if reads else "POST")
        if fits and rank is not None and joined(segments[-1]) in actions:
            yield feature, rank


def _rank(group: str, word: str) -> int | None:
    nouns = _NOUNS.get(group, ())
    for form in (joined(word), joined(word).removesuffix("s")):
        if form in nouns:
            return nouns.index(form)
    return None


def _assignment(
    document: SourceDocument, operations: Sequence[DocumentedOperation], name: str
) -> Guess:
    feature, _, operation = name.partition("=")
    if feature not in _FEATURES:
        close = get_close_matches(feature, _FEATURES, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ConfigurationError(f"--operations: there is no feature {feature!r}{hint}")
    matches = _named(document, operations, operation)
    methods = _METHODS.get(feature.partition(".")[2], ())
    fitting = [it for it in matches if it.method in methods]
    matches = fitting or matches
    if len(matches) > 1:
        calls = " or ".join(repr(f"{feature}={it.call}") for it in matches[:4])
        raise ConfigurationError(
            f"--operations: {operation!r} names several operations: write {calls}"
        )
    return Guess(feature=Feature(feature), operation=matches[0])


def _named(
    document: SourceDocument, operations: Sequence[DocumentedOperation], name: str
) -> list[DocumentedOperation]:
    matches = [it for it in operations if name in (it.name, it.call, it.path, *it.tags)]
    if not matches:
        known = {key for it in operations for key in (it.name, it.path, *it.tags)}
        close = get_close_matches(name, sorted(known), 3, 0.5)
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        raise ConfigurationError(
            f"--operations: {document.path.name} has no operation {name!r}{hint}"
        )
    return matches
