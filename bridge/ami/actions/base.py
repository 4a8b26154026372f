"""What every action shares: a name, its headers, and what its answer means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from bridge.ami.errors import InvalidAction
from bridge.ami.events.base import AmiEvent, typed
from bridge.ami.protocol import Message

__all__ = ["Action", "Fields", "ListAction", "RawAction", "RawListAction", "Response", "SimpleAction"]

R_co = TypeVar("R_co", covariant=True)
Row_co = TypeVar("Row_co", bound=AmiEvent, covariant=True)
Fields = Iterator[tuple[str, str]]


class Response(Message):
    """An answer that is not an error; every header by name, as on any `Message`."""

    __slots__ = ()

    @property
    def message(self) -> str:
        """Asterisk's text, for people to read."""
        return self.get("Message")

    @property
    def action_id(self) -> str:
        """The ActionID of the action that is answered."""
        return self.get("ActionID")


@dataclass(frozen=True, slots=True)
class Action(Generic[R_co]):
    """One action with one answer, which `result()` turns into an `R_co`."""

    name: ClassVar[str]

    @property
    def action(self) -> str:
        """The action's name on the wire."""
        return self.name

    @property
    def blocking(self) -> bool:
        """Whether Asterisk serves nothing else on the link until this is answered, not even a ping."""
        return False

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from ()

    def result(self, response: Message) -> R_co:
        """Read the answer."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SimpleAction(Action[Response]):
    """An action whose answer is only "done"."""

    def result(self, response: Message) -> Response:
        """Return the answer as it is."""
        return Response(response.raw)


@dataclass(frozen=True, slots=True)
class ListAction(Generic[Row_co]):
    """An action answered by a list of events, of which those of the `rows` classes are wanted."""

    name: ClassVar[str]
    rows: ClassVar[tuple[type[AmiEvent], ...]]

    @property
    def action(self) -> str:
        """The action's name on the wire."""
        return self.name

    @property
    def blocking(self) -> bool:
        """Whether Asterisk serves nothing else on the link until this is answered."""
        return False

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from ()

    def row(self, message: Message) -> Row_co | None:
        """Return the typed row, or nothing for a kind of row that is not wanted."""
        row = typed(message)
        return row if isinstance(row, self.rows) else None  # type: ignore[return-value] # rows are Row_co's


def flag(value: bool) -> str:  # noqa: FBT001 - it renders one
    """Write a truth value as Asterisk reads it."""
    return "true" if value else "false"


def given(*fields: tuple[str, str | int | None]) -> Fields:
    """Yield the headers that have a value; `None` leaves one out, an empty string writes it empty."""
    for name, value in fields:
        if value is not None:
            yield name, str(value)


def on_channel(channel: str | None) -> Fields:
    """Name the channel if there is one.

    Raises:
        InvalidAction: it is empty. One that got lost on the way must not become "all" or "global".
    """
    if channel == "":
        raise InvalidAction("the channel's name is empty")
    yield from given(("Channel", channel))


@dataclass(frozen=True, slots=True)
class RawAction(Action[Response]):
    """Any action by its name, for tools that let a person type one. Never fed from a request.

    Attributes:
        raw_name: the action's name.
        raw_fields: its headers in order; a name may come several times.
    """

    name = ""
    raw_name: str
    raw_fields: tuple[tuple[str, str], ...] = ()

    @property
    def action(self) -> str:
        """The action's name on the wire."""
        return self.raw_name

    @property
    def blocking(self) -> bool:
        """Asterisk serves a session by one thread: a synchronous Originate or WaitEvent stops all else."""
        headers = {name.lower(): value.lower() for name, value in self.raw_fields}
        synchronous = headers.get("async", "") not in {"1", "yes", "true", "y", "t", "on"}
        name = self.raw_name.lower()
        return name == "waitevent" or (name == "originate" and synchronous)

    def fields(self) -> Fields:
        """Yield the headers as they were given."""
        yield from self.raw_fields

    def result(self, response: Message) -> Response:
        """Return the answer as it is."""
        return Response(response.raw)


@dataclass(frozen=True, slots=True)
class RawListAction(ListAction[AmiEvent]):
    """Any list action by its name; every row is wanted.

    Attributes:
        raw_name: the action's name.
        raw_fields: its headers in order.
    """

    name = ""
    rows = (AmiEvent,)
    raw_name: str
    raw_fields: tuple[tuple[str, str], ...] = ()

    @property
    def action(self) -> str:
        """The action's name on the wire."""
        return self.raw_name

    def fields(self) -> Fields:
        """Yield the headers as they were given."""
        yield from self.raw_fields
