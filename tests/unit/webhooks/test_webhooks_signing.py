"""Signatures are those of Standard Webhooks."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bridge.secret import Secret
from bridge.webhooks.model import Webhook
from bridge.webhooks.signing import headers, secret_of, shown

KEY = Secret("k" * 32)
HOOK = Webhook(name="crm", url="https://crm.example/in")
AT = datetime.fromtimestamp(1_614_265_330, UTC)


def test_the_example_of_the_specification() -> None:
    """Of the reference implementation's tests."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, b'{"test": 2432232314}')
    assert told == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_is_what_libraries_take_and_holds_nothing_of_the_key() -> None:
    text = shown(secret_of(KEY, HOOK))
    assert text.startswith("whsec_")
    assert len(base64.b64decode(text.removeprefix("whsec_"))) == 32
    assert KEY.reveal() not in text


def test_each_webhook_and_each_generation_has_its_own_and_nothing_else_changes_it() -> None:
    own = secret_of(KEY, HOOK)
    assert own == secret_of(KEY, replace(HOOK, url="https://elsewhere.example/", personal="full"))
    others = [replace(HOOK, name="erp"), replace(HOOK, generation=2)]
    found = {own, *(secret_of(KEY, other) for other in others), secret_of(Secret("o" * 32), HOOK)}
    assert len(found) == 4


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(0, 10**9))
def test_another_body_time_or_id_has_another_signature(body: bytes, other: bytes, seconds: int) -> None:
    at = AT + timedelta(seconds=seconds % 1000)

    def mark(message: str, moment: datetime, text: bytes) -> str:
        return headers(b"s" * 32, message, moment, text)["webhook-signature"]

    own = mark("id", at, body)
    assert (mark("id", at, other) == own) == (body == other)
    assert mark("id2", at, body) != own
    assert mark("id", at + timedelta(seconds=1), body) != own
