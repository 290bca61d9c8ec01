"""`python -m emulator`: starts the stand-in for Meta on this machine."""

from __future__ import annotations

import argparse
import asyncio
import errno
import signal
import sys
from pathlib import Path

from emulator.fields import Faulty
from emulator.server import HOST, running
from emulator.settings import Start, read_file, start_from


def main() -> int:
    options = _options()
    if options.host != HOST:
        return _sorry(f"The emulator listens on {HOST} only, never on {options.host}: it accepts any token.")
    try:
        start = read_file(options.settings) if options.settings else start_from({})
    except Faulty as faulty:
        return _sorry("The settings cannot be used:\n  " + "\n  ".join(faulty.problems))
    try:
        asyncio.run(_run(start, options.port))
    except OSError as error:
        return _sorry(_why_not(error, options.port))
    return 0


async def _run(start: Start, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(start, port) as actual_port:
        print(
            f"Emulator: http://{HOST}:{actual_port}  (a stand-in for Meta: nothing leaves this machine)",
            flush=True,
        )
        await stop.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument("--port", type=_port, default=5006, help="5006 unless given; 0 takes a free one")
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="JSON: webhook_base, secrets, accounts, customers"
    )
    parser.add_argument("--host", default=HOST, help=f"only {HOST} is accepted")
    return parser.parse_args()


def _port(text: str) -> int:
    if text.isdigit() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")


def _why_not(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program; choose another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user; choose one above 1023 with --port."
    return f"The emulator cannot start: {error.strerror or error}"


def _sorry(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
