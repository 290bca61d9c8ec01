"""The proof that a request comes from the app itself: a token alone, stolen, is then of no use.

[Graph docs: securing Graph API requests, appsecret_proof]
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from conversation.account import Account
from conversation.channel_settings import Login


class ProvenToken(str):
    """An access token that goes with its proof, so that nobody on the way has to know of it."""

    __slots__ = ("proof",)

    proof: str

    def __new__(cls, token: str, proof: str) -> ProvenToken:
        made = super().__new__(cls, token)
        made.proof = proof
        return made


def proof_of(token: str, secret: str) -> str:
    """Hexadecimal HMAC-SHA256 of the token, with the app's secret as its key."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def proven(account: Account, token: str, secrets: Sequence[str], default_secret: str = "") -> str:
    """The token, with its proof where the app's secret is known: the account's first, else the one all have.

    Instagram's own server is left out: nothing says that it knows proofs.
    """
    secret = next(iter(secrets), default_secret)
    settings = account.channel_settings
    if not secret or not settings.appsecret_proof or settings.login is Login.INSTAGRAM:
        return token
    return ProvenToken(token, proof_of(token, secret))
