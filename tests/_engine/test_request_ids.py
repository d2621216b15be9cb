"""The id of a request, which the vendor's support asks for."""

from __future__ import annotations

import httpx
import pytest
from tests.fakes import Script

from anybank import Bank, ProviderError

NAMES = (
    *("X-Request-Id", "Request-Id", "X-RequestId", "x-amzn-requestid"),
    *("X-Amz-Request-Id", "X-Ms-Request-Id", "X-Vcap-Request-Id"),
    *("X-Correlation-Id", "Correlation-Id", "X-Trace-Id", "CF-Ray"),
)


def bank(status: int, headers: dict[str, str]) -> Bank:
    """Return a bank whose next response has these headers."""
    body = (
        {"customer_id": "c1"} if status < 300 else {"Message": "no", "Status": status}
    )
    script = Script(httpx.Response(status, json=body, headers=headers))
    return Bank("bond", identity="i", authorization="a", transport=script, retries=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_id_is_read_from_any_usual_header(name: str) -> None:
    """A success and an error have it, whatever the vendor calls the header."""
    with bank(200, {name: "req_7f3a"}) as own:
        assert own.with_raw_response.customers.get("c1").request_id == "req_7f3a"
    with bank(404, {name: "req_7f3a"}) as own, pytest.raises(ProviderError) as caught:
        own.customers.get("c1")
    assert caught.value.request_id == "req_7f3a"


def test_the_vendors_own_header_comes_before_that_of_a_proxy() -> None:
    """A proxy may add its id: the support of the vendor knows the other one."""
    headers = {"CF-Ray": "8a1b", "X-Request-Id": "req_7f3a"}
    with bank(200, headers) as own:
        assert own.with_raw_response.customers.get("c1").request_id == "req_7f3a"


@pytest.mark.parametrize(
    "value", ["912-45-6789", "912456789", "a b", "ada@example.com"]
)
def test_personal_data_is_no_id(value: str) -> None:
    """A header with the form of an SSN or an address is not repeated."""
    with bank(200, {"X-Request-Id": value}) as own:
        assert own.with_raw_response.customers.get("c1").request_id is None
