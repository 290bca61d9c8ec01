"""Signing in with a name and a password, and what ends it. Wrong passwords shut a name out, whoever has it or nobody.

Hashing is slow on purpose, so it is done before the transaction that settles what comes of it; that one looks again
whether the name was shut out, or has another password, meanwhile.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.engine import Connection

from conversation import passwords as rules
from conversation.errors import Locked, Refused, WrongSignIn
from conversation.lock_out import Failures
from conversation.said import say
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.limits import Limits, Rate
from runtime.passwords import Passwords
from store import audit, deeds, operator_tokens, sign_ins
from store.database import Database
from store.deeds import Deed
from store.operator_tokens import Token, TokenKind
from store.sign_ins import Standing, Tried
from store.vault import Vault

T = TypeVar("T")

#: What one address may try. A whole office may come from one.
ADDRESS_RATE = Rate(burst=30, per_s=0.5)
#: What one operator may try with their own password: each try is slow on purpose.
OWN_RATE = Rate(burst=10, per_s=0.1)
#: Whose deed it is where nobody has the name.
NOBODY = "nobody"
#: The topic on which sockets of a revoked token are told to close.
REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """`word`: what the session is proved with; seen here once and never again."""

    token: Token
    word: str


class SignIns:
    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        limits: Limits,
        bus: Bus,
        passwords: Passwords,
        *,
        session_hours: int,
    ) -> None:
        self._db, self._vault, self._clock, self._limits, self._bus = db, vault, clock, limits, bus
        self._passwords, self._session = passwords, timedelta(hours=session_hours)

    async def sign_in(self, name: str, password: str, *, address: str) -> SignedIn:
        """`address`: where they come from; only what it is known by here is remembered, and not for long."""
        await self._limits.take("sign-in:" + self._vault.sign(_network(address), "sign-in address"), rate=ADDRESS_RATE)

        def begin(tx: Connection, now: datetime) -> SignedIn:
            operator_tokens.remove_ended(tx, now)
            ends = now + self._session
            token, word = operator_tokens.add(tx, name, TokenKind.SESSION, now, expires_at=ends)
            audit.append(tx, Deed(by=name, action="sign_in", at=now, facts={"token": token.id}))
            return SignedIn(token=token, word=word)

        return await self._proved(name, password, begin, refused="sign_in_failed", wrong=_wrong_sign_in)

    async def sign_out(self, token: Token) -> None:
        await self._db.write(operator_tokens.revoke, token.id, token.operator)
        await self.tell_revoked([token.id])

    async def change_password(self, token: Token, old: str, new: str) -> int:
        """Their own. Wherever else they are signed in, they are no longer: so many sessions; keys go on."""
        name = token.operator
        rules.check(new, name)
        await self._limits.take("password:" + name, rate=OWN_RATE)
        if not await self._db.read(sign_ins.has_password, name):
            raise Refused(say("You have no password yet: an admin sets the first one."), code="no_password")
        fresh = await self._passwords.hash(new)

        def change(tx: Connection, now: datetime) -> list[str]:
            gone = _set(tx, name, fresh, but=token.id)
            audit.append(tx, Deed(by=name, action="change_my_password", at=now, facts={"ended": len(gone)}))
            return gone

        gone = await self._proved(name, old, change, refused="change_my_password_failed", wrong=_wrong_password)
        await self.tell_revoked(gone)
        return len(gone)

    async def hash(self, password: str, name: str) -> str:
        """Of a password that somebody else sets for them; see `set_password`."""
        rules.check(password, name)
        return await self._passwords.hash(password)

    async def tell_revoked(self, token_ids: Iterable[str]) -> None:
        """After the commit: whatever was opened with these tokens is closed."""
        for token_id in token_ids:
            await self._bus.say(REVOKED, {"token": token_id})

    async def _proved(
        self,
        name: str,
        password: str,
        then: Callable[[Connection, datetime], T],
        *,
        refused: str,
        wrong: Callable[[], Exception],
    ) -> T:
        """What `then` makes, in the transaction in which the password is found right. A wrong one is counted, and
        written to the audit log as the deed `refused`."""
        tried = Tried(name=name, hash=self._vault.sign(name, "sign-in name"))
        standing = await self._db.read(sign_ins.of, tried)
        _check(standing.failures, self._clock.now())
        right = await self._passwords.fits(standing.password_hash, password)
        proof = standing.password_hash if right else None
        now = self._clock.now()
        with deeds.doing(None):  # what is written to the log depends on what comes of it
            outcome: Any = await self._db.write(_settle, tried, proof, then, refused, now)
        if isinstance(outcome, Failures):
            _check(outcome, now)
            raise wrong()
        if proof is not None and self._passwords.is_dated(proof):
            with deeds.doing(None):
                await self._db.write(sign_ins.rehash, name, proof, await self._passwords.hash(password))
        made: T = outcome[0]
        return made


def set_password(tx: Connection, name: str, password_hash: str) -> list[str]:
    """By somebody else. Wherever they are signed in, they are no longer; the ids of these tokens."""
    return _set(tx, name, password_hash)


def _set(tx: Connection, name: str, password_hash: str, *, but: str | None = None) -> list[str]:
    sign_ins.set_password(tx, name, password_hash)
    return operator_tokens.revoke_all(tx, name, but=but, kind=TokenKind.SESSION)


def _settle(
    tx: Connection,
    tried: Tried,
    proof: str | None,
    then: Callable[[Connection, datetime], Any],
    refused: str,
    now: datetime,
) -> Failures | tuple[Any]:
    """The failures where it is refused. `proof`: the hash that the password was found to fit; None: it fits none."""
    standing = sign_ins.held(tx, tried)
    if standing.failures.left_s(now):
        return standing.failures  # somebody else's tries shut it out meanwhile; this one tells nothing
    if proof is None or standing.name is None or standing.password_hash != proof:
        failures = sign_ins.failed(tx, tried, standing, now)
        audit.append(tx, _refusal(standing, failures, refused, now))
        return Failures(many=failures.many)  # told as wrong, for so it was; the next is told of the lock-out
    sign_ins.succeeded(tx, standing.name)
    return (then(tx, now),)


def _refusal(standing: Standing, failures: Failures, action: str, now: datetime) -> Deed:
    facts: dict[str, Any] = {"in_a_row": failures.many}
    if (left := failures.left_s(now)) > 0:
        facts["locked_s"] = round(left)
    return Deed(by=standing.name or NOBODY, action=action, at=now, facts=facts)


def _check(failures: Failures, now: datetime) -> None:
    if left := failures.left_s(now):
        raise Locked(
            say("Too many wrong passwords: try again in {seconds} s.", seconds=max(1, round(left))), retry_after_s=left
        )


def _wrong_sign_in() -> Exception:
    return WrongSignIn(say("The name or the password is wrong."))


def _wrong_password() -> Exception:
    return Refused(say("This is not your password."), code="wrong_password")


def _network(address: str) -> str:
    """Who has one address of IPv6 has 2^64."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    if known.version == 6:
        return str(ipaddress.ip_network((int(known), 64), strict=False))
    return str(known)
