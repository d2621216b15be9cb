"""The names of a new adapter: all follow from the provider's."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Self

from attrs import frozen

from ...errors import ConfigurationError
from ...plugins import BUILT_IN, providers

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""A normalised name (PEP 503) that is an identifier once its dashes are underscores."""

_LONGEST = 40


@frozen
class Names:
    """What a provider, its distribution, package and classes are called."""

    provider: str

    @classmethod
    def new(cls, provider: str) -> Self:
        """Return the names of a provider that is not there yet.

        Raises ConfigurationError for what is no name, is reserved, or is installed.
        """
        if not _NAME.fullmatch(provider) or len(provider) > _LONGEST:
            raise ConfigurationError(
                f"{provider!r} is not a name: lower-case letters and digits, with single "
                f"dashes between, a letter first, at most {_LONGEST}: first-acme"
            )
        if keyword.iskeyword(provider) or provider in BUILT_IN:
            raise ConfigurationError(f"the name {provider!r} is reserved")
        if provider in {info.name for info in providers()}:
            raise ConfigurationError(f"a provider {provider!r} is installed already")
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
        """The name as people read it."""
        return " ".join(part.capitalize() for part in self.provider.split("-"))

    @property
    def replacements(self) -> Mapping[str, str]:
        """What each name of the template becomes, in the order of replacing."""
        return {
            "anybank_acme": f"anybank_{self.module}",
            "test_acme": f"test_{self.module}",
            'title="Acme"': f'title="{self.title}"',
            "ACME": self.module.upper(),
            "Acme": self.kind,
            "acme": self.provider,
        }

    def applied(self, text: str) -> str:
        """Return a text of the template with these names in place of Acme's."""
        pattern = "|".join(map(re.escape, self.replacements))
        return re.sub(pattern, lambda found: self.replacements[found[0]], text)
