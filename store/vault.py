"""Secrets at rest: encrypted with a key that is never in the database."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence

from cryptography.fernet import Fernet, InvalidToken

from conversation.errors import BadInput
from conversation.said import say


class Vault:
    """Fernet (AES-128-CBC with HMAC-SHA256). The first key seals, every one opens.

    Each key is 32 bytes in URL-safe base64. `by_now` tells which keys there are at the moment: somebody may have made a
    new one since this process began. A seal always asks, so that nothing is sealed with a key that was taken away; an
    opening asks where the keys it knows don't fit.
    """

    def __init__(self, *keys: str, by_now: Callable[[], Sequence[str]] | None = None) -> None:
        self._by_now = by_now
        self._take(keys)

    def seal(self, secret: str) -> bytes:
        self._look_again()
        return self._locks[0].encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        secret = self._try(sealed)
        if secret is None and self._look_again():
            secret = self._try(sealed)
        if secret is None:
            raise BadInput(
                say(
                    "A stored token can't be read with this key: BATON_KEY (or the key file in BATON_HOME) is not the"
                    " one it was written with."
                )
            )
        return secret

    def opened_by(self, sealed: bytes) -> str | None:
        """The key that this was sealed with, if it is here."""
        return next((key for key in self._keys if _decrypted(_lock(key), sealed) is not None), None)

    def sign(self, text: str, purpose: str) -> str:
        """Proves later that this was said here, for this purpose: the keys it is made with leave no trace in it."""
        self._look_again()
        return _signature(self._keys[0], text, purpose)

    def signed(self, text: str, signature: str, purpose: str) -> bool:
        """Whether `sign` made this signature, with any of the keys."""
        self._look_again()
        given = signature.encode("utf-8", "replace")
        return any([hmac.compare_digest(_signature(key, text, purpose).encode(), given) for key in self._keys])

    def _try(self, sealed: bytes) -> str | None:
        return next((found for lock in self._locks if (found := _decrypted(lock, sealed)) is not None), None)

    def _look_again(self) -> bool:
        """Whether there are other keys than were known."""
        keys = tuple(self._by_now()) if self._by_now is not None else self._keys
        if keys == self._keys:
            return False
        self._take(keys)
        return True

    def _take(self, keys: Sequence[str]) -> None:
        self._keys, self._locks = tuple(keys), tuple(_lock(key) for key in keys)


def _lock(key: str) -> Fernet:
    try:
        return Fernet(key.encode())
    except ValueError as error:
        raise BadInput(
            say(
                "BATON_KEY is not a key: it must be 32 bytes in URL-safe base64,"
                " as `openssl rand -base64 32 | tr +/ -_` makes."
            )
        ) from error


def _signature(key: str, text: str, purpose: str) -> str:
    """With a key of the purpose's own, made of the vault's."""
    own = hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
    return hmac.new(own, text.encode(), hashlib.sha256).hexdigest()


def _decrypted(lock: Fernet, sealed: bytes) -> str | None:
    try:
        return lock.decrypt(sealed).decode()
    except InvalidToken:
        return None


def new_key() -> str:
    return Fernet.generate_key().decode()
