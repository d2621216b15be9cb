"""Random changes of a response's status, media type, body and headers."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.wire import Request, Response

STATUSES = (
    *(200, 200, 200, 201, 202, 203, 204, 206, 226),
    *(301, 302, 303, 304, 307, 308),
    *(400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 418, 422, 423, 424),
    *(425, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 507, 511, 520, 529, 599),
)
MEDIA: Sequence[str | None] = (
    None,
    "",
    "text/html",
    "text/html; charset=utf-16",
    "text/plain",
    "application/json",
    "application/json; charset=latin-1",
    "application/problem+json",
    "application/xml",
    "image/png",
    "multipart/form-data; boundary=x",
    ";;;",
)
HEADERS: Sequence[Mapping[str, str]] = (
    {},
    {"retry-after": "0"},
    {"retry-after": "1"},
    {"retry-after": "9" * 400},
    {"retry-after": "-1"},
    {"retry-after": "soon"},
    {"retry-after": "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"},
    {"date": "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"},
    {"date": "yesterday"},
    {"content-encoding": "gzip"},
    {"content-encoding": "br"},
    {"location": "https://elsewhere.example.com/"},
    {"set-cookie": "a=b; Path=/; HttpOnly"},
    {"set-cookie": ";;=;"},
    {"x-request-id": "x" * 5_000},
    {"x-ratelimit-reset": "never"},
)
PAGE = b"<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>"
EMPTY_LIST = b'{"object":"list","data":[],"has_more":false,"url":"/v1/charges"}'
STRANGERS: Sequence[bytes] = (
    PAGE,
    b"<html><title>502 Bad Gateway</title></html>",
    EMPTY_LIST,
    b'{"ok":true}',
    b'{"status":"UP"}',
    b'{"Message":"Forbidden"}',
    b"upstream connect error or disconnect/reset before headers",
)
"""The responses of a proxy or another server; none of them is a success."""
ODD: Sequence[Any] = (
    *(None, True, False, 0, -1, 1, 2**70, -(2**70), 1.5, 1e300, "", " ", ".", ".."),
    *("null", "0000-00-00", "9999-99-99T99:99:99Z", "2016-12-31T23:59:60Z"),
    *("\ud83d", "\x00", "XYZ", "x" * 3_000, "1e999", "-0", "true", "\u202e"),
    *([], {}, [[]], [{}], {"": ""}, [None], {"a": {"a": {"a": {}}}}),
)


def _tree(random: Random, content: bytes) -> bytes:
    """Return JSON with one leaf changed, removed, renamed, duplicated or wrapped."""
    try:
        tree = json.loads(content)
    except ValueError:
        return content
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        tree = _changed(random, tree)
    return json.dumps(tree).encode()


def _changed(random: Random, tree: Any) -> Any:
    if not isinstance(tree, (dict, list)) or not tree or random.random() < 0.05:
        return copy.deepcopy(random.choice(ODD))
    key = random.choice(list(tree) if isinstance(tree, dict) else range(len(tree)))
    if isinstance(tree[key], (dict, list)) and tree[key] and random.random() < 0.8:
        tree[key] = _changed(random, tree[key])
        return tree
    act = random.choice((_set, _set, _set, _drop, _wrap, _double))
    act(random, tree, key)
    return tree


def _set(random: Random, tree: Any, key: Any) -> None:
    tree[key] = copy.deepcopy(random.choice(ODD))


def _drop(random: Random, tree: Any, key: Any) -> None:
    del tree[key]


def _wrap(random: Random, tree: Any, key: Any) -> None:
    tree[key] = [tree[key]] if random.random() < 0.5 else {"value": tree[key]}


def _double(random: Random, tree: Any, key: Any) -> None:
    if isinstance(tree, list):
        tree.append(tree[key])
    else:
        tree[str(key).upper()] = tree[key]


def _cut(random: Random, content: bytes) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def _flipped(random: Random, content: bytes) -> bytes:
    if not content:
        return content
    at = random.randrange(len(content))
    return content[:at] + bytes([random.randrange(256)]) + content[at + 1 :]


def _noise(random: Random, content: bytes) -> bytes:
    return random.randbytes(random.choice((1, 50, 2_000)))


def _deep(random: Random, content: bytes) -> bytes:
    depth = random.choice((50, 600, 3_000))
    brackets = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return brackets[0] * depth + b"1" + brackets[1] * depth


def _encoded(random: Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(
        random.choice(("utf-16", "utf-32", "utf-8-sig", "latin-1")), "replace"
    )


def _said(random: Random, content: bytes) -> bytes:
    return json.dumps(copy.deepcopy(random.choice(ODD))).encode()


def _stranger(random: Random, content: bytes) -> bytes:
    return random.choice(STRANGERS)


def _same(random: Random, content: bytes) -> bytes:
    return content


def _twice(random: Random, content: bytes) -> bytes:
    return content + content


def _packed(random: Random, content: bytes) -> bytes:
    return gzip.compress(content)


BODIES: Sequence[Callable[[Random, bytes], bytes]] = (
    *(_tree,) * 10,
    *(_same,) * 3,
    *(_stranger,) * 3,
    *(_cut, _flipped, _noise, _deep, _encoded, _said, _twice, _packed),
)


@frozen
class Mutant:
    """A mutation: how it changes each response, and whether the vendor gets the request."""

    random: Random
    intercepted: bool
    """True if a proxy responds and the vendor never gets the request."""

    @classmethod
    def of(cls, seed: str) -> Mutant:
        """Return the mutation of a seed."""
        random = Random(seed)  # noqa: S311  # to be made again
        return cls(random, intercepted=random.random() < 0.2)

    def __call__(self, request: Request, answer: Response) -> Response:
        """Return the changed response; some responses stay unchanged."""
        random = self.random
        if random.random() < 0.1 and not self.intercepted:
            return answer
        change = _stranger if self.intercepted else random.choice(BODIES)
        headers = {**answer.headers, **random.choice(HEADERS)}
        if random.random() < 0.5:
            media = random.choice(MEDIA)
            headers.pop("content-type", None)
            headers.update({} if media is None else {"content-type": media})
        stored = random.random() < 0.4
        return evolve(
            answer,
            status=answer.status if stored else random.choice(STATUSES),
            headers=headers,
            content=change(random, answer.content),
        )
