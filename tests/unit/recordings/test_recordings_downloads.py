"""Links on a real store: the key is kept there, and each use of a link is in the event log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from core_bench import Bench

from bridge.errors import LinkExpired, LinkInvalid, NoSuchRecording, RecordingNotReady
from bridge.recordings.downloads import CLOSING, Downloads
from bridge.recordings.files import Folder
from bridge.recordings.links import Link, Signer, new_key
from bridge.recordings.service import Recordings

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def signer(bench: Bench, key: str = "") -> Signer:
    return Signer(bench.core.db, key, 900)


async def test_a_link_of_ours_is_good_until_its_time_is_over(any_bench: Bench) -> None:
    link = await signer(any_bench).sign(7, "crm", NOW)
    assert link.expires == int((NOW + timedelta(minutes=15)).timestamp())
    other_bridge = signer(any_bench)
    await other_bridge.check(link, NOW + timedelta(seconds=899))
    with pytest.raises(LinkExpired):
        await other_bridge.check(link, NOW + timedelta(seconds=900))


@pytest.mark.parametrize(
    "change",
    [
        {"recording_id": 8},
        {"expires": 9_999_999_999},
        {"signed_for": "boss"},
        {"signature": ""},
        {"signature": "ü"},
    ],
)
async def test_a_link_that_was_changed_is_not_good(bench: Bench, change: dict[str, object]) -> None:
    link = await signer(bench).sign(7, "crm", NOW)
    changed: Link = msgspec.structs.replace(link, **change)
    with pytest.raises(LinkInvalid):
        await signer(bench).check(changed, NOW)


async def test_a_link_that_is_over_and_was_changed_is_not_told_when(bench: Bench) -> None:
    link = await signer(bench).sign(7, "crm", NOW)
    with pytest.raises(LinkInvalid):
        await signer(bench).check(msgspec.structs.replace(link, expires=1), NOW)


async def test_another_key_makes_all_links_worthless(bench: Bench) -> None:
    link = await signer(bench).sign(7, "crm", NOW)
    await bench.core.db.write(new_key)
    with pytest.raises(LinkInvalid):
        await signer(bench).check(link, NOW)
    await signer(bench).check(await signer(bench).sign(7, "crm", NOW), NOW)


async def test_the_key_of_the_settings_counts(bench: Bench) -> None:
    link = await signer(bench, "one").sign(7, "crm", NOW)
    await signer(bench, "one").check(link, NOW)
    for other in ("two", ""):
        with pytest.raises(LinkInvalid):
            await signer(bench, other).check(link, NOW)


async def test_a_download_is_in_the_event_log(bench: Bench, recordings: Recordings, tmp_path: Path) -> None:
    await bench.log_in()
    recording = await recordings.start("1000", "", asked_by="crm")
    downloads = Downloads(bench.core.db, Folder(str(tmp_path)), signer(bench))
    early = await downloads.link(recording, "crm")
    assert early is not None
    assert await Downloads(bench.core.db, Folder(""), signer(bench)).link(recording, "crm") is None
    over = await recordings.stop("1000", asked_by="crm")
    assert await downloads.named(early) == over, "the link of before leads to it"
    for unfinished in (recording, over):
        with pytest.raises(RecordingNotReady):
            await downloads.open(unfinished)
    lost = msgspec.structs.replace(over, ended_at=datetime.now(UTC) - CLOSING)
    assert await downloads.link(lost, "crm") is None, "there is no file"
    with pytest.raises(NoSuchRecording):
        await downloads.open(lost)
    (tmp_path / f"{over.filename}.wav").write_bytes(b"RIFF\x04\0\0\0WAVE")
    link = await downloads.link(over, "crm")
    assert link is not None
    assert await downloads.named(link) == over
    (await downloads.open(over)).close()
    await downloads.note(over, link, "192.0.2.7", "0-3")
    assert (await bench.told("agents/1000"))[-1] == "recording.fetched"
    with pytest.raises(NoSuchRecording):
        await downloads.named(await signer(bench).sign(99, "crm", datetime.now(UTC)))
