"""The entities: made, told, listed, changed, archived, and validated (§6-§8)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json, json_of
from anybank.sensitive import Sensitive

from .pages import page
from .problems import Refused, invalid
from .switches import IncreaseSwitches
from .validation import CREATE, SIMULATE, STRUCTURES, UPDATE, Complaint, Shape

_LONGEST_KEY = 200
_MAILBOX = re.compile(r"\bp\.?\s*o\.?\s*box\b|\bpmb\b", re.IGNORECASE)
_DETAILS = {
    "entity_tax_identifier": {},
    "entity_address": {"reason": "mailbox_address"},
    "beneficial_owner_identity": {"beneficial_owner_id": "entity_beneficial_owner_0"},
    "beneficial_owner_address": {
        "beneficial_owner_id": "entity_beneficial_owner_0",
        "reason": "mailbox_address",
    },
}
"""What an issue tells beyond its category, under the category's name."""
_KEPT = ("details_confirmed_at", "risk_rating", "third_party_verification")


@define(repr=False)
class Entity:
    """What is kept of an entity; of a person's number the end alone is ever told."""

    id: str
    told: dict[str, Any]
    number: Sensitive | None = None
    open_accounts: int = 0


@define(repr=False, eq=False)
class Entities:
    """The entities of one Increase, the oldest first."""

    random_id: Callable[[], str]
    clock: Callable[[], datetime]
    switches: IncreaseSwitches
    emit: Callable[[str, dict[str, Any]], None]
    by_id: dict[str, Entity] = field(factory=dict)
    keys: dict[str, tuple[Sensitive, str]] = field(factory=dict)
    """Each idempotency key with what was asked and the entity that it made."""

    def create(self, request: Request) -> Response:
        """Answer `POST /entities`; a key that is known answers with its entity (§7)."""
        body = _object(request)
        key = _key(request)
        asked = Sensitive(json.dumps(body, sort_keys=True))
        if key in self.keys:
            return self._replayed(key, asked)
        _require(self._complaints(CREATE, body, creating=True))
        made = self.add(body, key=key)
        if key:
            self.keys[key] = (asked, made.id)
        return answer_json(200, made.told)

    def _replayed(self, key: str, asked: Sensitive) -> Response:
        known, entity_id = self.keys[key]
        if known != asked:
            kind = "idempotency_key_already_used_error"
            raise Refused(kind, resource_id=entity_id)
        told = self.by_id[entity_id].told
        return answer_json(200, told, **{"idempotent-replayed": "true"})

    def _complaints(
        self, shape: Shape, body: dict[str, Any], *, creating: bool = False
    ) -> Iterator[Complaint]:
        yield from shape("", body)
        person = body.get("natural_person")
        if creating and body.get("structure") == "natural_person" and not person:
            yield "natural_person", "is required"
        if isinstance(person, dict):
            yield from self._of_address(person.get("address"))

    def _of_address(self, address: Any) -> Iterator[Complaint]:
        if not isinstance(address, dict):
            return
        if address.get("country") in self.switches.state_and_zip_required_in:
            for name in ("state", "zip"):
                if not address.get(name):
                    yield f"natural_person.address.{name}", "is required in the country"

    def add(self, body: Mapping[str, Any], *, key: str | None = None) -> Entity:
        """Keep a new entity, whose body is not judged here."""
        if body["structure"] != "natural_person":
            said = "the simulator makes natural persons alone"
            raise Refused("private_feature_error", said)
        entity_id = self.random_id()
        person = dict(body["natural_person"])
        entity = Entity(entity_id, self._blank(entity_id, "natural_person"))
        entity.told |= {"description": body.get("description"), "idempotency_key": key}
        entity.told |= {name: body.get(name) for name in _KEPT}
        entity.told["terms_agreements"] = body.get("terms_agreements", [])
        documents = body.get("supplemental_documents", [])
        entity.told["supplemental_documents"] = [
            self._document(entity, each["file_id"]) for each in documents
        ]
        entity.told["natural_person"] = {"date_of_birth": person["date_of_birth"]}
        self._write(entity, person)
        self.by_id[entity_id] = entity
        self.emit("entity.created", entity.told)
        return entity

    def add_other(self, structure: str, details: Mapping[str, Any]) -> Entity:
        """Keep an entity that is no person, its details as they are to be told."""
        entity_id = self.random_id()
        entity = Entity(entity_id, self._blank(entity_id, structure))
        entity.told[structure] = dict(details)
        self.by_id[entity_id] = entity
        return entity

    def _blank(self, entity_id: str, structure: str) -> dict[str, Any]:
        return {
            **dict.fromkeys(STRUCTURES),
            **dict.fromkeys(_KEPT),
            "id": entity_id,
            "type": "entity",
            "structure": structure,
            "status": "active",
            "created_at": self.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creating_entity_onboarding_session_id": None,
            "description": None,
            "idempotency_key": None,
            "supplemental_documents": [],
            "terms_agreements": [],
            "validation": None,
        }

    def _document(self, entity: Entity, file_id: str) -> dict[str, Any]:
        return {
            "type": "entity_supplemental_document",
            "entity_id": entity.id,
            "file_id": file_id,
            "created_at": entity.told["created_at"],
            "idempotency_key": None,
        }

    def _write(self, entity: Entity, person: Mapping[str, Any]) -> None:
        """Keep what is given of a person, and begin its validation anew."""
        told = entity.told["natural_person"]
        if "name" in person:
            told["name"] = person["name"]
        if "address" in person:
            lacking = dict.fromkeys(("line2", "city", "state", "zip"))
            told["address"] = {**lacking, **person["address"]}
        if "identification" in person:
            given = person["identification"]
            entity.number = Sensitive(given["number"])
            last = given["number"][-4:]
            told["identification"] = {"method": given["method"], "number_last4": last}
        if self.switches.validates:
            entity.told["validation"] = self._validated(told["address"])

    def _rewrite(
        self, entity: Entity, structure: str, details: Mapping[str, Any]
    ) -> None:
        """Keep what is changed of an entity that is no person; of an id nothing is told."""
        told = {k: v for k, v in details.items() if k != "legal_identifier"}
        entity.told[structure] = {**entity.told[structure], **told}
        if self.switches.validates:
            address = entity.told[structure].get("address") or {}
            entity.told["validation"] = self._validated(address)

    def _validated(self, address: Mapping[str, Any]) -> dict[str, Any]:
        """Begin a validation; an address where mail is received fails it at once (§8)."""
        lines = (address.get("line1"), address.get("line2"))
        if any(_MAILBOX.search(line or "") for line in lines):
            return _validation(["entity_address"])
        return {"status": "pending", "issues": []}

    def get(self, request: Request, entity_id: str) -> Response:  # noqa: ARG002  # what a GET carries changes nothing
        """Answer `GET /entities/{id}`; an archived one is told like any other."""
        return answer_json(200, self.find(entity_id).told)

    def list(self, request: Request) -> Response:
        """Answer `GET /entities`, the newest first."""
        newest = [each.told for each in reversed(self.by_id.values())]
        return answer_json(200, page(newest, dict(request.query)))

    def update(self, request: Request, entity_id: str) -> Response:
        """Answer `PATCH /entities/{id}` with the whole entity."""
        entity = self.find(entity_id)
        body = _object(request)
        _require(self._complaints(UPDATE, body))
        _require_live(entity)
        structure = entity.told["structure"]
        wrong = [name for name in STRUCTURES if name in body and name != structure]
        _require((name, "is not what the entity is") for name in wrong)
        if "natural_person" in body:
            self._write(entity, body["natural_person"])
        elif structure in body:
            self._rewrite(entity, structure, body[structure])
        entity.told |= {name: body[name] for name in _KEPT if name in body}
        entity.told["terms_agreements"] += body.get("terms_agreements", [])
        self.emit("entity.updated", entity.told)
        return answer_json(200, entity.told)

    def archive(self, request: Request, entity_id: str) -> Response:  # noqa: ARG002  # it takes no body
        """Answer `POST /entities/{id}/archive`; its accounts must be closed (§6)."""
        entity = self.find(entity_id)
        if self.switches.archive_again == "refuse":
            _require_live(entity)
        if entity.open_accounts:
            said = "close the accounts of the entity first"
            raise Refused("invalid_operation_error", said)
        entity.told["status"] = "archived"
        self.emit("entity.updated", entity.told)
        return answer_json(200, entity.told)

    def simulate(self, request: Request, entity_id: str) -> Response:
        """Answer the simulation of a validation: without issues it is valid (§8)."""
        entity = self.find(entity_id)
        body = _object(request)
        _require(SIMULATE("", body))
        categories = [issue["category"] for issue in body["issues"]]
        entity.told["validation"] = _validation(categories)
        self.emit("entity.updated", entity.told)
        return answer_json(200, entity.told)

    def find(self, entity_id: str) -> Entity:
        """Return an entity, or refuse."""
        found = self.by_id.get(entity_id)
        if found is None:
            raise Refused("object_not_found_error")
        return found


def _validation(categories: list[str]) -> dict[str, Any]:
    issues = [
        {**dict.fromkeys(_DETAILS), "category": each, each: _DETAILS[each]}
        for each in categories
    ]
    return {"status": "invalid" if issues else "valid", "issues": issues}


def _object(request: Request) -> dict[str, Any]:
    body = json_of(request)
    if not isinstance(body, dict):
        raise Refused("malformed_request_error", "the body is not a JSON object")
    return body


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    text = str(key)
    if not 1 <= len(text) <= _LONGEST_KEY:
        _require([("Idempotency-Key", f"must have 1 to {_LONGEST_KEY} characters")])
    return text


def _require(complaints: Any) -> None:
    if found := list(complaints):
        raise invalid(found)


def _require_live(entity: Entity) -> None:
    if entity.told["status"] == "archived":
        raise Refused("invalid_operation_error", "the entity is archived")
