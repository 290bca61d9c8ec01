"""`./baton alert …`: rules made, listed, tried out and removed from the command line; keys exchanged under them."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.app.test_cli import Shell, shell  # noqa: F401

HOOK = "https://hooks.example.com/T0/secret"


@pytest.fixture(autouse=True)
def ana(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("BATON_ALERT_LOCAL", "on")
    shell.line("operator", "add", "ana")


def test_a_rule_is_made_listed_and_removed(shell: Shell) -> None:  # noqa: F811
    made = shell.line(
        "alert", "add", "--operator", "ana", "--webhook", HOOK, "--shape", "slack", "--on", "requested,message",
        "--after", "300", "--quiet", "22:00-07:00", "--quiet-days", "sunday", "--language", "en",
    )  # fmt: skip
    assert made.pop("secret").startswith("bs_")
    assert shell.lines("alert", "list") == [made]
    assert (made["host"], made["events"], made["after_s"]) == ("hooks.example.com", ["requested", "message"], 300)
    assert (made["quiet_hours"], made["quiet_days"]) == (["22:00-07:00"], ["sunday"])
    assert "T0" not in shell.run("alert", "list")[1]
    assert shell.run("alert", "remove", made["id"])[0] == 0
    assert shell.lines("alert", "list") == []


def test_an_address_can_stay_out_of_the_shells_history(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("sys.stdin.readline", lambda: HOOK + "\n", raising=False)
    assert shell.line("alert", "add", "--operator", "ana", "--webhook", "-")["host"] == "hooks.example.com"


def test_what_can_not_be_is_said(shell: Shell) -> None:  # noqa: F811
    code, _, err = shell.run("alert", "add", "--operator", "ana", "--email", "ana@example.com")
    assert (code, "SMTP_URL" in err) == (1, True)
    code, _, err = shell.run("alert", "add", "--operator", "dora", "--webhook", HOOK)
    assert (code, "no operator named dora" in err) == (1, True)


def test_one_can_be_tried_out(shell: Shell) -> None:  # noqa: F811
    got: list[str] = []
    with Listening(got) as url:
        rule = shell.line("alert", "add", "--operator", "ana", "--webhook", f"{url}/T0/secret")["id"]
        assert shell.run("alert", "test", rule)[:2] == (0, "It was told.\n")
        assert got == ["/T0/secret"]
    code, _, err = shell.run("alert", "test", rule)
    assert (code, "could not be reached" in err, "T0" in err) == (1, True, False)


def test_a_rule_outlives_the_exchange_of_the_key(shell: Shell) -> None:  # noqa: F811
    shell.line("alert", "add", "--operator", "ana", "--webhook", HOOK)
    assert shell.run("keys", "rotate")[0] == 0
    assert [key["sealed"] for key in shell.lines("keys", "list")] == [2]  # the old one is gone, nothing needs it
    assert shell.line("alert", "list")["host"] == "hooks.example.com"


class Listening:
    """A web server for as long as the context is open."""

    def __init__(self, got: list[str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append(self.path)
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Not into the test's output."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
