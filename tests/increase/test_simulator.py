"""The simulator alone: what the OpenAPI document leaves open, and the switches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anybank import InvalidInput, Rejected
from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import Clock
from anybank_increase.simulator import IncreaseSimulator, IncreaseSwitches

from .banks import KEY, ada, home, increase

HEADERS = {"authorization": f"Bearer {KEY}"}
PERSON: dict[str, Any] = {
    "name": "Ada Sample",
    "date_of_birth": "1990-04-01",
    "address": {"line1": "1 Test St.", "city": "Reno", "country": "US"},
    "identification": {"method": "social_security_number", "number": "912456789"},
}


def ask(
    simulator: IncreaseSimulator,
    method: str,
    path: str,
    body: Any = None,
    **query: str,
) -> Response:
    named = {name.replace("__", "."): value for name, value in query.items()}
    return simulator(
        Request(method=method, path=path, query=named, headers=HEADERS, body=body)
    )


def created(simulator: IncreaseSimulator, **person: Any) -> Response:
    body = {"structure": "natural_person", "natural_person": {**PERSON, **person}}
    return ask(simulator, "POST", "/entities", body)


def places(response: Response) -> list[str]:
    return [entry["field"] for entry in json.loads(response.content)["errors"]]


def listed(simulator: IncreaseSimulator, **query: str) -> list[str]:
    answer = ask(simulator, "GET", "/entities", **query)
    return [entry["id"] for entry in json.loads(answer.content)["data"]]


@pytest.mark.parametrize(
    ("person", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "A" * 201}, "name"),
        ({"name": 7}, "name"),
        ({"nickname": "A"}, "nickname"),
        ({"date_of_birth": "1990-02-30"}, "date_of_birth"),
        ({"date_of_birth": None}, "date_of_birth"),
        ({"address": "1 Test St."}, "address"),
        ({"address": {"line1": "1", "city": "R"}}, "address.country"),
        (
            {"address": {**PERSON["address"], "country": "USA"}},
            "address.country",
        ),
        (
            {"identification": {"method": "social_security_number", "number": "1234"}},
            "identification.number",
        ),
        (
            {
                "confirmed_no_us_tax_id": True,
                "identification": {"method": "passport", "number": "12345"},
            },
            "identification.passport",
        ),
        (
            {"identification": {"method": "guess", "number": "12345"}},
            "identification.method",
        ),
        ({"identification": 9}, "identification"),
        ({"confirmed_no_us_tax_id": "yes"}, "confirmed_no_us_tax_id"),
    ],
)
def test_a_bad_parameter_is_named(
    simulator: IncreaseSimulator, person: dict[str, Any], place: str
) -> None:
    """A parameter that the document's schema refuses is refused, with its path."""
    answer = created(simulator, **person)
    assert answer.status == 400
    assert places(answer) == [f"natural_person.{place}"]


def test_another_structure_is_refused(simulator: IncreaseSimulator) -> None:
    """The simulator creates persons only, and says so with an error of Increase's."""
    answer = ask(simulator, "POST", "/entities", {"structure": "joint", "joint": {}})
    assert answer.status == 403


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), ([], 400), ({}, 400), (None, 400)]
)
def test_a_body_that_is_not_an_object_is_refused(
    simulator: IncreaseSimulator, body: Any, status: int
) -> None:
    """Broken JSON, a list, an empty object and an empty body are refused."""
    assert ask(simulator, "POST", "/entities", body).status == status


def test_a_person_is_required_of_a_natural_person(
    simulator: IncreaseSimulator,
) -> None:
    """A structure without its details is refused."""
    answer = ask(simulator, "POST", "/entities", {"structure": "natural_person"})
    assert places(answer) == ["natural_person"]


def test_state_and_zip_are_required_by_the_switch() -> None:
    """The document says "in certain countries" and does not name them (row 2)."""
    strict = IncreaseSimulator(state_and_zip_required_in=("US",))
    result = places(created(strict))
    assert result == ["natural_person.address.state", "natural_person.address.zip"]


