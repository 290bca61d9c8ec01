"""How passwords are kept: argon2id, off the event loop, so many at a time and no more."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from runtime.passwords import AT_ONCE, Passwords


async def test_a_hash_is_argon2id_with_64_mib_and_a_salt_of_its_own() -> None:
    passwords = Passwords()
    kept, again = await passwords.hash("uma senha comprida"), await passwords.hash("uma senha comprida")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and kept != again
    assert await passwords.fits(kept, "uma senha comprida")
    assert not await passwords.fits(kept, "uma senha comprida ")
    assert not passwords.is_dated(kept)


async def test_nobodys_password_fits_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords()
    monkeypatch.setattr(passwords, "_fits", lambda kept, password: True)
    assert not await passwords.fits(None, "whatever")


async def test_what_is_kept_and_is_no_hash_fits_nothing() -> None:
    assert not await Passwords().fits("not a hash", "not a hash")


async def test_so_many_at_a_time_and_none_on_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords, under_way, most = Passwords(), [0], [0]

    def slowly(kept: str, password: str) -> bool:
        assert threading.current_thread() is not threading.main_thread()
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.02)
        under_way[0] -= 1
        return True

    monkeypatch.setattr(passwords, "_fits", slowly)
    monkeypatch.setattr(passwords, "_nobodys", "x")
    await asyncio.gather(*(passwords.fits("x", "x") for _ in range(6)))
    assert 1 <= most[0] <= AT_ONCE
