"""Settings of a link to Asterisk."""

from __future__ import annotations

from typing import Any

from fake_ami import FakeAmi


def test_settings_do_not_show_the_secret(settings: Any) -> None:
    assert "s3cret" not in repr(settings(FakeAmi()))
