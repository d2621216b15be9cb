"""Authorization headers are written as their standards say, and stay masked."""

from __future__ import annotations

from anybank import Sensitive
from anybank.adapter.credentials import basic, bearer


def test_http_basic_is_the_example_of_its_standard() -> None:
    """The user and password of RFC 7617, section 2, give the header of its example."""
    header = basic(Sensitive("Aladdin"), Sensitive("open sesame"))
    assert header.reveal() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert "QWxh" not in repr(header)


def test_a_key_without_a_password_keeps_its_colon() -> None:
    """A vendor that takes a key as the user expects an empty password."""
    assert basic(Sensitive("key")).reveal() == "Basic a2V5Og=="


def test_a_bearer_token_is_masked() -> None:
    """The token follows the scheme, and no text of the header shows it."""
    header = bearer(Sensitive("tok-1"))
    assert header.reveal() == "Bearer tok-1"
    assert "tok-1" not in f"{header}{header!r}"
