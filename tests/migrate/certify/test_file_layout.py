"""Supplements with other column names, separators and encodings, and addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.migrate.moving import Moving, bond_to_sonder, people, seeded_bond, ssn

from anybank import Address, AddressKind, ConfigurationError
from anybank.migrate.certify.file_layout import Layout
from anybank.migrate.certify.part_columns import merge_addresses
from anybank.migrate.certify.supplement import Supplement

SSN = "912-45-6789"
HEADER = "source_id,ssn,middle_name\n"
TEXT = HEADER + f"c1,{SSN},Zoë\nc2,,May\n"


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return tmp_path / "vault.csv"


def row(path: Path, content: bytes, layout: Layout | None = None) -> Any:
    """Return the row of c2, after the row of c1 was read."""
    path.write_bytes(content)
    with Supplement.read(path, layout) as rows:
        return rows.of("c2")


def refusal(path: Path, text: str, layout: Layout | None = None) -> str:
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        Supplement.read(path, layout)
    assert SSN not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_separator_and_encoding_are_detected(
    vault: Path, mark: str, encoding: str
) -> None:
    """Commas, semicolons and tabs are detected, in UTF-8 and in UTF-16 with a mark."""
    text = TEXT.replace(",", mark).replace("\n", "\r\n") + mark * 2 + "\r\n \r\n"
    head = "\ufeff" if encoding == "utf-16-be" else ""
    assert row(vault, (head + text).encode(encoding)) == {"middle_name": "May"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(
        st.text(st.characters(categories=["L"]), min_size=1, max_size=5), min_size=1
    ),
    encoding=st.sampled_from(["utf-16-le", "utf-16-be"]),
)
def test_every_letter_of_utf_16_is_read(
    tmp_path: Path, names: list[str], encoding: str
) -> None:
    """A letter with the byte 0x0A ends no line, wherever the byte is."""
    path = tmp_path / "vault.csv"
    names = [*names, "\u0a0a\u010a\u0a01"]
    rows = "".join(f"c{at},{name}\n" for at, name in enumerate(names))
    text = "\ufeffsource_id,first_name,as_written\n" + rows.replace(
        "\n", ",first_name\n"
    )
    path.write_bytes(text.encode(encoding))
    with Supplement.read(path) as supplement:
        read = [
            (supplement.of(f"c{at}") or {})["first_name"] for at in range(len(names))
        ]
    assert read == names


def test_a_repeated_id_is_named_by_its_line_in_utf_16_too(vault: Path) -> None:
    """Lines are counted by line ends, not by bytes that look like them."""
    text = "source_id,first_name\nc1,\u0a0a\n\nc1,Bo\n"
    vault.write_bytes(text.encode("utf-16"))
    with pytest.raises(
        ConfigurationError, match="line 4, column source_id: is the same"
    ):
        Supplement.read(vault)


def test_columns_are_mapped_by_name(vault: Path) -> None:
    """A mapped column has our name from then on."""
    layout = Layout.of({"Customer ID": "source_id", "Tax No": "ssn"})
    content = f"Customer ID;Tax No;middle_name\nc1;{SSN};\nc2;;May\n".encode()
    assert row(vault, content, layout) == {"middle_name": "May"}


def test_json_is_mapped_alike(tmp_path: Path) -> None:
    """The names of an object are columns too."""
    path = tmp_path / "vault.jsonl"
    layout = Layout.of({"id": "source_id"}, ignored="all")
    content = b'{"id": "c1", "x": 1}\n{"id": "c2", "middle_name": "May", "note": "x"}\n'
    assert row(path, content, layout) == {"middle_name": "May"}


def test_columns_are_ignored_by_consent(vault: Path) -> None:
    """An ignored column is skipped, whatever it contains."""
    content = b"source_id,notes,middle_name\nc1,NULL,\nc2,x,May\n"
    assert row(vault, content, Layout.of(ignored=["notes"])) == {"middle_name": "May"}


@pytest.mark.parametrize(
    ("header", "layout", "message"),
    [
        ("Customer ID,ssn", Layout(), "column 1: is not one of source_id"),
        (
            "Customer ID,ssn",
            Layout(),
            'If it means source_id, pass --map "ITS NAME=so',
        ),
        ("source_id,SSN", Layout(), 'If it means ssn, pass --map "ITS NAME=ssn"'),
        ("source_id,midle_name", Layout(), "If it means middle_name"),
        ("source_id,zip", Layout(), "If it means addresses.postal_code"),
        ("source_id,shoes", Layout(), 'To ignore it, pass --ignore-columns "ITS NAME"'),
        ("ID;ssn;shoes", Layout(), "(the columns seem to be separated by semicolons)"),
        (
            "source_id,ssn",
            Layout.of({"Custmer": "ssn"}),
            "has no column 'Custmer', whic",
        ),
        (
            "Customer,ssn",
            Layout.of({"Custmer": "source_id"}),
            "which --map names. Did you mean 'Customer'?",
        ),
        ("source_id,ssn", Layout.of(ignored="notes"), "which --ignore-columns names"),
        ("source_id,ssn,x", Layout.of({"x": "ssn"}), "column ssn: appears twice"),
        ("source_id;ssn", Layout.of(separator="tab"), "column 1: is not one of"),
    ],
)
def test_an_unknown_column_gets_a_suggestion(
    vault: Path, header: str, layout: Layout, message: str
) -> None:
    """The error names the position, a similar column and the option to use."""
    assert message in refusal(vault, f"{header}\n", layout)


def test_a_first_row_of_a_person_is_not_repeated(vault: Path) -> None:
    """The first line of a file without a header is a person, and is not shown."""
    message = refusal(vault, f"c1,{SSN},Amanda,Springfield\n")
    assert "Amanda" not in message
    assert "Springfield" not in message


def test_a_separator_is_one_of_four() -> None:
    """Any other separator is refused in one sentence."""
    with pytest.raises(ConfigurationError, match="comma, semicolon, tab, bar"):
        Layout.of(separator="#")


PRIMARY = Address(
    line1="1 A St.", city="Reno", state="NV", postal_code="89501", country="US"
)


def addresses(path: Path, header: str, cells: str) -> tuple[Address, ...]:
    """Return the addresses of a customer with a row of the supplement."""
    path.write_text(f"source_id,{header}\nc2,{cells}\n")
    with Supplement.read(path) as rows:
        return merge_addresses([PRIMARY], rows.of("c2") or {})


def test_a_part_of_the_address_is_corrected(vault: Path) -> None:
    """The other parts are those of the source."""
    (address,) = addresses(vault, "addresses.postal_code", "89502")
    assert (address.postal_code, address.line1) == ("89502", "1 A St.")


def test_another_address_is_added_by_its_place(vault: Path) -> None:
    """An index that the source does not have adds an address."""
    header = "addresses[1].line1,addresses[1].country,addresses[1].kind"
    first, second = addresses(vault, header, "2 B St.,US,mailing")
    assert first == PRIMARY
    assert (second.line1, second.kind) == ("2 B St.", AddressKind.MAILING)


@pytest.mark.parametrize(
    ("header", "cells", "message"),
    [
        (
            "addresses.country",
            "USA",
            "addresses.country: must be a two-letter code",
        ),
        (
            "addresses.kind",
            "castle",
            "addresses.kind: must be one of physical, mailing",
        ),
        ("addresses.primary", "maybe", "addresses.primary: must be true or false"),
        ("addresses.line1,addresses[1].line1", "a,b", "cannot be combined with"),
        ("addresses[12].line1", "a", "column 2: is not one of source_id"),
    ],
)
def test_a_wrong_address_is_named_by_its_place(
    vault: Path, header: str, cells: str, message: str
) -> None:
    """An invalid part of an address is refused like any other field."""
    assert message in refusal(vault, f"source_id,{header}\nc1,{cells}\n")


def without_address(directory: Path) -> Moving:
    """Return a migration of a complete customer and of one without address."""
    bond, _ = seeded_bond(1)
    bond.seed_customer(first_name="Zoe", middle_name="May", ssn=ssn(1), addresses=[])
    moving = bond_to_sonder(directory, 1)
    moving.source = bond
    return moving


def test_who_was_blocked_by_an_address_goes_with_a_supplied_one(
    tmp_path: Path, vault: Path
) -> None:
    """The supplied street is sent and verified; later commands read the file alike."""
    moving = without_address(tmp_path)
    header = "Key;ssn;document_locator_number;notes;" + ";".join(
        f"addresses.{part}" for part in ("line1", "city", "state", "postal_code")
    )
    rows = (
        f"{person};{ssn(at)};{900_000 + at};x;7 Elm St.;Reno;NV;89501"
        for at, person in enumerate(people(moving.source))
    )
    vault.write_bytes("\r\n".join([header, *rows, ""]).encode("utf-16"))
    moving.supplement = vault
    assert moving.plan(
        columns={"Key": "source_id"}, ignore_columns=["notes"]
    ).notes == (
        "The columns of the supplement are separated by semicolons.",
        "The supplement is UTF-16.",
        "1 columns of the supplement are ignored.",
    )
    moving.apply()
    assert moving.verify().exit_code == 0
    assert sorted(people(moving.target).values()) == ["Ada", "Zoe"]
    stored = [
        moving.target.stored(customer_id) for customer_id in moving.target.customer_ids
    ]
    streets = {item.fields["addresses"][0]["street"] for item in stored}
    assert streets == {"7 Elm St."}


def test_a_layout_needs_a_file(tmp_path: Path) -> None:
    """Options about columns are refused without a supplement file."""
    moving = bond_to_sonder(tmp_path, 1)
    with pytest.raises(ConfigurationError, match="describe a supplement file"):
        moving.plan(supplement=None, columns={"a": "ssn"})
