"""What a conversation is: values and rules. No input or output here, and no import of our other packages."""
