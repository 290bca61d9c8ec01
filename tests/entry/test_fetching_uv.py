"""tools/fetch_uv.py takes uv from an index with the standard library alone, and checks what it got."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import pathlib
import platform
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator

import pytest

from tests.entry.machine import ROOT

MACHINE = platform.machine()
HERE = f"macosx_11_0_{MACHINE}" if sys.platform == "darwin" else f"manylinux_2_17_{MACHINE}.manylinux2014_{MACHINE}"


class Index(http.server.ThreadingHTTPServer):
    """A package index with a few versions of uv."""

    def __init__(self, form: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.form = form
        self.files: dict[str, bytes] = {}
        self.promised: dict[str, str] = {}
        self.logins: list[str | None] = []

    def offer(self, version: str, platform_tags: str = HERE) -> str:
        """Adds a wheel whose uv says its version."""
        name = f"uv-{version}-py3-none-{platform_tags}.whl"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as wheel:
            wheel.writestr(f"uv-{version}.data/scripts/uv", f"#!/bin/sh\necho uv {version}\n")
            wheel.writestr("uv/__init__.py", "")
        self.files[name] = packed.getvalue()
        self.promised[name] = hashlib.sha256(packed.getvalue()).hexdigest()
        return name

    def page(self) -> tuple[str, str]:
        """The list of files, in the newer or the older form."""
        if self.form == "json":
            files = [
                {
                    "filename": name,
                    "url": f"../../files/{name}",
                    "hashes": {"sha256": digest},
                    "yanked": False,
                }
                for name, digest in self.promised.items()
            ]
            return "application/vnd.pypi.simple.v1+json", json.dumps({"files": files})
        links = [f'<a href="../../files/{name}#sha256={digest}">{name}</a>' for name, digest in self.promised.items()]
        return "text/html", "<br/>".join(links)


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.server.logins.append(self.headers["Authorization"])
        if self.path == "/simple/uv/":
            content_type, text = self.server.page()
            self.answer(content_type, text.encode())
        else:
            self.answer("application/octet-stream", self.server.files[self.path.removeprefix("/files/")])

    def answer(self, content_type: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output stays readable."""


@pytest.fixture(params=["json", "html"])
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    server = Index(request.param)
    thread = threading.Thread(target=functools.partial(server.serve_forever, poll_interval=0.02))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(folder: pathlib.Path, index_url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools/fetch_uv.py", folder],
        env={"PIP_INDEX_URL": index_url, "PIP_CONFIG_FILE": "/dev/null", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_newest_wheel_for_this_machine_is_unpacked(index: Index, tmp_path: pathlib.Path) -> None:
    index.offer("0.9.30")
    index.offer("0.13.2")
    index.offer("0.14.0", platform_tags="win_amd64")
    index.offer("1.0.0")

    result = fetch(tmp_path / "bin", f"http://127.0.0.1:{index.server_port}/simple")

    assert result.returncode == 0, result.stderr
    assert subprocess.check_output([tmp_path / "bin/uv"], text=True) == "uv 0.13.2\n"


def test_a_wheel_that_is_not_what_was_promised_is_refused(index: Index, tmp_path: pathlib.Path) -> None:
    index.files[index.offer("0.13.2")] += b"more"

    result = fetch(tmp_path / "bin", f"http://127.0.0.1:{index.server_port}/simple")

    assert result.returncode == 1
    assert "not what the package index promises" in result.stderr
    assert not (tmp_path / "bin/uv").exists()


def test_a_machine_without_a_wheel_is_told_so(index: Index, tmp_path: pathlib.Path) -> None:
    index.offer("0.13.2", platform_tags="win_amd64")

    result = fetch(tmp_path / "bin", f"http://127.0.0.1:{index.server_port}/simple")

    assert "the package index has no uv for" in result.stderr


def test_a_mirrors_login_is_sent_as_a_header_and_never_shown(index: Index, tmp_path: pathlib.Path) -> None:
    index.offer("0.13.2")

    fetch(tmp_path / "bin", f"http://me:s%3Acret@127.0.0.1:{index.server_port}/simple")
    unreachable = fetch(tmp_path / "other", "http://me:s%3Acret@127.0.0.1:9/simple")

    assert index.logins[0] == "Basic bWU6czpjcmV0"
    assert "cannot reach the package index (http://127.0.0.1:9/simple/uv/" in unreachable.stderr
    assert "cret" not in unreachable.stderr


def test_without_a_network_it_is_one_sentence(tmp_path: pathlib.Path) -> None:
    result = fetch(tmp_path / "bin", "http://127.0.0.1:9/simple")

    assert result.returncode == 1
    assert result.stderr.startswith("baton: cannot reach the package index")
    assert "Traceback" not in result.stderr
