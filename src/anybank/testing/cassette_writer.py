"""Writes exchanges as a masked cassette, without a recording of vcrpy's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from attrs import frozen

from .._engine.files import atomic_write
from ..adapter.wire import Request, Response
from ..errors import ConfigurationError
from .cassette_files import CassetteOrigin
from .cassettes import (
    CassetteKind,
    CassetteMasking,
    allow_list,
    problems_of_text,
    to_yaml,
)

try:
    import vcr  # type: ignore[import-untyped] # vcrpy has no types
except ImportError:
    raise ConfigurationError("cassettes need vcrpy: run pip install vcrpy") from None


@frozen(kw_only=True)
class CassetteWriter:
    """Writes the cassettes of one vendor and one origin into a directory.

    `base_url` is the host that the cassettes name, with the part of the path before the
    resources; `base_path` is the part of the requests' paths that it replaces.
    """

    directory: Path
    vendor: str
    origin: CassetteOrigin
    base_url: str
    base_path: str = ""
    source: str
    notes: Sequence[str] = ()

    @property
    def kind(self) -> CassetteKind:
        """The folder: a page is transcribed, everything else is recorded."""
        is_page = self.origin is CassetteOrigin.VENDOR_PAGE
        return CassetteKind.TRANSCRIBED if is_page else CassetteKind.RECORDED

    def write(self, name: str, exchanges: Iterable[tuple[Request, Response]]) -> Path:
        """Write a cassette and return its path.

        Raises ConfigurationError, and changes no file, if the result is not masked.
        """
        folder = self.directory / self.vendor
        masking = CassetteMasking(allow_list(folder, self.kind))
        interactions = [self._interaction(masking, *pair) for pair in exchanges]
        path = folder / self.kind / f"{name}.yaml"
        content = {"version": 1, "interactions": interactions}
        text = to_yaml(content, self.kind, self.origin, self.source, self.notes)
        # Before it is written: an unmasked cassette must not be on disk for a moment, nor
        # replace an earlier one.
        if problems := problems_of_text(path, text):
            raise ConfigurationError(
                f"{name}: {'; '.join(problems)}. Extend the masks of the vendor's "
                "allowed.toml; nothing was written."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(text)
        return path

    def _interaction(
        self, masking: CassetteMasking, request: Request, response: Response
    ) -> Mapping[str, Any]:
        body = request.encoded() or b""
        message = masking.request(
            vcr.request.Request(
                request.method, self._uri(request), body, _texts(request.headers)
            )
        )
        recorded = masking.response(
            {
                "status": {"code": response.status},
                "headers": {name: [text] for name, text in response.headers.items()},
                "body": {"string": response.content},
            }
        )
        return {
            "request": {
                "method": message.method,
                "uri": message.uri,
                "body": message.body.decode(),
                "headers": {name: [text] for name, text in message.headers.items()},
            },
            "response": {
                **recorded,
                "body": {"string": recorded["body"]["string"].decode()},
            },
        }

    def _uri(self, request: Request) -> str:
        path = request.path.removeprefix(self.base_path)
        query = f"?{urlencode(request.query)}" if request.query else ""
        return f"{self.base_url.rstrip('/')}{path}{query}"


def _texts(headers: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value.reveal()) if hasattr(value, "reveal") else str(value)
        for name, value in headers.items()
    }
