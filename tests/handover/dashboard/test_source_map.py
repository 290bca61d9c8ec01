"""docs/source-map.md: each file, test and route that it names is there, and it names every route of the dashboard's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache

from app.settings import ROOT
from handover import documented
from tests import services
from tests.handover.conftest import Api

MAP = (ROOT / "docs" / "source-map.md").read_text()
LINES = [line for line in MAP.splitlines() if line.startswith("| ")]
_ROUTE = re.compile(r"`([A-Z]+(?:,[A-Z]+)*) (/[^`]*)`")
_FILE = re.compile(r"`([\w./-]+\.(?:py|md|js|yml))`")
_BEFORE = "/api/v1"


def spelled(path: str) -> Iterator[str]:
    """Each way to write it: `{a,b}` is either."""
    parts = [part.split(",") for part in re.split(r"[{}]", path)]
    return ("".join(each) for each in itertools.product(*parts))


def named() -> Iterator[tuple[str, str]]:
    for line in LINES:
        for methods, path in _ROUTE.findall(line):
            paths = list(spelled(path))
            for beside in re.findall(r"`(\{[^`]*\})` at the end", line):
                paths += [f"{each.rsplit('/', 2)[0]}/{tail}/" for each in spelled(path) for tail in spelled(beside)]
            yield from itertools.product(methods.split(","), paths)


@cache
def defined_in(path: str) -> frozenset[str]:
    return frozenset(re.findall(r"def (test_\w+)", (ROOT / path).read_text()))


def test_its_files_are_there() -> None:
    found = {path for line in MAP.splitlines() for path in _FILE.findall(line) if "/" in path}
    assert len(found) > 100
    assert not [path for path in sorted(found) if not (ROOT / path).is_file()]


def test_its_tests_are_in_the_files_that_it_names_for_them() -> None:
    many = 0
    for line in LINES:
        there = frozenset[str]().union(*(defined_in(path) for path in _FILE.findall(line) if path.startswith("tests/")))
        for name in re.findall(r"`(test_\w+)`", line):
            assert name in there, name
            many += 1
    assert many > 20


def test_each_of_its_items_has_a_test() -> None:
    tables = MAP.split("## Its priorities")
    for line in LINES:
        if (line in tables[0] or "/dashboard/" in line) and not line.startswith(("| item ", "| request ", "| --- ")):
            assert "`tests/" in line or "Not there" in line, line


@services.sqlite_only
async def test_its_routes_are_registered_and_none_of_the_dashboards_is_missing(api: Api) -> None:
    known: dict[tuple[str, str], str] = {}
    for route in api.app.router.routes:
        facts = documented.of(route.handler)
        if facts is not None:
            before = "" if facts.path.startswith("/ws") else _BEFORE
            known[facts.method, f"{before}{_with_ids(facts.path)}"] = facts.part
        else:
            known.update(dict.fromkeys(((method, f"/{_with_ids(route.path)}") for method in route.methods), "none"))
    shown = {(method, path) for method, path in named()}
    for method, path in shown:
        assert (method, _BEFORE + path) in known or (method, path) in known, (method, path)
    theirs = {asked for asked, part in known.items() if part == "dashboard"}
    assert len(theirs) > 200
    assert not theirs - {(method, _BEFORE + path) for method, path in shown} - shown


def _with_ids(path: str) -> str:
    return re.sub(r"<[^>]+>", "ID", path)


def test_either_spelling_is_read() -> None:
    assert list(spelled("/{a,b/c}/ID/{x,y}/")) == ["/a/ID/x/", "/a/ID/y/", "/b/c/ID/x/", "/b/c/ID/y/"]
    assert ("DELETE", "/messenger/broadcasts/ID/ID/") in set(named())
