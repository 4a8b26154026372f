"""The parser of requests, for clients that offer another protocol in passing (`Upgrade: h2c`).

A server need not take the offer (RFC 9110 section 7.8), and the request is then a request like any other.
httptools leaves off behind such a head: what it has not read, the body of a form among it, would be lost.
"""

from __future__ import annotations

from typing import Any, Final

import httptools

_OFFER: Final = frozenset({b"upgrade", b"http2-settings"})


class Parser:
    """As `httptools.HttpRequestParser`, but that no offer is ever told.

    Args:
        protocol: gets the callbacks. Of a head with an offer it hears twice that the request begins; the
            rest it hears once, without the offer: `unheard` tells it which time is which.
    """

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._parser = httptools.HttpRequestParser(protocol)

    @property
    def unheard(self) -> bool:
        """Whether the head that is here will be read again, without the offer."""
        return bool(self._parser.should_upgrade())

    def feed_data(self, data: bytes) -> None:
        """Parse.

        Raises:
            httptools.HttpParserError: it is no HTTP.
        """
        left = data
        while True:  # until a piece, in which there may be several requests, has no further offer
            try:
                self._parser.feed_data(left)
            except httptools.HttpParserUpgrade as offer:
                if self._parser.get_method() == b"CONNECT":  # asks for nothing but that
                    raise httptools.HttpParserInvalidMethodError("CONNECT") from None
                head = self._without_offer()
                self._parser = httptools.HttpRequestParser(self._protocol)
                left = head + left[offer.args[0] :]
            else:
                return

    def _without_offer(self) -> bytes:
        version = self._parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self._parser.get_method(), self._protocol.url, version)]
        for name, value in self._protocol.headers:
            if name == b"connection":
                kept = [one for one in value.split(b",") if one.strip().lower() not in _OFFER]
                lines += [b"connection: " + b",".join(kept)] if kept else []
            elif name not in _OFFER:
                lines.append(name + b": " + value)
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def should_upgrade(self) -> bool:
        """No."""
        return False

    def get_http_version(self) -> str:
        """For instance `1.1`."""
        return str(self._parser.get_http_version())

    def get_method(self) -> bytes:
        """For instance `GET`."""
        return bytes(self._parser.get_method())

    def should_keep_alive(self) -> bool:
        """Whether another request may follow on the connection."""
        return bool(self._parser.should_keep_alive())
