from __future__ import annotations

import asyncio

import pytest
from agi_peer import Channel, environment, until

from bridge.agi.errors import (
    CommandFailed,
    CommandTimeout,
    DeadChannel,
    HungUp,
    InvalidCommand,
    LocalProtocolError,
    RemoteProtocolError,
    SessionClosed,
    UsageError,
)
from bridge.agi.session import AgiSession


class Wire:
    """Both ends of a session without a socket: what a `Channel` answers comes back at once."""

    def __init__(self, channel: Channel | None = None, version: str = "22.10.1") -> None:
        self.channel = channel or Channel()
        self.held = False
        self.aborted = False
        self.sent: list[str] = []
        self.agi = AgiSession(self._write, self._abort, command_timeout=0.2)
        self.agi.data_received(environment("script?lead=17", agi_arg_1="first", agi_version=version))

    def _write(self, data: bytes) -> None:
        command = data.decode("utf-8", "surrogateescape")[:-1]
        self.sent.append(command)
        if not self.held:
            asyncio.get_running_loop().call_soon(self.agi.data_received, self.channel.reply(command))

    def _abort(self) -> None:
        self.aborted = True


@pytest.fixture
async def wire() -> Wire:
    return Wire()


def answering(wire: Wire, answer: bytes) -> AgiSession:
    wire.channel.answer = lambda _command: answer
    return wire.agi


async def test_what_asterisk_told(wire: Wire) -> None:
    agi = wire.agi
    await agi.ready
    assert agi.env["agi_callerid"] == "15550001111"
    assert (agi.script, agi.params, agi.args) == ("script", {"lead": "17"}, ["first"])
    assert (agi.channel, agi.unique_id) == ("PJSIP/1000-0000002a", "1732000000.1")
    assert "script" in repr(agi)


async def test_variables(wire: Wire) -> None:
    agi = wire.agi
    assert await agi.get_variable("X") is None
    await agi.set_variable("X", 'a "b" \\ c')
    assert await agi.get_variable("X") == 'a "b" \\ c'
    assert await agi.get_full_variable("${X}!") == 'a "b" \\ c!'
    assert await agi.get_variables("X", "Y") == {"X": 'a "b" \\ c', "Y": ""}


async def test_a_value_cannot_pose_as_another(wire: Wire) -> None:
    wire.channel.variables = {"NAME": "Eve)\nHANGUP\n200 result=1 (x", "Y": "true"}
    assert await wire.agi.get_variables("NAME", "Y") == wire.channel.variables
    assert not wire.agi.hung_up.is_set()


async def test_variables_that_do_not_come_as_asked(wire: Wire) -> None:
    with pytest.raises(RemoteProtocolError):
        await answering(wire, b"200 result=0\n").get_variables("X")


