"""Tones, digits, silence and speech are found in audio that was made for it."""

from __future__ import annotations

import io
import math
import random
import wave
from array import array
from pathlib import Path

import hearing
import pytest
from hearing import HIGH, KEYS, LOW, RATE, Heard, Span


def sound(seconds: float, *frequencies: float, loud: float = 4000) -> list[int]:
    """Some steady tones at once; none of them is silence."""
    return [
        round(sum(loud * math.sin(2 * math.pi * tone * at / RATE) for tone in frequencies))
        for at in range(round(seconds * RATE))
    ]


def voice(seconds: float) -> list[int]:
    """Noise that swells and fades four times a second, as syllables do."""
    chance = random.Random(1)  # noqa: S311  the same noise each time
    return [
        round(chance.gauss(0, 3000) * abs(math.sin(math.pi * 4 * at / RATE)))
        for at in range(round(seconds * RATE))
    ]


def heard(*parts: list[int]) -> Heard:
    return Heard(array("h", [value for part in parts for value in part]))


def wav(samples: list[int], *, rate: int = RATE, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, 2, rate, 0, "NONE", ""))
        writer.writeframes(array("h", samples).tobytes())
    return file.getvalue()


def near(found: list[Span], *expected: tuple[float, float]) -> None:
    """The stretches are these, to 50 ms."""
    assert len(found) == len(expected), found
    for span, (start, end) in zip(found, expected, strict=True):
        assert span.start == pytest.approx(start, abs=0.05)
        assert span.end == pytest.approx(end, abs=0.05)


def test_a_tone_is_found_where_it_is_and_no_other() -> None:
    it = heard(sound(1.0), sound(2.0, 1004), sound(0.5), sound(1.0, 1004))
    near(it.tone(1004), (1.0, 3.0), (3.5, 4.5))
    assert it.tone(440) == it.tone(950) == it.tone(1060) == []
    assert it.hears(1004, seconds=2.9)
    assert not it.hears(1004, seconds=3.2)


def test_two_voices_at_once_are_both_found() -> None:
    it = heard(sound(1.0, 440), sound(2.0, 440, 1004), sound(1.0, 1004))
    near(it.tone(440), (0.0, 3.0))
    near(it.tone(1004), (1.0, 4.0))
    assert it.between(1.2, 2.8).share(440) == pytest.approx(0.5, abs=0.05)
    assert it.between(3.2, 4.0).share(1004) == pytest.approx(1.0, abs=0.02)


def test_a_faint_second_voice_has_a_small_share() -> None:
    faint = [one + other for one, other in zip(sound(1, 440), sound(1, 1004, loud=800), strict=True)]
    assert heard(faint).tone(1004) == []
    assert heard(faint).hears(1004, share=0.02)


def test_a_tone_in_speech_is_not_made_up() -> None:
    assert not any(heard(voice(3.0)).hears(tone) for tone in (440, 620, 1004))


def test_silence() -> None:
    it = heard(sound(0.4, 440), sound(1.0), sound(0.4, 440), sound(0.1), sound(0.4, 440))
    near(it.silence(), (0.4, 1.4))
    assert heard(sound(0.5, 440)).silence() == []


def test_the_hum_of_a_codec_is_silence() -> None:
    near(heard([8, -8] * RATE).silence(), (0.0, 2.0))


def test_speech_is_told_from_tones_and_silence() -> None:
    it = heard(sound(1.0), voice(2.0), sound(1.0))
    near(it.speech(), (1.0, 3.0))
    assert heard(sound(2.0, 440)).speech() == []
    assert heard(sound(2.0, 440, 1004)).speech() == []
    assert heard(sound(2.0)).speech() == []


def pressed(digits: str, seconds: float = 0.1, between: float = 0.1) -> list[int]:
    samples = sound(between)
    for digit in digits:
        row = next(at for at, keys in enumerate(KEYS) if digit in keys)
        samples += sound(seconds, LOW[row], HIGH[KEYS[row].index(digit)]) + sound(between)
    return samples


def test_every_digit_is_heard() -> None:
    assert heard(pressed("".join(KEYS))).digits() == "".join(KEYS)


def test_a_digit_pressed_twice_is_two_and_a_long_one_is_one() -> None:
    assert heard(pressed("55"), pressed("7", seconds=1.0)).digits() == "557"


def test_neither_speech_nor_one_tone_nor_other_pairs_are_digits() -> None:
    assert heard(voice(3.0)).digits() == ""
    assert heard(sound(1.0, 697)).digits() == ""
    assert heard(sound(1.0, 440, 1004)).digits() == ""


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "it.wav"
    file.write_bytes(wav(sound(1.5, 440)))
    it = hearing.read(file)
    assert it.seconds == 1.5
    near(it.tone(440), (0.0, 1.5))


def test_a_file_that_is_still_written_is_read_as_far_as_it_goes() -> None:
    whole = wav(sound(1.0, 440))
    head, data = whole[:40], whole[44:]
    unfinished = head + b"\0\0\0\0" + data[:-3]
    assert hearing.read(unfinished).seconds == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize(
    "data",
    [b"", b"not sound at all", wav([0] * 100, rate=16000), wav([0] * 100, channels=2), wav([0] * 9)[:30]],
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not "):
        hearing.read(data)


def test_nothing_is_heard_in_nothing() -> None:
    it = heard()
    assert (it.seconds, it.share(440), it.tone(440), it.speech(), it.digits()) == (0, 0, [], [], "")
