"""A dashboard that we did not write, served at its own paths and in its own shapes (docs/dashboard.md).

Translation only: what is decided, is decided where our own API decides it. Paths end in a slash, where ours do not.
"""
