"""A fake Asterisk: one channel's side of a FastAGI session, over a plain socket."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

ENVIRONMENT = {
    "agi_request": "agi://127.0.0.1/script",
    "agi_channel": "PJSIP/1000-0000002a",
    "agi_language": "en",
    "agi_type": "PJSIP",
    "agi_uniqueid": "1732000000.1",
    "agi_version": "22.10.1",
    "agi_callerid": "15550001111",
    "agi_calleridname": "Ann",
    "agi_callingpres": "0",
    "agi_callingani2": "0",
    "agi_callington": "0",
    "agi_callingtns": "0",
    "agi_dnid": "15551234567",
    "agi_rdnis": "unknown",
    "agi_context": "bridge-agi",
    "agi_extension": "s",
    "agi_priority": "1",
    "agi_enhanced": "0.0",
    "agi_accountcode": "",
    "agi_threadid": "139",
}


def environment(script: str, **changes: str) -> bytes:
    """The lines that Asterisk opens with, blank line included."""
    lines = {"agi_network": "yes", "agi_network_script": script, **ENVIRONMENT, **changes}
    return "".join(f"{name}: {value}\n" for name, value in lines.items()).encode() + b"\n"


@dataclass
class Channel:
    """A channel's variables, and what it answers to commands."""

    variables: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    answer: Callable[[str], bytes | None] | None = None
    """Answers a command instead of `reply`, if it gives something."""

    def reply(self, command: str) -> bytes:
        self.commands.append(command)
        special = self.answer(command) if self.answer else None
        if special is not None:
            return special
        words = split(command)
        if words[:2] == ["SET", "VARIABLE"]:
            self.variables[words[2]] = words[3]
            return b"200 result=1\n"
        if words[:2] == ["GET", "VARIABLE"]:
            value = self.variables.get(words[2])
            return b"200 result=0\n" if value is None else f"200 result=1 ({value})\n".encode()
        if words[:3] == ["GET", "FULL", "VARIABLE"]:
            text = re.sub(r"\$\{([^}]*)\}", lambda m: self.variables.get(m[1], ""), words[3])
            return f"200 result=1 ({text})\n".encode()
        return b"200 result=0\n"


def split(command: str) -> list[str]:
    """Split a command line as Asterisk's `parse_args` does."""
    words: list[str] = []
    word, quoted, escaped, blank = "", False, False, True
    for sign in command:
        if sign in " \t" and not quoted and not escaped:
            if not blank:
                words.append(word)
            word, blank = "", True
            continue
        blank = False
        if not escaped and sign == '"':
            quoted = not quoted
        elif not escaped and sign == "\\":
            escaped = True
            continue
        else:
            word += sign
        escaped = False
    return words if blank else [*words, word]


async def dialplan_calls(
    port: int, script: str, channel: Channel, *, slowly: bool = False, env: dict[str, str] | None = None
) -> Channel:
    """Do what `AGI(agi://127.0.0.1:port/script)` does until the other side closes; `slowly`: byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _send(writer, environment(script, **(env or {})), slowly=slowly)
        while line := await reader.readline():
            await _send(writer, channel.reply(line.decode("utf-8", "surrogateescape")[:-1]), slowly=slowly)
    except ConnectionError:
        pass
    finally:
        writer.close()
    return channel


async def _send(writer: asyncio.StreamWriter, data: bytes, *, slowly: bool) -> None:
    pieces = [data[i : i + 1] for i in range(len(data))] if slowly else [data]
    for piece in pieces:
        writer.write(piece)
        if slowly:
            await asyncio.sleep(0)
    await writer.drain()


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        await asyncio.sleep(0.005)
