"""Readers, resources and request bodies as Python."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from .identifiers import constant_name, variable_name
from .python_text import call, comment, safe, signature, text
from .resources import DocumentedRecord
from .source import DocumentedOperation
from .wire_classes import WireClass, WireField

_UNSURE = {
    "Account": "balance and account_number",
    "Transaction": "amount and balance_after, with their sign and their unit",
    "AccountNumber": "account_id, number, routing_number and status",
    "ExternalAccount": "account_number, routing_number, kind and status",
    "WebhookSubscription": "enabled",
}
"""What no name tells: whether an amount is in cents, and which sign a debit has."""


@frozen(kw_only=True)
class RecordText:
    """How the records of a wire class are read, and the path below which they are.

    `path` is empty unless the operations are those of a Resource; `envelope` is the member
    that holds a record.
    """

    constant: str
    kind: str
    provider: str
    wire: WireClass
    identifier: WireField
    path: str = ""
    is_json_api: bool = False

    @property
    def reader(self) -> str:
        """The expression of the Reader."""
        return f"{self.constant}.reader" if self.path else self.constant

    @property
    def envelope(self) -> str:
        """The member of a response that holds a record of the Resource."""
        return "data" if self.is_json_api else ""

    def render(self) -> str:
        """Return the constant as Python, and the function that builds a value if it needs one."""
        unsure = _UNSURE.get(self.kind, "")
        notes = [comment(f"TODO: read {unsure}.")] if unsure else []
        function = self._function()
        builder = [self._builder] if function else []
        names = [self.wire.name, self.kind, *builder]
        lead = f"{self.constant} = "
        if self.path:
            name = "json_api.Resource" if self.is_json_api else "Resource"
            reader = call("Reader", names, 4, 4)
            value = call(name, [text(self.path), reader], 0, len(lead))
        else:
            value = call("Reader", names, 0, len(lead))
        return "\n".join([*function, *notes, f"{lead}{value}"])

    @property
    def _builder(self) -> str:
        number = self.constant.lower().removeprefix(f"{variable_name(self.kind)}s")
        return f"build_{variable_name(self.kind)}{number}"

    def _function(self) -> list[str]:
        computed = []
        if self.identifier.annotation == "int":
            computed.append(f"id=str(wire.{self.identifier.name})")
        if self.kind == "Customer":
            computed.append(f"provider={text(self.provider)}")
        if not computed:
            return []
        parameters = [f"wire: {self.wire.name}", "raw: Json"]
        words = " ".join(variable_name(self.kind).split("_"))
        arguments = [self.kind, "wire", "raw", *computed]
        return [
            signature(self._builder, parameters, self.kind),
            f'    """Return the {words} of a {self.wire.name}."""',
            f"    return {call('build', arguments, 4, len('    return '))}",
            "",
            "",
        ]


@frozen(kw_only=True)
class BodyText:
    """The function that returns a request body, from a value of ours."""

    function: str
    kind: str
    title: str
    wire: WireClass
    notes: Sequence[str]

    def render(self) -> str:
        """Return the function as Python."""
        return "\n".join(
            [
                signature(self.function, [f"new: {self.kind}"], "Json"),
                f'    """Return the body of {safe(self.title)}."""',
                *(comment(safe(it), 4) for it in self.notes),
                f"    return {call('write', [self.wire.name, 'new'], 4, 11)}",
            ]
        )


def record_of(
    kind: str,
    provider: str,
    wire: WireClass,
    identifier: WireField,
    *,
    uses: Sequence[tuple[DocumentedOperation, DocumentedRecord]],
    used: Sequence[str],
) -> RecordText:
    """Return how the records of a class are read. `used` are the constants so far."""
    base = constant_name(f"{variable_name(kind)}s")
    count = sum(it.rstrip("_0123456789") == base for it in used) + 1
    constant = f"{base}_{count}" if count > 1 else base
    path, is_json_api = _resource(wire, identifier, uses)
    return RecordText(
        constant=constant,
        kind=kind,
        provider=provider,
        wire=wire,
        identifier=identifier,
        path=path,
        is_json_api=is_json_api,
    )


def _resource(
    wire: WireClass,
    identifier: WireField,
    uses: Sequence[tuple[DocumentedOperation, DocumentedRecord]],
) -> tuple[str, bool]:
    """Return the path of a Resource and whether it is one of JSON:API, or an empty path."""
    is_usual = identifier.native == "id" and identifier.annotation == "str"
    single = [it for it in uses if not it[1].is_list]
    paths = [collection_of(operation.path) for operation, _ in single]
    path = next(filter(None, paths), "")
    envelopes = {resource.envelope for _, resource in single}
    has_attributes = {"type", "attributes"} <= wire.shape.properties.keys()
    if not is_usual or not path or len(envelopes) != 1:
        return "", False
    if envelopes == {"data"} and has_attributes:
        return path, True
    return (path, False) if envelopes == {""} else ("", False)


def collection_of(path: str) -> str:
    """Return the path of a collection, also for that of a record; nothing for another one."""
    outer, _, last = path.rpartition("/")
    collection = outer if last.startswith("{") and last.endswith("}") else path
    return "" if "{" in collection or not is_plain(collection) else collection


def is_plain(path: str) -> bool:
    """Return whether a path has usual characters only."""
    return path.startswith("/") and all(it.isalnum() or it in "/-_.~:" for it in path)
