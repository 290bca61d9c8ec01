"""model list | use | back"""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from app import model_choice, model_report, models, settings, state_lock
from app.cli import project_of
from app.commands import add_json, print_json
from app.model_choice import Choice
from app.model_report import Report
from app.settings import Settings
from conversation.errors import BadInput

_STEP_S = 0.1
#: A large model takes a minute to load.
_PATIENCE_S = 180.0


def register(commands: Any) -> None:
    words = commands.add_parser("model", help="which trained model answers").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="the models there are, which one answers, which could not be loaded")
    _add_project(listing)
    add_json(listing)
    listing.set_defaults(run=_list)

    use = words.add_parser("use", help="this one answers until you say otherwise, whatever is trained after it")
    which = use.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", help="as `model list` shows it; its beginning is enough")
    which.add_argument("--newest", action="store_true", help="the newest again, and each one trained from now on")
    _add_project(use)
    use.set_defaults(run=_use)

    back = words.add_parser("back", help="the one that answered before; again: the one after")
    _add_project(back)
    back.set_defaults(run=_back)


def _add_project(parser: Any) -> None:
    parser.add_argument("--project", type=project_of, metavar="DIR", help="as given to ./baton run")


def _list(chosen: argparse.Namespace) -> None:
    config, folder = _where(chosen)
    report, choice = _report(config, folder), model_choice.read(config.home, folder)
    found = models.all_of(folder)
    for each in found:
        failed = report.failed.get(each.name)
        if chosen.json:
            print_json(
                {
                    "name": each.name,
                    "written_at": datetime.fromtimestamp(each.written_at).astimezone().isoformat(timespec="seconds"),
                    "answering": each.name == report.answering,
                    "loading": each.name == report.loading,
                    "pinned": each.name == choice.pinned,
                    "failed": failed,
                }
            )
            continue
        marks = [
            *(["answers"] if each.name == report.answering else []),
            *(["is being loaded"] if each.name == report.loading else []),
            *(["pinned"] if each.name == choice.pinned else []),
            *([f"can't be loaded: {failed}"] if failed else []),
        ]
        print(f"{each.name:40} {datetime.fromtimestamp(each.written_at):%Y-%m-%d %H:%M}  {', '.join(marks)}".rstrip())
    if not found and not chosen.json:
        print(f"There is no model in {folder}. `./baton rasa train` makes one.")


def _use(chosen: argparse.Namespace) -> None:
    config, folder = _where(chosen)
    found = models.all_of(folder)
    if chosen.newest:
        _choose(config, folder, None)
    else:
        _choose(config, folder, model_choice.named(found, chosen.name).name)


def _back(chosen: argparse.Namespace) -> None:
    config, folder = _where(chosen)
    before = model_report.read(config.home).before
    if before is None:
        raise BadInput("No other model has answered before this one.")
    if all(each.name != before for each in models.all_of(folder)):
        raise BadInput(f"The model that answered before, {before}, is no longer in {folder}.")
    _choose(config, folder, before)


def _choose(config: Settings, folder: Path, pinned: str | None) -> None:
    """Writes it down, and where a worker runs waits for what comes of it. What can't be loaded is not chosen."""
    former = model_choice.read(config.home, folder)
    model_choice.write(config.home, folder, pinned)
    if not _report(config, folder).is_now:
        print(f"{pinned or 'The newest model'} will answer when Baton runs.")
        return
    number = model_choice.read(config.home, folder).number
    report = _awaited(config, folder, number)
    wanted = model_choice.wanted(models.all_of(folder), Choice(pinned=pinned, number=number))
    if wanted is not None and wanted.name in report.failed:
        model_choice.write(config.home, folder, former.pinned)
        raise BadInput(f"{wanted.name} can't be loaded: {report.failed[wanted.name]}. {report.answering} answers.")
    print(f"{report.answering} answers" + ("." if pinned is None else "; what is trained from now on is not used."))
    if pinned is not None:
        print("`./baton model use --newest` takes the newest again.")


def _awaited(config: Settings, folder: Path, number: str) -> Report:
    """What the worker tells once it is through with this choice."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        report = _report(config, folder)
        wanted = model_choice.wanted(models.all_of(folder), model_choice.read(config.home, folder))
        is_through = report.number == number and not report.loading
        if wanted is not None and is_through and (report.answering == wanted.name or wanted.name in report.failed):
            return report
        if not report.is_now and state_lock.running(config.home) is None:
            raise BadInput("Baton ended meanwhile; the choice is kept.")
        time.sleep(_STEP_S)
    raise BadInput("The worker has not loaded it yet; `./baton model list` shows how it goes.")


def _report(config: Settings, folder: Path) -> Report:
    """Of a worker that runs, and with models of this folder; else an empty one."""
    report = model_report.read(config.home)
    return report if report.is_now and report.folder == str(folder) else Report()


def _where(chosen: argparse.Namespace) -> tuple[Settings, Path]:
    """The project named, or the one that runs or ran last with this state folder."""
    config = settings.read(project=chosen.project)
    told = model_report.read(config.home).folder
    return config, config.models if chosen.project is not None or not told else Path(told)
