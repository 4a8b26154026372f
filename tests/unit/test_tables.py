from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bridge.secret import Secret
from bridge.tables import TableError, build, near, read_toml


class Inner(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    size: int = 0


class Outer(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    port: int = 0
    on: bool = False
    secret: Secret = Secret()
    inner: tuple[Inner, ...] = ()
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name == "bad":
            raise ValueError("name: no good")


def error(table: dict[str, Any], where: str = "outer") -> str:
    with pytest.raises(TableError) as caught:
        build(Outer, table, where)
    return str(caught.value)


def test_a_table_becomes_a_value() -> None:
    table = {"name": "a", "port": 5, "inner": [{"code": "x", "size": 2}], "words": ["a"]}
    assert build(Outer, table, "") == Outer(name="a", port=5, inner=(Inner(code="x", size=2),), words=("a",))


def test_text_from_the_environment_becomes_what_the_field_is() -> None:
    found = build(Outer, {"name": "a", "port": "5", "on": "true", "secret": "s"}, "")
    assert (found.port, found.on, found.secret.reveal()) == (5, True, "s")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": "a", "prot": 1}, "outer.prot: unknown key; did you mean 'port'?"),
        (
            {"name": "a", "xyzzy": 1},
            "outer.xyzzy: unknown key; known are name, port, on, secret, inner, words",
        ),
        (
            {"name": "a", "inner": [{"code": "x", "siz": 1}]},
            "outer.inner.siz: unknown key; did you mean 'size'?",
        ),
        ({"name": "a", "port": "many"}, "outer.port: expected int, got text"),
        ({"name": "a", "port": [1]}, "outer.port: expected int, got list"),
        ({"name": 7}, "outer.name: expected text, got int"),
        ({"name": "a", "inner": [{"code": 1}]}, "outer.inner[0].code: expected text, got int"),
        ({}, "outer: name is missing"),
        ({"name": "bad"}, "outer: name: no good"),
        ({"name": "a", "secret": 7}, "outer.secret: must be text"),
    ],
)
def test_an_error_names_the_key_and_the_mend(table: dict[str, Any], message: str) -> None:
    assert error(table) == message


def test_a_named_table_is_divided_from_its_key_by_a_colon() -> None:
    assert error({"name": "a", "prot": 1}, "trunk 'a'").startswith("trunk 'a': prot: unknown key")


def test_a_wrong_secret_is_not_repeated() -> None:
    assert "12345" not in error({"name": "a", "secret": [12345]})


def test_a_broken_file_is_named_with_the_line() -> None:
    with pytest.raises(TableError, match=r"^site.toml: is no TOML: .*line 2"):
        read_toml("a = 1\nb = = 2\n", "site.toml")


def test_only_close_words_are_near() -> None:
    assert near("carier", ["carrier", "west"]) == "; did you mean 'carrier'?"
    assert near("x", ["carrier"]) == ""
