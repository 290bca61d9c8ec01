"""How customers reach us: one connector a channel, and what Meta's channels have in common."""
