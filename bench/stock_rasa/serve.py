"""`rasa ARGUMENTS` with one change: its Messenger client asks a server of ours instead of graph.facebook.com.

    python -m bench.stock_rasa.serve --graph http://127.0.0.1:1234 run --port …

The client has the address fixed in its constructor; it is replaced on each client that is made. Not a file of
Rasa's or of the client's is touched, and nothing else is different."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import fbmessenger  # type: ignore[import-untyped]
from rasa import __main__ as rasa_main


def point_at(graph_url: str) -> None:
    made = fbmessenger.MessengerClient.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        self.graph_url = f"{graph_url}/v{self.api_version}"

    fbmessenger.MessengerClient.__init__ = init


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.stock_rasa.serve")
    parser.add_argument("--graph", required=True)
    chosen, rest = parser.parse_known_args()
    point_at(chosen.graph)
    sys.argv = ["rasa", *rest]
    rasa_main.main()


if __name__ == "__main__":
    main()