@pytest.mark.parametrize(
    ("call", "command", "answer", "result"),
    [
        (lambda a: a.answer(), "ANSWER", b"200 result=0\n", None),
        (lambda a: a.hangup(), "HANGUP", b"200 result=1\n", None),
        (lambda a: a.hangup("SIP/x"), "HANGUP SIP/x", b"200 result=1\n", None),
        (lambda a: a.channel_status(), "CHANNEL STATUS", b"200 result=6\n", 6),
        (lambda a: a.channel_status("SIP/x"), "CHANNEL STATUS SIP/x", b"200 result=-1\n", -1),
        (lambda a: a.exec_("Wait", 1), "EXEC Wait 1", b"200 result=0\n", 0),
        (lambda a: a.exec_("Dial", "SIP/1", 30), 'EXEC Dial "SIP/1,30"', b"200 result=-1\n", -1),
        (lambda a: a.exec_("Nope"), "EXEC Nope", b"200 result=-2\n", -2),
        (lambda a: a.noop(), "NOOP", b"200 result=0\n", None),
        (lambda a: a.noop("hi"), "NOOP hi", b"200 result=0\n", None),
        (lambda a: a.verbose("hi you", 3), 'VERBOSE "hi you" 3', b"200 result=1\n", None),
        (lambda a: a.stream_file("beep", "1"), "STREAM FILE beep 1 0", b"200 result=49 endpos=1\n", "1"),
        (lambda a: a.stream_file("beep"), 'STREAM FILE beep "" 0', b"200 result=0 endpos=1\n", ""),
        (lambda a: a.wait_for_digit(100), "WAIT FOR DIGIT 100", b"200 result=35\n", "#"),
        (lambda a: a.wait_for_digit(), "WAIT FOR DIGIT -1", b"200 result=0\n", ""),
        (lambda a: a.get_data("beep", 1, 4), "GET DATA beep 1 4", b"200 result=12\n", ("12", False)),
        (lambda a: a.get_data("beep", 1, 4), "GET DATA beep 1 4", b"200 result= (timeout)\n", ("", True)),
        (lambda a: a.say_digits("12"), 'SAY DIGITS 12 ""', b"200 result=0\n", ""),
        (lambda a: a.say_number(12, "#"), "SAY NUMBER 12 #", b"200 result=35\n", "#"),
        (lambda a: a.say_alpha("ab"), 'SAY ALPHA ab ""', b"200 result=0\n", ""),
        (lambda a: a.say_phonetic("ab"), 'SAY PHONETIC ab ""', b"200 result=0\n", ""),
        (lambda a: a.say_date(0), 'SAY DATE 0 ""', b"200 result=0\n", ""),
        (lambda a: a.say_time(0), 'SAY TIME 0 ""', b"200 result=0\n", ""),
    ],
)
async def test_commands(wire: Wire, call, command: str, answer: bytes, result: object) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    assert await call(answering(wire, answer)) == result
    assert wire.sent == [command]


async def test_recording(wire: Wire) -> None:
    agi = answering(wire, b"200 result=0 (timeout) endpos=800\n")
    reply = await agi.record_file("msg", "wav", "#", 1000, beep=True, silence=3)
    assert wire.sent == ['RECORD FILE msg wav # 1000 BEEP "s=3"']
    assert (reply.data, reply.endpos) == ("timeout", 800)


