"""Cassettes: answers of a vendor on file, replayed without a network, with nobody in them.

A directory of cassettes holds one directory for each vendor, in it the allow-list
(`allowed.toml`) and one directory for each kind of cassette::

    cassettes/bond/allowed.toml
    cassettes/bond/transcribed/customers-get.yaml     from the vendor's own pages
    cassettes/bond/recorded/customers-get.yaml        from a sandbox, over HTTP

They are in vcrpy's format. What is recorded is masked by the allow-list before it is
written, and a request is masked in the same way before it is matched: a replay may ask for
the real person or for the masks. Only where an adapter compares an answer with what was
sent must a test send the masks.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import Factory, frozen

from .._engine.files import read_text
from ..errors import ConfigurationError
from .masks import HIDDEN, AllowList, mask

try:
    import vcr  # type: ignore[import-untyped] # vcrpy has no types
    import yaml  # type: ignore[import-untyped] # nor has PyYAML, which it brings
except ImportError:
    raise ConfigurationError("cassettes need vcrpy: pip install vcrpy") from None

# vcrpy tells at INFO what it records, before it is masked.
logging.getLogger("vcr").setLevel(logging.WARNING)

ALLOWED = "allowed.toml"
MATCHED = ("method", "scheme", "host", "port", "path", "query", "body")


class Kind(StrEnum):
    """Where a cassette comes from: a vendor's page, or a sandbox that was asked."""

    TRANSCRIBED = "transcribed"
    RECORDED = "recorded"


def cassette_player(
    directory: Path,
    vendor: str,
    kind: Kind = Kind.RECORDED,
    *,
    record_mode: str = "none",
    rewrite: Mapping[str, str] | None = None,
    source: str = "",
    notes: Sequence[str] = (),
) -> Any:
    """Return a `vcr.VCR` that plays one vendor's cassettes of one kind.

    Args:
        directory: the directory of all cassettes.
        vendor: the name of the provider.
        kind: which of the vendor's cassettes.
        record_mode: vcrpy's; "none" never touches the network, "all" records anew.
        rewrite: what a URL begins with where it is recorded, and what is written instead:
            a loopback address and the host that the vendor declares.
        source: what is recorded, for whoever reads the cassette: a page or a sandbox.
        notes: what of the source was changed.
    """
    folder = directory / vendor
    allowed = AllowList.load(folder / ALLOWED, kind)
    scrubber = Scrubber(allowed, dict(rewrite or {}))
    player = vcr.VCR(
        cassette_library_dir=str(folder / kind),
        record_mode=record_mode,
        match_on=MATCHED,
        serializer="anybank",
        decode_compressed_response=True,
        before_record_request=scrubber.request,
        before_record_response=scrubber.response,
    )
    player.register_serializer("anybank", _Yaml(kind, source, notes))
    return player


@contextmanager
def replayed(
    directory: Path, vendor: str, name: str, kind: Kind = Kind.RECORDED
) -> Iterator[None]:
    """Replay a cassette, and fail where not all of it was asked for.

    What it does not hold is never asked of the network: the bank raises OutcomeUnknown,
    and names vcrpy's error.
    """
    player = cassette_player(directory, vendor, kind)
    with player.use_cassette(f"{name}.yaml") as cassette:
        yield
    if not cassette.all_played:
        left = len(cassette) - cassette.play_count
        raise AssertionError(f"{vendor} {kind} {name}: {left} requests were not made")