@pytest.mark.parametrize("line1", ["PO Box 7", "P.O. Box 7", "Main St., PMB 4"])
def test_a_mailbox_fails_the_validation(
    simulator: IncreaseSimulator, line1: str
) -> None:
    """An address that receives mail is accepted, and fails the validation afterwards."""
    answer = created(simulator, address={**PERSON["address"], "line1": line1})
    validation = json.loads(answer.content)["validation"]
    assert validation["status"] == "invalid"
    assert validation["issues"][0]["entity_address"] == {"reason": "mailbox_address"}


def test_a_change_restarts_the_validation(simulator: IncreaseSimulator) -> None:
    """A valid entity is pending again once its name changes."""
    entity_id = simulator.seed_entity()
    path = f"/simulations/entities/{entity_id}/update_validation"
    ask(simulator, "POST", path, {"issues": []})
    body = {"natural_person": {"name": "Bea Sample"}}
    answer = ask(simulator, "PATCH", f"/entities/{entity_id}", body)
    assert json.loads(answer.content)["validation"]["status"] == "pending"
    assert json.loads(answer.content)["natural_person"]["name"] == "Bea Sample"


def test_a_forbidden_change_is_refused(
    simulator: IncreaseSimulator,
) -> None:
    """A birth date is not a parameter of an update, and a joint entity is not a person."""
    body = {"natural_person": {"date_of_birth": "1990-04-02"}}
    path = f"/entities/{simulator.seed_entity()}"
    assert ask(simulator, "PATCH", path, body).status == 400
    joint = f"/entities/{simulator.seed_joint()}"
    body = {"natural_person": {"name": "Ada"}}
    assert places(ask(simulator, "PATCH", joint, body)) == ["natural_person"]


def test_terms_and_ratings_are_stored(simulator: IncreaseSimulator) -> None:
    """The members of an entity next to the person are returned."""
    terms = {"agreed_at": "2024-01-01T00:00:00Z", "ip_address": "::1", "terms_url": "u"}
    rating = {"rated_at": "2024-01-01T00:00:00Z", "rating": "low"}
    body = {"terms_agreements": [terms], "risk_rating": rating}
    answer = ask(simulator, "PATCH", f"/entities/{simulator.seed_entity()}", body)
    record = json.loads(answer.content)
    assert (record["terms_agreements"], record["risk_rating"]) == ([terms], rating)


def test_lists_in_a_body_are_checked(simulator: IncreaseSimulator) -> None:
    """Each item of a list is refused by its index."""
    path = f"/entities/{simulator.seed_entity()}"
    body = {"terms_agreements": [{"agreed_at": "x", "ip_address": "y"}]}
    assert sorted(places(ask(simulator, "PATCH", path, body))) == [
        "terms_agreements.0.agreed_at",
        "terms_agreements.0.terms_url",
    ]
    body = {"terms_agreements": 7}  # type: ignore[dict-item] # what a list is not
    assert places(ask(simulator, "PATCH", path, body)) == ["terms_agreements"]


def test_a_replay_says_so(simulator: IncreaseSimulator) -> None:
    """The second response for a key has the header of a replay."""
    body = {"structure": "natural_person", "natural_person": PERSON}
    headers = {**HEADERS, "idempotency-key": "k"}
    request = Request(method="POST", path="/entities", headers=headers, body=body)
    first, second = simulator(request), simulator(request)
    assert first.content == second.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"


def test_a_refused_create_leaves_its_key_free(simulator: IncreaseSimulator) -> None:
    """A key belongs to an object: after a refusal it can be used again."""
    headers = {**HEADERS, "idempotency-key": "k"}
    for name, status in (("", 400), ("Ada Sample", 200)):
        body = {
            "structure": "natural_person",
            "natural_person": {**PERSON, "name": name},
        }
        request = Request(method="POST", path="/entities", headers=headers, body=body)
        assert simulator(request).status == status


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_1_to_200_characters(simulator: IncreaseSimulator, key: str) -> None:
    """A key of another length is refused."""
    headers = {**HEADERS, "idempotency-key": key}
    body = {"structure": "natural_person", "natural_person": PERSON}
    request = Request(method="POST", path="/entities", headers=headers, body=body)
    assert places(simulator(request)) == ["Idempotency-Key"]


