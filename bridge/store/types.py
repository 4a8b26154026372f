"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

BigInt = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; SQLite numbers rows by itself only where the type is called INTEGER."""

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.decode


class Utc(TypeDecorator[datetime]):
    """A moment: aware in Python, always read back in UTC.

    SQLite holds it as ISO 8601 text of fixed width, so that its order is the order in time.

    Raises:
        ValueError: A datetime without a time zone was given.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, `timestamptz` elsewhere."""
        return String(32) if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse what has no zone; bring the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a datetime without a time zone cannot be stored: {value!r}")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        moment: datetime = value
        return moment.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Any value that msgspec can encode, as JSON text; read back as plain lists, dicts and scalars.

    Text and not `jsonb`: the bytes stay what they were, and nothing is asked of the inside in SQL.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Encode; `None` stays NULL."""
        return None if value is None else _encode(value).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Decode; NULL stays `None`."""
        return None if value is None else _decode(value)


class JsonInOrder(Json):
    """The same, with the keys of mappings in the order in which they were given: where it means something."""

    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Encode; `None` stays NULL."""
        return None if value is None else msgspec.json.encode(value).decode()


class Line(TypeDecorator[str]):
    """Text that both databases can hold: without NUL and without lone surrogates.

    Raises:
        ValueError: The text holds one of them.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Refuse what cannot be stored."""
        if value is None:
            return None
        if "\0" in value:
            raise ValueError("text with NUL cannot be stored")
        if not value.isascii():
            value.encode()  # raises UnicodeEncodeError for a lone surrogate
        return value
