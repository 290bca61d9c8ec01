"""A day and a night of a shop, by a clock that is wound by hand."""
