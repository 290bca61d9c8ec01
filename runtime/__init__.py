"""What happens to a message: accepted, taken by its conversation's actor, answered, sent, settled."""
