"""Cassettes: recorded responses of a vendor, replayed offline, without personal data.

A directory of cassettes has one directory per vendor, which has one directory per kind of
cassette, and may have an allow-list (`allowed.toml`) in place of the one that the vendor's
adapter ships in its package::

    cassettes/bond/transcribed/customers-get.yaml     from the vendor's own pages
    cassettes/bond/recorded/customers-get.yaml        from a sandbox, over HTTP

They are in vcrpy's format. The allow-list masks a recording before it is written, and a
request before it is matched, so a replay may send the original values or their masks. A
test must send the masks only where the adapter compares a response with the request.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import Factory, frozen

from .._engine.files import read_text
from ..errors import ConfigurationError
from ..plugins import find
from .cassette_files import CassetteOrigin
from .masks import HIDDEN, AllowList, mask

try:
    import vcr  # type: ignore[import-untyped] # vcrpy has no types
    import yaml  # type: ignore[import-untyped] # nor has PyYAML, which it brings
except ImportError:
    raise ConfigurationError("cassettes need vcrpy: run pip install vcrpy") from None

# vcrpy logs at INFO what it records, before it is masked.
logging.getLogger("vcr").setLevel(logging.WARNING)

ALLOWED = "allowed.toml"
MATCHED = ("method", "scheme", "host", "port", "path", "query", "body")


class CassetteKind(StrEnum):
    """The folder of a cassette: transcribed from a page, or recorded over HTTP."""

    TRANSCRIBED = "transcribed"
    RECORDED = "recorded"


def cassette_player(
    directory: Path,
    vendor: str,
    kind: CassetteKind = CassetteKind.RECORDED,
    *,
    record_mode: str = "none",
    rewrite: Mapping[str, str] | None = None,
    recorded_from: CassetteOrigin = CassetteOrigin.SANDBOX,
    source: str = "",
    notes: Sequence[str] = (),
) -> Any:
    """Return a `vcr.VCR` that replays or records one vendor's cassettes of one kind.

    Args:
        directory: the directory that holds the cassettes of all vendors.
        vendor: the name of the provider.
        kind: the kind of cassette.
        record_mode: vcrpy's record mode; "none" never uses the network, "all" records
            every cassette again.
        rewrite: replacements for the beginning of a recorded URL, such as a loopback
            address by the host that the vendor declares.
        recorded_from: the system that responds while a cassette is recorded.
        source: the title of the page, or the sandbox, for readers of the cassette.
        notes: the differences from the source.
    """
    folder = directory / vendor
    allowed = allow_list(folder, kind)
    masking = CassetteMasking(allowed, dict(rewrite or {}))
    player = vcr.VCR(
        cassette_library_dir=str(folder / kind),
        record_mode=record_mode,
        match_on=MATCHED,
        serializer="anybank",
        # A compressed body could not be masked.
        decode_compressed_response=True,
        before_record_request=masking.request,
        before_record_response=masking.response,
    )
    player.register_serializer("anybank", _Yaml(kind, recorded_from, source, notes))
    return player


def allow_list(folder: Path, kind: str) -> AllowList:
    """Return the allow-list of a vendor's folder, or the one that its adapter ships."""
    path = folder / ALLOWED
    shipped = None if path.exists() else _shipped(folder.name)
    return AllowList.load(shipped if shipped and shipped.exists() else path, kind)


def _shipped(vendor: str) -> Path | None:
    """Return where the package of an adapter has its allow-list."""
    try:
        adapter = find(vendor).adapter
    except ConfigurationError:
        return None
    package = sys.modules[adapter.__module__.partition(".")[0]]
    return Path(package.__file__).with_name(ALLOWED) if package.__file__ else None


