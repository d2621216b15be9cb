"""Which properties of a schema are which of our fields: a guess from their names."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from attrs import frozen

from .identifiers import joined, words_of
from .shapes import Part, Shape, Shapes

_DEEPEST = 5
_OTHERS = frozenset(
    {
        *("business", "company", "corporation", "organization", "organisation"),
        *("joint", "trust", "partnership", "sole", "government", "authority"),
        *("beneficial", "owner", "owners", "officer", "contact", "agent", "spouse"),
        *("guardian", "attorney", "representative", "proprietorship", "third", "party"),
        "control",
        *(
            "guest",
            "support",
            "document",
            "documents",
            "relationships",
            "included",
            "merchant",
        ),
    }
)
"""Words of properties that are about somebody else than the person, or about no person."""


@frozen(kw_only=True)
class FieldNames:
    """One of our fields, and the names that vendors have for it.

    `kind` says how it is converted: text, texts, date, time, ssn, emails, phones, addresses
    or word, for a member of an enum.
    """

    kind: str
    names: tuple[str, ...]


@frozen(kw_only=True)
class PropertyMatch:
    """A property that may be one of our fields, with the path to it."""

    path: tuple[str, ...]
    shape: Shape
    required: bool
    others: tuple[str, ...] = ()

    @property
    def native(self) -> str:
        """The vendor's name."""
        return self.path[-1]

    @property
    def place(self) -> str:
        """The path as text."""
        return ".".join(self.path)


def _names(kind: str, *names: str) -> FieldNames:
    return FieldNames(kind=kind, names=names)


CUSTOMER: Mapping[str, FieldNames] = {
    "first_name": _names(
        "text", "firstname", "first", "givenname", "forename", "given"
    ),
    "middle_name": _names("text", "middlename", "middle"),
    "last_name": _names("text", "lastname", "last", "surname", "familyname", "family"),
    "preferred_name": _names("text", "preferredname", "nickname", "preferredfirstname"),
    "full_name": _names("text", "fullname", "legalname", "name"),
    "date_of_birth": _names("date", "dateofbirth", "birthdate", "dob", "born"),
    "ssn": _names(
        *("ssn", "ssn", "socialsecuritynumber", "ssnlast4", "ssnlastfour", "last4ssn"),
        *("taxidentificationnumber", "taxid", "idnumber", "nationalidentifier"),
        "governmentid",
    ),
    "emails": _names("emails", "email", "emails", "emailaddress", "emailaddresses"),
    "phones": _names(
        *("phones", "phone", "phones", "phonenumber", "phonenumbers", "mobile"),
        *("mobilephone", "mobilenumber"),
    ),
    "addresses": _names(
        *("addresses", "address", "addresses", "residentialaddress", "homeaddress"),
        *("physicaladdress", "legaladdress", "streetaddress"),
    ),
    "external_id": _names(
        *("text", "externalid", "clientreference", "referenceid", "foreignid"),
        *("externalreference", "reference", "clientcustomerid", "customerreference"),
    ),
    "status": _names("word", "status", "state", "accountstatus"),
    "created_at": _names(
        "time", "createdat", "createdon", "created", "createdtime", "creationtime"
    ),
}
ADDRESS: Mapping[str, FieldNames] = {
    "id": _names("text", "id"),
    "kind": _names("word", "type", "kind", "addresstype"),
    "line1": _names(
        *("text", "line1", "addressline1", "street", "street1", "streetaddress"),
        *("streetline1", "address1", "streetname"),
    ),
    "line2": _names(
        *("text", "line2", "addressline2", "street2", "streetline2", "address2"),
        *("unit", "apartment"),
    ),
    "city": _names("text", "city", "locality", "town"),
    "state": _names("text", "state", "stateorprovince", "province", "region"),
    "postal_code": _names("text", "postalcode", "zip", "zipcode", "postcode"),
    "country": _names("text", "country", "countrycode"),
}
PHONE: Mapping[str, FieldNames] = {
    "number": _names("text", "number", "phonenumber", "phone"),
    "kind": _names("word", "type", "kind", "phonetype"),
}
ACCOUNT: Mapping[str, FieldNames] = {
    "customer_ids": _names(
        *("texts", "customerid", "customerids", "entityid", "personid", "ownerid"),
        *("accountholderid", "businesspersonid", "legalentityid"),
    ),
    "kind": _names("word", "kind", "accounttype", "type"),
    "status": _names("word", "status", "accountstatus", "state"),
    "name": _names("text", "name", "nickname", "displayname", "description"),
    "currency": _names("text", "currency", "currencycode", "defaultcurrencycode"),
    "program_id": _names("text", "programid", "productid", "depositproduct"),
    "routing_number": _names("text", "routingnumber"),
    "opened_at": _names("time", "openedat", "createdat", "created", "createdon"),
    "closed_at": _names("time", "closedat"),
}
TRANSACTION: Mapping[str, FieldNames] = {
    "account_id": _names("text", "accountid", "account", "balanceaccountid"),
    "currency": _names("text", "currency", "currencycode"),
    "kind": _names("word", "type", "category", "kind"),
    "status": _names("word", "status", "state"),
    "occurred_at": _names("time", "createdat", "created", "createdon", "occurredat"),
    "posted_at": _names("time", "postedat", "bookedat", "settledat"),
    "counterparty": _names("text", "counterpartyname", "merchantname"),
    "description": _names("text", "description", "summary", "memo"),
}
SUBSCRIPTION: Mapping[str, FieldNames] = {
    "url": _names("text", "url", "targeturl", "endpoint", "callbackurl"),
    "events": _names("texts", "events", "eventtypes", "enabledevents"),
    "description": _names("text", "description", "label", "name"),
    "secret": _names("text", "secret", "sharedsecret", "token"),
    "created_at": _names("time", "createdat", "created", "createdon"),
}
_KINDS: Mapping[str, tuple[str, ...]] = {
    "texts": ("string", "array"),
    "emails": ("string", "array", "object"),
    "phones": ("string", "array", "object"),
    "addresses": ("array", "object"),
}


