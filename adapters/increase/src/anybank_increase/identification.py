"""What identifies a person at Increase: an SSN, a taxpayer number or a document."""

from __future__ import annotations

from datetime import date

from attrs import evolve, frozen

from anybank.adapter.converter import build, neutral, write, writes
from anybank.adapter.wire import Json
from anybank.declaration import Create, FieldRule, refuse, required
from anybank.model.government_id_numbers import GovernmentIdNumber
from anybank.model.government_ids import GovernmentId, GovernmentIdKind
from anybank.sensitive import Ssn

from .sources import CREATE

_SSN = "social_security_number"
_PAPERS = (
    GovernmentIdKind.PASSPORT,
    GovernmentIdKind.DRIVERS_LICENSE,
    GovernmentIdKind.OTHER,
)


def _of(**kinds: Create) -> FieldRule:
    """Return the rule of a detail that some kinds of documents have, and others not.

    Only the method and the end of the number are returned ("The entity").
    """
    named = {GovernmentIdKind[name.upper()]: create for name, create in kinds.items()}
    return refuse(create_for=named)


@writes(GovernmentId, CREATE)
@frozen(kw_only=True)
class WireDetails:
    """The details of a document, which no response has."""

    country: str | None = neutral("country", _of(passport="required", other="required"))
    state: str | None = neutral(
        "state", evolve(_of(drivers_license="required"), length=(2, 2))
    )
    expiration_date: date | None = neutral(
        "expires",
        _of(passport="required", drivers_license="required", other="optional"),
    )
    description: str | None = neutral(
        "description", evolve(_of(other="required"), length=(1, 200))
    )
    file_id: str | None = neutral(
        "document_id",
        evolve(
            _of(passport="required", drivers_license="required", other="required"),
            note="upload the document with kyc.upload_document, and pass its id",
        ),
    )


@writes(GovernmentId, CREATE)
@frozen(kw_only=True)
class WireIdentification:
    """What identifies a person: an SSN or another id, of which the end is returned."""

    method: str | None = neutral(
        "kind",
        required(
            # An SSN is written from the field ssn.
            values={
                GovernmentIdKind.SSN: _SSN,
                GovernmentIdKind.ITIN: "individual_taxpayer_identification_number",
                GovernmentIdKind.PASSPORT: "passport",
                GovernmentIdKind.DRIVERS_LICENSE: "drivers_license",
                GovernmentIdKind.OTHER: "other",
            },
            # "The identification method for an individual can only be a passport,
            # driver's license, or other document if you've confirmed the individual does
            # not have a US tax id."
            confirmed_by=dict.fromkeys(_PAPERS, "confirmed_no_us_tax_id"),
        ),
    )
    number: str | None = neutral(
        "number", required(read="masked", length=(4, 200)), write_only=True
    )
    number_last4: str | None = None

    def ssn(self) -> Ssn | None:
        """Return the SSN; the number of any other id is none."""
        if self.method != _SSN or not self.number_last4:
            return None
        return Ssn.read(f"XXX-XX-{self.number_last4}")

    def government_ids(self) -> tuple[GovernmentId, ...]:
        """Return the id of a person without an SSN."""
        if self.method is None or self.method == _SSN:
            return ()
        number = GovernmentIdNumber.masked(self.number_last4 or "")
        return (build(GovernmentId, self, number=number),)

    @staticmethod
    def of_ssn(ssn: Ssn) -> Json:
        """Write an SSN: nine digits without separators."""
        return {"method": _SSN, "number": ssn}

    @staticmethod
    def of_id(document: GovernmentId) -> Json:
        """Write another id, whose details stand under the name of its method.

        Source: https://increase.com/documentation/api/entities,
        `natural_person.identification`
        """
        identification = write(WireIdentification, document)
        details = write(WireDetails, document)
        return identification | ({identification["method"]: details} if details else {})
