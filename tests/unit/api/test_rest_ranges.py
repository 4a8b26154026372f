"""Which bytes a request wants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.api.rest.ranges import Part, Unsatisfiable, part_of

TAG = '"901-1000"'


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-99", Part(0, 100)),
        ("bytes=900-", Part(900, 100)),
        ("bytes=-100", Part(900, 100)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=990-2000", Part(990, 10)),
        ("bytes=-5000", Part(0, 1000)),
        ("bytes = 0 - 9", Part(0, 10)),
    ],
)
def test_one_range(wanted: str, part: Part) -> None:
    assert part_of(1000, wanted, tag=TAG) == part


@pytest.mark.parametrize(
    "wanted",
    [None, "", "bytes=", "bytes=-", "bytes=0-9,20-29", "items=0-9", "bytes=9-0", "bytes=a-b", "x" * 199],
)
def test_what_is_no_single_range_is_the_whole(wanted: str | None) -> None:
    assert part_of(1000, wanted, tag=TAG) is None


@pytest.mark.parametrize(
    ("size", "wanted"), [(1000, "bytes=1000-"), (1000, "bytes=-0"), (0, "bytes=0-"), (0, "bytes=-1")]
)
def test_bytes_that_are_not_there(size: int, wanted: str) -> None:
    with pytest.raises(Unsatisfiable):
        part_of(size, wanted, tag=TAG)


def test_only_of_the_same_file() -> None:
    assert part_of(1000, "bytes=0-9", tag=TAG, if_range=TAG) == Part(0, 10)
    assert part_of(1000, "bytes=0-9", tag=TAG, if_range='"901-999"') is None


@given(st.integers(0, 5000), st.from_regex(r"\Abytes=\d{0,5}-\d{0,5}\Z", fullmatch=True))
def test_a_part_lies_within_the_file(size: int, wanted: str) -> None:
    try:
        part = part_of(size, wanted, tag=TAG)
    except Unsatisfiable:
        return
    if part is not None:
        assert 0 <= part.start < size
        assert 0 < part.length <= size - part.start
