"""Call times that every site has: those that people expect by name, and those of the laws.

A call time of the same name that an administrator adds is in its place. docs/law.md says what was read
where; nothing of it is legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.campaigns.call_time import LAW, CallTime

OTHER: Final = "law-other"
"""For a country without hours of its own here."""

_NOT_READ: Final = "2026-11, from memory: read the law before you rely on it"
_READ: Final = "2026-11, from published summaries"


def _named(name: str, hours: str) -> CallTime:
    return CallTime(name=name, hours=hours, title="of the bridge")


def _law(place: str, hours: str, source: str, checked: str = _NOT_READ, **days: str) -> CallTime:
    return CallTime(name=f"{LAW}-{place}", hours=hours, days=days, source=source, checked=checked)


_STOCK: Final = (
    _named("24hours", "00:00-24:00"),
    _named("9am-9pm", "09:00-21:00"),
    _named("9am-5pm", "09:00-17:00"),
    _named("12pm-5pm", "12:00-17:00"),
    _named("12pm-9pm", "12:00-21:00"),
    _named("5pm-9pm", "17:00-21:00"),
    _named("never", ""),
)
_COUNTRIES: Final = (
    _law("US", "08:00-21:00", "16 CFR 310.4(c); 47 CFR 64.1200(c)(1)", _READ),
    _law(
        "CA",
        "09:00-21:30",
        "CRTC Unsolicited Telecommunications Rules, part III",
        saturday="10:00-18:00",
        sunday="10:00-18:00",
    ),
    _law("GB", "08:00-21:00", "DMA Code of Practice", saturday="09:00-20:00", sunday="09:00-20:00"),
    _law("IE", "09:00-21:00", "practice of the trade", saturday="10:00-17:00", sunday=""),
    _law("FR", "10:00-13:00 14:00-20:00", "Décret 2022-1313 (C. cons. D. 223-9)", saturday="", sunday=""),
    _law(
        "DE",
        "09:00-20:00",
        "practice of the trade; UWG § 7 asks for consent",
        saturday="10:00-18:00",
        sunday="",
    ),
    _law("ES", "09:00-21:00", "RDLeg 1/2007 art. 96.2", saturday="", sunday=""),
    _law("IT", "09:00-20:00", "Codice di condotta teleselling 2023", saturday="10:00-19:00", sunday=""),
    _law(
        "AU",
        "09:00-20:00",
        "Telemarketing and Research Calls Industry Standard 2017",
        saturday="09:00-17:00",
        sunday="",
    ),
    _law("other", "09:00-20:00", "no law is on file: a careful default", saturday="10:00-17:00", sunday=""),
)
_NO_SUNDAY: Final = {"sunday": ""}
_STATES: Final = (
    _law("US-AL", "08:00-20:00", "Ala. Code 8-19A", **_NO_SUNDAY),
    _law("US-CT", "09:00-20:00", "Conn. Gen. Stat. 42-288a"),
    _law("US-FL", "08:00-20:00", "Fla. Stat. 501.059, 501.616"),
    _law("US-KY", "10:00-21:00", "KRS 367.46955"),
    _law("US-LA", "08:00-20:00", "La. R.S. 45:844.11 ff.", **_NO_SUNDAY),
    _law("US-MA", "08:00-20:00", "M.G.L. c. 159C s. 3"),
    _law("US-MD", "08:00-20:00", "Md. Code, Com. Law 14-45"),
    _law("US-MN", "09:00-21:00", "Minn. Stat. 325E.30"),
    _law("US-MS", "08:00-20:00", "Miss. Code 77-3-701 ff.", **_NO_SUNDAY),
    _law("US-NM", "09:00-21:00", "N.M. Stat. 57-12-22"),
    _law("US-OK", "08:00-20:00", "15 O.S. 775C.4"),
    _law("US-RI", "09:00-18:00", "R.I. Gen. Laws 5-61-3.6", saturday="10:00-17:00", sunday=""),
    _law("US-SD", "09:00-21:00", "SDCL 37-30A", **_NO_SUNDAY),
    _law("US-TX", "09:00-21:00", "Tex. Bus. & Com. Code 301.051", sunday="12:00-21:00"),
    _law("US-UT", "08:00-21:00", "Utah Code 13-25a-103", **_NO_SUNDAY),
    _law("US-WA", "08:00-20:00", "RCW 80.36.390"),
)
BUILT_IN: Final[Mapping[str, CallTime]] = {each.name: each for each in (*_STOCK, *_COUNTRIES, *_STATES)}
"""By name."""
