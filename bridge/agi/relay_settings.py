"""What a relay must know: from its command line, a file in INI form, or the environment, in this order."""

from __future__ import annotations

import argparse
import configparser
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path

from bridge.agi.desk_link import Address
from bridge.agi.exposure import is_loopback

FOLDER = "/var/spool/agent-bridge"
"""Where reports wait and the socket for forked scripts is, unless told otherwise."""

LISTEN = Address("127.0.0.1", 4573)
BRIDGE = Address("127.0.0.1", 4574)

HELP = {
    "listen": "address for Asterisk's AGI(agi://…); loopback, as FastAGI has no login",
    "allow": "addresses or networks that Asterisk connects from, separated by commas; needed off loopback",
    "bridges": "addresses of the bridges, separated by commas, in the order in which they are asked",
    "asterisk": "name of this Asterisk in the settings of the bridges; empty: the first there",
    "secret_file": "file with the secret that relay and bridges share",
    "folder": "folder for reports that wait and for the socket of forked scripts",
    "queue": "queue of an inbound caller when no bridge answers; empty: the dialplan's default",
    "abandon_message": "sound for a customer whom no bridge has an agent for; empty: none",
    "message_purpose": "why is called; abandon_message is played only with this and the next three",
    "message_seller": "for whom is called",
    "message_callback_number": "number by which customers reach the seller",
    "message_consent": "on which consent recorded messages rest",
    "tls_ca": "certificates by which the bridges are known; empty: no TLS",
    "max_sessions": "sessions at a time",
    "step_timeout": "seconds in which a bridge must give each next command of a script that only it has",
}

_STATED = tuple(name for name in HELP if name.startswith("message_"))
"""What is stated of a campaign, too, before any recorded message is played."""


@dataclass(frozen=True)
class RelaySettings:
    """See `HELP`. Names of the options, in the file, and (`BRIDGE_RELAY_…`) in the environment."""

    listen: Address = LISTEN
    allow: tuple[str, ...] = ()
    bridges: tuple[Address, ...] = (BRIDGE,)
    asterisk: str = ""
    secret_file: str = "/etc/agent-bridge/relay.secret"  # noqa: S105 - the name of a file
    folder: Path = field(default_factory=lambda: Path(FOLDER))
    queue: str = ""
    abandon_message: str = ""
    message_purpose: str = ""
    message_seller: str = ""
    message_callback_number: str = ""
    message_consent: str = ""
    tls_ca: str = ""
    max_sessions: int = 1000
    step_timeout: float = 10.0

    def check(self) -> None:
        """See that not everybody may come.

        Raises:
            ValueError: they may.
        """
        if not (is_loopback(self.listen.host) or self.allow):
            raise ValueError(
                f"listen: {self.listen.host} is not loopback, and FastAGI has no login:"
                " name in allow who may come"
            )

    @property
    def unstated(self) -> tuple[str, ...]:
        """Settings that have to be filled in before the abandon message is played."""
        return tuple(name for name in _STATED if not getattr(self, name).strip())

    @property
    def playable(self) -> str:
        """The abandon message; empty while something is unstated."""
        return "" if self.unstated else self.abandon_message

    @property
    def reports(self) -> Path:
        """Where reports wait."""
        return self.folder / "reports"

    @property
    def socket(self) -> Path:
        """Where forked scripts ask."""
        return self.folder / "relay.sock"

    def secret(self) -> str:
        """Read the secret.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is empty.
        """
        text = Path(self.secret_file).read_text(encoding="utf-8").strip()
        if not text:
            raise ValueError(f"{self.secret_file} is empty")
        return text

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> RelaySettings:
        """Read `BRIDGE_RELAY_LISTEN` and so on. Under systemd the folder is the unit's StateDirectory.

        Raises:
            ValueError: a value of the wrong form, with its name.
        """
        prefix = "BRIDGE_RELAY_"
        home = {"folder": environment["STATE_DIRECTORY"]} if environment.get("STATE_DIRECTORY") else {}
        given = {k[len(prefix) :].lower(): v for k, v in environment.items() if k.startswith(prefix)}
        return cls().changed({**home, **{name: text for name, text in given.items() if name in HELP}})

    @classmethod
    def from_arguments(cls, arguments: Sequence[str], environment: Mapping[str, str]) -> RelaySettings:
        """Read the command line, then the file it names, then the environment; `--help` ends the program.

        Raises:
            ValueError: a value of the wrong form, with its name.
            OSError: the file cannot be read.
        """
        options = vars(parser().parse_args(arguments))
        file = options.pop("config")
        settings = cls.from_environment(environment)
        if file:
            settings = settings.changed(_read_file(file))
        return settings.changed({name: text for name, text in options.items() if text is not None})

    def changed(self, texts: Mapping[str, str]) -> RelaySettings:
        """Give these settings with others read from text.

        Raises:
            ValueError: there is no such setting, or its text has the wrong form.
        """
        values: dict[str, object] = {}
        for name, text in texts.items():
            if name not in HELP:
                raise ValueError(f"there is no setting {name!r}")
            try:
                values[name] = _READ.get(name, str)(text)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return replace(self, **values)  # type: ignore[arg-type]


def _networks(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for entry in found:
        ip_network(entry)
    return found


def _asterisk(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,40}", text):
        raise ValueError(f"not the name of an Asterisk: {text!r} (letters, digits, _ and -)")
    return text


_READ: dict[str, Callable[[str], object]] = {
    "listen": lambda text: Address.parse(text, 4573),
    "bridges": lambda text: tuple(Address.parse(part.strip()) for part in text.split(",") if part.strip()),
    "allow": _networks,
    "asterisk": _asterisk,
    "folder": Path,
    "max_sessions": int,
    "step_timeout": float,
}


def _read_file(path: str) -> dict[str, str]:
    found = configparser.ConfigParser(interpolation=None)
    with Path(path).open(encoding="utf-8") as file:
        found.read_file(file)
    if not found.has_section("relay"):
        raise ValueError(f"{path} has no section [relay]")
    return dict(found.items("relay"))


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="agent-bridge relay",
        description="Stands between Asterisk's dialplan and the bridge; answers in time, come what may.",
        epilog="example: agent-bridge relay --bridges bridge-a:4574,bridge-b:4574 --queue sales",
    )
    made.add_argument("--config", default="", help="file in INI form with a section [relay]")
    for name, text in HELP.items():
        made.add_argument("--" + name.replace("_", "-"), default=None, help=text)
    return made