def test_a_list_is_filtered() -> None:
    """Entities are filtered by status, by validation and by time."""
    clock = Clock()
    simulator = IncreaseSimulator(clock=clock)
    old = simulator.seed_entity()
    clock.advance(hours=1)
    new = simulator.seed_entity()
    ask(simulator, "POST", f"/entities/{old}/archive")
    ask(
        simulator,
        "POST",
        f"/simulations/entities/{new}/update_validation",
        {"issues": []},
    )
    assert listed(simulator) == [new, old]
    assert listed(simulator, status__in="archived") == [old]
    assert listed(simulator, validation_status__in="valid") == [new]
    assert listed(simulator, created_at__before="2024-03-01T12:30:00Z") == [old]
    assert listed(simulator, created_at__on_or_after="2024-03-01T13:00:00Z") == [new]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"cursor": "cursor_entity_nobody"},
        {"status__in": "asleep"},
        {"created_at__after": "yesterday"},
    ],
)
def test_a_bad_query_is_refused(
    simulator: IncreaseSimulator, query: dict[str, str]
) -> None:
    """The error names the parameter."""
    simulator.seed_entity()
    answer = ask(simulator, "GET", "/entities", **query)
    assert places(answer) == [next(iter(query)).replace("__", ".")]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({}, "no_header"), ({"authorization": "Bearer x"}, "no_credential")],
)
def test_a_refused_key_has_its_reason(
    simulator: IncreaseSimulator, headers: dict[str, str], reason: str
) -> None:
    """A missing and a wrong key have different reasons."""
    answer = simulator(Request(method="GET", path="/entities", headers=headers))
    assert answer.status == 401
    assert json.loads(answer.content)["reason"] == reason


@pytest.mark.parametrize(("method", "path"), [("GET", "/x"), ("DELETE", "/entities")])
def test_an_unknown_path_or_method_is_refused(
    simulator: IncreaseSimulator, method: str, path: str
) -> None:
    """Both have the same type of error in the document."""
    answer = ask(simulator, method, path)
    assert json.loads(answer.content)["type"] == "api_method_not_found_error"


def test_reprs_show_no_person(simulator: IncreaseSimulator) -> None:
    """No repr of the simulator or of its records contains personal data."""
    stored = simulator.stored(simulator.seed_entity())
    for shown in map(repr, (simulator, simulator.entities, stored)):
        assert "Sample" not in shown
        assert "0101" not in shown


def test_an_unknown_fault_and_switch_are_refused(simulator: IncreaseSimulator) -> None:
    """A misspelt name raises, because it would have no effect."""
    with pytest.raises(ValueError, match="no such problem"):
        simulator.fail_next("nonsense_error")
    with pytest.raises(ValueError, match="archive_again"):
        IncreaseSwitches(archive_again="perhaps")  # type: ignore[arg-type] # refused


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "x",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-01-01T25:00:00Z",
        7,
    ],
)
@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("details_confirmed_at", lambda at: {"details_confirmed_at": at}),
        (
            "risk_rating.rated_at",
            lambda at: {"risk_rating": {"rated_at": at, "rating": "low"}},
        ),
        (
            "terms_agreements.0.agreed_at",
            lambda at: {
                "terms_agreements": [
                    {"agreed_at": at, "ip_address": "::1", "terms_url": "u"}
                ]
            },
        ),
    ],
)
def test_a_time_is_a_point_in_time(
    simulator: IncreaseSimulator, place: str, body: Any, moment: Any
) -> None:
    """Every date-time of the document has a date, a time and a zone."""
    path = f"/entities/{simulator.seed_entity()}"
    assert places(ask(simulator, "PATCH", path, body(moment))) == [place]
    good = ask(simulator, "PATCH", path, body("2024-01-01T00:00:00.5+02:00"))
    assert good.status == 200