@contextmanager
def replayed(
    directory: Path, vendor: str, name: str, kind: CassetteKind = CassetteKind.RECORDED
) -> Iterator[None]:
    """Replay a cassette; raise AssertionError if some of its requests were not made.

    A request that the cassette does not have is not sent: the Bank raises OutcomeUnknown,
    which names vcrpy's error.
    """
    player = cassette_player(directory, vendor, kind)
    with player.use_cassette(f"{name}.yaml") as cassette:
        yield
    # A cassette with unused requests records something that the adapter does not do any
    # more, and would never be missed.
    if not cassette.all_played:
        unused = len(cassette) - cassette.play_count
        raise AssertionError(
            f"The cassette {vendor}/{kind}/{name} has {unused} requests that were not "
            "made. Make them, or record the cassette again."
        )


@frozen
class CassetteMasking:
    """Masks requests and responses before vcrpy stores or matches them."""

    allowed: AllowList
    rewrite: Mapping[str, str] = Factory(dict)

    def request(self, request: Any) -> Any:
        """Mask a vcrpy request in place and return it."""
        request.uri = self._uri(request.uri)
        request.body = self._body(request.body or b"")
        request.headers = self._headers(request.headers)
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return a masked copy of a vcrpy response, without its reason phrase."""
        return {
            "status": {"code": response["status"]["code"], "message": ""},
            "headers": self._headers(response["headers"]),
            "body": {"string": self._body(response["body"]["string"])},
        }

    def _uri(self, uri: str) -> str:
        for recorded, declared in self.rewrite.items():
            if uri.startswith(recorded):
                uri = declared + uri.removeprefix(recorded)
        path, _, query = uri.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        masked = [(name, self.allowed.masked(value, name)) for name, value in pairs]
        return f"{path}?{urlencode(masked)}" if masked else path

    def _headers(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        recorded = {}
        for name, value in headers.items():
            if name.lower() in self.allowed.credentials:
                recorded[name.lower()] = [HIDDEN] if isinstance(value, list) else HIDDEN
            elif name.lower() in self.allowed.headers:
                recorded[name.lower()] = value
        return recorded

    def _body(self, body: bytes) -> bytes:
        """Mask a body; JSON is indented for readers of the cassette."""
        text = body.decode("utf-8", "replace")
        tree = _parse_json(text)
        if tree is None:
            return (text if text in self.allowed.texts else str(mask(text))).encode()
        masked = self.allowed.masked(tree)
        return json.dumps(masked, indent=1, ensure_ascii=False).encode()


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@frozen
class _Yaml:
    """vcrpy's YAML with multi-line bodies, and with metadata about the cassette."""

    kind: CassetteKind
    origin: CassetteOrigin
    source: str
    notes: Sequence[str]

    def serialize(self, cassette: dict[str, Any]) -> str:
        """Return a cassette as text."""
        metadata: dict[str, Any] = {
            "kind": str(self.kind),
            "recorded_from": str(self.origin),
            "source": self.source,
        }
        if self.notes:
            metadata["notes"] = list(self.notes)
        document = {"metadata": metadata, **cassette}
        return str(
            yaml.dump(document, Dumper=_Lines, sort_keys=False, allow_unicode=True)
        )

    def deserialize(self, text: str) -> Any:
        """Read a cassette with YAML's standard types."""
        return yaml.safe_load(text)


def to_yaml(
    content: dict[str, Any],
    kind: CassetteKind,
    origin: CassetteOrigin,
    source: str,
    notes: Sequence[str] = (),
) -> str:
    """Return a cassette in vcrpy's format as text, with its metadata."""
    return _Yaml(kind, origin, source, notes).serialize(content)


class _Lines(yaml.SafeDumper):  # type: ignore[misc] # PyYAML is not typed
    """Writes a multi-line text as a block."""


