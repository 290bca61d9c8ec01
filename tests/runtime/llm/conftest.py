"""One kind of database is enough where nothing depends on it."""

from __future__ import annotations

import pytest

from runtime.llm.thinker import Thinker
from tests import services, thinking
from tests.house import Stage
from tests.thinking import ScriptedLlm

kind = services.kind


@pytest.fixture
def llm() -> ScriptedLlm:
    return ScriptedLlm()


@pytest.fixture
def thinker(stage: Stage, llm: ScriptedLlm) -> Thinker:
    return thinking.thinker(stage, llm)
