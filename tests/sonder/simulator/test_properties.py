"""The simulator responds to any request, and reveals no secret."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from .conftest import ACCOUNT, PERSON, App

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([*PERSON, *ACCOUNT, "associatedCustomerIds", "chosen_name"])
CHANGES = st.dictionaries(NAMES, VALUES, max_size=4)
SWITCHES = st.sampled_from(
    [
        {},
        {"unknown_fields": "reject", "duplicate_ssn": "reject"},
        {"ssn_format": "any", "empty_lists": "accept", "forbidden_updates": "ignore"},
    ]
)


@given(switches=SWITCHES, changes=CHANGES)
def test_any_body_is_answered(switches: dict[str, str], changes: Any) -> None:
    """Any JSON is accepted or refused in the envelope, without the SSN."""
    app = App(switches)
    customer = app.customer()
    account = app.account(customer)
    for method, path in [("POST", "/customer"), ("PUT", customer), ("PUT", account)]:
        body = json.dumps({**PERSON, **changes} if method == "POST" else changes)
        answer = app.call(method, path, body.encode())
        assert answer.status in {200, 400, 409}
        assert answer.json()["success"] is answer.ok
        assert "900-55-0142" not in answer.text


@given(body=VALUES | st.binary())
def test_any_value_is_answered(body: Any) -> None:
    """A body that is not an object, or not JSON, gets 400."""
    app = App()
    request_body = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert app.call("POST", "/customer", request_body).status == 400
    assert app.call("POST", "/account", request_body).status == 400
