"""The wire classes of a document's schemas: what a vendor's JSON is read into."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import define, field

from ....errors import ConfigurationError
from .identifiers import attribute_name, class_name
from .neutral_text import NeutralText
from .python_text import call, optional_field, text
from .shapes import Part, Shape, Shapes

_MOST = 300
"""The number of classes; a whole document has thousands, which nobody would read."""
_FEW = 40
"""The classes that an author reads; of more, those without a field of ours are left out."""
_DEEPEST = 6
"""The classes inside each other; deeper objects are dictionaries."""
_MOST_LISTS = 4
_SCALARS = {"string": "str", "integer": "int", "number": "Decimal", "boolean": "bool"}
_TIMES = {"date": "dt.date", "date-time": "dt.datetime"}
_ANY_OBJECT = "dict[str, Any]"


@define(kw_only=True)
class WireField:
    """A field of a wire class.

    `native` is the vendor's name, and `name` the attribute. `of` is the wire class that
    the field has or lists. `is_part` says that the fields of its object belong to the value.
    """

    native: str
    name: str
    annotation: str
    required: bool = False
    shape: Shape
    of: WireClass | None = None
    neutral: NeutralText | None = None
    is_part: bool = False
    constant: str = ""
    """The word that the field has in each request."""

    @property
    def is_list(self) -> bool:
        """True for a list."""
        return self.annotation.startswith("list[")


@define(kw_only=True)
class WireClass:
    """A wire class: its name, the schema that it reads, and its fields.

    `kind` is the value of ours to which its fields belong, or empty. `is_read` is False for
    a class of request bodies only. `decorators` declare what it is written from.
    """

    name: str
    shape: Shape
    kind: str = ""
    is_read: bool = True
    decorators: list[str] = field(factory=list, repr=False)
    fields: list[WireField] = field(factory=list, repr=False)

    def named(self, native: str) -> WireField | None:
        """Return the field of a vendor's name."""
        return next((it for it in self.fields if it.native == native), None)

    def render(self) -> str:
        """Return the class as Python."""
        lines = [
            *self.decorators,
            "@frozen(kw_only=True)",
            f"class {self.name}:",
            f'    """The schema {_title(self.shape)}."""',
            "",
            # attrs requires nothing of the order of keyword-only fields: the id is first.
            *(
                _field_text(self, it)
                for it in sorted(self.fields, key=lambda it: not it.required)
            ),
        ]
        return "\n".join(lines if self.fields else lines[:-1])


def _title(shape: Shape) -> str:
    place = shape.pointer.partition("|")[0]
    safe = ascii(place).strip("'\"").replace("\\", "/").replace('"', "'")
    return safe if len(safe) <= 60 else f"...{safe[-57:]}"


def _field_text(owner: WireClass, it: WireField) -> str:
    """Return a field as Python, with the alternatives of a guess above it."""
    native = [f"native={text(it.native)}"] if it.name != it.native else []
    if it.required:
        is_plain = it.name == "id" and not native
        value = "" if is_plain else f" = {call('neutral_id', native)}"
        return f"    {it.name}: {it.annotation}{value}"
    kind = it.annotation if it.annotation == "Any" else f"{it.annotation} | None"
    if it.neutral is not None:
        head = f"    {it.name}: {kind} = "
        return it.neutral.render(head, native)
    if it.constant:
        value = call("constant", [text(it.constant), *native])
        return optional_field(it.name, kind, value)
    if owner.kind and not it.is_part and _would_belong(owner, it):
        return optional_field(it.name, kind, call("separate", native))
    value = call("native", [text(it.native)]) if native else "None"
    return optional_field(it.name, kind, value)


def _would_belong(owner: WireClass, it: WireField) -> bool:
    """Return whether fields with neutral names, or the class itself, are inside an object."""
    if it.of is None or it.is_list:
        return False
    reached: list[WireClass] = []
    pending = [it.of]
    while pending:
        inner = pending.pop()
        if inner is owner or inner in reached or inner.kind:
            return True
        reached.append(inner)
        pending += [each.of for each in inner.fields if each.of and not each.is_list]
    return False


def _reaches_ours(wire: WireClass) -> bool:
    """Return whether a class, or an object inside of it, has a field of ours."""
    reached, pending = [wire], [wire]
    while pending:
        fields = pending.pop().fields
        if any(it.neutral or it.constant for it in fields):
            return True
        inner = [it.of for it in fields if it.of and it.of not in reached]
        reached += inner
        pending += inner
    return False


