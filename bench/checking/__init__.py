"""Misconfigurations on purpose, each on a running gateway behind a small proxy, and the emulator."""
