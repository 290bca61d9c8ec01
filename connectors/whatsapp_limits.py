"""Meta's limits of what WhatsApp is sent, in one place; and what happens to what is over them.

[WA docs: messages; interactive reply buttons, lists, URL buttons, media carousels, multi product messages; templates]
"""

from __future__ import annotations

TEXT = 4096  # over it: split at a sentence, each piece a message
CAPTION = 1024  # over it: the words go before, as a text
BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256  # over it: a list
ROWS, ROW_TITLE, ROW_DESCRIPTION, ROW_ID = 10, 24, 72, 200  # over it: numbered text
SECTIONS, SECTION_TITLE = 10, 24
BODY, LIST_BODY = 1024, 4096  # over it: the beginning goes before, as a text; the end stays
LIST_BUTTON = LABEL = 20  # over it: shortened; of a button that does something, the whole stands in the body
HEADER = FOOTER = 60  # over it: it goes into the body
URL = 2000  # over it: the words, with the address below them
CARDS = (2, 10)  # outside of it, or not all alike: each card is a message of its own
CARD_BODY, CARD_LINES = 160, 3
PRODUCTS = 30  # over it: several messages
EMOJI = 32
FILENAME = 240  # over it: shortened
PAYLOAD, CODE = 256, 15
