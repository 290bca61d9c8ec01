"""Meta on your desk: a stand-in for Graph API and its webhooks, on loopback only.

It imports nothing of the product, so any other project can use it too.
"""
