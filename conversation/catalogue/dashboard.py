"""What a dashboard that we did not write is told."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "This message was taken back.": "Esta mensagem foi apagada.",
}
