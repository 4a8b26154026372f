"""Where a number or a postal code of the North American plan is: states, provinces and their time zones.

Area codes were read from libphonenumber's geographical data (9.0, November 2026), ZIP prefixes from the
prefixes of the USPS (DMM L002), zones of the states from 49 CFR 71 and the tz database. A state that lies in
several zones has all of them here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

AREA_CODES: Final[Mapping[str, str]] = {
    "AB": "368 403 587 780 825",
    "AK": "907",
    "AL": "205 251 256 334 659 938",
    "AR": "327 479 501 870",
    "AZ": "480 520 602 623 928",
    "BC": "236 250 257 604 672 778",
    "CA": (
        "209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 "
        "669 707 714 738 747 760 805 818 820 831 840 858 909 916 925 949 951"
    ),
    "CO": "303 719 720 748 970 983",
    "CT": "203 475 860 959",
    "DC": "202 771",
    "DE": "302",
    "FL": ("239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954"),
    "GA": "229 404 470 478 678 706 762 770 912 943",
    "GU": "671",
    "HI": "808",
    "IA": "319 515 563 641 712",
    "ID": "208 986",
    "IL": "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 872",
    "IN": "219 260 317 463 574 765 812 930",
    "KS": "316 620 785 913",
    "KY": "270 364 502 606 859",
    "LA": "225 318 337 504 985",
    "MA": "339 351 413 508 617 774 781 857 978",
    "MB": "204 431 584",
    "MD": "227 240 301 410 443 667",
    "ME": "207",
    "MI": "231 248 269 313 517 586 616 734 810 906 947 989",
    "MN": "218 320 507 612 651 763 952",
    "MO": "235 314 417 557 573 636 660 816 975",
    "MS": "228 601 662 769",
    "MT": "406",
    "NB": "428 506",
    "NC": "252 336 472 704 743 828 910 919 980 984",
    "ND": "701",
    "NE": "308 402 531",
    "NH": "603",
    "NJ": "201 551 609 640 732 848 856 862 908 973",
    "NL": "709 879",
    "NM": "505 575",
    "NS": "782 902",
    "NT": "867",
    "NU": "867",
    "NV": "702 725 775",
    "NY": "201 212 315 329 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917 929 934",
    "OH": "216 220 234 283 326 330 380 419 440 513 567 614 740 937",
    "OK": "405 539 572 580 918",
    "ON": "226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 807 905 942",
    "OR": "458 503 541 971",
    "PA": "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878",
    "PE": "782 902",
    "PR": "787 939",
    "QC": "263 273 354 367 418 438 450 468 514 579 581 819 873",
    "RI": "401",
    "SC": "803 821 839 843 854 864",
    "SD": "605",
    "SK": "306 474 639",
    "TN": "423 615 629 731 865 901 931",
    "TX": (
        "210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 "
        "936 940 945 956 972 979"
    ),
    "UT": "385 435 801",
    "VA": "276 434 540 571 686 703 757 804 826 948",
    "VI": "340",
    "VT": "802",
    "WA": "206 253 360 425 509 564",
    "WI": "262 274 353 414 534 608 715 920",
    "WV": "304 681",
    "WY": "307",
    "YT": "867",
}
"""Area codes by state or province; one of several provinces stands with each."""

ZIP_PREFIXES: Final[Mapping[str, str]] = {
    "AK": "995-999",
    "AL": "350-352 354-369",
    "AR": "716-729",
    "AZ": "850-853 855-857 859-860 863-865",
    "CA": "900-908 910-928 930-961",
    "CO": "800-816",
    "CT": "060-069",
    "DC": "200 202-205 569",
    "DE": "197-199",
    "FL": "320-339 341-342 344 346-347 349",
    "GA": "300-319 398-399",
    "GU": "969",
    "HI": "967-968",
    "IA": "500-516 520-528",
    "ID": "832-838",
    "IL": "600-620 622-629",
    "IN": "460-479",
    "KS": "660-662 664-679",
    "KY": "400-418 420-427",
    "LA": "700-701 703-708 710-714",
    "MA": "010-027 055",
    "MD": "206-212 214-219",
    "ME": "039-049",
    "MI": "480-499",
    "MN": "550-551 553-567",
    "MO": "630-631 633-641 644-658",
    "MS": "386-397",
    "MT": "590-599",
    "NC": "270-289",
    "ND": "580-588",
    "NE": "680-681 683-693",
    "NH": "030-038",
    "NJ": "070-089",
    "NM": "870-875 877-884",
    "NV": "889-891 893-895 897-898",
    "NY": "005 063 100-149",
    "OH": "430-459",
    "OK": "730-731 734-741 743-749",
    "OR": "970-979",
    "PA": "150-196",
    "PR": "006-007 009",
    "RI": "028-029",
    "SC": "290-299",
    "SD": "570-577",
    "TN": "370-385",
    "TX": "733 750-770 772-799 885",
    "UT": "840-847",
    "VA": "201 220-246",
    "VI": "008",
    "VT": "050-054 056-059",
    "WA": "980-986 988-994",
    "WI": "530-532 534-535 537-549",
    "WV": "247-268",
    "WY": "820-831",
}
"""First three digits of ZIP codes, by state."""

POSTAL_LETTERS: Final[Mapping[str, str]] = {
    "AB": "T",
    "BC": "V",
    "MB": "R",
    "NB": "E",
    "NL": "A",
    "NS": "B",
    "NT": "X",
    "NU": "X",
    "ON": "KLMNP",
    "PE": "C",
    "QC": "GHJ",
    "SK": "S",
    "YT": "Y",
}
"""First letters of Canadian postal codes, by province."""

_EAST, _CENTRAL, _MOUNTAIN, _WEST = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
ZONES: Final[Mapping[tuple[str, ...], str]] = {
    (_EAST,): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    (_EAST, _CENTRAL): "FL IN KY MI TN",
    (_CENTRAL,): "AL AR IA IL LA MN MO MS WI",
    (_CENTRAL, _MOUNTAIN): "KS ND NE OK SD TX",
    (_MOUNTAIN,): "CO MT NM UT WY",
    (_MOUNTAIN, "America/Phoenix"): "AZ",
    (_MOUNTAIN, _WEST): "ID NV OR",
    (_WEST,): "CA WA",
    ("America/Anchorage", "America/Adak"): "AK",
    ("Pacific/Honolulu",): "HI",
    ("America/Puerto_Rico",): "PR VI",
    ("Pacific/Guam",): "GU",
    ("America/St_Johns", "America/Halifax"): "NL",
    ("America/Halifax",): "NB NS PE",
    ("America/Toronto", "America/Halifax", "America/Blanc-Sablon"): "QC",
    ("America/Toronto", "America/Winnipeg", "America/Atikokan"): "ON",
    ("America/Winnipeg",): "MB",
    ("America/Regina", "America/Edmonton"): "SK",
    ("America/Edmonton",): "AB",
    ("America/Vancouver", "America/Edmonton", "America/Fort_Nelson"): "BC",
    ("America/Edmonton", "America/Inuvik"): "NT",
    ("America/Toronto", "America/Winnipeg", "America/Edmonton", "America/Coral_Harbour"): "NU",
    ("America/Whitehorse",): "YT",
}
"""States and provinces by their zones."""


def _spread(prefixes: str) -> list[str]:
    """`005 010-012` as 005, 010, 011, 012."""
    found: list[str] = []
    for part in prefixes.split():
        first, _, last = part.partition("-")
        found += (f"{number:03d}" for number in range(int(first), int(last or first) + 1))
    return found


def _by_key(table: Mapping[str, str], split: object = None) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for state, keys in table.items():
        for key in list(keys) if split is list else _spread(keys):
            found.setdefault(key, set()).add(state)
    return {key: frozenset(states) for key, states in found.items()}


_OF_AREA_CODE: Final = _by_key(AREA_CODES)
_OF_ZIP: Final = _by_key(ZIP_PREFIXES)
_OF_LETTER: Final = _by_key(POSTAL_LETTERS, list)
_ZONES_OF: Final = {state: zones for zones, states in ZONES.items() for state in states.split()}
_ZIP: Final = re.compile(r"([0-9]{3})[0-9]{2}(?:-?[0-9]{4})?")
_POSTAL: Final = re.compile(r"([A-Z])[0-9][A-Z] ?[0-9][A-Z][0-9]")
NONE: Final[frozenset[str]] = frozenset()


def states_of_area_code(area_code: str) -> frozenset[str]:
    """The states or provinces in which these three digits are; nothing for an unknown code."""
    return _OF_AREA_CODE.get(area_code, NONE)


def states_of_postal_code(postal_code: str, country: str) -> frozenset[str]:
    """The states or provinces of a whole postal code of the US or of Canada; nothing for anything else."""
    text = postal_code.strip().upper()
    if country == "US":
        found = _ZIP.fullmatch(text)
        return _OF_ZIP.get(found[1], NONE) if found else NONE
    found = _POSTAL.fullmatch(text) if country == "CA" else None
    return _OF_LETTER.get(found[1], NONE) if found else NONE


def zones_of_states(states: frozenset[str]) -> tuple[str, ...]:
    """Every zone of these states; nothing if one of them is not known."""
    if not all(state in _ZONES_OF for state in states):
        return ()
    return tuple(dict.fromkeys(zone for state in sorted(states) for zone in _ZONES_OF[state]))
