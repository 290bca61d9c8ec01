"""A gateway or a worker by itself: what must be the same for all is looked at before it begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from app import cli, parts, settings
from app.settings import Settings
from conversation.errors import BadInput
from runtime.media_files import MediaFolder
from store import media
from store.database import Database
from store.vault import Vault, new_key
from tests.house import START, WoundClock, set_up


@pytest.fixture
def key() -> str:
    return new_key()


@pytest.fixture
def kept(db: Database, key: str, tmp_path: Path) -> MediaFolder:
    """An account with a token, and a file of an operator's in the folder of another machine."""
    account, _ = set_up(db, Vault(key), WoundClock())
    folder = MediaFolder(tmp_path / "theirs", max_mb=1)
    with folder.draft() as draft:
        draft.write(b"bytes")
        written = draft.finish()

        def keep(tx: Any) -> None:
            known: dict[str, Any] = {"kind": "image", "type": "image/png", "size": written.size, "name": None}
            sha256, place = written.sha256, lambda: folder.keep(written)
            media.uploaded(tx, account.id, **known, sha256=sha256, by="ana", now=START, keep=place)

        db.write_now(keep)
    return folder


def chosen(home: Path, **env: str) -> Settings:
    return settings.read({"BATON_HOME": str(home), **env})


def test_another_key_is_refused(db: Database, kept: MediaFolder, key: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="BATON_KEY must be the same for every gateway and worker"):
        list(parts.faults(db, chosen(tmp_path, BATON_KEY=new_key())))
    list(parts.faults(db, chosen(tmp_path, BATON_KEY=f"{new_key()},{key}")))  # one is being exchanged


def test_a_folder_that_others_do_not_share_is_told(db: Database, kept: MediaFolder, key: str, tmp_path: Path) -> None:
    (told,) = parts.faults(db, chosen(tmp_path, BATON_KEY=key))
    assert f"None of the files that came last is in {tmp_path}/media. BATON_MEDIA must be one folder" in told
    assert list(parts.faults(db, chosen(tmp_path, BATON_KEY=key, BATON_MEDIA=str(tmp_path / "theirs")))) == []


class Began(Exception):
    pass


@pytest.mark.parametrize("command", ["gateway", "worker"])
def test_the_commands_become_the_process(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[Any] = []

    def become(program: str, arguments: list[str], env: dict[str, str]) -> None:
        began.append((arguments[1:], env.get("PORT")))
        raise Began

    monkeypatch.setenv("BATON_HOME", str(tmp_path))
    monkeypatch.setenv("PORT", "5050")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(os, "execve", become)
    with pytest.raises(Began):
        cli.main([command, *(["--port", "5051"] if command == "gateway" else [])])
    assert began == [(["-m", f"app.{command}"], "5051" if command == "gateway" else "5050")]


def test_what_is_no_port_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["gateway", "--port", "70000"])
    assert "is no port, 1 to 65535" in capsys.readouterr().err
