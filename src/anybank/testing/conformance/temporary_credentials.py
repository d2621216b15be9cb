"""The check that temporary credentials are masked, and are accepted by the vendor."""

from __future__ import annotations

import attrs

from ...errors import AnybankError
from ...model.features import Feature
from ...sensitive import Sensitive
from .operations import OPERATIONS
from .recorder import outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject


@check("credentials.create_temporary", "credentials.check")
def temporary_credentials_are_accepted(subject: Subject) -> None:
    """Temporary credentials are masked, and a bank with them is let in."""
    operation = OPERATIONS[Feature.CREDENTIALS_CREATE_TEMPORARY]
    scenario = Scenario.of(subject)
    operation.prepare(scenario)
    temporary = operation.outcome(scenario, retries=0)
    credentials = getattr(temporary, "credentials", {})
    require(
        credentials
        and all(isinstance(value, Sensitive) for value in credentials.values()),
        "credentials.create_temporary returns none, or one that is not masked. Return "
        "each as Sensitive, by the name of the adapter's option.",
    )
    other = attrs.evolve(subject, options={**subject.options, **credentials})
    with other.bank(scenario.recorder) as bank:
        outcome = outcome_of(bank.credentials.check)
    require(
        not isinstance(outcome, AnybankError),
        "A bank with the credentials of credentials.create_temporary is refused. Return "
        "each of them under the name of the option that it is passed as.",
    )
