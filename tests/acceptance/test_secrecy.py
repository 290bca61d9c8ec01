"""What must stay here stays here: no word, number or token in a log line, no connection but to this machine."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import odd_project
from tests.acceptance.product import Product, free_port, processes_of, until

#: In every Python process that is started with its folder on PYTHONPATH. uvloop connects in C, unseen by Python's
#: audit, so it is kept out: the event loop of the standard library takes its place.
WATCH = """\
import sys
sys.modules["uvloop"] = None
import os
def _watch(event, args, _out=os.environ["WATCH_FILE"]):
    if event == "socket.connect":
        target = args[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        target = args[0]
    elif event in ("socket.sendto", "socket.sendmsg"):
        target = args[1]
    else:
        return
    with open(_out, "a") as out:
        out.write(f"{' '.join(sys.orig_argv[1:4])}|{event}|{target!r}\\n")
sys.addaudithook(_watch)
"""
HERE = ("127.0.0.1", "localhost", "::1")
ACCOUNT = "300000000000003"
PHONE = "5511943218765"
TOKEN, SECRET = "canaryaccesstoken4471", "canaryappsecret8812"
SAID, FAILING, REPLIED, REFUSED = "canaryhellotext", "canaryfailingtext", "canaryreplytext", "canaryrefusedtext"


@pytest.fixture(scope="module")
def watched(tree: Path, odd_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product at its most talkative, every connection of it written down, that has been through everything."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH)
    odd_project.give_model(folder / "state", odd_model)
    emulator_port = free_port()
    product = Product(
        tree,
        folder / "state",
        "--project",
        str(odd_project.write(folder / "odd")),
        EMULATOR_PORT=str(emulator_port),
        GRAPH_URL=f"http://127.0.0.1:{emulator_port}",
        LOG_LEVEL="DEBUG",
        PYTHONPATH=str(folder / "watch"),
        WATCH_FILE=str(folder / "connections"),
    )
    try:
        product.answering()
        _add_account(product)
        _go_through_everything(product)
        yield product
    finally:
        product.end()


def _add_account(product: Product) -> None:
    """A real one, as far as the product knows: its token and secret come by standard input."""
    command = ["account", "add", "--channel", "whatsapp", "--id", ACCOUNT, "--token", "-", "--app-secret", "-"]
    added = subprocess.run(
        [sys.executable, "-m", "app.cli", *command],
        cwd=product.tree,
        env=product.env,
        input=f"{TOKEN}\n{SECRET}\n",
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert added.returncode == 0, added.stderr
    told = {"id": ACCOUNT, "app_secret": SECRET, "token": TOKEN}
    product.emulator("POST", "accounts", told)


def _go_through_everything(product: Product) -> None:
    product.ask_and_hear(PHONE, f"hello {SAID}", account=ACCOUNT)
    parked = product.say(PHONE, f"fail {FAILING}", account=ACCOUNT)["id"]
    assert product.decided(PHONE, parked)["reason"] == "parked"
    conversation = product.conversation(PHONE)["id"]
    product.order(conversation, "take")
    product.order(conversation, "reply", {"text": REPLIED})
    until(lambda: REPLIED in product.answers(PHONE), "the reply")
    product.emulator("PUT", "faults", {"error": {"code": 131026, "times": 1}})
    product.order(conversation, "reply", {"text": REFUSED})
    until(lambda: any(m["status"] == "failed" for m in product.messages(PHONE)), "the refusal")
    for command in (["reply", conversation, "--as", "admin", REPLIED], ["release", conversation, "--as", "admin"]):
        product.cli("conversation", *command)
    product.rest("GET", "/conversations", token="canarywrongtoken")
    product.emulator("POST", "webhook", {"account": ACCOUNT, "value": {"x": SAID}, "secret": "canarywrongsecret"})
    product.emulator("POST", "handshake", {"account": ACCOUNT, "token": "canarywrongverify"})


def tokens(product: Product) -> dict[str, str]:
    kept = json.loads((product.home / "secrets.json").read_text())
    demo = json.loads((product.home / "emulator.json").read_text())["demo"]["token"]
    return {**kept, "demo token": demo, "operator's token": product.token}


def test_no_log_line_holds_a_word_a_number_or_a_token(watched: Product) -> None:
    lines = [line for line in watched.lines.said if "Your login, shown this once" not in line]
    text = "\n".join(lines)
    assert "turn_failed" in text, "the failing action is told"
    for what, canary in {**tokens(watched), "phone": PHONE, "access token": TOKEN, "app secret": SECRET}.items():
        assert canary not in text, f"{what} in: {[line for line in lines if canary in line][:3]}"
    assert [line for line in lines if "canary" in line] == []


def test_a_refused_webhook_is_told_without_what_was_in_it(watched: Product) -> None:
    refused = [line for line in watched.lines.said if "webhook.refused" in line]
    assert any("wrong signature" in line for line in refused)
    assert any("wrong verify token" in line for line in refused)


def test_what_is_secret_on_disk_is_its_owners(watched: Product) -> None:
    for name in ("secrets.json", "emulator.json"):
        assert stat.S_IMODE((watched.home / name).stat().st_mode) == 0o600, name
    stored = b"".join(path.read_bytes() for path in watched.home.glob("baton.db*"))
    assert SAID.encode() in stored, "the database is where the messages are"
    for canary in (TOKEN, SECRET, watched.token):
        assert canary.encode() not in stored


def test_no_process_has_a_secret_in_its_command_line(watched: Product) -> None:
    running = processes_of(str(watched.home))
    assert len(running) == 4
    for canary in (*tokens(watched).values(), TOKEN, SECRET):
        assert [line for line in running.values() if canary in line] == []


def test_nothing_leaves_this_machine(watched: Product) -> None:
    seen = [line.split("|") for line in Path(watched.env["WATCH_FILE"]).read_text().splitlines()]
    for name in ("app.cli run", "app.gateway", "emulator"):
        assert any(name in process for process, _, _ in seen), f"the watch sees {name}"
    assert [each for each in seen if not _is_here(each[2])] == []


def _is_here(target: str) -> bool:
    """A loopback address, a socket file, or nobody in particular."""
    value = eval(target, {})  # what our own watch wrote with repr()
    host = value[0] if isinstance(value, tuple) and value else value
    host = host.decode() if isinstance(host, bytes) else host
    return host in (None, "", *HERE) or str(host).startswith(("/", "\0"))
