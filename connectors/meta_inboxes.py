"""The apps of Meta's own inboxes. [MSG docs: conversation routing]"""

from __future__ import annotations

MESSENGER = "263902037430900"
INSTAGRAM = "1217981644879628"

INBOXES = frozenset({MESSENGER, INSTAGRAM})
