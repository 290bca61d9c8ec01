"""Every text that the API says to operators has its Portuguese, with the same facts; no error is raised without one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from conversation.catalogue import PORTUGUESE
from conversation.said import in_language, say

ROOT = Path(__file__).parents[2]
FOLDERS = ("conversation", "store", "runtime", "handover", "connectors")
SAID = "conversation.said"

#: Errors whose words are in English alone, and why.
ENGLISH = {
    "SendError": "quotes Meta, and is kept with the message; cures.py says in both languages what helps",
    "FetchFailed": "kept with the file, for whoever looks into it",
    "GraphRefusal": "made of Meta's own words",
    "Discarded": "a turn's own business: it never leaves it",
    "TrackerMoved": "a turn's own business: it never leaves it",
    "DatabaseIsNewer": "raised where a program starts, for who starts it",
}
#: What is given in place of `say(…)`, and why it is said all the same, or need not be.
GIVEN = {
    ("conversation/handover.py", "words"): "one of _WORDS, which are said",
    ("store/handovers.py", "_who_won(before)"): "it is said there",
    ("runtime/alert_webhook.py", "fault.args[0]"): "of an error that was said",
    ("runtime/sending.py", "allowed.words['en']"): "a rule of window.py, which has its words in both languages",
    ("runtime/thread_orders.py", "str(error)"): "Meta's own words",
    ("runtime/asking_channels.py", "str(error)"): "Meta's own words",
    ("runtime/trying_out.py", "words"): "said by the worker, and read from where it was kept",
    ("runtime/signs.py", "conversation.owner"): "NotOwner is given whose it is, and says the rest",
    ("conversation/handover.py", "str(standing.owner)"): "NotOwner is given whose it is, and says the rest",
}


@dataclass(frozen=True)
class Source:
    """A file of ours. `names`: what it has imported from elsewhere, as module and name."""

    path: str
    tree: ast.Module
    names: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, path: str) -> Source:
        tree = ast.parse(text)
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = {(each.asname or each.name): (node.module or "", each.name) for node in imports for each in node.names}
        return cls(path, tree, names)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def calls(self, names: set[str]) -> Iterator[ast.Call]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node

    def said(self) -> Iterator[ast.expr]:
        if self.names.get("say") == (SAID, "say"):
            yield from (call.args[0] for call in self.calls({"say"}))


@cache
def sources() -> tuple[Source, ...]:
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(Source.read(path.read_text("utf-8"), path.relative_to(ROOT).as_posix()) for path in found)


@cache
def errors() -> frozenset[tuple[str, str]]:
    """Every class of the one tree, by its module and name."""
    classes = [
        (source, node) for source in sources() for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)
    ]
    known = {("conversation.errors", "BatonError"), ("sanic.exceptions", "NotFound")}
    known |= {("sanic.exceptions", "PayloadTooLarge"), ("sanic.exceptions", "InvalidUsage")}
    while True:
        found = {
            (source.module, node.name)
            for source, node in classes
            for base in node.bases
            if isinstance(base, ast.Name) and source.names.get(base.id, (source.module, base.id)) in known
        }
        if found <= known:
            return frozenset(known)
        known |= found


def unsaid(source: Source) -> list[str]:
    """Errors that are made with words which nobody could read in Portuguese."""
    theirs = {name for name, whole in source.names.items() if whole in errors()}
    theirs |= {name for module, name in errors() if module == source.module}
    made = source.calls(theirs - set(ENGLISH))
    return [
        f"{source.path}:{call.lineno}: {ast.unparse(call)}"
        for call in made
        if not call.args or not (_is_said(call.args[0], source) or (source.path, ast.unparse(call.args[0])) in GIVEN)
    ]


def _is_said(given: ast.expr, source: Source) -> bool:
    """`say(…)`, or a name that is given nothing else in this file."""
    if isinstance(given, ast.Name):
        values = [
            node.value
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Assign) and any(ast.unparse(each) == given.id for each in node.targets)
        ]
        return bool(values) and all(_is_say(value, source) for value in values)
    return _is_say(given, source)


def _is_say(value: ast.expr, source: Source) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "say" and source.names.get("say") == (SAID, "say")


def fields(template: str) -> set[str]:
    return {name.partition("!")[0] for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_text_that_is_said_is_a_literal_so_that_this_can_find_it() -> None:
    assert [
        f"{each.path}: {ast.unparse(text)}" for each in sources() for text in each.said() if not _literal(text)
    ] == []


def test_every_text_that_is_said_has_its_portuguese() -> None:
    said = {_literal(text) for each in sources() for text in each.said()}
    assert len(said) > 150
    assert said - set(PORTUGUESE) == set()


def test_every_line_of_the_catalogue_is_said_somewhere() -> None:
    assert set(PORTUGUESE) - {_literal(text) for each in sources() for text in each.said()} == set()


def test_both_languages_tell_the_same_facts() -> None:
    assert [english for english, portuguese in PORTUGUESE.items() if fields(portuguese) != fields(english)] == []


def test_every_text_is_given_the_facts_it_tells() -> None:
    wrong = [
        f"{each.path}:{call.lineno}"
        for each in sources()
        if each.names.get("say") == (SAID, "say")
        for call in each.calls({"say"})
        if all(given.arg for given in call.keywords)  # and none by **
        and {given.arg for given in call.keywords} != fields(_literal(call.args[0]) or "")
    ]
    assert wrong == []


def test_no_text_is_in_the_catalogue_twice() -> None:
    files = [source for source in sources() if source.path.startswith("conversation/catalogue/")]
    keys = [
        key.value
        for source in files
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    assert len(keys) == len(set(keys)) == len(PORTUGUESE)


def test_no_error_is_raised_with_words_that_are_not_said() -> None:
    assert [each for source in sources() for each in unsaid(source)] == []


def test_there_is_no_exception_for_what_is_not_there_any_more() -> None:
    names = {name for _, name in errors()}
    given = {(each.path, ast.unparse(call.args[0])) for each in sources() for call in each.calls(names) if call.args}
    assert set(ENGLISH) - names == set()
    assert set(GIVEN) - given == set()


@pytest.mark.parametrize(
    "planted",
    [
        "raise NotFound('There is no such thing.')",
        "raise NotFound(f'There is no {name}.')",
        "raise NotFound('There is no ' + name)",
        "raise NotFound()",
        "words = f'There is no {name}.'\nraise NotFound(words)",
        "def find(name):\n    return NotFound(str(name))",
    ],
)
def test_this_would_find_one(planted: str) -> None:
    head = "from conversation.errors import NotFound\nfrom conversation.said import say\n"
    assert unsaid(Source.read(head + planted, "store/planted.py"))
    assert unsaid(Source.read(head + "raise NotFound(say('There is no {name}.', name=1))", "store/planted.py")) == []


def test_facts_that_are_said_themselves_are_said_in_the_same_language() -> None:
    told = say("This can't be done while the conversation is {status}.", status=say("snoozed"))
    assert told == "This can't be done while the conversation is snoozed."
    assert in_language(told, "pt") == "Isto não pode ser feito enquanto a conversa está adiada."
    assert in_language(told, "en") == told


def test_facts_with_braces_in_them_stay_as_they_are() -> None:
    told = say("There is no team {team}. `./baton team list` shows those there are.", team="{0.__class__}")
    assert "{0.__class__}" in told
    assert "{0.__class__}" in in_language(told, "pt")


def _literal(text: ast.expr) -> str | None:
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else None
