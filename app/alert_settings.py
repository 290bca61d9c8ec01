"""How alerts leave the house, from the environment: SMTP_URL, SMTP_FROM, BATON_ALERT_LOCAL, BATON_PUBLIC_URL."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from conversation.errors import BadInput
from runtime import alert_email
from runtime.alert_settings import AlertingSettings, MailServer

_SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False, "": False}
#: Of a server that takes mail from its users, by whether it is encrypted from the first byte.
_PORT = {True: 465, False: 587}


def read(environment: Mapping[str, str], faults: list[str]) -> AlertingSettings:
    """What can't be read is a fault, in words that repeat no password."""
    server = _mail_server(environment.get("SMTP_URL"), faults)
    sender = environment.get("SMTP_FROM") or None
    if bool(environment.get("SMTP_URL")) != (sender is not None):
        faults.append("SMTP_URL and SMTP_FROM belong together: give both, or neither.")
    _check_sender(sender, faults)
    return AlertingSettings(mail_server=server, mail_from=sender, local=_local(environment, faults))


def _mail_server(text: str | None, faults: list[str]) -> MailServer | None:
    if not text:
        return None
    try:
        return _server_of(urlsplit(text))
    except ValueError:
        faults.append("SMTP_URL must be like smtps://user:password@mail.example.com:465, or smtp://…:587.")
        return None


def _server_of(parts: SplitResult) -> MailServer:
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError
    encrypted = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or _PORT[encrypted],
        encrypted=encrypted,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _check_sender(sender: str | None, faults: list[str]) -> None:
    if sender is None:
        return
    try:
        alert_email.check_address(parseaddr(sender)[1])
    except BadInput:
        faults.append(f'SMTP_FROM is {sender!r}; it must be like baton@example.com, or "Cantina <baton@example.com>".')


def _local(environment: Mapping[str, str], faults: list[str]) -> bool:
    text = environment.get("BATON_ALERT_LOCAL", "")
    if text.lower() not in _SWITCH:
        faults.append(f"BATON_ALERT_LOCAL is {text!r}; it must be on or off.")
    return _SWITCH.get(text.lower(), False)


def public_url(environment: Mapping[str, str], faults: list[str]) -> str | None:
    """Where people reach the desk from outside; None: only from this machine."""
    text = environment.get("BATON_PUBLIC_URL")
    if not text:
        return None
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and text.isascii() and text.isprintable():
            return text.rstrip("/")
    except ValueError:
        pass
    faults.append("BATON_PUBLIC_URL must be like https://baton.example.com.")
    return None
