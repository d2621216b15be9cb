"""Find in an application's source what it uses of a bank, without running it.

The source is parsed and never imported. A name stands for a bank if it contains "bank",
is annotated as one, or is assigned one. Only names are kept: no text of the source, which
may hold ids or test data, becomes part of a use.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from attrs import define, field, frozen

from ..model.features import Feature


class UseKind(StrEnum):
    """What an application uses."""

    FEATURE = "feature"
    FIELD = "field"
    EXTRAS = "extras"
    RAW = "raw"
    """Something of one vendor alone: a raw request, `extra_body`, `raw` or a native word."""


@frozen(order=True)
class Use:
    """A line that uses something of a bank.

    `name` is a feature (`kyc.start`), a field (`NewCustomer.emails`), the provider of
    extras, or the name of what is used raw.
    """

    line: int
    kind: UseKind
    name: str


@frozen
class SourceUses:
    """What one file uses.

    `built` has, for each value that is created, the line, the type and the names of the
    passed fields, and None for a call whose fields are not all written out. `guarded` are
    the features that the file asks about with `supports`, and `accepted` the fields whose
    loss it accepts.
    """

    uses: Sequence[Use]
    built: Sequence[tuple[int, str, frozenset[str] | None]]
    guarded: frozenset[str]
    accepted: frozenset[str]


_FEATURES = frozenset(feature.value for feature in Feature)
_RESOURCES = frozenset(name.partition(".")[0] for name in _FEATURES)
_RELATED = {
    "kyc.wait": "kyc.get",
    "webhooks.verify_all": "webhooks.verify",
    "customers.resolve": "customers.list",
    "account_numbers.resolve": "account_numbers.list",
    "credit_applications.resolve": "credit_applications.list",
    "webhook_subscriptions.resolve": "webhook_subscriptions.list",
    "customer_addresses.resolve": "customer_addresses.list",
}
"""The methods that call the operation of another one."""
_RAW_KEYWORDS = ("extra_body", "extra_headers", "native_kind")
_RAW_ATTRIBUTES = ("raw", "native_status", "native_kind")
_ADAPTER = re.compile(r"anybank_(\w+)")
"""The package of an adapter, which has the class of its vendor's extras."""


def uses_of(source: bytes, kinds: frozenset[str]) -> SourceUses:
    """Return what a file uses; *kinds* are the names of the values that have rules.

    Raises SyntaxError, ValueError or RecursionError for a file that does not parse.
    """
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    reader = _Reader(kinds, any(map(_imports_anybank, nodes)))
    for node in nodes:
        reader.read_bank(node)
    for node in nodes:
        reader.read_assignment(node)
    for node in nodes:
        reader.read(node)
    guarded = frozenset(reader.guarded)
    uses = {use for use in reader.uses if use.line not in reader.guard_lines}
    return SourceUses(
        tuple(sorted(uses)), tuple(reader.built), guarded, frozenset(reader.accepted)
    )


def _imports_anybank(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0].startswith("anybank")
    if isinstance(node, ast.Import):
        return any(it.name.split(".")[0].startswith("anybank") for it in node.names)
    return False


