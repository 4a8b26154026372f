"""Structs to rows and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select

from bridge.agents.model import AgentSession, AgentState, Preview
from bridge.calls.model import AnsweredBy, Call, CallKind, CallState, StatusSource
from bridge.store import schema
from bridge.store.rows import from_row, to_row

S = TypeVar("S", bound=msgspec.Struct)

MOMENTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
NUMBERS = st.integers(0, 2**31 - 1)
BY_ANNOTATION: dict[object, st.SearchStrategy[object]] = {
    str: TEXTS,
    str | None: st.none() | TEXTS,
    int: NUMBERS,
    int | None: st.none() | NUMBERS,
    datetime: MOMENTS,
    datetime | None: st.none() | MOMENTS,
    bool: st.booleans(),
    Preview | None: st.none() | st.builds(Preview, number=TEXTS, lead_id=st.none() | NUMBERS),
    tuple[str, ...]: st.lists(TEXTS, max_size=4).map(tuple),
    CallKind: st.sampled_from(CallKind),
    AnsweredBy: st.sampled_from(AnsweredBy),
    StatusSource | None: st.none() | st.sampled_from(StatusSource),
    CallState: st.sampled_from(sorted(set(CallState) - {CallState.DISPOSED})),
    AgentState: st.sampled_from([AgentState.READY, AgentState.PAUSED]),
}


def any_of(model: type[S], **special: st.SearchStrategy[object]) -> st.SearchStrategy[S]:
    """Structs with any value in each field."""
    fields = {field.name: BY_ANNOTATION[field.type] for field in msgspec.structs.fields(model)}
    return st.builds(model, **fields | special)


engine = create_engine("sqlite://")
schema.metadata.create_all(engine)


@given(any_of(Call, disposed_at=st.none()))
def test_a_call_comes_back_from_the_database_as_it_was(call: Call) -> None:
    with engine.connect() as conn:
        conn.execute(insert(schema.calls).values(to_row(call)))
        assert from_row(Call, conn.execute(select(schema.calls)).one()) == call


@given(any_of(AgentSession, logged_out_at=st.none()))
def test_a_session_comes_back_from_the_database_as_it_was(session: AgentSession) -> None:
    with engine.connect() as conn:
        conn.execute(insert(schema.agent_sessions).values(to_row(session)))
        assert from_row(AgentSession, conn.execute(select(schema.agent_sessions)).one()) == session


@pytest.mark.parametrize(("model", "table"), [(Call, schema.calls), (AgentSession, schema.agent_sessions)])
def test_the_table_has_the_columns_of_the_model(model: type[msgspec.Struct], table: object) -> None:
    assert set(model.__struct_fields__) == set(table.c.keys())  # type: ignore[attr-defined]


class Small(msgspec.Struct):
    state: AgentState
    at: datetime | None = None


def test_other_columns_are_passed_over_and_missing_ones_are_an_error() -> None:
    row = {"state": "ready", "at": None, "other": 1}
    assert from_row(Small, row) == Small(AgentState.READY)
    with pytest.raises(KeyError):
        from_row(Small, {"state": "ready"})
    with pytest.raises(msgspec.ValidationError):
        from_row(Small, {"state": "flying", "at": None})
