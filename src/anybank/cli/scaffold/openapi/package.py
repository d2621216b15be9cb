"""The files of a new adapter's package that are written from an OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import define, field, frozen

from ....model.features import Feature
from ..distributions import contents
from ..names import Names
from .features import Guess, choose
from .flows_text import FlowText, value_of
from .identifiers import joined, variable_name, words_of
from .matching import (
    ACCOUNT,
    CUSTOMER,
    SUBSCRIPTION,
    FieldNames,
    PropertyMatch,
    constants_of,
    match,
)
from .modules_text import ModuleTexts
from .neutral_names import NeutralNames, place_constants
from .records_text import BodyText, RecordText, record_of
from .requests_text import declare_requests
from .resources import DocumentedRecord, body_of, resource_of
from .rules_text import RulesText, as_part, person_rules
from .samples import sample_of
from .security import hosts_of, security_of
from .shapes import Part, Shapes
from .source import DocumentedOperation, SourceDocument
from .wire_classes import WireClass, WireClasses, WireField, render_classes

_BUILT = (
    *("Customer", "Account", "Transaction", "AccountNumber", "ExternalAccount"),
    "WebhookSubscription",
)
_CREATES: Mapping[Feature, tuple[str, Mapping[str, FieldNames]]] = {
    Feature.CUSTOMERS_CREATE: ("Customer", CUSTOMER),
    Feature.ACCOUNTS_CREATE: ("Account", ACCOUNT),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: ("WebhookSubscription", SUBSCRIPTION),
}
_GETS: Mapping[Feature, tuple[Feature, Feature]] = {
    Feature.CUSTOMERS_CREATE: (Feature.CUSTOMERS_GET, Feature.CUSTOMERS_UPDATE),
}
# The document may not be yours to publish.
_SDIST = """
[tool.hatch.build.targets.sdist]
exclude = ["openapi.json"]
"""
_NEVER_WRITTEN = ("full_name", "status", "created_at", "opened_at", "closed_at")


@frozen(kw_only=True)
class Generated:
    """The text of each file, and what it was written about."""

    files: Mapping[str, str]
    operations: Sequence[DocumentedOperation]
    guesses: Sequence[Guess]
    classes: int


@define
class Generator:
    """Writes the package of a new adapter from a document."""

    path: Path
    operations: Sequence[str]
    generated: Generated = field(init=False)

    def texts(self, names: Names) -> Mapping[str, str]:
        """Return the text of every file: those of every package, and the document's."""
        self.generated = generate(self.path, names, self.operations)
        package = f"src/anybank_{names.module}"
        usual = dict(contents(names))
        del usual[f"{package}/customers.py"]
        usual["pyproject.toml"] += _SDIST
        return {**usual, **self.generated.files}


def generate(path: Path, names: Names, operations: Sequence[str]) -> Generated:
    """Return the files that a document adds to the package of a new adapter.

    Raises ConfigurationError for a document that cannot be read, and for an operation that
    it does not have.
    """
    document = SourceDocument.read(path)
    chosen, guesses = choose(document, operations)
    work = _Work(names=names, document=document, guesses=guesses)
    for operation in chosen:
        work.add_operation(operation)
    files = dict(work.modules().files())
    files["openapi.json"] = document.as_json()
    return Generated(
        files=files,
        operations=chosen,
        guesses=guesses,
        classes=len(work.classes.known),
    )


