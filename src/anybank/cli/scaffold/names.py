"""The names of a new adapter, which all follow from the name of the provider."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Self

from attrs import frozen

from ...errors import ConfigurationError
from ...plugins import BUILT_IN, providers

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""A normalized name (PEP 503) that becomes an identifier when `_` replaces `-`."""

_MAX_LENGTH = 40


@frozen
class Names:
    """The names of a provider, its distribution, package and classes."""

    provider: str

    @classmethod
    def new(cls, provider: str) -> Self:
        """Return the names of a new provider.

        Raise ConfigurationError if the name is invalid, reserved or already installed.
        """
        if not _NAME.fullmatch(provider) or len(provider) > _MAX_LENGTH:
            raise ConfigurationError(
                f"{provider!r} is not a valid name: use lower-case letters and digits, "
                f"separated by single dashes, starting with a letter, at most "
                f"{_MAX_LENGTH} characters, such as first-acme"
            )
        if keyword.iskeyword(provider) or provider in BUILT_IN:
            raise ConfigurationError(f"the name {provider!r} is reserved")
        if provider in {info.name for info in providers()}:
            raise ConfigurationError(
                f"a provider named {provider!r} is already installed"
            )
        return cls(provider)

    @property
    def distribution(self) -> str:
        """The name on a package index."""
        return f"anybank-{self.provider}"

    @property
    def module(self) -> str:
        """The provider's name as an identifier."""
        return self.provider.replace("-", "_")

    @property
    def kind(self) -> str:
        """The name of the adapter's class."""
        return "".join(part.capitalize() for part in self.provider.split("-"))

    @property
    def title(self) -> str:
        """The name to show to people."""
        return " ".join(part.capitalize() for part in self.provider.split("-"))

    @property
    def replacements(self) -> Mapping[str, str]:
        """The new name for each name of the template, longer names first."""
        return {
            "anybank_acme": f"anybank_{self.module}",
            "test_acme": f"test_{self.module}",
            'title="Acme"': f'title="{self.title}"',
            "ACME": self.module.upper(),
            "Acme": self.kind,
            "acme": self.provider,
        }

    def substitute(self, text: str) -> str:
        """Return a text of the template with these names instead of Acme's."""
        # One pass over the text: a replacement is not replaced again if the new name
        # contains an old one, as `acme-bank` does.
        pattern = "|".join(map(re.escape, self.replacements))
        return re.sub(pattern, lambda match: self.replacements[match[0]], text)
