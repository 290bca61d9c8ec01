"""account connect instagram: a link to sign in with, for the account's owner."""

from __future__ import annotations

import argparse
from typing import Any

from app import first_run
from app.commands import add_json, print_json, with_house


def register(words: Any) -> None:
    connect = words.add_parser("connect", help="a link by which the owner of an Instagram account connects it")
    connect.add_argument("channel", choices=["instagram"])
    connect.add_argument("--as", dest="operator", default=first_run.FIRST_OPERATOR, help="the admin who asks for it")
    add_json(connect)
    connect.set_defaults(run=_connect)


def _connect(chosen: argparse.Namespace) -> None:
    url = with_house(lambda house: house.instagram_connecting.begin(chosen.operator))
    if chosen.json:
        print_json({"url": url})
    else:
        print(f"Open this within ten minutes, and sign in with the account; it is good once:\n{url}")
