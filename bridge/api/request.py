"""Bodies under `/v1` are decoded strictly: `"1"` is no number, and the field that is wrong is named."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Empty

from bridge.campaigns.errors import InvalidField

_NAMED = re.compile(r"^Object (?:missing required|contains unknown) field `(?P<field>[^`]*)`")
_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is read as what its handler declares, not first as anything and then bent."""

    async def json(self) -> Any:
        """The body as the type of the handler's `data`.

        Raises:
            ClientException: it is not JSON.
            ValidationException: it is not such a type.
        """
        if self._json is Empty:
            self._json = decode(await self.body(), _declared(self.route_handler))
        return self._json


def decode(body: bytes, kind: Any) -> Any:
    """Decode JSON as a type; see `StrictRequest.json`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        message, field = _why(error)
        raise ValidationException(message, extra=[{"message": message, "key": field}]) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise ClientException(f"the body is not JSON: {error}") from None


def _why(error: msgspec.ValidationError) -> tuple[str, str]:
    """What is wrong, and with which field. A check of our own, which msgspec wraps, says both itself."""
    own = error.__cause__
    if isinstance(own, InvalidField):
        return own.why, own.field
    return _AT.sub("", str(error)), _field(str(error))


def _field(message: str) -> str:
    """The path of the field that msgspec complains of, e.g. `rights.modify_users`; empty: the whole body."""
    at, name = _AT.search(message), _NAMED.search(message)
    return ".".join(part for part in (at and at["path"], name and name["field"]) if part)


def _declared(handler: object) -> Any:
    field = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    return Any if field is None else field.annotation
