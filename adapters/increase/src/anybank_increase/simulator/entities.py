"""Entities: create, read, list, update, archive and validate."""

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
# https://increase.com/documentation/entity-validation: an address that only receives
# mail makes a validation fail.
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
"""The details of an issue, under the name of its category."""
# Members of an entity that are stored and returned as they were sent.
_PLAIN = ("details_confirmed_at", "risk_rating", "third_party_verification")


@define(repr=False)
class Entity:
    """A stored entity. Responses show the last four digits of a person's number only."""

    id: str
    record: dict[str, Any]
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
    """For each idempotency key the parameters of the create, and the id of its entity."""
    chosen_issues: list[str] | None = None
    """The issues that a test chose for new validations; None leaves them pending."""

    def create(self, request: Request) -> Response:
        """Answer `POST /entities`; a known key returns its entity."""
        body = _object(request)
        key = _key(request)
        parameters = Sensitive(json.dumps(body, sort_keys=True))
        if key in self.keys:
            return self._replayed(key, parameters)
        _require(self._complaints(CREATE, body, creating=True))
        entity = self.add(body, key=key)
        if key:
            self.keys[key] = (parameters, entity.id)
        # Encoded before the decision: a create returns a pending validation, and the
        # decision follows as an event.
        answer = answer_json(200, entity.record)
        self._decide(entity)
        return answer

    def _decide(self, entity: Entity) -> None:
        """Decide a pending validation as a test chose, after the response to the create."""
        validation = entity.record["validation"] or {}
        if self.chosen_issues is not None and validation.get("status") == "pending":
            entity.record["validation"] = _validation(self.chosen_issues)
            self.emit("entity.updated", entity.record)

    def _replayed(self, key: str, parameters: Sensitive) -> Response:
        # "Idempotency keys": the replay returns the object as it is now, not as it was
        # created. https://increase.com/documentation/idempotency-keys
        known, entity_id = self.keys[key]
        if known != parameters:
            kind = "idempotency_key_already_used_error"
            raise Refused(kind, resource_id=entity_id)
        record = self.by_id[entity_id].record
        return answer_json(200, record, **{"idempotent-replayed": "true"})

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
        """Store a new entity without validating its body."""
        if body["structure"] != "natural_person":
            detail = "the simulator creates natural persons only"
            raise Refused("private_feature_error", detail)
        entity_id = self.random_id()
        person = dict(body["natural_person"])
        entity = Entity(entity_id, self._blank(entity_id, "natural_person"))
        entity.record |= {
            "description": body.get("description"),
            "idempotency_key": key,
        }
        entity.record |= {name: body.get(name) for name in _PLAIN}
        entity.record["terms_agreements"] = body.get("terms_agreements", [])
        documents = body.get("supplemental_documents", [])
        entity.record["supplemental_documents"] = [
            self._document(entity, document["file_id"]) for document in documents
        ]
        entity.record["natural_person"] = {"date_of_birth": person["date_of_birth"]}
        self._write(entity, person)
        self.by_id[entity_id] = entity
        self.emit("entity.created", entity.record)
        return entity

    def add_other(self, structure: str, details: Mapping[str, Any]) -> Entity:
        """Store an entity that is not a person, with its details as responses show them."""
        entity_id = self.random_id()
        entity = Entity(entity_id, self._blank(entity_id, structure))
        entity.record[structure] = dict(details)
        self.by_id[entity_id] = entity
        return entity

    def _blank(self, entity_id: str, structure: str) -> dict[str, Any]:
        return {
            **dict.fromkeys(STRUCTURES),
            **dict.fromkeys(_PLAIN),
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
            "created_at": entity.record["created_at"],
            "idempotency_key": None,
        }

    def _write(self, entity: Entity, person: Mapping[str, Any]) -> None:
        """Store the members of a person and restart the validation."""
        # "Update an Entity": members that are absent keep their values.
        stored = entity.record["natural_person"]
        if "name" in person:
            stored["name"] = person["name"]
        if "address" in person:
            # A response has every member of an address, null where none was sent.
            lacking = dict.fromkeys(("line2", "city", "state", "zip"))
            stored["address"] = {**lacking, **person["address"]}
        if "identification" in person:
            identification = person["identification"]
            entity.number = Sensitive(identification["number"])
            last = identification["number"][-4:]
            stored["identification"] = {
                "method": identification["method"],
                "number_last4": last,
            }
        if self.switches.validates:
            entity.record["validation"] = self._validated(stored["address"])

    def _rewrite(
        self, entity: Entity, structure: str, details: Mapping[str, Any]
    ) -> None:
        """Store the changes of an entity that is not a person; its id is never shown."""
        shown = {k: v for k, v in details.items() if k != "legal_identifier"}
        entity.record[structure] = {**entity.record[structure], **shown}
        if self.switches.validates:
            address = entity.record[structure].get("address") or {}
            entity.record["validation"] = self._validated(address)

    def _validated(self, address: Mapping[str, Any]) -> dict[str, Any]:
        """Start a validation; it fails immediately for an address that receives mail."""
        lines = (address.get("line1"), address.get("line2"))
        if any(_MAILBOX.search(line or "") for line in lines):
            return _validation(["entity_address"])
        return {"status": "pending", "issues": []}

    def get(self, request: Request, entity_id: str) -> Response:  # noqa: ARG002  # a GET has no body
        """Answer `GET /entities/{id}`; an archived entity too."""
        return answer_json(200, self.find(entity_id).record)

    def list(self, request: Request) -> Response:
        """Answer `GET /entities`, the newest first."""
        newest = [entity.record for entity in reversed(self.by_id.values())]
        return answer_json(200, page(newest, dict(request.query)))

    def update(self, request: Request, entity_id: str) -> Response:
        """Answer `PATCH /entities/{id}` with the whole entity."""
        entity = self.find(entity_id)
        body = _object(request)
        _require(self._complaints(UPDATE, body))
        _require_live(entity)
        structure = entity.record["structure"]
        wrong = [name for name in STRUCTURES if name in body and name != structure]
        _require((name, "is not the structure of the entity") for name in wrong)
        if "natural_person" in body:
            self._write(entity, body["natural_person"])
        elif structure in body:
            self._rewrite(entity, structure, body[structure])
        entity.record |= {name: body[name] for name in _PLAIN if name in body}
        entity.record["terms_agreements"] += body.get("terms_agreements", [])
        self.emit("entity.updated", entity.record)
        return answer_json(200, entity.record)

    def archive(self, request: Request, entity_id: str) -> Response:  # noqa: ARG002  # it takes no body
        """Answer `POST /entities/{id}/archive`; its accounts must be closed."""
        entity = self.find(entity_id)
        if self.switches.archive_again == "refuse":
            _require_live(entity)
        # https://increase.com/documentation/api/entities: accounts must be closed
        # before the entity can be archived.
        if entity.open_accounts:
            detail = "close the accounts of the entity first"
            raise Refused("invalid_operation_error", detail)
        entity.record["status"] = "archived"
        self.emit("entity.updated", entity.record)
        return answer_json(200, entity.record)

    def simulate(self, request: Request, entity_id: str) -> Response:
        """Answer the simulation of a validation: without issues it is valid."""
        entity = self.find(entity_id)
        body = _object(request)
        _require(SIMULATE("", body))
        categories = [issue["category"] for issue in body["issues"]]
        entity.record["validation"] = _validation(categories)
        self.emit("entity.updated", entity.record)
        return answer_json(200, entity.record)

    def find(self, entity_id: str) -> Entity:
        """Return an entity, or refuse."""
        entity = self.by_id.get(entity_id)
        if entity is None:
            raise Refused("object_not_found_error")
        return entity


def _validation(categories: list[str]) -> dict[str, Any]:
    issues = [
        {
            **dict.fromkeys(_DETAILS),
            "category": category,
            category: _DETAILS[category],
        }
        for category in categories
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
    if listed := list(complaints):
        raise invalid(listed)


def _require_live(entity: Entity) -> None:
    if entity.record["status"] == "archived":
        raise Refused("invalid_operation_error", "the entity is archived")
