"""One e-mail to whoever is to be told, by the standard library's SMTP in a thread of its own."""

from __future__ import annotations

import asyncio
import email.policy
import email.utils
import re
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.message import EmailMessage

from conversation.alert_texts import Telling
from conversation.errors import BadInput
from conversation.said import say
from runtime.alert_errors import AlertError
from runtime.alert_settings import AlertingSettings, MailServer
from runtime.alert_webhook import is_loopback
from runtime.within import within

_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")
_THREADS = 4


def check_address(address: str) -> None:
    if not _ADDRESS.fullmatch(address) or not address.isascii() or len(address) > 254:
        raise BadInput(say("An e-mail rule needs one address, like ana@example.com."))


class Mailer:
    """Threads of its own: a server that answers a byte a minute keeps nobody else from working."""

    def __init__(self, settings: AlertingSettings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="mail")

    async def send(self, to: str, alert_id: str, telling: Telling, *, at: datetime) -> None:
        """Returns when the server has taken it; else raises `AlertError`."""
        server, sender = self._settings.mail_server, self._settings.mail_from
        if server is None or sender is None:
            raise AlertError(say("SMTP_URL and SMTP_FROM are not set, so nothing can be mailed."), retryable=False)
        message = _message(sender, to, alert_id, telling, at)
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._hand_over, server, message)
        try:
            await within(self._settings.mail_timeout_s, work)
        except asyncio.TimeoutError:
            raise AlertError(say("The mail server did not answer in time."), retryable=True) from None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hand_over(self, server: MailServer, message: EmailMessage) -> None:
        try:
            with _connected(server, self._settings.request_timeout_s) as connection:
                if server.user is not None:
                    connection.login(server.user, server.password or "")
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(code for code, _ in error.recipients.values())
            told = say("The mail server refused the address ({code}).", code=code)
            raise AlertError(told, retryable=code < 500) from None
        except smtplib.SMTPResponseException as error:
            told = say("The mail server answered {code}.", code=error.smtp_code)
            raise AlertError(told, retryable=error.smtp_code < 500) from None
        except (smtplib.SMTPException, OSError) as error:
            told = say("The mail server could not be talked to ({why}).", why=type(error).__name__)
            raise AlertError(told, retryable=True) from None


def _connected(server: MailServer, timeout_s: float) -> smtplib.SMTP:
    """A password goes over no open wire, except within this machine."""
    context = ssl.create_default_context()
    if server.encrypted:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout_s, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=timeout_s)
    try:
        connection.ehlo_or_helo_if_needed()
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
        elif server.user is not None and not _is_this_machine(connection):
            raise AlertError(say("The mail server takes no encryption, so no password is told it."), retryable=False)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_this_machine(connection: smtplib.SMTP) -> bool:
    return connection.sock is not None and is_loopback(connection.sock.getpeername()[0])


def _message(sender: str, to: str, alert_id: str, telling: Telling, at: datetime) -> EmailMessage:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, telling.title
    made["Date"] = email.utils.format_datetime(at)
    # The same at each try: a mailbox that has it already drops the second.
    made["Message-ID"] = f"<{alert_id}@{sender.rpartition('@')[2].rstrip('>')}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("\n".join([*telling.lines, *(["", telling.link] if telling.link else [])]) or telling.title)
    return made
