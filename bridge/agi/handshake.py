"""How relay and bridge prove to each other that they know the same secret, without sending it.

    relay   AGENT-BRIDGE/1 <purpose>[@<name of its Asterisk>] <nonce of the relay>
    bridge  AGENT-BRIDGE/1 <nonce of the bridge> <proof of the bridge>
    relay   <proof of the relay>
    bridge  OK <seconds of the bridge's monotonic clock>      or      NO <why not>

A proof is HMAC-SHA-256 (RFC 2104) over the side, the purpose and both nonces: it cannot be replayed, nor
thrown back at its maker. The bridge proves itself first, so that a relay never talks to a stranger. What
follows is neither encrypted nor signed: between two machines use a private network or TLS.

Pure: bytes in, bytes out. `opening` is what to send first, `receive_data` gives what to send next.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Collection

from bridge.agi.errors import HandshakeFailed

_MAGIC = "AGENT-BRIDGE/1"
_LINE_LIMIT = 256

PURPOSES = ("desk", "session")
"""What a connection is for: questions to the desk, or one FastAGI session passed on."""


def _proof(secret: str, side: str, purpose: str, nonces: tuple[str, str]) -> str:
    message = " ".join((_MAGIC, side, purpose, *nonces))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise HandshakeFailed("the bridge's clock makes no sense") from None


class _Handshake:
    """Lines in, lines out. `done` tells when what follows, from `leftover` on, is the conversation itself."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise HandshakeFailed("an empty secret proves nothing")
        self.done = False
        self.leftover = b""
        self._secret = secret
        self._nonce = secrets.token_hex(16)

    def receive_data(self, data: bytes) -> bytes:
        """Take bytes and give those to send.

        Raises:
            HandshakeFailed: the other side does not know the secret, or does not speak this.
        """
        self.leftover += data
        out = b""
        while not self.done and b"\n" in self.leftover[:_LINE_LIMIT]:
            line, _, self.leftover = self.leftover.partition(b"\n")
            out += self._take(line.decode("ascii", "replace").split(" "))
        if not self.done and len(self.leftover) >= _LINE_LIMIT:
            raise HandshakeFailed("this is not the handshake of relay and bridge")
        return out

    def _take(self, words: list[str]) -> bytes:
        raise NotImplementedError


class RelayHandshake(_Handshake):
    """The relay's side. When done, `clock` is the bridge's monotonic clock as it answered."""

    def __init__(self, secret: str, purpose: str, asterisk: str = "") -> None:
        super().__init__(secret)
        self.clock = 0.0
        self._purpose = f"{purpose}@{asterisk}" if asterisk else purpose
        self.opening = f"{_MAGIC} {self._purpose} {self._nonce}\n".encode()
        self._proved = False

    def _take(self, words: list[str]) -> bytes:
        if self._proved:
            if words[0] != "OK" or len(words) != 2:
                raise HandshakeFailed(f"the bridge refused: {' '.join(words[1:])}")
            self.clock, self.done = _seconds(words[1]), True
            return b""
        if len(words) != 3 or words[0] != _MAGIC:
            raise HandshakeFailed("this is not a bridge")
        nonces = (self._nonce, words[1])
        if not hmac.compare_digest(words[2].encode(), self._prove("bridge", nonces).encode()):
            raise HandshakeFailed("the bridge does not know the secret")
        self._proved = True
        return f"{self._prove('relay', nonces)}\n".encode()

    def _prove(self, side: str, nonces: tuple[str, str]) -> str:
        return _proof(self._secret, side, self._purpose, nonces)


class BridgeHandshake(_Handshake):
    """The bridge's side. When done, `purpose` is what the relay wants, and `asterisk` the name that it gave.

    Args:
        secret: shared with the relays.
        asterisks: names that a relay may give.
    """

    def __init__(self, secret: str, asterisks: Collection[str] = ()) -> None:
        super().__init__(secret)
        self.purpose = ""
        self.asterisk = ""
        self.refusal = ""
        """Why a relay that knows the secret is turned away all the same."""
        self._asterisks = asterisks
        self._asked = ""
        self._nonces = ("", "")

    def _take(self, words: list[str]) -> bytes:
        if not self.purpose:
            if len(words) != 3 or words[0] != _MAGIC or words[1].partition("@")[0] not in PURPOSES:
                raise HandshakeFailed("this is not a relay")
            self._asked, self._nonces = words[1], (words[2], self._nonce)
            self.purpose, _, self.asterisk = words[1].partition("@")
            return f"{_MAGIC} {self._nonce} {self._prove('bridge')}\n".encode()
        if not hmac.compare_digest(" ".join(words).encode(), self._prove("relay").encode()):
            raise HandshakeFailed("the relay does not know the secret")
        self.done = True
        if self.asterisk and self.asterisk not in self._asterisks:
            self.refusal = f"no Asterisk is named {self.asterisk!r} in the settings of this bridge"
            return f"NO {self.refusal}\n".encode()
        return f"OK {time.monotonic():.6f}\n".encode()

    def _prove(self, side: str) -> str:
        return _proof(self._secret, side, self._asked, self._nonces)
