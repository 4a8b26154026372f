"""One connection: framing on a real socket, and events until somebody is ready for them."""

from __future__ import annotations

import pytest
from ami_link import Link, Make, opened
from fake_ami import FakeAmi, block
from fake_ami.waiting import eventually, never

from bridge.ami import actions
from bridge.ami.state import CloseKind


async def test_one_byte_at_a_time(fake: FakeAmi, settings: Make) -> None:
    fake.segment = 1
    async with opened(settings(fake)) as link:
        fake.session.event("VarSet", [("Variable", "N"), ("Value", "日本 é")])
        assert await link.connection.send(actions.Ping()) == 1795486133.5
        (event,) = link.events
        assert event.value == "日本 é"


async def test_a_character_split_over_two_reads(fake: FakeAmi, settings: Make) -> None:
    data = block([("Event", "VarSet"), ("Value", "日本")])
    cut = data.index("本".encode()) + 1
    async with opened(settings(fake)) as link:
        fake.session.write(data[:cut])
        await fake.session.writer.drain()
        await never(lambda: link.events, during=0.05)
        fake.session.write(data[cut:])
        await eventually(lambda: link.events)
        assert link.events[0].value == "日本"


async def test_bytes_that_are_no_utf8_survive(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        fake.session.write(b"Event: VarSet\r\nValue: Jos\xe9 X\r\n\r\n")
        await eventually(lambda: link.events)
        name = link.events[0].value
        assert name.encode("utf-8", "surrogateescape") == b"Jos\xe9 X"
        await link.connection.send(actions.UserEvent("Echo", {"Name": name}))
        assert b"Name: Jos\xe9 X\r\n" in fake.raw


async def test_repeated_headers_out_and_in(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        call = actions.Originate(
            channel="c", context="x", exten="s", variables={"A": "1", "B": "2", "C": "3"}
        )
        await link.connection.send(call)
        assert fake.actions[-1].all("Variable") == ["A=1", "B=2", "C=3"]
        fake.session.event("Newchannel", [("ChanVariable", "A=1"), ("X", "y"), ("ChanVariable", "B=2")])
        await eventually(lambda: link.events)
        assert link.events[0].variables() == {"A": "1", "B": "2"}


@pytest.mark.parametrize("output", [["only one"], ["one", "", "three: 3", "  four"]])
async def test_every_line_of_a_command_comes_as_a_list(
    fake: FakeAmi, settings: Make, output: list[str]
) -> None:
    fake.answers["Command"] = lambda s, a: s.respond(a, headers=[("Output", line) for line in output])
    async with opened(settings(fake)) as link:
        answer = await link.connection.send(actions.RawAction("Command", (("Command", "core show"),)))
        assert answer.all("Output") == output


async def test_values_of_200_kib_and_2_mib(fake: FakeAmi, settings: Make) -> None:
    big, huge = "b" * 200 * 1024, "h" * 2 * 1024 * 1024
    fake.answers["Command"] = lambda s, a: s.respond(a, headers=[("Output", huge), ("Output", "end")])
    async with opened(settings(fake)) as link:
        fake.session.event("VarSet", [("Value", big)])
        answer = await link.connection.send(actions.RawAction("Command"))
        assert answer.all("Output") == [huge, "end"]
        assert link.events[0].value == big


async def test_odd_lines_harm_nobody(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        fake.session.write(
            b"Event:Odd\r\nNoSpace:x\r\nno colon\r\n: no name\r\nLast:\r\n\r\n"
            b"\r\nEvent: Slip\r\nA: 1\r\n\n"
            b"just a line\r\n\r\n"
            b"EVENT: Shouted\r\n\r\n"
            b"Event: Next\r\n\r\n"
        )
        await eventually(lambda: len(link.events) == 4)
        odd = link.events[0]
        assert (odd["NoSpace"], odd["Last"], odd.get("A", "")) == ("x", "", "")
        assert link.names == ["Odd", "Slip", "Shouted", "Next"]


async def test_an_endless_message_closes_the_link(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, max_message=10_000)) as link:
        fake.session.write(b"Event: Endless\r\nX: " + b"y" * 20_000)
        reason = await link.connection.wait_closed()
        assert reason.kind is CloseKind.PROTOCOL
        assert "10000" in reason.detail


async def test_events_wait_until_somebody_is_ready_for_them(fake: FakeAmi, settings: Make) -> None:
    fake.after_login = block([("Event", "FullyBooted")]) + block([("Event", "Hangup")])
    link = Link(settings(fake))
    await link.connection.open()
    await link.connection.send(actions.Ping())
    assert link.names == []
    link.connection.go_live()
    fake.session.event("Next")
    await eventually(lambda: len(link.events) == 3)
    assert link.names == ["FullyBooted", "Hangup", "Next"]
    await link.connection.close()


async def test_too_many_held_events_are_discarded(fake: FakeAmi, settings: Make) -> None:
    link = Link(settings(fake))
    await link.connection.open()
    fake.session.write(block([("Event", "Flood")]) * 10_001)
    await link.connection.send(actions.Ping())
    link.connection.go_live()
    fake.session.event("Next")
    await eventually(lambda: "Next" in link.names)
    assert link.names == ["Next"]
    await link.connection.close()
