"""Keys: their resources, and how long they are valid."""

from __future__ import annotations

import pytest

from anybank.sensitive import Sensitive

from .conftest import App


@pytest.mark.parametrize(
    "wrong",
    [
        {"identity": "somebody-else"},
        {"authorization": "wrong"},
        {"authorization": ""},
    ],
)
def test_a_wrong_key_is_refused(app: App, wrong: dict[str, str]) -> None:
    """An unknown key or a wrong secret gets 401 in shape A."""
    refusal = app.call("GET", "/customers", headers=wrong)
    assert (refusal.status, refusal.json()["Code"]) == (401, "auth_err")


@pytest.mark.parametrize("name", ["identity", "authorization"])
def test_a_missing_header_is_refused(app: App, name: str) -> None:
    """Both headers are needed."""
    del app.credentials[name]
    assert app.call("GET", "/customers").status == 401


def test_row_33_the_secret_is_sent_bare(app: App) -> None:
    """A secret behind `Bearer` is not the secret."""
    app.credentials["authorization"] = "Bearer " + app.credentials["authorization"]
    assert app.call("GET", "/customers").status == 401


def test_masked_headers_are_read(app: App) -> None:
    """Credentials that are Sensitive values are accepted."""
    secret = Sensitive(app.credentials["authorization"])
    masked = {"identity": app.credentials["identity"], "authorization": secret}
    assert app.call("GET", "/customers", headers=masked).ok  # type: ignore[arg-type]


def test_another_brand_sees_nothing_of_ours(app: App) -> None:
    """A resource of another brand is refused by id, and not listed."""
    customer_id = app.customer(brand_person_id="mine-1")["customer_id"]
    app.credentials = app.bond.seed_brand()
    refusal = app.call("GET", f"/customers/{customer_id}")
    assert (refusal.status, refusal.json()["Code"]) == (403, "auth_err")
    assert app.call("GET", "/customers").json() == []
    assert app.customer(brand_person_id="mine-1")


def test_a_key_is_checked(app: App) -> None:
    """The key check returns the public data of the brand's own key."""
    identity = app.credentials["identity"]
    answer = app.call("GET", f"/auth/key/{identity}")
    assert (answer.status, answer.json()["identity"]) == (200, identity)
    assert app.credentials["authorization"] not in answer.text


def test_another_brands_key_is_not_checked(app: App) -> None:
    """The key check refuses a key of another brand and an unknown one."""
    other = app.bond.seed_brand()["identity"]
    assert app.call("GET", f"/auth/key/{other}").status == 403
    assert app.call("GET", "/auth/key/unknown").status == 403


def _lend(app: App) -> None:
    body = {"customer_id": app.bond.seed_customer()}
    answer = app.call("POST", "/auth/key/temporary", body)
    assert answer.status == 201
    app.credentials = answer.json()


def test_a_temporary_key_lives_five_calls(app: App) -> None:
    """The sixth call with a temporary key is refused."""
    _lend(app)
    assert [app.call("GET", "/customers").status for _ in range(6)] == [200] * 5 + [401]


def test_a_temporary_key_lives_five_minutes(app: App) -> None:
    """A temporary key is refused after five minutes."""
    _lend(app)
    app.clock.advance(minutes=4, seconds=59)
    assert app.call("GET", "/customers").status == 200
    app.clock.advance(seconds=1)
    assert app.call("GET", "/customers").status == 401


def test_a_temporary_key_needs_a_customer(app: App) -> None:
    """A temporary key is created for an existing customer."""
    unknown = "aaaaaaaa-0000-4000-8000-000000000000"
    path = "/auth/key/temporary"
    assert app.call("POST", path, {}).json()["Code"] == "input_error"
    assert app.call("POST", path, {"customer_id": unknown}).status == 404


def test_the_credentials_are_obvious_dummies(app: App) -> None:
    """The built-in secret has the length of a real one and says that it is a dummy."""
    assert len(app.credentials["authorization"]) == 64
    assert app.credentials["authorization"].startswith("NotASecret")


def test_unknown_urls_and_methods_are_refused(app: App) -> None:
    """An unknown path gets 404 and an unknown method 405, both in shape F."""
    assert app.call("GET", "/nothing").status == 404
    answer = app.call("PUT", "/customers")
    assert (answer.status, list(answer.json())) == (405, ["message"])


def test_the_repr_shows_no_data(app: App) -> None:
    """The reprs of the simulator and of its records show no person."""
    app.customer()
    assert repr(app.bond) == "<BondSimulator>"
    shown = repr(vars(app.bond)) + repr(app.bond.world.customers.of(app.bond.brand_id))
    assert "Grace" not in shown
    assert "6789" not in shown
