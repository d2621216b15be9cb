"""The limits of a vendor: calls per minute and page sizes."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Limits:
    """The vendor's limits: calls per minute and page sizes."""

    calls_per_minute: int | None = None
    calls_source: str = ""
    page_sizes: tuple[int, ...] = ()
    page_source: str = ""

    @property
    def page_sizes_in_words(self) -> str:
        """The page sizes in words, such as "from 1 to 100"."""
        first, last = self.page_sizes[0], self.page_sizes[-1]
        if self.page_sizes == tuple(range(first, last + 1)) and last - first > 1:
            return f"from {first} to {last}"
        return f"one of {', '.join(map(str, self.page_sizes))}"
