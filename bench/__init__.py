"""Measurements of what we promise, on the product as real processes: `./baton bench NAME`."""
