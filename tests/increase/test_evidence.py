"""Evidence of a verification by another party: stored at Increase, a loss elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes import Script
from tests.migrate.moving import Moving, seeded_bond, ssn

from anybank import (
    Bank,
    CustomerChanges,
    Effect,
    InvalidInput,
    KycEvidence,
    from_dict,
    to_dict,
)
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY, ada, increase
from .document import Watched

REFERENCE = "canary-inquiry-5512"
EVIDENCE = KycEvidence(verifier="persona", reference=REFERENCE)
WHOLE = KycEvidence(
    verifier="persona",
    reference=REFERENCE,
    method="document",
    outcome="passed",
    verified_at=datetime(2024, 3, 1, 12, tzinfo=UTC),
)


def test_increase_stores_the_verifier_and_the_reference() -> None:
    """They are written as the document has them, and read back."""
    simulator = IncreaseSimulator()
    with increase(Watched(simulator)) as bank:
        created = bank.customers.create(ada(kyc_evidence=[EVIDENCE]))
        read = bank.customers.get(created.id)
    stored = simulator.stored(created.id).record["third_party_verification"]
    assert stored == {"vendor": "persona", "reference": REFERENCE}
    assert read.kyc_evidence == (EVIDENCE,)
    assert REFERENCE not in repr(read)


def test_what_the_verifier_has_is_reported_and_not_sent() -> None:
    """The reference leads to it, so that nothing is lost and no consent is needed."""
    script = Script(httpx.Response(200, json={"id": "entity_1"}))
    with Bank("increase", transport=script, api_key=KEY) as bank:
        created = bank.customers.create(ada(kyc_evidence=[WHOLE]))
    body = json.loads(script.requests[0].content)
    assert body["third_party_verification"] == {
        "vendor": "persona",
        "reference": REFERENCE,
    }
    assert [(issue.field, issue.effect) for issue in created.issues] == [
        (f"kyc_evidence[0].{name}", Effect.CHANGED)
        for name in ("method", "outcome", "verified_at")
    ]


@pytest.mark.parametrize(
    ("evidence", "field", "rule"),
    [
        ([KycEvidence(verifier="acme", reference="r")], "[0].verifier", "pattern"),
        (
            [KycEvidence(verifier="alloy", reference="r" * 201)],
            "[0].reference",
            "length=1-200",
        ),
        ([EVIDENCE, EVIDENCE], "[1]", "items<=1"),
    ],
)
def test_other_evidence_is_refused(
    evidence: list[KycEvidence], field: str, rule: str
) -> None:
    """Increase knows five verifiers and stores one verification; nothing is sent."""
    script = Script()
    with (
        Bank("increase", transport=script, api_key=KEY) as bank,
        pytest.raises(InvalidInput) as caught,
    ):
        bank.customers.create(ada(kyc_evidence=evidence))
    (issue,) = caught.value.issues
    assert (issue.field, issue.rule) == (f"kyc_evidence{field}", rule)
    assert script.requests == []


def test_evidence_can_be_added_later() -> None:
    """An update sends the verification and no person."""
    simulator = IncreaseSimulator()
    with increase(Watched(simulator)) as bank:
        created = bank.customers.create(ada())
        changed = bank.customers.update(
            created.id, CustomerChanges(kyc_evidence=[EVIDENCE])
        )
    assert created.kyc_evidence == ()
    assert changed.kyc_evidence == (EVIDENCE,)


@pytest.mark.parametrize("vendor", ["bond", "sonder"])
def test_elsewhere_evidence_is_a_loss_by_consent(vendor: str) -> None:
    """Neither page has a field for it."""
    options: dict[str, Any] = {
        "bond": {"identity": "i", "authorization": "a"},
        "sonder": {"token": "t"},
    }
    new = ada(kyc_evidence=[WHOLE])
    with Bank(vendor, transport=Script(), **options[vendor]) as bank:
        dropped = [issue for issue in bank.check(new) if issue.effect is Effect.DROPPED]
    (issue,) = [each for each in dropped if each.field == "kyc_evidence"]
    assert issue.remedy.accept_loss == "kyc_evidence"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"verifier": ""}, "verifier"),
        ({"reference": None}, "reference"),
        ({"verified_at": datetime(2024, 3, 1, 12)}, "verified_at"),  # noqa: DTZ001  # what is tested
        ({"outcome": 3}, "outcome"),
    ],
)
def test_ill_formed_evidence_is_refused(fields: dict[str, Any], field: str) -> None:
    """Each field is checked; a time needs its zone."""
    with pytest.raises(InvalidInput) as caught:
        KycEvidence(**{"verifier": "alloy", "reference": "r", **fields})
    assert [issue.field for issue in caught.value.issues] == [field]


def test_evidence_is_read_from_its_dictionary() -> None:
    """No part of it is lost in JSON."""
    new = ada(kyc_evidence=[WHOLE])
    assert from_dict(type(new), to_dict(new, reveal=True)) == new


def test_a_supplement_brings_evidence(tmp_path: Path) -> None:
    """A migration writes it at the target, and the journal does not hold it."""
    bond, (customer_id,) = seeded_bond(1)
    path = tmp_path / "vault.csv"
    header = "source_id,ssn,kyc_evidence.verifier,kyc_evidence.reference"
    path.write_text(f"{header}\n{customer_id},{ssn(0)},persona,{REFERENCE}\n")
    moving = Moving(tmp_path, bond, IncreaseSimulator(), supplement=path)
    moving.plan()
    assert moving.apply().counts["created"] == 1
    assert moving.verify().counts["verified"] == 1
    (target_id,) = moving.target.entity_ids
    stored = moving.target.stored(target_id).record["third_party_verification"]
    assert stored["reference"] == REFERENCE
    files = [each for each in tmp_path.iterdir() if each.suffix != ".csv"]
    assert not any(REFERENCE.encode() in each.read_bytes() for each in files)
