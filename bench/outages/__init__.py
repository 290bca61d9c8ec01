"""`bench outage`: the product is away for hours, and comes back."""
