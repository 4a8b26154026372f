"""What passes over the socket: one line of JSON with the command, and one with what became of it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import msgspec

from bridge.admin.command import Command, R
from bridge.admin.commands import AnyCommand
from bridge.admin.errors import AdminError

MOST_BYTES = 8 * 1024 * 1024
"""Of a request: a site file with some 20,000 agents."""

_commands: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyCommand)


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    command: msgspec.Raw


class _Answer(msgspec.Struct, omit_defaults=True):
    error: str = ""
    result: msgspec.Raw = msgspec.Raw(b"null")


def request(command: Command[Any]) -> bytes:
    """The line that asks for a command.

    Raises:
        AdminError: it would be too long.
    """
    raw = msgspec.Raw(msgspec.json.encode(command))
    line = msgspec.json.encode(_Request(version("agent-bridge"), raw)) + b"\n"
    if len(line) > MOST_BYTES:
        raise AdminError(f"this is {len(line)} bytes, and {MOST_BYTES} are taken at once: divide it")
    return line


def command(line: bytes) -> Command[Any]:
    """The command that a line asks for.

    Raises:
        AdminError: it is of another version, or no command.
    """
    try:
        asked = msgspec.json.decode(line, type=_Request)
        if asked.version != version("agent-bridge"):
            raise AdminError(
                f"the service is {version('agent-bridge')}, this command {asked.version}: restart the service"
            )
        found: Command[Any] = _commands.decode(asked.command)
    except (ValueError, RecursionError) as error:
        raise AdminError(f"the request is no command: {error}") from None
    return found


def success(result: object) -> bytes:
    """The line that tells what came of a command."""
    return msgspec.json.encode(_Answer(result=msgspec.Raw(msgspec.json.encode(result)))) + b"\n"


def failure(why: str) -> bytes:
    """The line that tells why it was not carried out."""
    return msgspec.json.encode(_Answer(error=why)) + b"\n"


def result(asked: Command[R], line: bytes) -> R:
    """What came of the command that was asked for.

    Raises:
        AdminError: why it was not carried out.
    """
    answer = msgspec.json.decode(line, type=_Answer)
    if answer.error:
        raise AdminError(answer.error)
    found: R = msgspec.json.decode(answer.result, type=asked.result())
    return found
