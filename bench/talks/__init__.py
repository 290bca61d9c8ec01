"""Random talks with the bench's own assistant (`bench/assistant`), had with stock Rasa and with ours, and compared."""
