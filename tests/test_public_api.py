"""The public signatures, compared with a stored copy."""

from __future__ import annotations

from tools.public_api import STORED, text


def test_the_public_signatures_are_those_on_file() -> None:
    """A change of a public signature is deliberate: `make api` stores it."""
    assert text().splitlines() == STORED.read_text("utf-8").splitlines()


def test_no_two_public_names_are_one_class() -> None:
    """Each public class has a name of its own."""
    classes = [
        line.partition("(")[0].rpartition(".")[2]
        for line in STORED.read_text("utf-8").splitlines()
        if line.startswith("class ")
    ]
    assert len(classes) == len(set(classes))
