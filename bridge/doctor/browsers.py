"""Checks of what browsers need that are phones: the WebSocket, and the endpoints of Asterisk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from bridge.doctor.facts import Browsers, Facts
from bridge.doctor.model import Check, fail, ok, unknown, warn
from bridge.doctor.own import Reach, reach_of
from bridge.doctor.websocket import WebSocketSeen

__all__ = ["WANTED", "check_browsers"]

WANTED: Final = ("webrtc", "dtls_auto_generate_cert", "dtls_cert_file")
"""Fields of an endpoint that are looked at."""
SOON = 14.0
"""Days before its end at which a certificate is told of."""
SHOWN = 5
"""Phones that are named."""

PLACE: Final = "[[asterisk]] of the settings"


def check_browsers(facts: Facts) -> Iterator[Check]:
    """Nothing where no phone is a browser and no WebSocket is named."""
    seen = facts.browsers
    if seen is None or not (seen.url or seen.phones):
        return
    if seen.url:
        yield _encrypted(seen.url)
    if seen.websocket is not None:
        yield _answers(seen.url, seen.websocket)
        yield from _certificate(seen.websocket)
    elif not seen.url:
        text = f"{_named([one.login for one in seen.phones])}: browsers that cannot register anywhere"
        yield fail("browser.websocket", text, f'websocket_url = "wss://…/ws" in {PLACE}')
    if seen.phones:
        yield _secrets(seen)
        yield _endpoints(seen)


def _encrypted(url: str) -> Check:
    parts = urlsplit(url)
    if parts.scheme == "wss":
        return ok("browser.tls", "browsers register over TLS")
    if reach_of(parts.hostname or "") is Reach.HERE:
        return ok("browser.tls", "browsers register over loopback, on this machine alone")
    text = f"browsers register at {url} without TLS: a page over https may not connect to it"
    return fail(
        "browser.tls", text, f"a proxy with TLS before Asterisk, and wss:// in websocket_url of {PLACE}"
    )


def _answers(url: str, seen: WebSocketSeen) -> Check:
    check = "browser.websocket"
    if seen.certificate:
        mend = (
            "a certificate of an authority that browsers know, for the name in websocket_url, with its chain"
        )
        return fail(check, f"the certificate of {url} is not believed: {seen.certificate}", mend)
    if seen.error:
        mend = (
            "enabled and bindport in http.conf; the proxy; firewalls. Where only browsers reach it: --ignore"
        )
        return fail(check, f"no WebSocket at {url}, seen from here: {seen.error}", mend)
    if seen.status == 101 and seen.sip:
        return ok(check, f"{url} takes WebSockets that speak SIP")
    return fail(
        check, f"{url} answers {seen.status} instead of a WebSocket that speaks SIP", _mend(seen.status)
    )


def _mend(status: int) -> str:
    """What an answer means: of Asterisk's own, measured on 16 and 22, and of the usual proxies."""
    match status:
        case 404:
            return "res_http_websocket loaded; the path: /ws behind prefix of http.conf, and in proxy_pass"
        case 400 | 101:
            return "[transport-ws] in pjsip.conf, then restart Asterisk; res_pjsip_transport_websocket loaded"
        case 426 | 200:
            return "the proxy passes Upgrade and Connection on (docs/console.md)"
        case 502 | 503 | 504:
            return (
                "the proxy does not reach Asterisk: enabled, bindaddr and bindport in http.conf; sessionlimit"
            )
        case _:
            return "http.conf, and the proxy before it (docs/console.md)"


def _certificate(seen: WebSocketSeen) -> Iterator[Check]:
    if seen.days is None:
        return
    text = f"the certificate of the WebSocket is good for {seen.days:.0f} days"
    if seen.days < SOON:
        yield warn("browser.certificate", text, "renew it, and let the proxy read it anew")
    else:
        yield ok("browser.certificate", text)


def _secrets(seen: Browsers) -> Check:
    without = [one.login for one in seen.phones if not one.secret]
    if without:
        text = f"{_named(without)}: the bridge has no secret that a browser could register with"
        return fail("browser.secrets", text, "agent-bridge phone secret LOGIN")
    return ok("browser.secrets", f"each of {len(seen.phones)} phones that are browsers has a secret")


def _endpoints(seen: Browsers) -> Check:
    check = "browser.phones"
    if seen.endpoints is None:
        mend = "asterisk -rx 'pjsip show endpoint NAME': webrtc, dtls_auto_generate_cert"
        return unknown(check, "the AMI user may not see the endpoints of phones", mend)
    wrong = {one.login: why for one in seen.phones if (why := _why_not(seen.endpoints[one.device]))}
    if not wrong:
        return ok(check, f"Asterisk has {len(seen.phones)} phones that are browsers as WebRTC wants them")
    told = "; ".join(f"{login} {why}" for login, why in list(wrong.items())[:SHOWN])
    more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    mend = "webrtc = yes and dtls_auto_generate_cert = yes in the endpoint (the template [browser])"
    return fail(check, f"phones that are browsers: {told}{more}", mend)


def _why_not(fields: Mapping[str, str]) -> str:
    webrtc, made, file = (fields.get(name, "").lower() for name in WANTED)
    if not webrtc:
        return "is no endpoint of Asterisk's"
    if webrtc not in {"yes", "true"}:
        return "has no webrtc"
    if made not in {"yes", "true"} and not file:
        return "has no certificate for DTLS"
    return ""


def _named(logins: list[str]) -> str:
    more = f" and {len(logins) - SHOWN} more" if len(logins) > SHOWN else ""
    return f"phone{'s' if len(logins) > 1 else ''} {', '.join(logins[:SHOWN])}{more}"
