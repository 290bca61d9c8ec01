"""Agents that think with an LLM: what it is asked, what its words are worth, and what happens when there are none."""