@define
class WireClasses:
    """The wire classes of some schemas and of all that they contain, each once."""

    shapes: Shapes
    known: dict[str, WireClass] = field(factory=dict)
    _open: deque[tuple[WireClass, str, int]] = field(factory=deque)

    def add(self, part: Part, name: str, identifier: str = "id") -> WireClass | None:
        """Add the class of an object and what it contains; None for anything else.

        `identifier` is the property that must be present.
        """
        shape = self.shapes.at(part)
        if not _has_class(shape):
            return None
        created = self._class(shape, name, identifier, depth=1)
        self._complete()
        return created

    def _complete(self) -> None:
        # Breadth first: a class that is reached twice has its fields from the shorter way.
        while self._open:
            each, required, depth = self._open.popleft()
            each.fields.extend(self._fields(each, required, depth))

    def add_request(
        self, part: Part, name: str, paths: Collection[tuple[str, ...]]
    ) -> WireClass | None:
        """Add the class of a request body, with the members on some paths only.

        It is the class of a response where both have the same schema.
        """
        shape = self.shapes.at(part)
        if not _has_class(shape) or len(self.known) == _MOST:
            return None
        if shape.pointer in self.known:
            return self.known[shape.pointer]
        created = WireClass(name=self._name(shape, name), shape=shape, is_read=False)
        self.known[shape.pointer] = created
        for native, inner in shape.properties.items():
            below = [it[1:] for it in paths if it[0] == native]
            if below:
                self._add_member(created, native, inner, [it for it in below if it])
        return created

    def _add_member(
        self,
        owner: WireClass,
        native: str,
        part: Part,
        paths: Collection[tuple[str, ...]],
    ) -> None:
        inner = f"{owner.name.removeprefix('Wire')}_{native}"
        shape = self.shapes.at(part)
        of = self.add_request(part, inner, paths) if paths else None
        annotation = of.name if of else ""
        if of is None:
            annotation, of = self._annotation(shape, inner, _DEEPEST)
            self._complete()
        used = [it.name for it in owner.fields]
        owner.fields.append(
            WireField(
                native=native,
                name=attribute_name(native, used),
                annotation=annotation,
                shape=shape,
                of=of,
            )
        )

    def prune(self, roots: Sequence[WireClass]) -> None:
        """Drop the classes of inner objects in which no field of ours is, if there are many.

        `roots` are the records and the bodies of requests. One without any field of ours
        keeps the objects that it has: its author completes it from them.
        """
        if len(self.known) <= _FEW:
            return
        kept = {it.name for it in self if _reaches_ours(it) or not it.is_read}
        for root in roots:
            inner = () if root.name in kept else (it.of for it in root.fields)
            kept |= {root.name, *(it.name for it in inner if it)}
        for each in self:
            for it in each.fields:
                if it.of is not None and it.of.name not in kept:
                    it.annotation = it.annotation.replace(it.of.name, _ANY_OBJECT)
                    it.of = None
        self.known = {at: it for at, it in self.known.items() if it.name in kept}

    def __iter__(self) -> Iterator[WireClass]:
        return iter(self.known.values())

    @property
    def by_name(self) -> Mapping[str, WireClass]:
        """The classes by their names."""
        return {it.name: it for it in self.known.values()}

    def _class(
        self, shape: Shape, name: str, identifier: str, *, depth: int
    ) -> WireClass:
        if shape.pointer not in self.known:
            if len(self.known) == _MOST:
                raise ConfigurationError(
                    f"the operations need more than {_MOST} schemas: name the ones that "
                    "you start with, such as --operations createPerson,getPerson"
                )
            created = WireClass(name=self._name(shape, name), shape=shape)
            self.known[shape.pointer] = created
            self._open.append((created, identifier, depth))
        return self.known[shape.pointer]

    def _name(self, shape: Shape, name: str) -> str:
        used = {it.name for it in self.known.values()}
        return class_name(shape.name or name, used)

    def _fields(
        self, owner: WireClass, identifier: str, depth: int
    ) -> Iterator[WireField]:
        used: list[str] = []
        for native, part in owner.shape.properties.items():
            shape = self.shapes.at(part)
            name = attribute_name(native, used)
            used.append(name)
            inner = f"{owner.name.removeprefix('Wire')}_{native}"
            annotation, of = self._annotation(shape, inner, depth + 1)
            yield WireField(
                native=native,
                name=name,
                annotation=annotation,
                # Only the id: a record whose other fields misfit is still a record.
                required=native == identifier and annotation in ("str", "int"),
                shape=shape,
                of=of,
            )

    def _annotation(
        self, shape: Shape, name: str, depth: int, lists: int = 0
    ) -> tuple[str, WireClass | None]:
        if shape.kind == "array" and lists == _MOST_LISTS:
            return "Any", None  # a list of itself, for example
        if shape.kind == "array":
            items = (
                Shape(pointer="") if not shape.items else self.shapes.at(shape.items)
            )
            of, wire = self._annotation(items, name, depth, lists + 1)
            return f"list[{of}]", wire
        if shape.kind == "object":
            if not _has_class(shape) or depth > _DEEPEST:
                return _ANY_OBJECT, None
            wire = self._class(shape, name, "", depth=depth)
            return wire.name, wire
        if shape.kind == "string":
            return _TIMES.get(shape.format, "str"), None
        return _SCALARS.get(shape.kind, "Any"), None


def _has_class(shape: Shape) -> bool:
    return shape.kind == "object" and bool(shape.properties)


def render_classes(classes: Sequence[WireClass]) -> str:
    """Return classes as Python, in their order."""
    return "\n\n\n".join(it.render() for it in classes)