@frozen
class Scrubber:
    """Masks what vcrpy is about to keep or to match."""

    allowed: AllowList
    rewrite: Mapping[str, str] = Factory(dict)

    def request(self, request: Any) -> Any:
        """Mask a request of vcrpy's."""
        request.uri = self._uri(request.uri)
        request.body = self._body(request.body or b"")
        request.headers = self._headers(request.headers)
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Mask a response of vcrpy's; the reason phrase is left out."""
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
        kept = [(name, self.allowed.masked(value, name)) for name, value in pairs]
        return f"{path}?{urlencode(kept)}" if kept else path

    def _headers(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        kept = {}
        for name, value in headers.items():
            if name.lower() in self.allowed.credentials:
                kept[name.lower()] = [HIDDEN] if isinstance(value, list) else HIDDEN
            elif name.lower() in self.allowed.headers:
                kept[name.lower()] = value
        return kept

    def _body(self, body: bytes) -> bytes:
        """Mask a body; JSON is laid out for whoever reads the cassette."""
        text = body.decode("utf-8", "replace")
        said = _json(text)
        if said is None:
            return (text if text in self.allowed.texts else str(mask(text))).encode()
        masked = self.allowed.masked(said)
        return json.dumps(masked, indent=1, ensure_ascii=False).encode()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@frozen
class _Yaml:
    """vcrpy's YAML with bodies in lines, and with what the cassette says of itself."""

    kind: Kind
    source: str
    notes: Sequence[str]

    def serialize(self, cassette: dict[str, Any]) -> str:
        """Return a cassette as text."""
        about = {"kind": str(self.kind), "source": self.source}
        if self.notes:
            about["notes"] = list(self.notes)  # type: ignore[assignment] # YAML takes it
        told = {"metadata": about, **cassette}
        return str(yaml.dump(told, Dumper=_Lines, sort_keys=False, allow_unicode=True))

    def deserialize(self, text: str) -> Any:
        """Read a cassette; YAML's own types only."""
        return yaml.safe_load(text)


class _Lines(yaml.SafeDumper):  # type: ignore[misc] # PyYAML is not typed
    """Writes a text of several lines as lines."""


def _in_lines(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Lines.add_representer(str, _in_lines)

_SSN = re.compile(r"(?<![\w-])[0-9]{3}([- ]?)[0-9]{2}\1[0-9]{4}(?![\w-])")
_FIELD = re.compile(r'\s*"([A-Za-z_]\w*)":')
_EMAIL = re.compile(r"[^\s@\"'<>:,;(]+@(?!example\.com\b)[^\s@\"'<>:,;)]+")


def findings(path: Path) -> list[str]:
    """Say what in a cassette should not be there, by place, never by value.

    Each value under a field that is not on the allow-list must be its own mask, and
    nothing anywhere may look like an SSN, a credential or an e-mail address that is not
    at example.com.
    """
    text = read_text(path)
    told = yaml.safe_load(text)
    about = told.get("metadata", {})
    kind = about.get("kind")
    if kind != path.parent.name or kind not in set(Kind) or not about.get("source"):
        return [
            f"{path.name}: it does not say that it is {path.parent.name}, and of what"
        ]
    scrubber = Scrubber(AllowList.load(path.parents[1] / ALLOWED, kind))
    found = [
        f"{path.name}, {index}: {each}"
        for index, interaction in enumerate(told["interactions"])
        for each in _unmasked(interaction, scrubber)
    ]
    looks = {"an SSN": _SSN, "an e-mail address": _EMAIL}
    found += [
        f"{path.name}: {name}" for name, like in looks.items() if like.search(text)
    ]
    return found


def _unmasked(interaction: Mapping[str, Any], scrubber: Scrubber) -> Iterator[str]:
    """Scrub an interaction again, and name what that changes."""
    request, response = interaction["request"], interaction["response"]
    again = scrubber.request(
        vcr.request.Request(
            request["method"], request["uri"], request["body"], request["headers"]
        )
    )
    answered = scrubber.response(
        {**response, "body": {"string": response["body"]["string"].encode()}}
    )
    pairs = {
        "the URL": (request["uri"], again.uri),
        "the request's headers": (_lowered(request), dict(again.headers)),
        "the request's body": (request["body"] or "", again.body.decode()),
        "the response's headers": (response["headers"], answered["headers"]),
        "the response's body": (
            response["body"]["string"],
            answered["body"]["string"].decode(),
        ),
    }
    for place, (was, masked) in pairs.items():
        if was != masked:
            yield f"{place} {_fields(was, masked)}"
    if urlsplit(request["uri"]).username:
        yield "the URL has credentials"


def _lowered(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in request["headers"].items()
    }


def _fields(was: Any, masked: Any) -> str:
    """Name the fields in whose lines two bodies differ."""
    pairs = zip(str(was).splitlines(), str(masked).splitlines(), strict=False)
    named = [_FIELD.match(old) for old, new in pairs if old != new]
    names = ", ".join(each[1] for each in named if each)
    return f"holds what is not masked ({names or 'not in a field'})"
