"""E-mail to whoever is to be told: a real conversation with a mail server, and no password over an open wire."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conversation.alert_texts import Telling
from conversation.errors import BadInput
from runtime import alert_email
from runtime.alert_email import Mailer
from runtime.alert_errors import AlertError
from runtime.alert_settings import AlertingSettings, MailServer
from tests.receivers import Mailbox, mail_server

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
TELLING = Telling(title="João espera há 5 min", lines=("Conta: Cantina",), link="https://baton.example.com/desk#cnv_1")


def settings(mailbox: Mailbox, **given: Any) -> AlertingSettings:
    server = MailServer(**{"host": "127.0.0.1", "port": mailbox.port, "encrypted": False, **given})
    return AlertingSettings(mail_server=server, mail_from="Cantina <baton@example.com>", mail_timeout_s=5)


async def send(chosen: AlertingSettings, to: str = "ana@example.com") -> None:
    mailer = Mailer(chosen)
    try:
        await mailer.send(to, "alert-7", TELLING, at=NOW)
    finally:
        mailer.close()


async def refused(chosen: AlertingSettings) -> AlertError:
    with pytest.raises(AlertError) as told:
        await send(chosen)
    return told.value


async def test_it_says_what_and_where() -> None:
    async with mail_server() as mailbox:
        await send(settings(mailbox, user="baton", password="secret"))
    (mail,) = mailbox.got
    assert (mail["From"], mail["To"]) == ("Cantina <baton@example.com>", "ana@example.com")
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("João espera há 5 min", "auto-generated")
    assert mail["Message-ID"] == "<alert-7@example.com>"  # the same at a second try: it can be told apart
    assert mail.get_content().splitlines() == ["Conta: Cantina", "", "https://baton.example.com/desk#cnv_1"]
    assert mailbox.logins == ["baton\x00secret"]


@pytest.mark.parametrize(
    ("word", "line", "retryable", "said"),
    [
        ("RCPT", "550 no such box", False, "refused the address (550)"),
        ("RCPT", "450 try later", True, "refused the address (450)"),
        ("AUTH", "535 who are you", False, "answered 535"),
        ("DATA", "451 busy", True, "answered 451"),
        ("DATA", "554 spam", False, "answered 554"),
    ],
)
async def test_what_the_server_says_decides_whether_it_is_tried_again(
    word: str, line: str, retryable: bool, said: str
) -> None:
    async with mail_server() as mailbox:
        mailbox.refusals[word] = line
        error = await refused(settings(mailbox, user="baton", password="secret"))
    assert (error.retryable, mailbox.got) == (retryable, [])
    assert said in str(error)
    assert "example.com" not in str(error)


async def test_one_that_is_not_there_or_says_nothing_is_tried_again() -> None:
    async with mail_server() as mailbox:
        pass
    assert (await refused(settings(mailbox))).retryable
    async with mail_server() as mailbox:
        mailbox.silent = True
        chosen = AlertingSettings(
            mail_server=settings(mailbox).mail_server, mail_from="b@example.com", request_timeout_s=0.2
        )
        assert (await refused(chosen)).retryable


async def test_a_password_goes_over_no_open_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_email, "_is_this_machine", lambda _: False)
    async with mail_server() as mailbox:
        error = await refused(settings(mailbox, user="baton", password="secret"))
        assert not error.retryable
        assert mailbox.logins == []
        await send(settings(mailbox))  # without one, there is nothing to hide
    assert len(mailbox.got) == 1


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_server_nobody_vouches_for_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    certificate = _certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with mail_server(context) as mailbox:
        chosen = settings(mailbox, encrypted=True, user="baton", password="secret")
        if trusted:
            await send(chosen)
        else:
            assert "SSLCertVerificationError" in str(await refused(chosen))
    assert len(mailbox.got) == len(mailbox.logins) == int(trusted)


def _certificate(folder: Path) -> Path:
    """One that 127.0.0.1 gave itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "here.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


async def test_without_a_server_nothing_is_mailed_and_that_is_said() -> None:
    assert "SMTP_URL" in str(await refused(AlertingSettings()))


@pytest.mark.parametrize(
    "address", ["", "ana", "ana@", "a@b\nBcc: x@y", "a@b, c@d", "Ana <a@b>", "joão@example.com", "a" * 251 + "@b.c"]
)
def test_what_is_no_one_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="one address"):
        alert_email.check_address(address)
