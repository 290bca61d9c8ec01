"""A child process ends when its parent is gone, however it went: it waits for the other end of a pipe to close.

Run as a script it does so for a module that knows nothing of ours: `python app/lifeline.py emulator --port 5006`.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

VARIABLE = "BATON_LIFELINE"
#: Long enough to finish what is under way; a model that is being loaded is not waited for.
_GRACE_S = 10.0


def hold() -> None:
    """Sends this process SIGTERM when the pipe named by `BATON_LIFELINE` closes; nothing where there is none."""
    descriptor = os.environ.pop(VARIABLE, None)
    if descriptor is None:
        return

    def wait() -> None:
        os.read(int(descriptor), 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_S)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def main() -> None:
    """As `python -m MODULE …` does it."""
    folder = os.environ.pop("BATON_LEAVE_ALONE", None)
    if folder is not None:
        from pathlib import Path

        import leaving_alone  # type: ignore[import-not-found]  # beside this script

        leaving_alone.install(Path(folder))
    sys.path[0] = os.getcwd()
    del sys.argv[0]
    hold()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