def _in_lines(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Lines.add_representer(str, _in_lines)

# The mask XXX-XX-0000 has letters and does not match. UUIDs and ids contain runs of
# digits, which the look-arounds exclude.
_SSN = re.compile(r"(?<![\w-])[0-9]{3}([- ]?)[0-9]{2}\1[0-9]{4}(?![\w-])")
_FIELD = re.compile(r'\s*"([A-Za-z_]\w*)":')
_EMAIL = re.compile(r"[^\s@\"'<>:,;(]+@(?!example\.com\b)[^\s@\"'<>:,;)]+")


def find_problems(path: Path) -> list[str]:
    """Return the parts of a cassette that are not masked, by place, never by value.

    Each value of a field that is not on the allow-list must be its own mask. Nothing may
    look like an SSN, a credential, or an e-mail address outside example.com.
    """
    return problems_of_text(path, read_text(path))


def problems_of_text(path: Path, text: str) -> list[str]:
    """Return what `find_problems` would of a cassette with this text at this path."""
    cassette = yaml.safe_load(text)
    metadata = cassette.get("metadata", {})
    kind = metadata.get("kind")
    is_known = kind == path.parent.name and kind in set(CassetteKind)
    if not is_known or not metadata.get("source"):
        return [
            f"{path.name}: the metadata lacks kind: {path.parent.name}, or a source"
        ]
    if not _has_origin(metadata, kind):
        origins = ", ".join(_ORIGINS[kind])
        return [f"{path.name}: the metadata lacks recorded_from: {origins}"]
    masking = CassetteMasking(allow_list(path.parents[1], kind))
    problems = [
        f"{path.name}, interaction {index}: {problem}"
        for index, interaction in enumerate(cassette["interactions"])
        for problem in _unmasked(interaction, masking)
    ]
    patterns = {"an SSN": _SSN, "an e-mail address": _EMAIL}
    problems += [
        f"{path.name} contains {name}"
        for name, pattern in patterns.items()
        if pattern.search(text)
    ]
    return problems


_ORIGINS = {
    CassetteKind.TRANSCRIBED: (CassetteOrigin.VENDOR_PAGE,),
    CassetteKind.RECORDED: (CassetteOrigin.SIMULATOR, CassetteOrigin.SANDBOX),
}
"""The origins that each kind of cassette may have."""


def _has_origin(metadata: Mapping[str, Any], kind: str) -> bool:
    return metadata.get("recorded_from") in _ORIGINS[CassetteKind(kind)]


def _unmasked(
    interaction: Mapping[str, Any], masking: CassetteMasking
) -> Iterator[str]:
    """Mask an interaction again, and yield the places that this changes."""
    request, response = interaction["request"], interaction["response"]
    # The mask of a mask is the same mask. What changes under a second masking was not
    # masked.
    masked_request = masking.request(
        vcr.request.Request(
            request["method"], request["uri"], request["body"], request["headers"]
        )
    )
    masked_response = masking.response(
        {**response, "body": {"string": response["body"]["string"].encode()}}
    )
    pairs = {
        "the URL": (request["uri"], masked_request.uri),
        "the request's headers": (
            _single_values(request),
            dict(masked_request.headers),
        ),
        "the request's body": (request["body"] or "", masked_request.body.decode()),
        "the response's headers": (response["headers"], masked_response["headers"]),
        "the response's body": (
            response["body"]["string"],
            masked_response["body"]["string"].decode(),
        ),
    }
    for place, (recorded, masked) in pairs.items():
        if recorded != masked:
            yield f"{place} {_unmasked_fields(recorded, masked)}"
    if urlsplit(request["uri"]).username:
        yield "the URL contains credentials"


def _single_values(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in request["headers"].items()
    }


def _unmasked_fields(recorded: Any, masked: Any) -> str:
    """Name the fields in whose lines two bodies differ."""
    pairs = zip(str(recorded).splitlines(), str(masked).splitlines(), strict=False)
    matches = [_FIELD.match(before) for before, after in pairs if before != after]
    names = ", ".join(match[1] for match in matches if match)
    return f"contains unmasked data ({names or 'outside of a field'})"
