"""Customers by the thousand: webhooks at a steady rate from a process of its own, and the count of what came back."""
