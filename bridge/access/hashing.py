"""Secrets: how they are made, stored (Argon2id) and checked without holding up the event loop."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

_T = TypeVar("_T")

THREADS = 2
"""Checks at the same time: each takes 64 MiB and a core, so a flood of bad logins must not take more."""
VERIFIED_SECONDS = 60.0
"""How long a secret that was right needs no new check after its last use."""
VERIFIED_ENTRIES = 10_000
"""Bound of the memory of checked secrets; the one that was not used for longest goes first."""


def new_secret() -> str:
    """A secret of 192 random bits, in characters that the line format takes as `pass`."""
    return secrets.token_urlsafe(24)


class Hasher:
    """Argon2id in threads of its own.

    Args:
        time_cost: passes; the default is the second choice of RFC 9106 section 4.
        memory_cost: KiB, of the same choice.
        parallelism: lanes, of the same choice.
    """

    def __init__(self, *, time_cost: int = 3, memory_cost: int = 65_536, parallelism: int = 4) -> None:
        self._argon = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_cost, parallelism=parallelism, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._dummy = ""

    async def hash(self, secret: str) -> str:
        """The encoded hash to be stored."""
        return await self._in_thread(self._argon.hash, secret)

    async def verify(self, encoded: str | None, secret: str) -> bool:
        """Whether the secret is the one that was hashed.

        Without a hash (no such user, no secret set) as much work is done, so that the time tells nothing.
        """
        if encoded is None:
            await self._in_thread(self._verify, await self._dummy_hash(), secret)
            return False
        return await self._in_thread(self._verify, encoded, secret)

    def outdated(self, encoded: str) -> bool:
        """Whether the hash was made with other costs than today's."""
        return self._argon.check_needs_rehash(encoded)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, encoded: str, secret: str) -> bool:
        try:
            return self._argon.verify(encoded, secret)
        except (VerificationError, InvalidHashError):
            return False

    async def _dummy_hash(self) -> str:
        self._dummy = self._dummy or await self.hash(new_secret())
        return self._dummy

    async def _in_thread(self, work: Callable[..., _T], *args: str) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)


class VerifiedSecrets:
    """Remembers for a short while that a secret was right, as a keyed hash; the secret is not kept.

    The stored hash is part of what is remembered: with a new secret, set by whatever process, the old
    entry is worth nothing.
    """

    def __init__(
        self,
        *,
        seconds: float = VERIFIED_SECONDS,
        entries: int = VERIFIED_ENTRIES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = secrets.token_bytes(32)
        self._seconds = seconds
        self._entries = entries
        self._clock = clock
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def holds(self, user: str, secret: str, encoded: str) -> bool:
        """Whether this secret was right a short while ago; if so, that counts from now on again."""
        digest = self._digest(user, secret, encoded)
        until = self._until.get(digest)
        if until is None:
            return False
        now = self._clock()
        if now >= until:
            del self._until[digest]
            return False
        self._until[digest] = now + self._seconds
        self._until.move_to_end(digest)
        return True

    def remember(self, user: str, secret: str, encoded: str) -> None:
        """This secret has just been checked and is right."""
        self._until[self._digest(user, secret, encoded)] = self._clock() + self._seconds
        while len(self._until) > self._entries:
            self._until.popitem(last=False)

    def forget(self) -> None:
        """Forget all."""
        self._until.clear()

    def _digest(self, *parts: str) -> bytes:
        digest = hashlib.blake2b(key=self._key, digest_size=32)
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(4) + data)
        return digest.digest()
