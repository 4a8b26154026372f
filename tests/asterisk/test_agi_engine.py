"""The AGI engine at a real Asterisk: the wire as it is, forked scripts, a script written for pyst2."""

from __future__ import annotations

import asyncio
import base64
import shutil
import sysconfig
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from own_asterisk import OwnAsterisk, good_files, own_asterisk
from stack import ROOT, Stack, connected, hang_up_everything, until

from bridge.agi.errors import DeadChannel, HungUp, InvalidCommand, UsageError
from bridge.agi.server import FastAgiServer
from bridge.agi.session import AgiSession
from bridge.ami.actions import CoreShowChannels, HangupMatching, Originate
from bridge.ami.client import AmiClient
from bridge.ami.events import AmiEvent

Script = Callable[[AgiSession], Coroutine[Any, Any, object]]

DIALPLAN = """
[agi-other-half]
exten => s,1,Wait(30)

[agi-live]
exten => s,1,Answer()
 same => n,AGI(agi://{host}:{port}/live?lead=17,first,"second half")
 same => n,UserEvent(AgiDone,Status: ${{AGISTATUS}},Seen: ${{SEEN}},Error: ${{BRIDGE_ERROR}})

[agi-dead]
exten => s,1,Answer()
exten => h,1,AGI(agi://{host}:{port}/dead)
 same => n,UserEvent(AgiDone,Status: ${{AGISTATUS}},Seen: ${{SEEN}},Error: ${{BRIDGE_ERROR}})

[agi-forked]
exten => _[a-z].,1,Set(BRIDGE_CALL_ID=call-9)
 same => n,AGI(/opt/agent-bridge/agi_scripts/${{EXTEN}}.py)
 same => n,UserEvent(AgiDone,Status: ${{AGISTATUS}},Seen: ${{BRIDGE_DECISION}},Ack: ${{BRIDGE_ACK}})

[agi-pyst2]
exten => s,1,Set(BRIDGE_CALL_ID=call-9)
 same => n,AGI(/run/agent-bridge/pyst2_greeter.py)
 same => n,UserEvent(AgiDone,Status: ${{AGISTATUS}},Seen: ${{GREETED}} ${{WAS}})
"""


def add_pyst2(folder: Path) -> None:
    """Put a script for pyst2 and pyst2 itself where the container sees them."""
    libraries = Path(sysconfig.get_path("purelib"))
    shutil.copytree(libraries / "asterisk", folder / "run" / "asterisk")
    shutil.copy(libraries / "six.py", folder / "run")
    shutil.copy(ROOT / "tests/unit/agi/fixtures/pyst2_greeter.py", folder / "run")


