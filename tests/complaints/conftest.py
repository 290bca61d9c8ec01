"""What people complain of elsewhere; each file is one complaint, and shows that it has no ground here."""

from __future__ import annotations

from tests import services

kind = services.each_kind
