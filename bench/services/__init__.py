"""Real services for benches and tests, from packages alone."""
