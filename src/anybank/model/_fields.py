"""Helpers that declare the fields of values: checks, masking, samples and spellings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, ParamSpec, TypeVar

import attrs

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import MASK
from .samples import Sample, word
from .spellings import BOOLEAN, DATE, TEXT, Spelling
from .unset import UNSET

P = ParamSpec("P")
T = TypeVar("T")
Check = Callable[[Any], str | None]
"""A check of a value: returns the rule that the value breaks, or None."""

SetSlot = Callable[[Any, Any], None]
"""Sets a field of a value, although its class is frozen."""

_Slot = tuple[str, SetSlot, Any]
"""The name of a field, how to set it, and its default or the factory of its default."""

CHECK = "anybank.check"
PERSONAL = "anybank.personal"
NEVER_NULL = "anybank.never_null"
"""Marks an optional field that may be absent but must not be None."""
SAMPLE = "anybank.sample"
"""The sample of a field's values, for the conformance kit."""
SPELLING = "anybank.spelling"
"""The spelling of a field's values in a user's file; a field without it is not supplied."""

_FACTORY: Any = attrs.Factory  # a class, which its stubs call a function
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""Control, zero-width and direction characters, and unpaired surrogates."""
_VISIBLE = "without invisible characters (controls, zero-width or direction marks)"
# The form only: the vendor decides whether an address is valid in every detail. The
# specials of RFC 5322, section 3.2.3, are refused: they come from a pasted display name,
# a list or a `mailto:`, and the vendor would store them.
_LOCAL = r"""(?:"[^"@\s]+"|[^"@\s<>(),;:\\\[\]]+)"""
_EMAIL = re.compile(_LOCAL + r"@[^@\s.<>(),;:\\]+(?:\.[^@\s.<>(),;:\\]+)+")


def masked(value: object) -> str:
    """Return a repr that shows only whether a personal field has a value.

    That a field is absent is shown, because people who look for a missing value need it.
    """
    return repr(value) if value is None or value is UNSET or value == () else MASK


def personal(
    check: Check | None = None,
    default: Any = None,
    *,
    sample: Sample | None = None,
    spelling: Spelling | None = None,
) -> Any:
    """Declare a field that is masked in repr and known to the scrubber."""
    metadata = personal_metadata(check, sample=sample, spelling=spelling)
    return attrs.field(default=default, repr=masked, metadata=metadata)


def plain(
    check: Check | None = None,
    default: Any = None,
    *,
    sample: Sample | None = None,
    spelling: Spelling | None = None,
) -> Any:
    """Declare a field that may be shown."""
    metadata = field_metadata(check, sample=sample, spelling=spelling)
    return attrs.field(default=default, metadata=metadata)


def masks_itself(default: Any = None) -> Any:
    """Declare a personal field whose value masks itself in repr, such as an Ssn."""
    return attrs.field(default=default, metadata=personal_metadata(None))


def assigned(check: Check) -> Any:
    """Declare a field that only the vendor assigns, so that no file of a user has it."""
    return attrs.field(default=None, metadata={CHECK: check})


def personal_metadata(
    check: Check | None,
    *,
    sample: Sample | None = None,
    spelling: Spelling | None = None,
) -> dict[str, Any]:
    """Return the metadata of a personal field that needs an `attrs.field` of its own."""
    return {**field_metadata(check, sample=sample, spelling=spelling), PERSONAL: True}


def field_metadata(
    check: Check | None,
    *,
    sample: Sample | None = None,
    spelling: Spelling | None = None,
) -> dict[str, Any]:
    """Return the metadata of a field; its check implies a spelling where it has none."""
    usual = _SPELLINGS.get(check) if check else None
    return {CHECK: check, SAMPLE: sample, SPELLING: spelling or usual}


def sample_of(field: Any) -> Sample | None:
    """Return the sample of an attrs field: its own or, for a personal text, its name."""
    sample: Sample | None = field.metadata.get(SAMPLE)
    if sample is None and is_text(field) and is_personal(field):
        return word(f"Xq{field.name.replace('_', '')}")
    return sample


def is_text(field: Any) -> bool:
    """Return True for an attrs field that holds any text."""
    return field.metadata.get(CHECK) is text


def spelling_of(field: Any) -> Spelling | None:
    """Return the spelling of an attrs field in a user's file, or None."""
    spelling: Spelling | None = field.metadata.get(SPELLING)
    return spelling


def is_personal(field: Any) -> bool:
    """Return True for an attrs field that is personal."""
    return PERSONAL in field.metadata


def never_null(check: Check) -> dict[str, Any]:
    """Return the metadata of a field that may be left out, and may not be None."""
    return {CHECK: check, NEVER_NULL: True}


def provider_extras() -> Any:
    """Declare the extras of a value: what one provider alone has, by the provider's name."""
    metadata = never_null(by_provider)
    return attrs.field(factory=dict, repr=False, hash=False, metadata=metadata)


def hidden(default: Any = None) -> Any:
    """Declare a field that is neither shown nor compared, such as the vendor's record.

    Two readings of one record may differ in members that the library does not know.
    """
    return attrs.field(default=default, repr=False, eq=False)


