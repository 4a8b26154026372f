from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Phone, Trunk
from bridge.campaigns.template import check_template, fill


@pytest.mark.parametrize(
    ("template", "dial"),
    [
        ("PJSIP/{number}@carrier", "PJSIP/7275550100@carrier"),
        ("Local/{number}@from-internal/n", "Local/7275550100@from-internal/n"),
        ("SIP/carrier/9{number}", "SIP/carrier/97275550100"),
        ("DAHDI/g1/{number}", "DAHDI/g1/7275550100"),
        ("PJSIP/{number}@10.0.0.5:5062", "PJSIP/7275550100@10.0.0.5:5062"),
        ("IAX2/peer/*67{number}", "IAX2/peer/*677275550100"),
    ],
)
def test_trunks_dial_as_their_template_says(template: str, dial: str) -> None:
    assert Trunk(name="carrier", template=template).dial("7275550100") == dial


@pytest.mark.parametrize(
    "template",
    [
        "",
        "PJSIP/7275550100@carrier",
        "PJSIP/{phone}@carrier",
        "PJSIP/{number}{number}",
        "PJSIP/carrier@{number}",
        "{number}",
        "/{number}",
        "PJSIP/{number}@carrier&PJSIP/900@carrier",
        "PJSIP/{number}@carrier,30,U(x)",
        "PJSIP/{number}@${EVIL}",
        "PJSIP/{number}@a b",
        "PJSIP/{number}@a\r\nAction: Originate",
        "PJSIP/{number}@a\0",
        "PJSIP/{number}|x",
        "PJSIP/{number}^x",
        "PJSIP/{number}(x)",
        "PJSIP/{{number}}",
        "PJSIP/{number}@{trunk}",
        "PJSIP/{number}@" + "x" * 200,
    ],
)
def test_a_template_is_constants_and_one_number(template: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Trunk(name="carrier", template=template)
    assert caught.value.field == "template"


@pytest.mark.parametrize(
    "number",
    [
        "",
        "1",
        "7275550100&PJSIP/900",
        "7275550100@evil",
        "727 5550100",
        "7" * 21,
        "++1727",
        "*72",
        "٧٢٧٥٥٥",
        "7\n7",
    ],
)
def test_only_numbers_are_dialled(number: str) -> None:
    with pytest.raises(InvalidField):
        Trunk(name="carrier", template="PJSIP/{number}@carrier").dial(number)


@given(st.text())
def test_whatever_is_filled_in_adds_nothing_but_digits(value: str) -> None:
    try:
        dial = fill("PJSIP/{number}@carrier", "number", value)
    except InvalidField:
        return
    assert dial.removeprefix("PJSIP/").removesuffix("@carrier").removeprefix("+").isdigit()
    assert dial.isascii()


@given(st.text())
def test_whatever_template_is_taken_dials_one_leg(template: str) -> None:
    try:
        check_template(template, "number", "template")
    except InvalidField:
        return
    dial = fill(template, "number", "7275550100")
    assert not set(dial) & set("&,|()$^{} \r\n\0")


@pytest.mark.parametrize(
    ("template", "dial"),
    [
        ("PJSIP/{phone}", "PJSIP/1000"),
        ("SIP/{phone}", "SIP/1000"),
        ("Local/{phone}@phones/n", "Local/1000@phones/n"),
    ],
)
def test_phones_are_rung_as_their_template_says(template: str, dial: str) -> None:
    assert Phone(login="1000", template=template).dial == dial


@pytest.mark.parametrize("login", ["", "1000&2000", "10/00", "a b", "x" * 41, "1000\n"])
def test_a_phones_login_is_a_plain_name(login: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Phone(login=login)
    assert caught.value.field == "login"
