"""Asking the running API what its own description says, and what it does not."""
