"""How alerts leave the house, from the environment and from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import BadSettings, Settings, read
from runtime.alert_settings import AlertingSettings, MailServer

FROM = {"SMTP_FROM": "baton@example.com"}


def settings(tmp_path: Path, **given: str) -> Settings:
    return read({"BATON_HOME": str(tmp_path), **given})


def faults(tmp_path: Path, **given: str) -> str:
    with pytest.raises(BadSettings) as refused:
        settings(tmp_path, **given)
    return str(refused.value)


def test_without_anything_there_is_no_mail_and_no_way_into_our_own_network(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    assert (chosen.alerting, chosen.public_url) == (AlertingSettings(), None)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", MailServer(host="mail.example.com", port=587, encrypted=False)),
        ("smtps://mail.example.com", MailServer(host="mail.example.com", port=465, encrypted=True)),
        (
            "smtps://ana%40example.com:p%2Fw@mail.example.com:2465",
            MailServer(host="mail.example.com", port=2465, encrypted=True, user="ana@example.com", password="p/w"),
        ),
    ],
)
def test_a_mail_server_is_read_from_its_url(tmp_path: Path, url: str, server: MailServer) -> None:
    assert settings(tmp_path, SMTP_URL=url, **FROM).alerting.mail_server == server


def test_a_password_is_not_shown_by_accident(tmp_path: Path) -> None:
    assert "hunter2" not in repr(settings(tmp_path, SMTP_URL="smtp://baton:hunter2@mail", **FROM).alerting)


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "smtp://u:hunter2@mail:port", "smtp://u:hunter2@mail/in"])
def test_what_is_no_mail_server_is_said_without_its_password(tmp_path: Path, url: str) -> None:
    told = faults(tmp_path, SMTP_URL=url, **FROM)
    assert "SMTP_URL must be like" in told
    assert "hunter2" not in told


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    told = faults(
        tmp_path, PORT="x", SMTP_FROM="nobody", BATON_ALERT_LOCAL="perhaps", BATON_PUBLIC_URL="baton.example.com"
    )
    for line in ("PORT is", "SMTP_URL and SMTP_FROM", "SMTP_FROM is", "BATON_ALERT_LOCAL is", "BATON_PUBLIC_URL must"):
        assert line in told
    assert "SMTP_URL and SMTP_FROM" in faults(tmp_path, SMTP_URL="smtp://mail")


def test_links_begin_where_people_reach_the_desk(tmp_path: Path) -> None:
    assert settings(tmp_path, BATON_PUBLIC_URL="https://baton.example.com/").public_url == "https://baton.example.com"
    assert settings(tmp_path, BATON_ALERT_LOCAL="on").alerting.local
