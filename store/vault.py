"""Secrets at rest: encrypted with a key that is never in the database."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from conversation.errors import BadInput


class Vault:
    """Fernet (AES-128-CBC with HMAC-SHA256). `key` is 32 bytes in URL-safe base64."""

    def __init__(self, key: str) -> None:
        try:
            self._fernet = Fernet(key.encode())
        except ValueError as error:
            raise BadInput(
                "BATON_KEY is not a key: it must be 32 bytes in URL-safe base64,"
                " as `openssl rand -base64 32 | tr +/ -_` makes."
            ) from error

    def seal(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise BadInput(
                "A stored token can't be read with this key: BATON_KEY (or the key file in BATON_HOME) is not the one"
                " it was written with."
            ) from error


def new_key() -> str:
    return Fernet.generate_key().decode()
