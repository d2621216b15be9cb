"""The columns of a supplement for fields that only the target has: `extras.occupation`.

The target's class of extras for a new customer decides which columns exist. A column has the
shape of its field; the class itself checks the content, once for each customer.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin

import attrs

from ...declaration.diff import EXTRA
from ...declaration.vocabulary import Capabilities
from ...errors import InvalidInput
from ...model.customers import NewCustomer
from ...model.serialization import from_dict
from ...model.spellings import BOOLEAN, TEXT, Spelling, read_text
from ...sensitive import Sensitive


def extras_columns(target: Capabilities) -> Mapping[str, Spelling]:
    """Return the columns for the extras of a new customer at a target, with their spellings."""
    kind: Any = target.extras.get(NewCustomer)
    fields = () if kind is None else attrs.fields(attrs.resolve_types(kind))
    return {EXTRA + field.name: _spelling(field.type) for field in fields}


def supplied_extras(
    target: Capabilities, columns: Mapping[str, Any]
) -> Mapping[str, object]:
    """Return the extras that the columns of a row provide, by the target's name.

    Raises InvalidInput, which names the column, for what the target's class refuses.
    """
    values = {
        name.removeprefix(EXTRA): _plain(value) for name, value in columns.items()
    }
    try:
        return {target.provider: from_dict(target.extras[NewCustomer], values)}
    except InvalidInput as error:
        issues = error.issues
    raise InvalidInput(
        attrs.evolve(issue, field=EXTRA + issue.field) for issue in issues
    )


def _spelling(annotation: Any) -> Spelling:
    kinds = get_args(annotation) if get_origin(annotation) in _UNIONS else (annotation,)
    kind: Any = next(kind for kind in kinds if kind is not types.NoneType)
    origin = get_origin(kind) or kind
    if not isinstance(origin, type):  # Literal, whose words the class checks
        return TEXT
    matches = (spelling for of, spelling in _SPELLINGS if issubclass(origin, of))
    return _OBJECT if attrs.has(origin) else next(matches, TEXT)


def _structured(kind: Any, words: str) -> Spelling:
    def read(value: object) -> object:
        if isinstance(value, kind):
            return value
        raise TypeError

    how = "use JSON Lines, a function or a command, as a cell of CSV cannot hold one"
    return Spelling(read, f"{words} ({how})")


def _number(value: object) -> object:
    return float(value) if isinstance(value, str) else value


def _whole_number(value: object) -> object:
    return int(value) if isinstance(value, str) else value


def _plain(value: object) -> object:
    return value.reveal() if isinstance(value, Sensitive) else value


_UNIONS = (Union, types.UnionType)
_OBJECT = _structured(Mapping, "an object")
_SPELLINGS: Sequence[tuple[type, Spelling]] = (
    (bool, BOOLEAN),
    (int, Spelling(_whole_number, "a whole number")),
    (float, Spelling(_number, "a number")),
    (Sensitive, Spelling(lambda text: Sensitive(read_text(text)), TEXT.description)),
    (str, TEXT),
    (Mapping, _OBJECT),
    (Sequence, _structured((list, tuple), "a list")),
)
"""The spelling of each type; the first matching type counts, and others are texts."""
