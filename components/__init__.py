"""Rasa graph components of our own, named by their path in config.yml."""
