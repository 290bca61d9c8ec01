"""What Meta's side may do: batches, repetitions, several apps, forgeries, things nobody has seen before."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from tests.acceptance.product import ACCOUNT, Product, ask, until

FIRST, SECOND = "200000000000001", "200000000000002"
SECRETS = {FIRST: "secret-of-the-first-app", SECOND: "secret-of-the-second-app"}


@pytest.fixture(scope="module")
def two_apps(shared: Product) -> Product:
    for account, secret in SECRETS.items():
        shared.cli("account", "add", "--channel", "whatsapp", "--id", account, "--app-secret", secret)
    return shared


def signed(raw: bytes, secret: str) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def unsent(product: Product, account: str, customer: str, text: str = "hello there") -> bytes:
    """A webhook's body as the emulator would post it."""
    told = product.emulator("POST", "say", {"account": account, "customer": customer, "text": text, "deliver": False})
    return str(told["body"]).encode()


def post(product: Product, raw: bytes, headers: dict[str, str]) -> int:
    return ask("POST", f"{product.url}/webhooks/whatsapp/webhook", raw=raw, headers=headers)[0]


def test_a_batch_of_three_customers_gets_three_answers(shared: Product, customer: str, another: str) -> None:
    third = str(int(another) + 500_000)
    people = [(customer, "hello there"), (another, "oi, tudo bem?"), (third, "send me the menu please")]
    told = shared.emulator(
        "POST", "batch", {"account": ACCOUNT, "messages": [{"customer": c, "text": t} for c, t in people]}
    )
    assert told["status"] == 200
    heard = [shared.answered(c, 1)[0] for c, _ in people]
    assert [words.split()[0] for words in heard] == ["Hello!", "Olá!", "Our"]


def test_the_same_webhook_five_times_at_once_is_one_turn(shared: Product, customer: str) -> None:
    told = shared.say(customer, "hello there", times=5)
    shared.decided(customer, told["id"])
    # A second message is answered after all that the first led to: then nothing more can come.
    shared.ask_and_hear(customer, "send me the menu please")
    assert [words.split()[0] for words in shared.answered(customer, 2)] == ["Hello!", "Our"]
    assert len([m for m in shared.messages(customer) if m["direction"] == "inbound"]) == 2


@pytest.mark.parametrize("signer", [FIRST, SECOND, ACCOUNT])
@pytest.mark.parametrize("account", [FIRST, SECOND, ACCOUNT])
def test_only_an_accounts_own_app_may_sign_for_it(two_apps: Product, customer: str, account: str, signer: str) -> None:
    common = json.loads((two_apps.home / "secrets.json").read_text())["app_secret"]
    raw = unsent(two_apps, account, customer)
    status = post(two_apps, raw, signed(raw, SECRETS.get(signer, common)))
    assert status == (200 if signer == account else 403)
    if signer == account:
        assert len(two_apps.answered(customer, 1)) == 1
        assert two_apps.conversation(customer)["account"] == account
    else:
        assert two_apps.find(customer) is None


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}, {"X-Hub-Signature-256": "sha1=abc"}, {"X-Hub-Signature": "x"}],
)
def test_without_a_right_signature_nothing_is_taken(shared: Product, customer: str, headers: dict[str, str]) -> None:
    assert post(shared, unsent(shared, ACCOUNT, customer), headers) == 403
    assert shared.find(customer) is None


def test_a_body_changed_after_signing_is_refused(shared: Product, customer: str) -> None:
    common = json.loads((shared.home / "secrets.json").read_text())["app_secret"]
    raw = unsent(shared, ACCOUNT, customer)
    assert post(shared, raw.replace(b"hello", b"hallo"), signed(raw, common)) == 403
    assert shared.find(customer) is None


def test_the_handshake_succeeds_with_our_token_and_no_other(shared: Product) -> None:
    assert shared.emulator("POST", "handshake", {"account": ACCOUNT})["ok"]
    wrong = shared.emulator("POST", "handshake", {"account": ACCOUNT, "token": "wrong"})
    assert (wrong["ok"], wrong["status"]) == (False, 403)
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": "1"})
    assert ask("GET", f"{shared.url}/webhooks/whatsapp/webhook?{query}")[0] == 403


def test_what_nobody_has_seen_before_is_kept_and_shown(shared: Product, customer: str) -> None:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": ACCOUNT},
        "moon_phases": [{"phase": f"full over {customer}"}],
    }
    told = shared.emulator("POST", "webhook", {"account": ACCOUNT, "value": value})
    assert told["status"] == 200

    def kept() -> bool:
        status, answer = shared.rest("GET", "/unplaced-events")
        assert status == 200
        return any(customer in json.dumps(event["body"]) for event in answer["items"])

    until(kept, "the webhook event", within=10)


def test_what_a_customer_sends_besides_text_is_seen_in_the_conversation(shared: Product, customer: str) -> None:
    told = shared.say(customer, image={"caption": "my kitchen", "id": "9001", "mime_type": "image/jpeg"})
    message = shared.decided(customer, told["id"])
    assert (message["kind"], message["text"]) == ("image", "my kitchen")
    assert (message["verdict"], message["reason"]) == ("RECORD", "not_text")
    told = shared.say(customer, unsupported="poll")
    assert shared.decided(customer, told["id"])["reason"] == "not_text"
    assert shared.answers(customer) == []


def test_a_reaction_is_shown_and_answered_by_nobody(shared: Product, customer: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    answer = shared.chat(customer)[-1]
    told = shared.say(customer, reaction={"message_id": answer["id"], "emoji": "👍"})
    message = shared.decided(customer, told["id"])
    assert (message["kind"], message["verdict"], message["reason"]) == ("reaction", "IGNORE", "reaction")
