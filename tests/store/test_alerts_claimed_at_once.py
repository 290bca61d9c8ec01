"""Two gateways, one alert: PostgreSQL's own question, since SQLite has one writer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conversation.alert import AlertRule, Event, Means
from conversation.contact import Address, AddressKind
from store import agents, alert_rules, alerts, contacts, conversations, operators
from store.alert_rules import Target
from store.alerts import AlertId
from store.database import Database
from store.leases import Holder
from store.operators import Role
from store.vault import Vault
from tests import services
from tests.house import ANA, HOLDER, NUMBER, START, add_account

STRANGER = Holder(house="b", name="1")
TARGET = Target(address="https://hooks.example.com", secret="bs_secret")


@services.postgresql_only
async def test_of_two_that_claim_at_once_one_has_it_and_the_other_does_not_wait(db: Database, vault: Vault) -> None:
    alert_id = await db.write(_one_alert, vault)
    with db.engine.connect() as first, db.engine.connect() as second:
        deadline = START + timedelta(minutes=1)
        given: dict[str, Any] = {"now": START, "deadline": deadline}
        one = first.execution_options(writes=True)
        with one.begin():
            assert alerts.claim(one, vault, alert_id, claimer=HOLDER, **given) is not None
            two = second.execution_options(writes=True)
            with two.begin():
                two.exec_driver_sql("SET LOCAL lock_timeout = '2s'")  # waiting would raise
                assert alerts.claim(two, vault, alert_id, claimer=STRANGER, **given) is None


def _one_alert(tx: Any, vault: Vault) -> AlertId:
    account = add_account(tx, vault, agents.ensure_default(tx, START), NUMBER)
    contact = contacts.find_or_add(tx, account.id, [Address(kind=AddressKind.PHONE, value=ANA)], "Ana", START)
    conversation_id = conversations.find_or_add(tx, account.id, contact, START)
    conversations.change(tx, conversation_id, state="pending")
    operators.add(tx, "ana", Role.OPERATOR, START)
    rule = AlertRule(id=alert_rules.new_rule_id(), means=Means.WEBHOOK, operator="ana")
    alert_rules.add(tx, vault, rule, TARGET, START)
    (alert_id,) = alerts.raise_event(
        tx, Event.REQUESTED, conversation=conversations.get(tx, conversation_id), account=account, facts={}, now=START
    )
    return alert_id
