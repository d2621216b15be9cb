"""Support for pydantic models and FastAPI endpoints that use the values directly.

pydantic calls these two methods when a value class is the type of a field. It accepts an
instance or the dictionary of `to_dict`, and writes the masked dictionary. A serialisation
context of `{"reveal": True}` reveals what is masked.
Source: pydantic docs, "Custom types"
(https://docs.pydantic.dev/latest/concepts/types/#custom-types).
"""

from __future__ import annotations

from typing import Any


class PydanticSupport:
    """A mixin for value classes; pydantic itself is imported by pydantic only."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Return the schema with which pydantic validates and writes a value."""
        from pydantic_core import core_schema  # noqa: PLC0415  # pydantic's own, if it calls

        from .serialization import to_dict  # noqa: PLC0415  # unused without pydantic

        def write(value: Any, info: Any) -> Any:
            reveal = bool((info.context or {}).get("reveal"))
            return to_dict(value, reveal=reveal)

        return core_schema.no_info_plain_validator_function(
            cls._from_pydantic,
            ref=f"anybank.{cls.__name__}",
            serialization=core_schema.plain_serializer_function_ser_schema(
                write, info_arg=True
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """Return the JSON Schema of the dictionary, its parts written out in place."""
        from .serialization import inline_schema  # noqa: PLC0415  # as above

        return inline_schema(cls)

    @classmethod
    def _from_pydantic(cls, data: Any) -> Any:
        """Accept an instance, or read a dictionary; pydantic reports a ValueError."""
        from .serialization import from_dict  # noqa: PLC0415  # as above

        if isinstance(data, cls):
            return data
        if not isinstance(data, dict):
            raise ValueError(f"must be a {cls.__name__} or a dictionary")  # noqa: TRY004  # pydantic reports ValueError
        return from_dict(cls, data)