@define(kw_only=True)
class _Work:
    names: Names
    document: SourceDocument
    guesses: Sequence[Guess]
    shapes: Shapes = field(init=False)
    classes: WireClasses = field(init=False)
    neutral: NeutralNames = field(init=False)
    records: dict[tuple[str, str], RecordText] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.shapes = Shapes(self.document)
        self.classes = WireClasses(self.shapes)
        self.neutral = NeutralNames(self.shapes)

    def add_operation(
        self, operation: DocumentedOperation
    ) -> tuple[DocumentedRecord | None, WireClass | None]:
        """Add the wire classes of what an operation returns."""
        resource = resource_of(self.shapes, operation)
        if resource is None:
            return None, None
        identifier = self._identifier(operation, resource.part)
        words = words_of(operation.path.replace("}", "").rpartition("/")[2])
        name = "".join(word.capitalize() for word in words)
        return resource, self.classes.add(resource.part, name, identifier)

    def _identifier(self, operation: DocumentedOperation, part: Part) -> str:
        """Return the property that has a record's id."""
        properties = list(self.shapes.at(part).properties)
        parameters = [it for it in operation.path.split("/") if it.startswith("{")]
        last = joined(parameters[-1]) if parameters else ""
        ids = [it for it in properties if joined(it) in ("id", "uuid", last)]
        tokens = [it for it in properties if joined(it) == "token"]
        rest = [it for it in properties if words_of(it)[-1:] == ["id"]]
        return next(iter((*ids, *tokens, *rest)), "id")

    def modules(self) -> ModuleTexts:
        """Return everything that the files are written from."""
        self._add_records()
        bodies = self._bodies()
        flows = [self._flow(it, bodies) for it in self.guesses]
        returned = [it.wire for it in flows if it.wire]
        self.classes.prune([*returned, *(it.wire for it in bodies)])
        live = next((it for it in flows if _is_live(it)), None)
        hosts, hosts_note = hosts_of(self.document, self.names.provider)
        shown = frozenset(name for it in CUSTOMER.values() for name in it.names)
        read = live.resource if live else None
        return ModuleTexts(
            names=self.names,
            title=self.document.title,
            hosts=hosts,
            hosts_note=hosts_note,
            security=security_of(self.document),
            flows=flows,
            live=live,
            sample=sample_of(self.shapes, read.part, shown) if read else {},
            functions=list(self.neutral.functions.values()),
            classes=render_classes(list(self.classes)),
            records=list(self.records.values()),
            bodies=bodies,
        )

    def _add_records(self) -> None:
        """Add how the records of each value are read, from all operations about them."""
        uses: dict[
            tuple[str, str], list[tuple[DocumentedOperation, DocumentedRecord]]
        ] = {}
        classes: dict[tuple[str, str], WireClass] = {}
        for guess in self.guesses:
            resource, wire = self.add_operation(guess.operation)
            kind = value_of(guess.feature)
            # What is returned of a deleted record is not read.
            is_read = kind in _BUILT and guess.verb != "delete"
            if resource and wire and is_read and _identifier_of(wire):
                key = (kind, wire.name)
                classes[key] = wire
                uses.setdefault(key, []).append((guess.operation, resource))
        for (kind, name), wire in classes.items():
            identifier = _identifier_of(wire)
            if identifier is not None and self.neutral.read(kind, wire):
                wire.decorators.append(f"@reads({kind}, PAGE)")
                self.records[kind, name] = record_of(
                    kind,
                    self.names.provider,
                    wire,
                    identifier,
                    uses=uses[kind, name],
                    used=[it.constant for it in self.records.values()],
                )

    def _flow(self, guess: Guess, bodies: Sequence[BodyText]) -> FlowText:
        resource, wire = self.add_operation(guess.operation)
        kind = value_of(guess.feature)
        body = next((it for it in bodies if it.title == guess.operation.title), None)
        changes = "{}" if guess.verb in ("create", "update") else ""
        return FlowText(
            guess=guess,
            resource=resource,
            wire=wire,
            record=self.records.get((kind, wire.name)) if wire else None,
            body=f"{body.function}(query.new)" if body else changes,
        )

    def _bodies(self) -> list[BodyText]:
        """Return the functions that return request bodies, and declare their classes."""
        bodies: list[BodyText] = []
        for guess in self.guesses:
            body = body_of(self.shapes, guess.operation)
            if guess.feature not in _CREATES or body is None:
                continue
            kind, names = _CREATES[guess.feature]
            rules = self._rules(guess, kind, names, body)
            constants = dict(constants_of(self.shapes, body, rules[0].matches))
            flat = [each.matches for each in rules if each.is_flat]
            members = [it for each in (rules[0].matches, *flat) for it in each.values()]
            paths = [*constants, *(it.path for it in members)]
            wire = self.classes.add_request(body, f"New{kind}", paths)
            notes = rules[0].notes(constants)
            if wire is not None:
                unplaced = self.neutral.write(kind, wire, rules)
                place_constants(wire, constants)
                notes += [f"TODO: write {it}." for it in unplaced]
                bodies.append(
                    BodyText(
                        function=f"new_{variable_name(kind)}",
                        kind=f"New{kind}",
                        title=guess.operation.title,
                        wire=wire,
                        notes=notes,
                    )
                )
                declare_requests(rules, wire)
        return bodies

    def _rules(
        self, guess: Guess, kind: str, names: Mapping[str, FieldNames], body: Part
    ) -> list[RulesText]:
        allowed = {it: known for it, known in names.items() if it not in _NEVER_WRITTEN}
        if kind == "Account":
            allowed = {it: allowed[it] for it in _account_fields(allowed)}
        gets, updates = _GETS.get(guess.feature, (None, None))
        return person_rules(
            self.shapes,
            body,
            allowed,
            kind=f"New{kind}",
            returned=self._matches(gets, names, is_body=False),
            changed=self._matches(updates, names, is_body=True),
        )

    def _matches(
        self,
        feature: Feature | None,
        names: Mapping[str, FieldNames],
        *,
        is_body: bool,
    ) -> Mapping[str, PropertyMatch] | None:
        guess = next((it for it in self.guesses if it.feature is feature), None)
        if guess is None:
            return None
        if is_body:
            body = body_of(self.shapes, guess.operation)
            return match(self.shapes, body, names) if body else {}
        resource = resource_of(self.shapes, guess.operation)
        part = resource.part if resource else None
        shape = self.shapes.at(part) if part else None
        return match(self.shapes, as_part(shape), names) if shape else {}


def _account_fields(names: Mapping[str, FieldNames]) -> list[str]:
    known = ("customer_ids", "name", "currency", "program_id")
    return [it for it in known if it in names]


def _identifier_of(wire: WireClass | None) -> WireField | None:
    return next((it for it in wire.fields if it.required), None) if wire else None


def _is_live(flow: FlowText) -> bool:
    """Return whether a flow is complete: a customer is read by the id alone."""
    if flow.feature is not Feature.CUSTOMERS_GET or flow.record is None:
        return False
    path = flow.guess.operation.path
    is_plain = flow.resource is not None and not flow.resource.is_list
    return path.count("{") == 1 and path.endswith("}") and is_plain