async def test_a_line_by_hand_gives_refusals_as_answers(wire: Wire) -> None:
    assert (await answering(wire, b"510 Invalid or unknown command\n").send("FROBNICATE 1")).code == 510
    assert wire.sent == ["FROBNICATE 1"]
    with pytest.raises(LocalProtocolError):
        await wire.agi.send("NOOP\nEXEC System reboot")
    assert wire.sent == ["FROBNICATE 1"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"510 Invalid or unknown command\n", InvalidCommand),
        (b"511 Command Not Permitted on a dead channel\n", DeadChannel),
        (b"520-Usage follows:\nUsage: NOOP\n520 End of proper usage.\n", UsageError),
        (b"200 result=-1 endpos=0\n", CommandFailed),
        (b"600 what\n", RemoteProtocolError),
        (b"200 result=x\n", RemoteProtocolError),
    ],
)
async def test_refusals_are_errors_and_the_session_goes_on(
    wire: Wire, answer: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await answering(wire, answer).stream_file("beep")
    wire.channel.answer = None
    await wire.agi.noop()


async def test_minus_one_after_a_hangup_is_the_hangup(wire: Wire) -> None:
    with pytest.raises(HungUp):
        await answering(wire, b"HANGUP\n200 result=-1 endpos=0\n").stream_file("beep")
    assert wire.agi.hung_up.is_set()


async def test_usage_is_in_the_error(wire: Wire) -> None:
    with pytest.raises(UsageError) as caught:
        await answering(wire, b"520-Usage follows:\nUsage: X\n520 End\n").noop()
    assert "Usage: X" in caught.value.reply.text


async def test_answers_stay_in_step_after_a_hangup_in_idle_time(wire: Wire) -> None:
    wire.channel.variables = {"A": "a", "B": "b"}
    wire.agi.data_received(b"HANGUP\n")
    assert await wire.agi.get_variable("A") == "a"
    assert await wire.agi.get_variable("B") == "b"


async def test_answers_stay_in_step_after_a_cancelled_command(wire: Wire) -> None:
    wire.held = True
    task = asyncio.ensure_future(wire.agi.get_variable("A"))
    await asyncio.sleep(0)
    task.cancel()
    wire.held = False
    second = asyncio.ensure_future(wire.agi.get_variable("B"))
    await asyncio.sleep(0.01)
    assert wire.sent == ["GET VARIABLE A"]  # the second waits for the first's answer
    wire.channel.variables["B"] = "b"
    wire.agi.data_received(b"200 result=1 (a)\n")
    assert await second == "b"


async def test_an_answer_and_the_cancellation_of_who_waits_behind_it_come_at_once(wire: Wire) -> None:
    wire.held = True
    first, second, third = (asyncio.ensure_future(wire.agi.noop(text)) for text in "abc")
    await asyncio.sleep(0)
    second.cancel()
    wire.held = False
    wire.agi.data_received(b"200 result=0\n")  # before the second has noticed
    await asyncio.gather(first, third)
    assert wire.sent == ["NOOP a", "NOOP c"]
    assert second.cancelled()


async def test_the_limit_of_a_quick_command_begins_when_it_goes_out(wire: Wire) -> None:
    wire.held = True
    long = asyncio.ensure_future(wire.agi.stream_file("beep"))
    await asyncio.sleep(0)
    quick = asyncio.ensure_future(wire.agi.command("NOOP", timeout=0.02))
    loop = asyncio.get_running_loop()
    limit_of_a_quick_one_is_past = loop.time() + 0.06
    await until(lambda: loop.time() > limit_of_a_quick_one_is_past)
    assert (wire.sent, wire.aborted) == (['STREAM FILE beep "" 0'], False)
    wire.agi.data_received(b"200 result=0 endpos=1\n")
    assert await long == ""
    with pytest.raises(CommandTimeout):
        await quick
    assert wire.sent[1:] == ["NOOP"]


async def test_an_answer_that_never_comes_closes_the_session(wire: Wire) -> None:
    wire.held = True
    with pytest.raises(CommandTimeout):
        await wire.agi.noop()
    assert wire.aborted
    with pytest.raises(SessionClosed):
        await wire.agi.noop()


async def test_a_leftover_answer_that_never_comes_closes_the_session_too(wire: Wire) -> None:
    wire.held = True
    task = asyncio.ensure_future(wire.agi.noop())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(CommandTimeout):
        await wire.agi.noop()
    assert wire.aborted


async def test_commands_of_several_tasks_go_one_after_the_other(wire: Wire) -> None:
    wire.channel.variables = {str(n): f"value {n}" for n in range(50)}
    values = await asyncio.gather(*(wire.agi.get_variable(str(n)) for n in range(50)))
    assert values == [f"value {n}" for n in range(50)]


async def test_the_end_of_the_connection_fails_the_command_that_waits(wire: Wire) -> None:
    wire.held = True
    task = asyncio.ensure_future(wire.agi.noop())
    await asyncio.sleep(0)
    wire.agi.connection_lost()
    with pytest.raises(SessionClosed):
        await task
    assert wire.agi.hung_up.is_set()
    assert not wire.agi.idle


async def test_a_peer_that_breaks_the_protocol_is_closed() -> None:
    aborted: list[bool] = []
    agi = AgiSession(lambda _: None, lambda: aborted.append(True))
    agi.data_received(b"x" * 70_000)
    with pytest.raises(RemoteProtocolError):
        await agi.ready
    assert aborted


async def test_work_is_cancelled_when_the_caller_hangs_up(wire: Wire) -> None:
    cancelled = asyncio.Event()

    async def think() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.ensure_future(wire.agi.unless_hung_up(think()))
    await asyncio.sleep(0)
    wire.agi.data_received(b"HANGUP\n")
    with pytest.raises(HungUp):
        await task
    assert cancelled.is_set()


async def test_work_that_is_done_in_time_gives_its_result(wire: Wire) -> None:
    assert await wire.agi.unless_hung_up(asyncio.sleep(0, "done")) == "done"


async def test_a_line_is_as_long_as_this_asterisk_reads(wire: Wire) -> None:
    await wire.agi.set_variable("X", "x" * 8000)  # it says that it is 22.10
    old = Wire(version="16.28.0")
    with pytest.raises(LocalProtocolError):
        await old.agi.set_variable("X", "x" * 2100)
    assert old.sent == []
