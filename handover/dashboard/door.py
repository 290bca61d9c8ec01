"""Routes of the dashboard: as ours (handover/auth.py), with its word before the token and its body of a refusal."""

from __future__ import annotations

import functools

from handover import auth, manners

#: As `auth.route` and `auth.open_route`.
route = functools.partial(auth.route, manner=manners.DASHBOARD)
open_route = functools.partial(auth.open_route, manner=manners.DASHBOARD)
#: Where the page takes `error` for a text, and an object would crash it.
route_of_one_word = functools.partial(auth.route, manner=manners.DASHBOARD_IN_ONE_WORD)
