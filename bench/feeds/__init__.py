"""What `bench feed` is made of."""
