"""Rasa as it comes, for comparison: its own `facebook` channel, its SQL tracker store, its action server over HTTP."""
