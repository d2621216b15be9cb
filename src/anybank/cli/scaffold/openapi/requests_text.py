"""What wire classes are written from: the decorators that declare it, as Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from .matching import PropertyMatch
from .python_text import call, comment
from .rules_text import RulesText
from .wire_classes import WireClass


@frozen(kw_only=True)
class RequestText:
    """A value of ours that a wire class is written from, as a decorator of the class.

    `unmatched` has the fields that a caller must pass, and that no member is. With
    `needs_address` the members of the one address are required.
    """

    kind: str
    unmatched: Sequence[str] = ()
    needs_address: bool = False

    def render(self) -> str:
        """Return the decorator as Python."""
        if self.needs_address:
            address = '{"addresses": required(items=(1, 1))}'
            return call("@writes", [self.kind, "PAGE", address])
        if not self.unmatched:
            return f"@writes({self.kind}, PAGE)"
        lines = [
            "@writes(",
            f"    {self.kind},",
            "    PAGE,",
            comment(f"TODO: which member is {' and '.join(self.unmatched)}?", 4),
            "    {",
            *(f'        "{it}": optional(),' for it in self.unmatched),
            "    },",
            ")",
        ]
        return "\n".join(lines)


def declare_requests(rules: Sequence[RulesText], wire: WireClass) -> None:
    """Decorate the class of a request, and those of the addresses and phones inside it."""
    flat = [it.matches["line1"] for it in rules if it.is_flat]
    for each, item in _pairs(rules, wire):
        text = RequestText(
            kind=each.kind,
            unmatched=each.unmatched,
            needs_address=each is rules[0] and any(it.required for it in flat),
        ).render()
        if text not in item.decorators:
            item.decorators.append(text)


def _pairs(
    rules: Sequence[RulesText], wire: WireClass
) -> Iterator[tuple[RulesText, WireClass]]:
    first, *others = rules
    yield first, wire
    names = {"Address": "addresses", "Phone": "phones"}
    for each in others:
        if each.is_flat:
            yield each, wire
            continue
        item = _item(wire, first.matches[names[each.kind]])
        if item is not None:
            yield each, item


def _item(wire: WireClass | None, prop: PropertyMatch) -> WireClass | None:
    for name in prop.path:
        member = wire.named(name) if wire else None
        wire = member.of if member else None
    return wire