def test_supplemental_documents_are_stored(simulator: IncreaseSimulator) -> None:
    """Documents that are sent with an entity are returned with it, as in the document's example."""
    body = {
        "structure": "natural_person",
        "natural_person": PERSON,
        "supplemental_documents": [{"file_id": "file_1"}],
    }
    created_now = json.loads(ask(simulator, "POST", "/entities", body).content)
    again = ask(simulator, "GET", f"/entities/{created_now['id']}")
    assert json.loads(again.content)["supplemental_documents"] == [
        {
            "type": "entity_supplemental_document",
            "entity_id": created_now["id"],
            "file_id": "file_1",
            "created_at": created_now["created_at"],
            "idempotency_key": None,
        }
    ]
    bad: tuple[Any, ...] = ([{}], [{"file_id": 7}], [{"file_id": "f", "x": 1}], {})
    for wrong in bad:
        other = {**body, "supplemental_documents": wrong}
        assert ask(simulator, "POST", "/entities", other).status == 400


_PAPERS = {
    "passport": {"country": "DE", "expiration_date": "2030-01-01", "file_id": "f"},
    "drivers_license": {"state": "NV", "expiration_date": "2030-01-01", "file_id": "f"},
    "other": {"country": "DE", "description": "d", "file_id": "f"},
}


@pytest.mark.parametrize("method", _PAPERS)
def test_a_document_needs_the_confirmation_of_no_us_tax_id(
    simulator: IncreaseSimulator, method: str
) -> None:
    """Create and update both require confirmed_no_us_tax_id for another document."""
    shown = {"method": method, "number": "12345", method: _PAPERS[method]}
    for confirmed in ({}, {"confirmed_no_us_tax_id": False}):
        refused = created(simulator, identification=shown, **confirmed)
        assert places(refused) == ["natural_person.confirmed_no_us_tax_id"]
    assert (
        created(simulator, identification=shown, confirmed_no_us_tax_id=True).status
        == 200
    )
    path = f"/entities/{simulator.seed_entity()}"
    body = {"natural_person": {"identification": shown}}
    assert places(ask(simulator, "PATCH", path, body)) == [
        "natural_person.confirmed_no_us_tax_id"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "status.in",
        "validation_status.in",
        "created_at.after",
        "created_at.on_or_before",
        "idempotency_key",
        "limit",
        "cursor",
    ],
)
@pytest.mark.parametrize("people", [0, 1])
def test_an_empty_filter_is_refused(
    simulator: IncreaseSimulator, name: str, people: int
) -> None:
    """A filter is validated whether or not there are entities."""
    for _ in range(people):
        simulator.seed_entity()
    answer = ask(simulator, "GET", "/entities", **{name.replace(".", "__"): ""})
    assert answer.status == 400
    assert places(answer) == [name]


@pytest.mark.parametrize("structure", ["corporation", "trust", "government_authority"])
def test_a_change_must_match_the_structure(
    simulator: IncreaseSimulator, structure: str
) -> None:
    """The details of another structure are refused, those of its own are stored."""
    body = {structure: {"name": "Sample Works"}}
    person = f"/entities/{simulator.seed_entity()}"
    refused = ask(simulator, "PATCH", person, body)
    assert (refused.status, places(refused)) == (400, [structure])
    other = simulator.entities.add_other(structure, {"name": "Sample", "address": None})
    changed = ask(simulator, "PATCH", f"/entities/{other.id}", body)
    assert json.loads(changed.content)[structure]["name"] == "Sample Works"
    wrong = ask(simulator, "PATCH", f"/entities/{other.id}", {structure: {"name": ""}})
    assert places(wrong) == [f"{structure}.name"]


def test_a_country_is_one_of_iso_3166() -> None:
    """XX has the form of a code, and is refused by the value and by the simulator."""
    address = {"line1": "33 Test St.", "city": "Reno", "country": "XX"}
    with increase(IncreaseSimulator()) as bank:
        created = bank.customers.create(ada())
        body = {"natural_person": {"address": address}}
        with pytest.raises(Rejected):
            bank.request("PATCH", f"/entities/{created.id}", json=body)
    with pytest.raises(InvalidInput):
        home(country="XX")
