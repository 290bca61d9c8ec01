"""Bodies of webhooks: posted as they are, mutated or split, and what they told looked for in the product's tables."""
