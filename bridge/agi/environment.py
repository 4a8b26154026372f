"""What Asterisk tells about the channel before a script's first command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from bridge.agi.errors import RemoteProtocolError

LINES_LIMIT = 512
"""Lines of an environment: 22 and one for each argument, of which a dialplan line has 128 at most."""

_BEFORE_CALLER = frozenset(
    {
        "agi_network",
        "agi_network_script",
        "agi_request",
        "agi_channel",
        "agi_language",
        "agi_type",
        "agi_uniqueid",
        "agi_version",
    }
)
"""Names that Asterisk sends before the caller's own text. See `parse_environment`."""


class Environment(Mapping[str, str]):
    """The lines `agi_name: value`, by name. Bytes that are not UTF-8 survive as surrogates."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Environment({self._values!r})"

    @property
    def args(self) -> list[str]:
        """Arguments that the dialplan gave: `AGI(agi://host/script,first,second)`."""
        found: list[str] = []
        while (value := self._values.get(f"agi_arg_{len(found) + 1}")) is not None:
            found.append(value)
        return found

    @property
    def script(self) -> str:
        """The script's name: the path of the URL without its first `/`, or the file's name when forked."""
        request = self._values.get("agi_network_script")
        if request is None:
            request = self._values.get("agi_request", "")
            return request.rpartition("/")[2] if "://" not in request else urlsplit(request).path.lstrip("/")
        return request.partition("?")[0].lstrip("/")

    @property
    def params(self) -> dict[str, str]:
        """The URL's query: `agi://host/script?lead=17` gives `{"lead": "17"}`; of a name the last counts."""
        request = self._values.get("agi_network_script") or self._values.get("agi_request", "")
        return dict(parse_qsl(request.partition("?")[2], keep_blank_values=True, errors="surrogateescape"))


def parse_environment(block: bytes) -> Environment:
    """Read the lines before the first blank one.

    A caller's name is hostile text that Asterisk prints unescaped. A line feed in it could pose as another
    line; such a line stands after the true one for what Asterisk prints first, and before it for what it
    prints later. So of a name seen twice the first counts for the former and the last for the latter.

    Raises:
        RemoteProtocolError: too many lines.
    """
    lines = block.decode("utf-8", "surrogateescape").split("\n")
    if len(lines) > LINES_LIMIT:
        raise RemoteProtocolError(f"the environment has more than {LINES_LIMIT} lines")
    try:
        values = dict([line.split(": ", 1) for line in lines])
    except ValueError:
        return Environment(_with_care(lines))
    # A name that came twice shows in the count.
    whole = len(values) == len(lines) and "\r" not in lines[0] and ":" not in "".join(values)
    return Environment(values if whole else _with_care(lines))


def _with_care(lines: list[str]) -> dict[str, str]:
    """Read lines of which some are not as they should be."""
    values: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.rstrip("\r").partition(":")
        if colon and not (name in _BEFORE_CALLER and name in values):
            values[name.strip()] = value.removeprefix(" ")
    return values
