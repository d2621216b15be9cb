"""The package of a new adapter, which installs, loads and passes the conformance kit."""

from .distributions import contents, create
from .names import Names

__all__ = ["Names", "contents", "create"]
