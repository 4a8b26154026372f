"""What a recording holds: tones, digits, silence, speech. Standard library only.

A recording is 8 kHz, 16 bit, one channel. It may still be written: Asterisk fills in the length in the header
only at the end, so that what stands in the file counts, not what the header says.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

RATE = 8000
"""Samples a second."""

WINDOW = 320
"""Samples looked at in one piece: 40 ms, which tells tones apart that lie 25 Hz from each other."""

QUIET = 60.0
"""Root mean square below which a piece is silence; speech at the usual level is some thousands."""

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
"""The digit of each pair of a low and a high tone (ITU-T Q.23)."""


@dataclass(frozen=True)
class Span:
    """A stretch of a recording, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True)
class Heard:
    """A recording."""

    samples: array[int]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE

    @cached_property
    def _pieces(self) -> list[Sequence[int]]:
        whole = len(self.samples) // WINDOW
        return [self.samples[at * WINDOW : (at + 1) * WINDOW] for at in range(whole)]

    @cached_property
    def loudness(self) -> list[float]:
        """The root mean square of each piece of 40 ms."""
        return [math.sqrt(sum(value * value for value in piece) / WINDOW) for piece in self._pieces]

    def between(self, start: float, end: float) -> Heard:
        """A part of it."""
        return Heard(self.samples[round(start * RATE) : round(end * RATE)])

    def shares(self, frequency: float) -> list[float]:
        """Of each piece the share of its energy, 0 to 1, that lies at a frequency (Hz); 0 where silent."""
        return [
            goertzel(piece, frequency) if loud >= QUIET else 0.0
            for piece, loud in zip(self._pieces, self.loudness, strict=True)
        ]

    def share(self, frequency: float) -> float:
        """The mean of that over all pieces."""
        found = self.shares(frequency)
        return sum(found) / len(found) if found else 0.0

    def tone(self, frequency: float, *, share: float = 0.2, shortest: float = 0.12) -> list[Span]:
        """When a steady tone is there: with this share of the energy, for at least so many seconds.

        Two equally loud voices have half of the energy each; a gap of one piece does not end a stretch.
        """
        return spans((found >= share for found in self.shares(frequency)), shortest, gap=1)

    def hears(self, frequency: float, *, seconds: float = 0.5, share: float = 0.2) -> bool:
        """Whether a tone is there for that long in all."""
        return sum(span.seconds for span in self.tone(frequency, share=share)) >= seconds

    def silence(self, *, shortest: float = 0.2) -> list[Span]:
        """When nothing is heard."""
        return spans((loud < QUIET for loud in self.loudness), shortest, gap=0)

    def speech(self, *, shortest: float = 0.5) -> list[Span]:
        """When somebody speaks, or music plays: loud, and never as loud as just before, which a tone is."""
        return spans(self._changing(), shortest, gap=8)

    def digits(self) -> str:
        """The digits of pairs of tones (DTMF), in order. A digit counts from two pieces on."""
        found: list[str] = []
        previous, length = "", 0
        for digit in [*self._digit_pieces(), ""]:
            if digit == previous:
                length += 1
                continue
            if previous and length >= 2:
                found.append(previous)
            previous, length = digit, 1
        return "".join(found)

    def _digit_pieces(self) -> Iterator[str]:
        for piece, loud in zip(self._pieces, self.loudness, strict=True):
            yield digit_of(piece) if loud >= QUIET else ""

    def _changing(self) -> Iterator[bool]:
        around = 3
        for at, loud in enumerate(self.loudness):
            near = self.loudness[max(0, at - around) : at + around + 1]
            yield loud >= QUIET and min(near) < 0.75 * max(near)


def goertzel(samples: Sequence[int], frequency: float) -> float:
    """The share of the energy of some samples that lies at a frequency, 0 to 1."""
    energy = sum(value * value for value in samples)
    if not energy:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * frequency / RATE)
    last, before = 0.0, 0.0
    for value in samples:
        last, before = value + turn * last - before, last
    power = last * last + before * before - turn * last * before
    return min(1.0, 2 * power / (len(samples) * energy))


def digit_of(piece: Sequence[int]) -> str:
    """The digit that these samples are; empty if they are none."""
    low = max(range(4), key=lambda row: goertzel(piece, LOW[row]))
    high = max(range(4), key=lambda column: goertzel(piece, HIGH[column]))
    shares = goertzel(piece, LOW[low]), goertzel(piece, HIGH[high])
    return KEYS[low][high] if min(shares) > 0.15 and sum(shares) > 0.7 else ""


def spans(holds: Iterable[bool], shortest: float, *, gap: int) -> list[Span]:
    """The stretches in which something holds; so many pieces in which it does not are passed over."""
    found: list[Span] = []
    start, last = -1, -1
    for at, true in enumerate([*holds, *([False] * (gap + 1))]):
        if true:
            start = at if start < 0 else start
            last = at
        elif start >= 0 and at - last > gap:
            found.append(Span(start * WINDOW / RATE, (last + 1) * WINDOW / RATE))
            start = -1
    return [span for span in found if span.seconds >= shortest]


def read(source: Path | bytes) -> Heard:
    """A WAV file, finished or not.

    Raises:
        ValueError: it is not WAV, or not 8 kHz, 16 bit, one channel.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("not a WAV file")
    at, form = 12, (0, 0, 0, 0)
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt " and at + 24 <= len(data):
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, at + 8)
            form = (kind, channels, rate, bits)
        if name == b"data":
            break
        at += 8 + length + length % 2
    if form != (1, 1, RATE, 16):
        raise ValueError(f"not 8 kHz, 16 bit, one channel, but {form}")
    return Heard(_samples(data[at + 8 :]))


def _samples(data: bytes) -> array[int]:
    samples = array("h")
    samples.frombytes(data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