@pytest.fixture(scope="module")
def own(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    folder = tmp_path_factory.mktemp("agi")
    good_files(folder / "etc")
    with own_asterisk(stack, folder) as own:
        add_pyst2(folder)
        dialplan = DIALPLAN.format(host="host.docker.internal", port=own.agi_port)
        with (own.etc / "extensions.conf").open("a") as file:
            file.write(dialplan)
        own.console("dialplan reload")
        yield own


class Calls:
    """Makes Local calls into the dialplan above, and hears what came of the script."""

    def __init__(self, client: AmiClient) -> None:
        self.client = client
        self.done: list[AmiEvent] = []
        client.on("UserEvent", self.done.append)

    async def make(self, place: str, exten: str = "s", caller_id: str = '"Ann" <15550001111>') -> AmiEvent:
        """Call, and wait for the script's end; the event tells what it left."""
        channel = f"Local/{exten}@{place}/n"
        await self.client.send(
            Originate(channel=channel, context="agi-other-half", exten="s", caller_id=caller_id)
        )

        async def ended() -> bool:
            return bool(self.done)

        await until(ended, f"the end of {exten}@{place}")
        return self.done.pop()

    async def nothing_is_left(self) -> None:
        """No channel."""

        async def clean() -> bool:
            return not await self.client.send_list(CoreShowChannels())

        await until(clean, "an Asterisk without channels")


@pytest.fixture
async def calls(own: OwnAsterisk, stack: Stack) -> AsyncIterator[Calls]:
    async with connected(own.as_stack(stack).asterisk()) as client:
        made = Calls(client)
        yield made
        await hang_up_everything(client)
        await made.nothing_is_left()


@pytest.fixture
async def scripts(own: OwnAsterisk) -> AsyncIterator[dict[str, Script]]:
    """Scripts by name, served to the Asterisk of these tests."""
    known: dict[str, Script] = {}

    async def run(agi: AgiSession) -> None:
        await known[agi.script](agi)

    server = FastAgiServer(run, "0.0.0.0", own.agi_port, command_timeout=5)
    await server.start()
    yield known
    await server.stop()


async def test_what_asterisk_tells(calls: Calls, scripts: dict[str, Script]) -> None:
    seen: dict[str, Any] = {}

    async def live(agi: AgiSession) -> None:
        seen.update(env=dict(agi.env), args=agi.args, params=agi.params, status=await agi.channel_status())

    scripts["live"] = live
    assert (await calls.make("agi-live"))["Status"] == "SUCCESS"
    assert seen["args"] == ["first", "second half"]
    assert seen["params"] == {"lead": "17"}
    assert seen["env"]["agi_channel"].startswith("Local/s@agi-live")
    assert seen["status"] == 6


VALUES = [
    "plain",
    "",
    " two  words ",
    'say "hello" \\ \\" \\\\',
    "a,b|c;d(e)[f]{g}=h$",
    "${NOT_EVALUATED}",
    "J\u00fcrgen \u65e5\u672c",
    b"Jos\xe9".decode("utf-8", "surrogateescape"),
    ")",
    "tab\tand 100%",
]


async def test_values_come_back_as_they_were_sent(calls: Calls, scripts: dict[str, Script]) -> None:
    back: list[tuple[str | None, str]] = []

    async def live(agi: AgiSession) -> None:
        for value in VALUES:
            await agi.set_variable("X", value)
            back.append((await agi.get_variable("X"), (await agi.get_variables("X", "Y"))["X"]))

    scripts["live"] = live
    await calls.make("agi-live")
    assert back == [(value, value) for value in VALUES]


HOSTILE = "x)\nHANGUP\n200 result=1 (faked)\n520-no"


async def test_a_value_with_line_feeds_is_read_whole_and_the_next_answer_is_its_own(
    calls: Calls, scripts: dict[str, Script]
) -> None:
    seen: list[str | None] = []

    async def live(agi: AgiSession) -> None:
        encoded = base64.b64encode(HOSTILE.encode()).decode()
        await agi.set_variable("AFTER", "true")
        seen.append(await agi.get_full_variable(f"${{BASE64_DECODE({encoded})}}"))
        seen.append(await agi.get_variable("AFTER"))
        both = await agi.get_variables(f"BASE64_DECODE({encoded})", "AFTER")
        seen.extend(both.values())
        assert not agi.hung_up.is_set()

    scripts["live"] = live
    assert (await calls.make("agi-live"))["Error"] == ""
    assert seen == [HOSTILE, "true", HOSTILE, "true"]


async def test_the_longest_line_arrives_whole(calls: Calls, scripts: dict[str, Script]) -> None:
    value = ""
    back: list[str | None] = []

    async def live(agi: AgiSession) -> None:
        nonlocal value
        value = "x" * (agi.line_limit - len("SET VARIABLE X "))
        await agi.set_variable("X", value)
        back.extend([(await agi.get_variables("X"))["X"], await agi.get_variable("X")])

    scripts["live"] = live
    await calls.make("agi-live")
    assert back[0] == value
    assert back[1] == value[:1023]  # GET VARIABLE cuts; see `Verbs.get_variable`


async def test_refusals(calls: Calls, scripts: dict[str, Script]) -> None:
    async def live(agi: AgiSession) -> None:
        with pytest.raises(InvalidCommand):
            await agi.command("FROBNICATE")
        with pytest.raises(UsageError) as caught:
            await agi.command("SET VARIABLE", "X")
        assert "variable" in caught.value.reply.text
        assert await agi.exec_("NoSuchApplication") == -2
        await agi.set_variable("SEEN", "in step")

    scripts["live"] = live
    assert (await calls.make("agi-live"))["Seen"] == "in step"


async def test_sound_and_keys(calls: Calls, scripts: dict[str, Script]) -> None:
    async def live(agi: AgiSession) -> None:
        await agi.answer()
        assert await agi.wait_for_digit(50) == ""
        assert await agi.get_data("silence/1", 100, 2) == ("", True)
        assert await agi.stream_file("silence/1", "#") == ""
        assert await agi.say_digits("12") == ""
        assert await agi.exec_("Wait", "0.1") == 0
        await agi.verbose('a "quoted" word', 3)
        await agi.set_variable("SEEN", "all")

    scripts["live"] = live
    assert (await calls.make("agi-live"))["Seen"] == "all"


async def test_a_dead_channel_can_be_asked_but_plays_nothing(
    calls: Calls, scripts: dict[str, Script]
) -> None:
    async def dead(agi: AgiSession) -> None:
        with pytest.raises(DeadChannel):
            await agi.stream_file("silence/1")
        cause = (await agi.get_variables("HANGUPCAUSE", "BRIDGE_CALL_ID"))["HANGUPCAUSE"]
        await agi.set_variable("SEEN", f"cause {cause}")

    scripts["dead"] = dead
    assert (await calls.make("agi-dead"))["Seen"].startswith("cause ")


async def test_a_hangup_while_the_script_thinks(calls: Calls, scripts: dict[str, Script]) -> None:
    thinking = asyncio.Event()
    seen: list[str | None] = []

    async def live(agi: AgiSession) -> None:
        await agi.set_variable("A", "a")
        await agi.set_variable("B", "b")
        thinking.set()
        with pytest.raises(HungUp):
            await agi.unless_hung_up(asyncio.sleep(30))
        seen.extend([await agi.get_variable("A"), await agi.get_variable("B")])

    scripts["live"] = live
    await calls.client.send(Originate(channel="Local/s@agi-live/n", context="agi-other-half", exten="s"))
    await asyncio.wait_for(thinking.wait(), 15)
    await calls.client.send_list(HangupMatching("^Local/s@agi-live"))

    async def told() -> bool:
        return len(seen) == 2

    await until(told, "answers after the hang-up")
    assert seen == ["a", "b"]


async def test_a_script_that_raises_leaves_the_call_alone(calls: Calls, scripts: dict[str, Script]) -> None:
    async def live(agi: AgiSession) -> None:
        raise ValueError(agi.channel)

    scripts["live"] = live
    assert (await calls.make("agi-live"))["Error"] == "live: ValueError"


FORKED = {
    "call_start": ("refuse", "call_start:"),
    "call_answered": ("drop", "call_answered:call-9"),
    "agent_offer": ("busy", "agent_offer:call-9"),
    "inbound": ("queue", "inbound:"),
    "call_end": ("", "call_end:call-9"),
}


@pytest.mark.parametrize("script", FORKED)
async def test_forked_scripts(calls: Calls, script: str) -> None:
    done = await calls.make("agi-forked", script)
    assert (done["Seen"], done["Ack"]) == FORKED[script]
    assert done["Status"] == "SUCCESS"


async def test_a_pyst2_script_works_as_it_is(calls: Calls) -> None:
    done = await calls.make("agi-pyst2")
    assert (done["Seen"], done["Status"]) == ("15550001111 call-9", "SUCCESS")
