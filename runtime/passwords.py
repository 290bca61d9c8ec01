"""Passwords are kept as argon2id hashes, made and checked in threads: slow on purpose, 64 MiB each."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from conversation.passwords import normal

#: So many at a time: whoever asks for more waits, and does not take the memory of everything else.
AT_ONCE = 2


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._nobodys: str | None = None
        self._free = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._free:
            return await asyncio.to_thread(self._hasher.hash, normal(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password of this hash. With none (None) it takes as long, and is never."""
        if self._nobodys is None:
            self._nobodys = await self.hash("nobody has this password")
        async with self._free:
            return await asyncio.to_thread(self._fits, kept or self._nobodys, password) and kept is not None

    def is_dated(self, kept: str) -> bool:
        """Whether it was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(kept)

    def _fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, normal(password))
        except (VerificationError, InvalidHashError):
            return False
