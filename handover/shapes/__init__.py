"""What the API answers with, as types: mypy holds that what is made fits, and its description is made of them.

One file a resource; `page.py` has the lists that they come in, `errors.py` the one shape of what is refused.
"""