def match(
    shapes: Shapes, part: Part, names: Mapping[str, FieldNames]
) -> dict[str, PropertyMatch]:
    """Return the property that is each of our fields, as far as the names tell.

    A property near the top is preferred, then one whose name comes first in our list.
    """
    candidates: dict[str, list[tuple[tuple[int, int, int], PropertyMatch]]] = {}
    for at, candidate in enumerate(_walk(shapes, part)):
        native = joined(candidate.native)
        for name, known in names.items():
            allowed = _KINDS.get(known.kind, ("string",))
            if native in known.names and candidate.shape.kind in allowed:
                order = (len(candidate.path), known.names.index(native), at)
                candidates.setdefault(name, []).append((order, candidate))
    return dict(_distinct(names, candidates))


def flat_address(
    shapes: Shapes, part: Part, matches: Mapping[str, PropertyMatch]
) -> dict[str, PropertyMatch]:
    """Return the members of a person that are an address, where no object is one.

    A street and a city side by side are an address: `state` beside them is no status.
    """
    parts = {it: known for it, known in ADDRESS.items() if it not in ("id", "kind")}
    found = {} if "addresses" in matches else match(shapes, part, parts)
    if not {"line1", "city"} <= found.keys():
        return {}
    outer = found["line1"].path[:-1]
    beside = {name: it for name, it in found.items() if it.path[:-1] == outer}
    return beside if "city" in beside else {}


def without(
    matches: Mapping[str, PropertyMatch], others: Mapping[str, PropertyMatch]
) -> dict[str, PropertyMatch]:
    """Return the matches of properties that are none of the others."""
    paths = {it.path for it in others.values()}
    return {name: it for name, it in matches.items() if it.path not in paths}


def _distinct(
    names: Mapping[str, FieldNames],
    candidates: Mapping[str, list[tuple[tuple[int, int, int], PropertyMatch]]],
) -> Iterator[tuple[str, PropertyMatch]]:
    """Yield the best match of each field; a property is one field only."""
    taken: set[tuple[str, ...]] = set()
    for name in names:
        matches = [
            it for _, it in sorted(candidates.get(name, ()), key=lambda it: it[0])
        ]
        free = [it for it in matches if it.path not in taken]
        is_whole = name == "full_name" and "first_name" in candidates
        if not free or is_whole:
            continue
        taken.add(free[0].path)
        others = tuple(it.place for it in free[1:4])
        yield (
            name,
            PropertyMatch(
                path=free[0].path,
                shape=free[0].shape,
                required=free[0].required,
                others=others,
            ),
        )


def _walk(shapes: Shapes, part: Part) -> Iterator[PropertyMatch]:
    """Yield each property of a schema and of the objects inside it, the outer ones first."""
    queue: deque[tuple[tuple[str, ...], Shape, frozenset[str]]]
    queue = deque([((), shapes.at(part), frozenset())])
    while queue:
        path, owner, outer = queue.popleft()
        if owner.pointer in outer or len(path) == _DEEPEST:
            continue
        for name, inner in owner.properties.items():
            is_id = joined(name) in CUSTOMER["ssn"].names
            if _OTHERS & set(words_of(name)) and not is_id:
                continue
            shape = shapes.at(inner)
            here = (*path, name)
            yield PropertyMatch(path=here, shape=shape, required=name in owner.required)
            if shape.kind == "object":
                queue.append((here, shape, outer | {owner.pointer}))


def missing(
    shapes: Shapes, part: Part, matches: Mapping[str, PropertyMatch]
) -> Iterator[tuple[str, str]]:
    """Yield the place and the type of each required property that is none of our fields."""
    used = {it.path for it in matches.values()}
    above = {path[:end] for path in used for end in range(len(path))}
    for candidate in _walk(shapes, part):
        is_reached = candidate.path[:-1] in above or len(candidate.path) == 1
        if (
            candidate.required
            and is_reached
            and candidate.path not in used | above
            and not any(candidate.path[:end] in used for end in range(9))
        ):
            yield candidate.place, candidate.shape.kind


def constants_of(
    shapes: Shapes, part: Part, matches: Mapping[str, PropertyMatch]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path and the word of each required member that can only have one word."""
    above = {it.path[:end] for it in matches.values() for end in range(len(it.path))}

    def walk(
        owner: Shape, path: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        for name, inner in owner.properties.items():
            shape, here = shapes.at(inner), (*path, name)
            if name in owner.required and len(shape.enum) == 1:
                yield here, shape.enum[0]
            if here in above and len(here) < _DEEPEST:
                yield from walk(shape, here)

    yield from walk(shapes.at(part), ())
