"""The rules of handover and what surrounds them, small enough that every path through them can be walked."""
