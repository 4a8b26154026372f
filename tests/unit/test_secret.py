from __future__ import annotations

import pytest

from bridge.secret import MASK, Secret, SecretUrl


def test_a_secret_shows_itself_only_by_name() -> None:
    secret = Secret("topsecret")
    assert secret.reveal() == "topsecret"
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r}", f"{[secret]}", secret.masked()):
        assert "topsecret" not in shown
        assert MASK in shown


def test_an_empty_secret_is_seen_to_be_empty() -> None:
    assert not Secret()
    assert str(Secret("")) == ""
    assert Secret("x")


def test_secrets_are_equal_if_their_texts_are() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////var/lib/bridge.db", "sqlite:////var/lib/bridge.db"),
        ("postgresql://bridge@db/bridge", "postgresql://bridge@db/bridge"),
        ("postgresql://bridge:topsecret@db:5432/bridge", f"postgresql://bridge:{MASK}@db:5432/bridge"),
        ("mqtts://u:topsecret@broker:8883", f"mqtts://u:{MASK}@broker:8883"),
        ("mqtt://broker:1883", "mqtt://broker:1883"),
        ("postgresql://u:topse/cret@db/bridge", f"postgresql://u:{MASK}@db/bridge"),
        ("mqtts://u:top@secret@broker", f"mqtts://u:{MASK}@broker"),
        ("mqtts://u:top:secret@broker:8883", f"mqtts://u:{MASK}@broker:8883"),
        ("postgresql://u:t?p@db/x", f"postgresql://u:{MASK}@db/x"),
        ("postgresql://db/x?sslpassword=topsecret", f"postgresql://db/x?sslpassword={MASK}"),
        ("postgresql://db/x?user=u&password=topsecret&a=b", f"postgresql://db/x?user=u&password={MASK}&a=b"),
        ("topsecret", MASK),
        ("", ""),
    ],
)
def test_of_a_url_only_the_password_is_hidden(url: str, shown: str) -> None:
    assert str(SecretUrl(url)) == shown
    assert "topsecret" not in repr(SecretUrl(url))
    assert SecretUrl(url).reveal() == url
