"""The example of docs/trainers.md, followed word by word: change an answer, train, see it on the phone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.product import ROOT, Start, environment


@pytest.mark.slow
def test_a_changed_answer_is_heard_on_the_phone(start: Start, tree: Path, tmp_path: Path, customer: str) -> None:
    # given the guide, which shows the response as it stands
    guide = (ROOT / "docs" / "trainers.md").read_text()
    section = guide.partition("## Change an answer")[2].partition("\n## ")[0]
    shown = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert shown is not None
    response = "".join(line.removeprefix("   ") for line in shown[1].splitlines(keepends=True))
    mine = tmp_path / "baton"
    shutil.copytree(tree, mine, ignore=shutil.ignore_patterns("models"))
    domain = (mine / "domain.yml").read_text()
    assert domain.count(response) == 1, "the guide shows domain.yml as it is"

    # when both texts are changed and the model is trained
    first, second = re.findall(r'text: "(.*)"', response)
    changed = response.replace(first, "Valeu! Volte sempre.").replace(second, "See you! Come back soon.")
    (mine / "domain.yml").write_text(domain.replace(response, changed))
    trained = subprocess.run(
        [sys.executable, "-m", "rasa", "train"],
        cwd=mine,
        env=environment(tmp_path / "state"),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=280,
    )
    assert trained.returncode == 0, trained.stdout[-4000:]

    # then the phone shows it, in both languages
    product = start(tree=mine).answering()
    assert "training now" not in product.lines.text
    assert "`tchau`, then `bye`" in section
    assert product.ask_and_hear(customer, "tchau") == ["Valeu! Volte sempre."]
    assert product.ask_and_hear(customer, "bye") == ["See you! Come back soon."]
