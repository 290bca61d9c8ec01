"""How alerts leave the house, with units in the names. `app/alert_settings.py` makes them; this file looks nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class MailServer:
    host: str
    port: int
    #: From the first byte; else the connection is turned into an encrypted one where the server offers it.
    encrypted: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class AlertingSettings:
    mail_server: MailServer | None = None
    mail_from: str | None = None
    local: bool = False  # webhooks may go to this machine and its network, and need no https
    tries: int = 5
    retry_s: float = 5.0  # before the second try; four times as long before each further one
    claim_s: float = 60.0  # longer than any request takes: after it another process may tell it again
    request_timeout_s: float = 10.0
    mail_timeout_s: float = 30.0
    at_once: int = 8
    look_s: float = 0.5  # how often it is looked whether something is due
