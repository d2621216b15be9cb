"""Bodies of forms: multipart/form-data, which carries files, and URL-encoded ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TypeAlias
from urllib.parse import urlencode

from attrs import field, frozen

from ..sensitive import Personal, Sensitive


@frozen(kw_only=True)
class FormFile(Personal):
    """A file of a form. Its content is a Sensitive that reveals bytes.

    `filename` is a name of the adapter's own: a user's file name may be personal.
    """

    filename: str
    media_type: str
    content: Sensitive


FormPart: TypeAlias = str | Sensitive | FormFile


@frozen
class Form(Personal):
    """A form with a text or a file for each name, which a Request has as its body.

    It is encoded as multipart/form-data (RFC 7578). The content stays masked until the form
    is encoded.
    """

    parts: Mapping[str, FormPart] = field(repr=False, hash=False)

    @property
    def media_type(self) -> str:
        """The value of the header content-type, with the boundary of this form."""
        return f"multipart/form-data; boundary={self._boundary()}"

    def encoded(self) -> bytes:
        """Return the form as bytes, with its Sensitive values revealed."""
        boundary = self._boundary().encode()
        lines: list[bytes] = []
        for head, content in self._parts():
            lines += [b"--" + boundary, *head, b"", content]
        return b"\r\n".join([*lines, b"--" + boundary + b"--", b""])

    def sensitive(self) -> Iterator[Sensitive]:
        """Yield every Sensitive value in the form."""
        for part in self.parts.values():
            content = part.content if isinstance(part, FormFile) else part
            if isinstance(content, Sensitive):
                yield content

    def _boundary(self) -> str:
        # Derived from the content, so that the same form is the same request when it is
        # repeated, and no content can have the boundary in it.
        digest = hashlib.sha256()
        for head, content in self._parts():
            digest.update(b"\r\n".join([*head, content]))
        return f"anybank-{digest.hexdigest()[:32]}"

    def _parts(self) -> Iterator[tuple[list[bytes], bytes]]:
        """Yield the header lines and the content of each part."""
        for name, part in self.parts.items():
            disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
            if isinstance(part, FormFile):
                named = f'{disposition}; filename="{_quoted(part.filename)}"'
                kind = f"Content-Type: {part.media_type}"
                yield [named.encode(), kind.encode()], part.content.reveal()
            else:
                text = part.reveal() if isinstance(part, Sensitive) else part
                yield [disposition.encode()], str(text).encode()


@frozen
class UrlForm(Form):
    """A form of texts, encoded as application/x-www-form-urlencoded.

    Token requests of OAuth 2.0 have such a body (RFC 6749, section 4.4.2).
    """

    @property
    def media_type(self) -> str:
        """The value of the header content-type."""
        return "application/x-www-form-urlencoded"

    def encoded(self) -> bytes:
        """Return the form as bytes, with its Sensitive values revealed."""
        pairs = [
            (name, str(part.reveal() if isinstance(part, Sensitive) else part))
            for name, part in self.parts.items()
        ]
        return urlencode(pairs).encode()


def _quoted(name: str) -> str:
    # HTML, "Multipart form data": these three are percent-encoded in names.
    # https://html.spec.whatwg.org/multipage/form-control-infrastructure.html
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
