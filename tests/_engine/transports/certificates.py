"""Valid certificates, and invalid ones with one fault each."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import trustme
from attrs import frozen

HOST = "bank.example.com"
_PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_FUTURE = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


@frozen
class Authority:
    """A certificate authority that a bank trusts, and the servers that it certifies."""

    path: str
    ca: trustme.CA

    @classmethod
    def at(cls, path: Path) -> Authority:
        """Create an authority whose certificate is in a file."""
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(path))
        return cls(str(path), ca)

    def server(self, kind: str) -> ssl.SSLContext:
        """Return the TLS context of a server with one kind of certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if kind == "self-signed":
            pem = self.ca.private_key_pem.bytes() + self.ca.cert_pem.bytes()
            with trustme.Blob(pem).tempfile() as path:
                context.load_cert_chain(path)
        else:
            self._certificate(kind).configure_cert(context)
        return context

    def _certificate(self, kind: str) -> trustme.LeafCert:
        if kind == "untrusted":
            return trustme.CA().issue_cert("127.0.0.1", HOST)
        if kind == "expired":
            return self.ca.issue_cert("127.0.0.1", not_before=_PAST, not_after=_PAST)
        if kind == "early":
            return self.ca.issue_cert("127.0.0.1", not_before=_FUTURE)
        if kind == "of another host":
            return self.ca.issue_cert("other.example.com")
        if kind == "of another address":
            return self.ca.issue_cert("127.0.0.2")
        return self.ca.issue_cert("127.0.0.1", HOST)
