"""A key, customers and neutral files for the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from anybank.migrate.neutral.customers_file import CustomersFile
from anybank.migrate.neutral.documents import document
from anybank.migrate.neutral.file_writer import FileWriter
from anybank.migrate.neutral.headers import FileHeader, FileOrigin
from anybank.migrate.neutral.keys import FileKey
from anybank.migrate.neutral.seals import Seal
from anybank.model.customers import Customer
from anybank.sensitive import Ssn

HEX = "0123456789abcdef" * 4
KEY = FileKey.of(HEX)
OTHER = FileKey.of("f" * 64)
SECRETS = ("Sample", "912-45", "91245", "ada@example.com", HEX)
"""What must never be shown, nor be in a file: long enough not to be there by chance."""


def plain(identifier: str, **fields: Any) -> bytes:
    """Return the text of a line: a customer with an id."""
    person: dict[str, Any] = {
        "first_name": "Ada",
        "last_name": "Sample",
        "ssn": Ssn("XXX-XX-6000"),
        "emails": ("ada@example.com",),
        **fields,
    }
    data = document(Customer(id=identifier, provider="bond", **person))
    return json.dumps(data, default=lambda value: value.reveal()).encode()


def exported(path: Path, count: int = 3, key: FileKey = KEY) -> Path:
    """Write an export of *count* customers, `a0` and on."""
    header = FileHeader(provider="bond", origin=FileOrigin.EXPORT, key_id=key.id)
    with FileWriter.new(path, Seal.new(header, key)) as writer:
        for at in range(count):
            writer.add(plain(f"a{at}"))
        writer.seal()
        writer.publish()
    return path


def growing(path: Path, count: int = 0, key: FileKey = KEY) -> CustomersFile:
    """Begin the file of a migration with some customers, and open it."""
    header = FileHeader(provider="file", origin=FileOrigin.MIGRATION, key_id=key.id)
    with FileWriter.new(path, Seal.new(header, key)) as writer:
        writer.publish()
    opened = CustomersFile.opened(path, key, receiving=True)
    for at in range(count):
        opened.add(f"a{at}", plain(f"a{at}"))
    return opened


def ids(path: Path, key: FileKey = KEY, **more: Any) -> list[str]:
    """Return the ids of all customers in a file, in its order."""
    opened = CustomersFile.opened(path, key, **more)
    lines, _ = opened.page(None, 1000)
    opened.close()
    return [json.loads(line)["id"] for line in lines]
