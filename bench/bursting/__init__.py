"""What `./baton bench bursts` is made of."""
