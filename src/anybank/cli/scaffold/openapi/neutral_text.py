"""The neutral name of a wire field as Python, with its rule and how it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from attrs import frozen

from .identifiers import joined
from .python_text import call, comment, safe, text

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "approved": ("active",),
    "accepted": ("active",),
    "verified": ("active",),
    "enabled": ("active",),
    "unverified": ("pending",),
    "success": ("passed",),
    "failure": ("failed",),
    "rejected": ("denied", "canceled"),
    "declined": ("denied", "canceled"),
    "closed": ("archived",),
    "terminated": ("closed", "canceled"),
    "completed": ("posted",),
    "completion": ("posted",),
    "suspended": ("disabled", "frozen"),
    "blocked": ("frozen",),
    "restricted": ("frozen",),
    "inactive": ("disabled",),
    "canceled": ("closed",),
    "cancelled": ("closed", "canceled"),
    "voided": ("canceled",),
    "settled": ("posted",),
    "active": ("open",),
    "pendingreview": ("pending",),
    "pendingdocument": ("pending",),
    "pendingdocuments": ("pending",),
    "pendingresubmit": ("pending",),
    "mobilephone": ("mobile",),
    "residential": ("home",),
    "business": ("work",),
}


@frozen(kw_only=True)
class RuleText:
    """A rule as a call: `required`, `optional` or `read_only`, with its arguments."""

    builder: str
    arguments: tuple[str, ...] = ()


@frozen(kw_only=True)
class WordTable:
    """An enum of the document as a table from the vendor's words to our members."""

    enum: type[StrEnum]
    words: tuple[str, ...]

    def render(self) -> str:
        """Return the table as Python; a word without a member of that name is UNKNOWN."""
        members = {word: _member(self.enum, word) for word in self.words}
        kind, inner = self.enum.__name__, " " * 12
        lines = [
            f"{inner}{text(word)}: {kind}.{member},"
            for word, member in members.items()
            if member != "UNKNOWN"
        ]
        unknown = [word for word in self.words if members[word] == "UNKNOWN"]
        if unknown:
            lines.append(f"{inner}# TODO: which members are these?")
        lines += [f"{inner}{text(word)}: {kind}.UNKNOWN," for word in unknown]
        return "\n".join(["{", *lines, "        }"])


def _member(enum: type[StrEnum], word: str) -> str:
    names = {joined(it.name): it.name for it in enum}
    # `fee.charge` and `transfer.peer` are a fee and a transfer.
    parts = [joined(it) for it in word.split(".")]
    plain = joined(word)
    known = (plain, *_SYNONYMS.get(plain, ()), *(parts if len(parts) > 1 else ()))
    return next((names[word] for word in known if word in names), "UNKNOWN")


@frozen(kw_only=True)
class NeutralText:
    """The neutral name of a wire field.

    `others` are the paths of the members that it could be as well. `read` and `write` are
    expressions.
    """

    name: str
    others: tuple[str, ...] = ()
    rule: RuleText | None = None
    read: str = ""
    words: WordTable | None = None
    write: str = ""
    question: str = ""
    """What the document does not say about the member."""

    def render(self, head: str, native: Sequence[str]) -> str:
        """Return a field as Python; *head* is its name and type."""
        value = call("neutral", list(self._arguments(native)), 4, len(head))
        notes = []
        if self.others:
            notes.append(comment(f"TODO: or {safe(', '.join(self.others))}", 4))
        if self.question:
            notes.append(comment(f"TODO: {self.question}", 4))
        return "\n".join([*notes, f"{head}{value}"])

    def _arguments(self, native: Sequence[str]) -> Iterator[str]:
        yield text(self.name)
        if self.rule is not None:
            yield call(self.rule.builder, self.rule.arguments, 8, 8)
        if self.words is not None:
            yield f"read={self.words.render()}"
        elif self.read:
            yield f"read={self.read}"
        if self.write:
            yield f"write={self.write}"
        yield from native
