"""`bench errors`: every error Meta may answer with, and what must follow from it."""
