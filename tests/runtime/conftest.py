"""The runtime on each kind of database."""

from __future__ import annotations

from tests import services

kind = services.each_kind
