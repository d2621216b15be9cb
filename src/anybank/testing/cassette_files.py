"""Reads cassettes without vcrpy: their origin, and the calls with the responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from .._engine.files import read_text
from ..adapter.wire import Response
from ..errors import ConfigurationError
from ..model.features import Feature


class CassetteOrigin(StrEnum):
    """The system whose responses a cassette holds (`recorded_from` in its metadata)."""

    SIMULATOR = "simulator"
    """The simulator of an adapter's author, which shows nothing about the vendor."""
    VENDOR_PAGE = "vendor page"
    """The vendor's own document or page, whose examples were transcribed."""
    SANDBOX = "sandbox"
    """The vendor's sandbox, over HTTP."""

    @property
    def is_of_vendor(self) -> bool:
        """True if the responses are the vendor's own."""
        return self is not CassetteOrigin.SIMULATOR


@frozen
class RecordedCall:
    """A call of a cassette; `path` is that of its URL."""

    method: str
    path: str
    response: Response


@frozen
class CassetteFile:
    """A cassette with its calls. Its name is an operation's, and perhaps an outcome."""

    path: Path
    origin: CassetteOrigin
    source: str
    calls: Sequence[RecordedCall] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> CassetteFile:
        """Read a cassette; raise ConfigurationError if the file is none."""
        try:
            tree = _parsed(path)
            metadata = tree["metadata"]
            calls = tuple(map(_call, tree["interactions"]))
            origin = CassetteOrigin(metadata["recorded_from"])
            return cls(path, origin, str(metadata["source"]), calls)
        except (KeyError, TypeError, ValueError, AttributeError):
            message = (
                f"{path.name} is not a cassette: it needs `metadata` with "
                "`recorded_from` and `source`, and `interactions`"
            )
        raise ConfigurationError(message)

    @cached_property
    def feature(self) -> Feature | None:
        """The operation that the name begins with, or None."""
        matches = [item for item in Feature if self._begins_with(_slug(item))]
        return max(matches, key=lambda item: len(item.value), default=None)

    @property
    def outcome(self) -> str:
        """The rest of the name after the operation, empty for a success."""
        slug = _slug(self.feature) if self.feature else ""
        return self.path.stem.removeprefix(slug).removeprefix("-")

    @property
    def succeeds(self) -> bool:
        """True if every response is a success."""
        return bool(self.calls) and all(call.response.ok for call in self.calls)

    def _begins_with(self, slug: str) -> bool:
        return f"{self.path.stem}-".startswith(f"{slug}-")


def cassette_files(directory: Path, vendor: str) -> Iterator[CassetteFile]:
    """Yield the cassettes of a vendor, ordered by kind and name."""
    for path in sorted((directory / vendor).glob("*/*.yaml")):
        yield CassetteFile.read(path)


def _slug(feature: Feature) -> str:
    """Return the name of an operation as files have it: `customers-get`."""
    return feature.value.replace(".", "-").replace("_", "-")


def _parsed(path: Path) -> Any:
    import yaml  # type: ignore[import-untyped] # noqa: PLC0415  # vcrpy brings it

    try:
        return yaml.safe_load(read_text(path))
    except yaml.YAMLError:
        return None


def _call(interaction: Mapping[str, Any]) -> RecordedCall:
    request, recorded = interaction["request"], interaction["response"]
    headers = {
        name: value[0] if isinstance(value, list) else value
        for name, value in recorded.get("headers", {}).items()
    }
    response = Response(
        status=recorded["status"]["code"],
        headers=headers,
        content=str(recorded["body"]["string"]).encode(),
    )
    return RecordedCall(request["method"], urlsplit(request["uri"]).path, response)