def validate(value: Any) -> None:
    """Turn the lists of a new value into tuples, and check its fields.

    Raises InvalidInput with an issue for every ill-formed field.
    """
    kind: Any = type(value)
    for name, *_ in _checked(kind):
        if isinstance(member := getattr(value, name), list):
            object.__setattr__(value, name, tuple(member))  # the class is frozen
    if issues := list(issues_of(value)):
        raise InvalidInput(issues)


def issues_of(value: Any, path: str = "") -> Iterator[Issue]:
    """Yield an issue for each rule that a value or one of its parts breaks."""
    kind: Any = type(value)
    for name, default, check, is_nullable in _checked(kind):
        member = getattr(value, name)
        if _left_out(default, member) and (is_nullable or member is not None):
            continue
        if check and (rule := check(member)):
            yield _issue(path + name, rule)
        elif isinstance(member, tuple):
            yield from _issues_of_items(member, path + name)


# Reading the metadata of all fields for each value would take longer than the checks.
@cache
def _checked(cls: Any) -> Sequence[tuple[str, Any, Check | None, bool]]:
    """Return name, default and check of each field, and whether it may be None."""
    return [
        (
            field.name,
            field.default,
            field.metadata.get(CHECK),
            NEVER_NULL not in field.metadata,
        )
        for field in attrs.fields(cls)
    ]


def _left_out(default: object, member: object) -> bool:
    """Return whether an optional field has no value. UNSET occurs in changes only."""
    if member is None:
        return default is not attrs.NOTHING
    return member is UNSET and default is UNSET


def _issues_of_items(items: Iterable[Any], name: str) -> Iterator[Issue]:
    for index, item in enumerate(items):
        if attrs.has(type(item)):
            yield from issues_of(item, f"{name}[{index}].")


def _issue(name: str, rule: str) -> Issue:
    return Issue(name, Effect.BLOCKED, rule, "anybank", f"must be {rule}")


def text(value: object) -> str | None:
    """Check for a string that is not blank."""
    if not isinstance(value, str) or not value.strip():
        return "a string that is not blank"
    return f"a string {_VISIBLE}" if _INVISIBLE.search(value) else None


def boolean(value: object) -> str | None:
    """Check for True or False."""
    return None if isinstance(value, bool) else "True or False"


def by_provider(value: object) -> str | None:
    """Check for a mapping whose keys are provider names."""
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return None
    return "a mapping from a provider's name to its extras"


def calendar_date(value: object) -> str | None:
    """Check for a date that is not a datetime."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return None
    return "a datetime.date"


def instance_of(kind: type) -> Check:
    """Check for an instance of one type."""
    rule = f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"
    return lambda value: None if isinstance(value, kind) else rule


def sequence_of(check: Check) -> Check:
    """Check each item of a sequence."""

    def check_items(value: object) -> str | None:
        if not isinstance(value, tuple):
            return "a list or a tuple"
        broken = next(filter(None, map(check, value)), None)
        return broken and f"a list in which each is {broken}"

    return check_items


def email(value: object) -> str | None:
    """Check for the form of an e-mail address."""
    if isinstance(value, str) and _INVISIBLE.search(value):
        return f"an e-mail address {_VISIBLE}"
    is_email = isinstance(value, str) and _EMAIL.fullmatch(value)
    return None if is_email else "an e-mail address"


def unchecked(cls: Any, fields: Mapping[str, Any]) -> Any:
    """Build a value as a vendor returned it, without validation."""
    # Without the constructor, which would reject a vendor's record for one odd field.
    # The class is frozen, so its slots are set directly.
    value = object.__new__(cls)
    names, constants, factories = _slots(cls)
    if not names >= fields.keys():
        raise TypeError(f"{cls.__name__} lacks one of the fields")
    member_of = fields.get
    for name, set_slot, default in constants:
        set_slot(value, member_of(name, default))
    for name, set_slot, create in factories:
        set_slot(value, fields[name] if name in fields else create())
    return value


def unvalidated(kind: Callable[P, T], /, *_: P.args, **fields: P.kwargs) -> T:
    """Build a value from the members that a vendor returned, without validation.

    The keywords are those of the value's constructor.
    """
    value: T = unchecked(kind, fields)
    return value


@cache
def _slots(cls: Any) -> tuple[frozenset[str], Sequence[_Slot], Sequence[_Slot]]:
    """Return the names of the fields, and how to set each: with a default or a factory."""
    slots, created = slots_of(cls), factories_of(cls)
    factories = [(name, slots[name], create) for name, create in created.items()]
    constants = [
        (field.name, slots[field.name], field.default)
        for field in attrs.fields(cls)
        if field.name not in created
    ]
    return frozenset(slots), constants, factories


@cache
def slots_of(cls: Any) -> Mapping[str, SetSlot]:
    """Return how to set each field of a value class."""
    return {field.name: getattr(cls, field.name).__set__ for field in attrs.fields(cls)}


@cache
def factories_of(cls: Any) -> Mapping[str, Callable[[], Any]]:
    """Return the functions that create the defaults of a value class."""
    return {
        field.name: field.default.factory
        for field in attrs.fields(cls)
        if isinstance(field.default, _FACTORY)
    }


_SPELLINGS: Mapping[Check, Spelling] = {
    text: TEXT,
    calendar_date: DATE,
    boolean: BOOLEAN,
}
"""The spelling that a check implies."""
