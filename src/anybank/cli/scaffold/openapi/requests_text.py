"""The rules of a declaration as Python: those of the wire classes of requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from .matching import PropertyMatch
from .python_text import comment
from .rules_text import RulesText
from .wire_classes import WireClass


@frozen(kw_only=True)
class RequestText:
    """The entry of one of our types in the fields of a declaration."""

    kind: str
    wire: WireClass | None
    unmatched: Sequence[str] = ()

    def render(self) -> str:
        """Return the entry as Python."""
        rules = f"rules_of({self.wire.name})" if self.wire else "{}"
        lead = f"        {self.kind}: field_rules(PAGE, "
        flat = f"{lead}{rules}),"
        if not self.unmatched and len(flat) <= 88:
            return flat
        inner = [f"            {rules},"]
        if self.unmatched:
            words = " and ".join(self.unmatched)
            spread = [f"                **{rules},"] if self.wire else []
            inner = [
                comment(f"TODO: which member is {words}?", 12),
                "            {",
                *spread,
                *(f'                "{it}": optional(),' for it in self.unmatched),
                "            },",
            ]
        lines = [f"        {self.kind}: field_rules(", "            PAGE,", *inner]
        return "\n".join([*lines, "        ),"])


def request_texts(
    rules: Sequence[RulesText], wire: WireClass | None
) -> Iterator[RequestText]:
    """Yield the entries of a request, and of the addresses and phones inside it."""
    first, *others = rules
    yield RequestText(kind=first.kind, wire=wire, unmatched=first.unmatched)
    names = {"Address": "addresses", "Phone": "phones"}
    for each in others:
        prop = first.matches[names[each.kind]]
        item = _item(wire, prop)
        if item is not None:
            yield RequestText(kind=each.kind, wire=item)


def _item(wire: WireClass | None, prop: PropertyMatch) -> WireClass | None:
    for name in prop.path:
        member = wire.named(name) if wire else None
        wire = member.of if member else None
    return wire
