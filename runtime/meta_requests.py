"""What Meta asks of an app beside messages: that a token be dropped, that somebody's data be deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.errors import Forbidden, NotFound
from conversation.said import say
from runtime import signed_request
from runtime.clock import Clock
from runtime.erasing import Erasing
from runtime.signed_request import SignedRequest
from store import account_alerts, accounts, contacts, deletion_requests, tokens
from store.database import Database
from store.deletion_requests import DeletionRequest
from store.vault import Vault

log = structlog.get_logger()

#: Who asked is told that it takes no longer.
DONE_WITHIN = timedelta(days=30)
_FAULT = "The app's access was taken away at Meta: connect the account again, or set a new token."
_DEAUTHORIZED = "deauthorized"
_META = "meta"  # by whom, in the audit log


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a wish for deletion has come."""

    received_at: datetime
    done_by: datetime
    done_at: datetime | None


class MetaRequests:
    """`common`: secrets that are no account's own: of the app in the settings, and of Instagram's part of it."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        common: Sequence[str],
        public_url: str,
        erasing: Erasing | None = None,
    ) -> None:
        self._db, self._vault, self._clock, self._common = db, vault, clock, tuple(common)
        self.public_url, self._erasing = public_url, erasing

    async def deauthorize(self, signed: str) -> None:
        """The tokens of whoever took access away are dropped. Where it is nobody we know by that id, it is kept."""
        asked = await self._read(signed)
        dropped = await self._db.write(self._drop, asked, self._clock.now())
        log.warning("deauthorized", accounts=dropped)

    async def wish_for_deletion(self, signed: str) -> str:
        """Keeps it; the code under which it is asked after. Whom we know by that id is erased; Meta may also name
        somebody by an id of its own, whom a person has to find."""
        asked = await self._read(signed)
        proof = hashlib.sha256(signed.encode()).hexdigest()[:24]
        code = await self._db.write(
            deletion_requests.add, user_id=asked.user_id, proof=proof, asked_at=asked.issued_at, now=self._clock.now()
        )
        known = await self._db.read(self._contacts_of, asked) if self._erasing is not None else []
        for contact_id in known:
            assert self._erasing is not None
            await self._erasing.begin(contact_id, by=_META, request=deletion_requests.number_of(code))
        log.warning("data_deletion_wished", code=code, contacts=len(known))
        return code

    async def standing(self, code: str) -> Standing:
        found: DeletionRequest | None = await self._db.read(deletion_requests.find, code)
        if found is None:
            raise NotFound(say("There is no such request."))
        return Standing(received_at=found.at, done_by=found.at + DONE_WITHIN, done_at=found.done_at)

    async def _read(self, signed: str) -> SignedRequest:
        asked = signed_request.read(signed, await self._db.read(self._secrets))
        if asked is None:
            raise Forbidden(say("This was not signed by an app of ours."))
        return asked

    def _secrets(self, tx: Connection) -> list[str]:
        """Every app's: nobody knows yet of which this is."""
        own = [accounts.secrets_of_channel(tx, self._vault, channel).values() for channel in Channel]
        every = (secret for of_channel in own for secrets in of_channel for secret in secrets)
        return list(dict.fromkeys((*self._common, *every)))

    def _drop(self, tx: Connection, asked: SignedRequest, now: datetime) -> int:
        concerned = [account for account in _known_as(tx, asked.user_id) if self._of_its_app(tx, account, asked)]
        for account in concerned:
            tokens.drop(tx, account.id, _FAULT)
            account_alerts.raise_fault(tx, account, reason=_DEAUTHORIZED, now=now)
        deletion_requests.add_deauthorization(tx, asked.user_id, [account.id for account in concerned], now)
        return len(concerned)

    def _contacts_of(self, tx: Connection, asked: SignedRequest) -> list[str]:
        """Of the accounts of the app that asks: another app's word does not count here."""
        found = contacts.known_to_meta_as(tx, asked.user_id)
        return [contact for contact, account in found if self._of_its_app(tx, accounts.get(tx, account), asked)]

    def _of_its_app(self, tx: Connection, account: Account, asked: SignedRequest) -> bool:
        """Another app's word does not count here."""
        return asked.secret in (accounts.credentials(tx, self._vault, account.id).secrets or self._common)


def _known_as(tx: Connection, user_id: str) -> list[Account]:
    found = (accounts.by_provider_id(tx, channel, user_id) for channel in Channel)
    return [account for account in found if account is not None and not account.emulated]
