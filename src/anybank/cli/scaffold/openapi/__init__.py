"""Write the wire classes, the rules and the flows of a new adapter from a document."""

from .package import Generated, Generator

__all__ = ["Generated", "Generator"]
