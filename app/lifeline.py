"""A child process ends when its parent is gone, however it went: it waits for the other end of a pipe to close."""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "BATON_LIFELINE"


def hold() -> None:
    """Sends this process SIGTERM when the pipe named by `BATON_LIFELINE` closes; nothing where there is none."""
    descriptor = os.environ.pop(VARIABLE, None)
    if descriptor is None:
        return

    def wait() -> None:
        os.read(int(descriptor), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
