"""A package, for pytest ends what is scoped to one when the last test of it is over; a folder alone is none."""
