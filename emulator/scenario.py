"""`python -m emulator.scenario FILE`: has a running emulator play a scenario, and says how each step went."""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from emulator.fields import Faulty, is_loopback_url
from emulator.scenario_files import FOLDER, read_file


def main() -> int:
    options = _options()
    if not is_loopback_url(options.url):
        return _sorry("--url must be an address of this machine.")
    path = options.file if options.file.suffix else FOLDER / f"{options.file}.yml"
    try:
        read_file(path)
    except Faulty as faulty:
        return _sorry("The scenario cannot be played:\n  " + "\n  ".join(faulty.problems))
    asked = {"name": path.stem, **yaml.safe_load(path.read_text("utf-8")), "patience": options.patience}
    if options.account:
        asked["account"] = options.account
    try:
        result = _post(f"{options.url.rstrip('/')}/emulator/scenarios", asked)
    except urllib.error.HTTPError as error:
        return _sorry(json.loads(error.read())["error"]["message"])
    except OSError as error:
        return _sorry(f"The emulator does not answer at {options.url}: {error}")
    for step in result["steps"]:
        print(f"{'ok  ' if step['ok'] else 'FAIL'} {step['n']:>2}  {step['step']}  ({step['ms']} ms)")
        if step["seen"] and (not step["ok"] or options.verbose):
            print(f"         {step['seen']}")
    print(f"{result['name']}: {'passed' if result['passed'] else 'failed'}")
    return 0 if result["passed"] else 1


def _post(url: str, body: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    # No proxy: it would take this off the machine.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=3600) as response:
        return json.load(response)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator.scenario", description=__doc__)
    names = ", ".join(sorted(path.stem for path in FOLDER.glob("*.yml")))
    parser.add_argument("file", type=Path, help=f"a file, or one of those that come with it: {names}")
    parser.add_argument("--url", default="http://127.0.0.1:5006", help="of the emulator")
    parser.add_argument("--account", default="", help="which number; the first on the scenario's network otherwise")
    parser.add_argument("--patience", type=float, default=1.0, help="2 waits twice as long where nothing may come")
    parser.add_argument("-v", "--verbose", action="store_true", help="also what was seen where all went well")
    return parser.parse_args()


def _sorry(text: str) -> int:
    print(text, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
