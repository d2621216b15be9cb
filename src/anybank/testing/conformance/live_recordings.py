"""Writes what a vendor's sandbox responds as cassettes, one per operation."""

from __future__ import annotations

from pathlib import Path

from attrs import define, field

from ...errors import AnybankError, ConfigurationError
from ..cassette_files import CassetteOrigin
from .live_vendor import LiveVendor
from .operations import declared_operations
from .recorder import NotApplicable
from .subject import Subject


@define
class LiveRecordings:
    """The cassettes of a live run, if a directory for them is set."""

    subject: Subject
    vendor: LiveVendor
    directory: Path | None
    written: list[Path] = field(factory=list)

    def write(self) -> None:
        """Run each declared operation once more, and write those that succeed.

        Raises ConfigurationError if a cassette would not be masked. A host on this machine
        is recorded as a simulator: it is no vendor.
        """
        if self.directory is None:
            return
        from ..cassette_writer import CassetteWriter  # noqa: PLC0415  # it needs vcrpy

        vendor = self.vendor
        declared = vendor.adapter.base_url("sandbox")
        writer = CassetteWriter(
            directory=self.directory,
            vendor=vendor.provider,
            origin=_origin(vendor),
            base_url=declared or vendor.endpoint.base_url,
            base_path=vendor.base_path,
            source=f"the sandbox at {vendor.host}, over HTTP",
        )
        for operation, scenario in declared_operations(self.subject):
            try:
                outcome = operation.outcome(scenario, retries=0)
            except NotApplicable:  # no generated value fits the operation
                continue
            exchanges = scenario.recorder.exchanges
            if isinstance(outcome, AnybankError) or not exchanges:
                continue
            name = operation.name.replace(".", "-").replace("_", "-")
            pairs = [(item.request, item.response) for item in exchanges]
            self.written.append(writer.write(name, pairs))
        if not self.written:
            raise ConfigurationError("no operation succeeded, so nothing was recorded")


def _origin(vendor: LiveVendor) -> CassetteOrigin:
    return CassetteOrigin.SANDBOX if vendor.is_vendor else CassetteOrigin.SIMULATOR
