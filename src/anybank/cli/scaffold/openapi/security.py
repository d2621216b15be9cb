"""How a document's operations are authenticated, and at which hosts, as Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

from .python_text import comment, text
from .source import Node, SourceDocument

_SANDBOX = re.compile(r"sandbox|test|stag|demo|\bs\.|\bdev", re.IGNORECASE)


@frozen(kw_only=True)
class Security:
    """The fields of `Options`, and the body of `authenticate`."""

    options: str
    credentials: Mapping[str, str]
    authenticate: str
    note: str


def security_of(document: SourceDocument) -> Security:
    """Return how the document authenticates a request; the first scheme that it names."""
    schemes = _schemes(document)
    ordered = [*_required(document), *schemes]
    name = next((it for it in ordered if it in schemes), "")
    scheme = schemes.get(name, {})
    others = ", ".join(f"{it} ({_kind(schemes[it])})" for it in schemes if it != name)
    kind = _kind(scheme)
    note = (
        f"The scheme {name} ({kind})." if name else "TODO: the document has no scheme."
    )
    if others:
        note += f" TODO: or {others}."
    if kind == "basic":
        return _basic(note)
    if kind == "apiKey in header":
        return _header(str(scheme.get("name", "X-API-Key")), note)
    if kind in ("oauth2", "openIdConnect"):
        note += " TODO: write request_token where the vendor issues the token."
    elif kind != "bearer":
        note += " TODO: it is written here as a bearer token."
    return _bearer(note)


def _schemes(document: SourceDocument) -> Mapping[str, Node]:
    pointer = "#/components/securitySchemes"
    if not document.has(pointer):
        return {}
    names = document.object(pointer)
    return {name: document.follow(f"{pointer}/{name}")[1] for name in names}


def _required(document: SourceDocument) -> list[str]:
    security = document.tree.get("security")
    requirements = security if isinstance(security, list) else []
    return [name for it in requirements if isinstance(it, dict) for name in it]


def _kind(scheme: Mapping[str, Any]) -> str:
    kind = str(scheme.get("type", ""))
    if kind == "http":
        return str(scheme.get("scheme", "")).lower()
    return f"apiKey in {scheme.get('in')}" if kind == "apiKey" else kind


def _bearer(note: str) -> Security:
    return Security(
        options='    token: Sensitive = credential("the bearer token")',
        credentials={"token": "sandbox-token"},
        authenticate=(
            'bearer = credentials.token.prefixed("Bearer ")\n'
            "        return request.with_headers(authorization=bearer)"
        ),
        note=note,
    )


def _basic(note: str) -> Security:
    return Security(
        options=(
            '    username: Sensitive = credential("the user name, or the public key")\n'
            '    password: Sensitive = credential("the password, or the secret key")'
        ),
        credentials={"username": "sandbox-user", "password": "sandbox-password"},
        authenticate=(
            "header = basic(credentials.username, credentials.password)\n"
            "        return request.with_headers(authorization=header)"
        ),
        note=note,
    )


def _header(header: str, note: str) -> Security:
    name = re.sub(r"[^A-Za-z0-9-]", "-", header)
    return Security(
        options=f'    api_key: Sensitive = credential("the key of the {name} header")',
        credentials={"api_key": "sandbox-key"},
        authenticate=(
            f"headers = {{{text(name.replace('-', '_').lower())}: credentials.api_key}}\n"
            "        return request.with_headers(**headers)"
        ),
        note=note,
    )


def hosts_of(document: SourceDocument, provider: str) -> tuple[dict[str, str], str]:
    """Return the base URL of each environment, and a comment about what was guessed."""
    urls = [url for url in map(_url, _servers(document)) if url]
    sandbox = [url for url in urls if _SANDBOX.search(url)]
    production = [url for url in urls if url not in sandbox]
    notes = []
    hosts: dict[str, str] = {}
    for name, urls_of_kind in (("sandbox", sandbox), ("production", production)):
        hosts[name] = (
            urls_of_kind[0] if urls_of_kind else f"https://{name}.{provider}.example"
        )
        if not urls_of_kind:
            notes.append(f"TODO: the document has no server for {name}.")
        if len(urls_of_kind) > 1:
            notes.append(f"TODO: or {', '.join(urls_of_kind[1:4])} for {name}.")
    return hosts, comment(" ".join(notes), 4) if notes else ""


def _servers(document: SourceDocument) -> list[Node]:
    servers = document.tree.get("servers")
    known = servers if isinstance(servers, list) else ()
    return [it for it in known if isinstance(it, dict)]


def _url(server: Node) -> str | None:
    """Return the URL of a server with the defaults of its variables; https only."""
    url = str(server.get("url", ""))
    variables = server.get("variables")
    for name, variable in (variables if isinstance(variables, dict) else {}).items():
        default = variable.get("default", "") if isinstance(variable, dict) else ""
        url = url.replace(f"{{{name}}}", str(default))
    parts = urlsplit(url)
    is_plain = parts.scheme == "https" and parts.netloc and url.isascii()
    return url.rstrip("/") if is_plain and not re.search(r"[{}\s?#]", url) else None
