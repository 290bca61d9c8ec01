"""Which addresses of our own network language models may be asked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import llm_settings
from app.settings import BadSettings, read


def test_nothing_local_may_be_asked_unless_it_is_named(tmp_path: Path) -> None:
    assert read({"BATON_HOME": str(tmp_path)}).llm_local == frozenset()


def test_hosts_are_named_with_their_ports(tmp_path: Path) -> None:
    named = read({"BATON_HOME": str(tmp_path), "BATON_LLM_LOCAL": "127.0.0.1:11434, Ollama.LAN:80 ,[::1]:1,"})
    assert named.llm_local == {"127.0.0.1:11434", "ollama.lan:80", "[::1]:1"}


@pytest.mark.parametrize(
    "text",
    ["ollama.lan", "http://ollama.lan:1", "ollama.lan:0", "ollama.lan:65536", "*:80", "::1:80", "a b:1", "lan:²"],
)
def test_what_is_no_host_with_its_port_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings, match="each is a host and its port"):
        read({"BATON_HOME": str(tmp_path), "BATON_LLM_LOCAL": f"127.0.0.1:1,{text}"})


def test_the_emulator_may_be_asked_by_processes_that_are_started_beside_it() -> None:
    faults: list[str] = []
    env = llm_settings.with_one_more({"BATON_LLM_LOCAL": "ollama.lan:11434"}, "http://127.0.0.1:5006")
    assert llm_settings.local(env, faults) == {"ollama.lan:11434", "127.0.0.1:5006"}
    assert llm_settings.local(llm_settings.with_one_more({}, "http://127.0.0.1:5006"), faults) == {"127.0.0.1:5006"}
    assert not faults
