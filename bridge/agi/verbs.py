"""The AGI commands, typed. Names follow Asterisk's own (`agi show commands`)."""

from __future__ import annotations

import secrets

from bridge.agi.errors import CommandFailed, HungUp, RemoteProtocolError
from bridge.agi.protocol import Reply

_TIMEOUT_MARGIN = 10.0
"""Seconds that Asterisk may take beyond the time that a command was told to wait."""


class Verbs:
    """The commands. `AgiSession` brings `command` and `hung_up`."""

    # Declared for the type checker; the session defines them.
    async def command(
        self, words: str, *arguments: str | int, timeout: float | None = None, ends: str = ""
    ) -> Reply:
        """Send one command; see `AgiSession.command`."""
        raise NotImplementedError

    def _is_hung_up(self) -> bool:
        raise NotImplementedError

    # The channel.

    async def answer(self) -> None:
        """Answer the channel, if it is not answered yet.

        Raises:
            CommandFailed, HungUp: it could not be.
        """
        self._checked("ANSWER", await self.command("ANSWER", timeout=0))

    async def hangup(self, channel: str = "") -> None:
        """Hang up this channel, or the one named. The bridge's own scripts leave that to the dialplan."""
        self._checked("HANGUP", await self.command("HANGUP", *([channel] if channel else [])))

    async def channel_status(self, channel: str = "") -> int:
        """Asterisk's number for a channel's state: 0 down, 4 ringing out, 5 ringing, 6 up; -1: none."""
        return _number(await self.command("CHANNEL STATUS", *([channel] if channel else [])))

    async def exec_(self, application: str, *options: str | int, timeout: float = 0) -> int:
        """Run a dialplan application and give what it returned (-2: there is no such application).

        Args:
            application: a constant of the script, never text that came from a call.
            options: its arguments; joined with commas, as the dialplan does.
            timeout: seconds; 0: as long as it takes.
        """
        joined = ",".join(map(str, options))
        reply = await self.command("EXEC", application, *([joined] if options else []), timeout=timeout)
        return _number(reply)

    async def noop(self, text: str = "") -> None:
        """Do nothing, and see that Asterisk still answers."""
        await self.command("NOOP", *([text] if text else []))

    async def verbose(self, message: str, level: int = 1) -> None:
        """Write to Asterisk's console and verbose log."""
        await self.command("VERBOSE", message, level)

    # Variables.

    async def get_variable(self, name: str) -> str | None:
        """Value of a channel variable or function (`CALLERID(num)`); None if it is not set.

        Asterisk (22 and 16) cuts it after 1,023 bytes; `get_variables` gives all of it.
        """
        reply = await self.command("GET VARIABLE", name)
        return reply.data if reply.result == "1" else None

    async def get_full_variable(self, expression: str, channel: str = "") -> str | None:
        """Value of an expression such as `${CALLERID(num)}-${EXTEN}`; None if the channel does not exist.

        Args:
            expression: a constant of the script: what stands in `${…}` is evaluated.
            channel: the channel to look at, this one if left out.
        """
        reply = await self.command("GET FULL VARIABLE", expression, *([channel] if channel else []))
        return reply.data if reply.result == "1" else None

    async def get_variables(self, *names: str) -> dict[str, str]:
        """Values of several variables in one round trip; one that is not set is empty.

        Behind each value Asterisk prints a random mark of ours, so that no value, whoever wrote it and
        whatever it holds, can pose as another value or as an answer.
        """
        mark = secrets.token_hex(8)
        expression = "".join(f"${{{name}}}{mark}" for name in names)
        reply = await self.command("GET FULL VARIABLE", expression, ends=mark)
        values = (reply.data or "").split(mark)
        if len(values) != len(names) + 1:
            raise RemoteProtocolError(f"{len(names)} variables asked for, {len(values) - 1} came")
        return dict(zip(names, values))

    async def set_variable(self, name: str, value: str | int) -> None:
        """Set a channel variable."""
        await self.command("SET VARIABLE", name, value)

    # Sound and keys. Each gives the key that was pressed, or "".

    async def stream_file(self, name: str, escape_digits: str = "", offset: int = 0) -> str:
        """Play a sound file (no extension); a key out of `escape_digits` stops it.

        Raises:
            HungUp: the caller hung up meanwhile.
            CommandFailed: it could not be played.
        """
        return self._key(
            "STREAM FILE", await self.command("STREAM FILE", name, escape_digits, offset, timeout=0)
        )

    async def wait_for_digit(self, milliseconds: int = -1) -> str:
        """Wait for one key; "" if none came in time. -1 waits for ever.

        Raises:
            HungUp, CommandFailed: as `stream_file`.
        """
        limit = 0.0 if milliseconds < 0 else milliseconds / 1000 + _TIMEOUT_MARGIN
        return self._key("WAIT FOR DIGIT", await self.command("WAIT FOR DIGIT", milliseconds, timeout=limit))

    async def get_data(self, name: str, milliseconds: int = 2000, max_digits: int = 255) -> tuple[str, bool]:
        """Play a file and collect keys.

        Returns:
            The keys, and whether the time ran out (rather than `#` or the last key ending it).

        Raises:
            HungUp, CommandFailed: as `stream_file`.
        """
        reply = await self.command("GET DATA", name, milliseconds, max_digits, timeout=0)
        return self._checked("GET DATA", reply).result, reply.data == "timeout"

    async def record_file(  # noqa: PLR0913 - the arguments of RECORD FILE
        self,
        name: str,
        format_: str = "wav",
        escape_digits: str = "#",
        milliseconds: int = -1,
        *,
        beep: bool = False,
        silence: int = 0,
    ) -> Reply:
        """Record the channel into a file.

        Raises:
            HungUp, CommandFailed: as `stream_file`.
        """
        extra = (["BEEP"] if beep else []) + ([f"s={silence}"] if silence else [])
        reply = await self.command(
            "RECORD FILE", name, format_, escape_digits, milliseconds, *extra, timeout=0
        )
        return self._checked("RECORD FILE", reply)

    async def say_digits(self, digits: str | int, escape_digits: str = "") -> str:
        """Say digit after digit."""
        return await self._say("SAY DIGITS", digits, escape_digits)

    async def say_number(self, number: int, escape_digits: str = "") -> str:
        """Say a number."""
        return await self._say("SAY NUMBER", number, escape_digits)

    async def say_alpha(self, text: str, escape_digits: str = "") -> str:
        """Say character after character."""
        return await self._say("SAY ALPHA", text, escape_digits)

    async def say_phonetic(self, text: str, escape_digits: str = "") -> str:
        """Say character after character with the spelling alphabet."""
        return await self._say("SAY PHONETIC", text, escape_digits)

    async def say_date(self, unix_seconds: int, escape_digits: str = "") -> str:
        """Say the date of a Unix time."""
        return await self._say("SAY DATE", unix_seconds, escape_digits)

    async def say_time(self, unix_seconds: int, escape_digits: str = "") -> str:
        """Say the time of day of a Unix time."""
        return await self._say("SAY TIME", unix_seconds, escape_digits)

    async def _say(self, words: str, what: str | int, escape_digits: str) -> str:
        return self._key(words, await self.command(words, what, escape_digits, timeout=0))

    def _key(self, words: str, reply: Reply) -> str:
        code = _number(self._checked(words, reply))
        return chr(code) if code > 0 else ""

    def _checked(self, words: str, reply: Reply) -> Reply:
        """Asterisk says -1 both for a failure and for a caller who hung up meanwhile."""
        if reply.result != "-1":
            return reply
        if self._is_hung_up():
            raise HungUp
        raise CommandFailed(words, reply)


def _number(reply: Reply) -> int:
    try:
        return int(reply.result)
    except ValueError:
        raise RemoteProtocolError(f"not a number: {reply.text[:80]!r}") from None
