"""What `bench llm` is made of: agents whose language models misbehave, what was asked of them, and the judge."""
