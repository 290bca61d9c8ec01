"""Customers under two names who become one at the worst moments: what `./baton bench merge` is made of."""
