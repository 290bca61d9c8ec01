"""What an existing dashboard asks of the API, as data, and asking it."""
