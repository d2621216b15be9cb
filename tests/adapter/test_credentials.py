"""Authorization headers are written as their standards say, and stay masked."""

from __future__ import annotations

from anybank import Sensitive
from anybank.adapter.credentials import basic


def test_http_basic_is_the_example_of_its_standard() -> None:
    """The user and password of RFC 7617, section 2, give the header of its example."""
    header = basic(Sensitive("Aladdin"), Sensitive("open sesame"))
    assert header.reveal() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert "QWxh" not in repr(header)


def test_a_key_without_a_password_keeps_its_colon() -> None:
    """A vendor that takes a key as the user expects an empty password."""
    assert basic(Sensitive("key")).reveal() == "Basic a2V5Og=="
