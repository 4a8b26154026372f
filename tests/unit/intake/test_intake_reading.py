from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.intake.reading import LONGEST_NAME, MOST, Unreadable, read

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xyz"


def part(name: str, value: str, more: str = "") -> str:
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


def test_a_form() -> None:
    body = b"phone=%2B1+727+555-0100&name=Zo%C3%AB&fields%5Bmail%5D%5Bvalue%5D=z%40example.com&empty="
    assert read(body, FORM + "; charset=UTF-8") == [
        ("phone", "+1 727 555-0100"),
        ("name", "Zoë"),
        ("fields.mail.value", "z@example.com"),
        ("empty", ""),
    ]


def test_a_multipart_form_without_its_files() -> None:
    file = part("cv", "%PDF", '; filename="../../etc/cron.d/x"')
    body = part("your-tel", "7275550100") + file + part("your-name", "Zoë") + "--xyz--\r\n"
    assert read(body.encode(), MULTIPART) == [("your-tel", "7275550100"), ("your-name", "Zoë")]


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.api+json", "text/plain", ""])
def test_json_of_any_depth(kind: str) -> None:
    body = {"data": {"phone": 7275550100, "ok": True, "none": None}, "list": [{"value": "a"}], "3.1": 2.0}
    assert read(json.dumps(body).encode(), kind) == [
        ("data.phone", "7275550100"),
        ("data.ok", "true"),
        ("data.none", ""),
        ("list.0.value", "a"),
        ("3.1", "2"),
    ]


def test_without_a_type_it_is_a_form_unless_it_looks_like_json() -> None:
    assert read(b"phone=1", "") == [("phone", "1")]
    assert read(b'  [{"phone": "1"}]', "text/plain;charset=UTF-8") == [("0.phone", "1")]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<a/>", "application/xml"),
        (b"{", "application/json"),
        (b'"text"', "application/json"),
        (b"[" * 60_000, "application/json"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "application/json"),
        (b'{"a":"\xff"}', "application/json"),
        (b"&".join(b"f%d=1" % n for n in range(MOST + 1)), FORM),
        (json.dumps({f"f{n}": 1 for n in range(MOST + 1)}).encode(), "application/json"),
        (b"no boundary", "multipart/form-data"),
        (b"--xyz\r\nbroken", MULTIPART),
        ("".join(part(f"f{n}", "1") for n in range(MOST + 1)).encode() + b"--xyz--\r\n", MULTIPART),
    ],
)
def test_what_cannot_be_read_says_so(body: bytes, kind: str) -> None:
    with pytest.raises(Unreadable):
        read(body, kind)


@pytest.mark.parametrize("name", ["[]" * 30_000, "0." * 30_000, "x" * (LONGEST_NAME + 1)])
def test_a_name_longer_than_any_form_has_costs_no_time(name: str) -> None:
    """One such name above 500 values of JSON held the whole bridge up for half a minute."""
    phone = {"phone": "7275550100"}
    assert read(json.dumps({name: [1] * 500} | phone).encode(), "application/json") == [*phone.items()]
    assert read(f"{name}=1&phone=7275550100".encode(), FORM) == [*phone.items()]
    short = "x" * LONGEST_NAME
    assert read(json.dumps({short: 1}).encode(), "application/json") == [(short, "1")]


def test_a_long_name_in_a_multipart_form() -> None:
    body = part("x" * (LONGEST_NAME + 1), "1") + part("phone", "7275550100") + "--xyz--\r\n"
    assert read(body.encode(), MULTIPART) == [("phone", "7275550100")]


@given(st.binary(max_size=400), st.sampled_from([FORM, MULTIPART, "application/json", "text/plain", ""]))
def test_no_bytes_do_anything_else(body: bytes, kind: str) -> None:
    try:
        found = read(body, kind)
    except Unreadable:
        return
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in found)


@given(st.binary(max_size=200), st.text(max_size=60))
def test_no_content_type_does_either(body: bytes, kind: str) -> None:
    for start in ("", "multipart/form-data; boundary="):
        try:
            read(body, start + kind)
        except Unreadable:
            continue
