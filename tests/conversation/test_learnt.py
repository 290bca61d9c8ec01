"""What is read from outside may be read by several threads at once, from the first on."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("actions", "app", "connectors", "conversation", "emulator", "handover", "runtime", "store")
#: Who may name a type as it reads: what learns it, and the routes, which learn it when they are declared.
MAY = {Path("conversation/learnt.py"), Path("handover/auth.py")}

#: One thread is held up while msgspec looks at what an echo is made of; what it shows meanwhile, the others meet.
AT_ONCE = """
import sys, threading, time
from conversation.arrivals import Echo
from runtime.held_echoes import _read
from msgspec import _utils
looked = _utils.get_class_annotations
_utils.get_class_annotations = lambda kind: looked(kind) if kind is Echo else time.sleep(0.3) or looked(kind)
echo = {
    "account": "a", "addresses": [{"kind": "phone", "value": "5511"}], "provider_id": "w", "source": "app",
    "kind": "text", "sent_at": "2026-01-01T00:00:00Z", "attachments": [{"kind": "image"}],
}
failed = []
def go():
    try:
        _read(echo)
    except BaseException as error:
        failed.append(error)
threads = [threading.Thread(target=go) for _ in range(4)]
for each in threads:
    each.start()
    time.sleep(0.05)
for each in threads: each.join()
sys.exit(repr(failed[0]) if failed else 0)
"""


def test_threads_that_read_for_the_first_time_at_once_all_succeed() -> None:
    done = subprocess.run([sys.executable, "-c", AT_ONCE], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_nothing_reads_into_a_type_that_was_not_learnt_first() -> None:
    found = {
        f"{path}:{line}"
        for folder in FOLDERS
        for path in (each.relative_to(ROOT) for each in sorted((ROOT / folder).rglob("*.py")))
        if path not in MAY
        for line in _untaught(path)
    }

    assert not found, "read by conversation.learnt.reader, or by a Decoder of the module's own"


def _untaught(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in {"msgspec.convert", "convert"}:
            yield node.lineno
        if (
            called.startswith("msgspec.")
            and called.endswith("decode")
            and any(each.arg == "type" for each in node.keywords)
        ):
            kind = next(ast.unparse(each.value) for each in node.keywords if each.arg == "type")
            if kind != "dict[str, Any]":  # nothing in it to look at
                yield node.lineno
