"""Names of sounds, wherever they come in, lead to files of Asterisk's folder of sounds and nowhere else."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.agents import playback
from bridge.api.rest.sounds import MessageBody, PlayBody
from bridge.api.vicidial.functions import vm_message
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign

SOUNDS = "/var/lib/asterisk/sounds"


def _in_a_body(name: str) -> bool:
    try:
        msgspec.convert({"sound": name}, PlayBody)
        msgspec.convert({"sounds": [name]}, MessageBody)
    except msgspec.ValidationError:
        return False
    return True


def _of_a_campaign(name: str) -> bool:
    try:
        return Campaign(id="A", abandon_message=name).abandon_message != ""
    except InvalidField:
        return False


WAYS: dict[str, Callable[[str], bool]] = {
    "played into a room": lambda name: playback._SOUND.fullmatch(name) is not None,
    "left on a machine": lambda name: vm_message._SOUND.fullmatch(name) is not None,
    "in a body under /v1": _in_a_body,
    "of a campaign": _of_a_campaign,
}
PARTS = [
    "..",
    ".",
    "/",
    "//",
    "\\\\",
    "~",
    "&",
    ",",
    "|",
    "${",
    "}",
    "\0",
    "\n",
    "\r",
    " ",
    "custom",
    "a",
    "1",
    "_",
    "-",
    "é",
]


@pytest.mark.parametrize("taken", WAYS.values(), ids=WAYS)
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PARTS), max_size=8).map("".join)))
@example("/etc/passwd")
@example("custom/../../../../etc/passwd")
@example("custom//etc")
@example("custom/")
@example("custom/hello\n")
@example("custom/hello&/etc/passwd")
def test_no_name_leads_out_of_the_folder(taken: Callable[[str], bool], name: str) -> None:
    if taken(name):
        path = posixpath.normpath(posixpath.join(SOUNDS, name))
        assert path == f"{SOUNDS}/{name}"
        assert re.fullmatch(r"[A-Za-z0-9/_-]+", name), "nothing that the dialplan reads as more than a name"


@pytest.mark.parametrize("taken", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", ["hello", "custom/hello", "en/digits/1", "a-b_c"])
def test_names_of_sounds_are_taken(taken: Callable[[str], bool], name: str) -> None:
    assert taken(name)