@define
class _Reader:
    """Collects the uses of one file."""

    kinds: frozenset[str]
    is_ours: bool
    uses: list[Use] = field(factory=list)
    built: list[tuple[int, str, frozenset[str] | None]] = field(factory=list)
    guarded: set[str] = field(factory=set)
    guard_lines: set[int] = field(factory=set)
    accepted: set[str] = field(factory=set)
    banks: set[str] = field(factory=set)
    """The names that stand for a bank besides those that contain the word."""
    resources: dict[str, str] = field(factory=dict)
    """The names that stand for a resource: `customers = bank.customers`."""
    texts: dict[str, frozenset[str]] = field(factory=dict)
    """The names that stand for a collection of texts."""

    def read_bank(self, node: ast.AST) -> None:
        """Remember the names that are annotated or assigned as a bank."""
        if isinstance(node, ast.arg) and _names_bank(node.annotation):
            self.banks.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and _names_bank(node.annotation):
            self.banks.add(_last_name(node.target))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if _names_bank(node.returns):
                self.banks.add(node.name)
        elif isinstance(node, ast.Assign) and _is_new_bank(node.value):
            self.banks |= set(map(_last_name, node.targets))
        elif isinstance(node, ast.withitem) and _is_new_bank(node.context_expr):
            self.banks.add(_last_name(node.optional_vars or node.context_expr))

    def read_assignment(self, node: ast.AST) -> None:
        """Remember the names of resources and of collections of texts."""
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            return
        target, value = node.targets[0], node.value
        if not isinstance(target, ast.Name):
            return
        if isinstance(value, ast.Attribute) and value.attr in _RESOURCES:
            if self._is_bank(value.value):
                self.resources[target.id] = value.attr
        elif texts := _texts(value):
            self.texts[target.id] = texts

    def read(self, node: ast.AST) -> None:
        """Collect what one node uses."""
        if isinstance(node, ast.Attribute):
            self._attribute(node)
        elif isinstance(node, ast.Constant):
            self._constant(node)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.ImportFrom):
            self._extras_import(node)

    def _add(self, node: ast.AST, kind: UseKind, name: str) -> None:
        self.uses.append(Use(getattr(node, "lineno", 0), kind, name))

    def _extras_import(self, node: ast.ImportFrom) -> None:
        match = _ADAPTER.match(node.module or "")
        if match and any(it.name.endswith("Extras") for it in node.names):
            self._add(node, UseKind.EXTRAS, match[1])

    def _attribute(self, node: ast.Attribute) -> None:
        resource = self._resource(node.value)
        operation = f"{resource}.{node.attr}"
        operation = _RELATED.get(operation, operation)
        if operation in _FEATURES:
            self._add(node, UseKind.FEATURE, operation)
        elif self.is_ours and node.attr in _RAW_ATTRIBUTES:
            self._add(node, UseKind.RAW, node.attr)

    def _resource(self, node: ast.expr) -> str | None:
        """Return the resource that an expression stands for, or None."""
        if isinstance(node, ast.Name):
            if node.id == "webhooks" and self.is_ours:
                return node.id
            return self.resources.get(node.id)
        if isinstance(node, ast.Attribute) and node.attr in _RESOURCES:
            return node.attr if self._is_bank(node.value) else None
        return None

    def _is_bank(self, node: ast.expr) -> bool:
        names = _chain(node)
        return any("bank" in name.lower() or name in self.banks for name in names)

    def _constant(self, node: ast.Constant) -> None:
        # The names that an app passes to `capabilities.require`.
        if self.is_ours and isinstance(node.value, str) and node.value in _FEATURES:
            self._add(node, UseKind.FEATURE, node.value)

    def _call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        if name == "supports":
            self._guard(node)
        if name == "request" and self._is_bank(node.func):
            self._add(node, UseKind.RAW, "request")
        if name in self.kinds and self.is_ours:
            self._build(node, name)
        for keyword in node.keywords if self.is_ours else ():
            self._keyword(keyword)

    def _guard(self, node: ast.Call) -> None:
        for argument in node.args:
            if isinstance(argument, ast.Constant) and argument.value in _FEATURES:
                self.guarded.add(str(argument.value))
                self.guard_lines.add(argument.lineno)

    def _build(self, node: ast.Call, kind: str) -> None:
        names = {keyword.arg for keyword in node.keywords}
        is_complete = None not in names and not node.args
        passed = frozenset(name for name in names if name)
        for keyword in node.keywords:
            is_empty = isinstance(keyword.value, ast.Constant) and (
                keyword.value.value is None
            )
            if keyword.arg and not is_empty:
                self._add(keyword.value, UseKind.FIELD, f"{kind}.{keyword.arg}")
        self.built.append((node.lineno, kind, passed if is_complete else None))

    def _keyword(self, keyword: ast.keyword) -> None:
        value = keyword.value
        if keyword.arg in _RAW_KEYWORDS:
            self._add(value, UseKind.RAW, keyword.arg)
        elif keyword.arg == "extras" and isinstance(value, ast.Dict):
            for provider in _constants(value.keys):
                self._add(value, UseKind.EXTRAS, provider)
        elif keyword.arg == "accept_loss":
            named = self.texts.get(_last_name(value), frozenset())
            self.accepted |= _texts(value) or named


def _texts(node: ast.expr) -> frozenset[str]:
    """Return the texts of a literal collection, or of one text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return frozenset({node.value})
    if isinstance(node, ast.Set | ast.Tuple | ast.List):
        return frozenset(_constants(node.elts))
    return frozenset()


def _constants(nodes: Sequence[ast.expr | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


_BANKS = frozenset({"Bank", "AsyncBank", "Router", "AsyncRouter"})


def _names_bank(annotation: ast.expr | None) -> bool:
    """Return whether an annotation names a class of banks, also within another type."""
    if annotation is None:
        return False
    words = (getattr(node, "value", "") for node in ast.walk(annotation))
    texts = (word for word in words if isinstance(word, str))
    quoted = {word for text in texts for word in re.findall(r"\w+", text)}
    names = {_last_name(node) for node in ast.walk(annotation)}
    return not _BANKS.isdisjoint(names | quoted)


def _is_new_bank(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func) in _BANKS


def _chain(node: ast.expr) -> list[str]:
    """Return the names of a chain of attributes and calls."""
    names: list[str] = []
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            node = node.func
    return [*names, _last_name(node)]
