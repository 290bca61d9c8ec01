"""Who is in `0001.sql`, and the key its tokens are sealed with. All invented."""

KEY = "bm90LWEtcmVhbC1rZXktb25seS1mb3ItdGhlLXRlc3Q="
#: Named by what is peculiar about their conversations.
_PEOPLE = (
    *("answered", "asking", "with_maria", "given_back", "waiting", "queued", "claimed", "unknown", "refused"),
    *("expired", "parked", "failed_once", "reminded"),
)
PHONE = {name: str(5511900000100 + number) for number, name in enumerate(_PEOPLE)}
