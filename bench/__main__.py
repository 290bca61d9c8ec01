"""`./baton bench NAME …`: runs bench/NAME.py; alone it lists them. The last line on stdout is the figures, as JSON."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


def names() -> dict[str, Path]:
    """Each bench by the name it is called by."""
    files = sorted(path for path in _FOLDER.glob("*.py") if not path.name.startswith("_"))
    return {path.stem.replace("_", "-"): path for path in files}


def listing() -> str:
    known = names()
    width = max(map(len, known), default=0)
    lines = [f"  {name:{width}}  {_first_line(path)}" for name, path in known.items()]
    return "\n".join(["./baton bench NAME [options]; NAME --help tells the options.", *lines])


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(listing())
        return 0
    name = arguments[0].replace("_", "-")
    if name not in names():
        print(f"There is no bench {arguments[0]}.\n{listing()}", file=sys.stderr)
        return 2
    module = importlib.import_module(f"bench.{name.replace('-', '_')}")
    code: int = module.main(list(arguments[1:]))
    return code


def _first_line(path: Path) -> str:
    """Of the docstring, without importing: a list must not cost seconds."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return text.splitlines()[0] if text else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
