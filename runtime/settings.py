"""The runtime's settings, with their units in their names. `app/settings.py` makes them; this file looks nowhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RuntimeSettings:
    turns_at_once: int = 16  # dialogues that may be awaiting something; Rasa's own computing is one at a time
    turn_timeout_s: float = 60.0  # a turn longer than this is cancelled, and tried again
    stuck_s: float = 90.0  # a turn that cannot be cancelled: the worker ends, its parent starts another
    tries: int = 3  # turns that fail, or that a process ends in; then the mail is parked, recorded, and shown
    alone_s: float = 10.0  # a mail that a process ended on is tried alone, the others wait this long for it
    retry_after_s: float = 2.0  # before the second try; four times as long before the third
    typing_after_s: float = 0.8  # a turn that takes longer shows a typing sign
    read_receipts: bool = True
    answer_ttl_s: float = 900.0  # an answer older than this is not sent any more
    action_events: int = 200  # how much of the history a custom action sees
    live_trackers: int = 500  # trackers kept in memory, if they are small
    live_trackers_mb: float = 64.0  # what they may take, by an estimate
    self_check_every: int = 0  # one turn in so many is compared with Rasa's own tracker, whose cost grows; 0: none
    actions_fail_as_stock: bool = False  # True: an action that raises loses its events and the turn goes on, as in Rasa
    sends_at_once: int = 64
    claim_s: float = 5.0  # a claimed request is started within this time, or not at all
    request_timeout_s: float = 30.0
    send_tries: int = 5
    send_retry_s: float = 1.0  # doubled at each further try
    pass_unknown_after_s: float = 15.0  # later messages of a conversation wait this long for one of unknown fate
    take_settle_s: float = 3.0  # a take or a switch-off waits this long for requests already claimed
    witness_s: float = 60.0  # a request of unknown fate that no report has named by then is sent once more
    lease_s: float = 15.0  # a conversation of a worker that is gone goes to another after this
    api_per_s: float = 30.0  # requests of one operator's in the long run
    api_burst: float = 120.0  # of these at once
    session_hours: int = 12  # after signing in, one is signed in for so long
    vanish_s: float = 900.0  # an operator who is said to be there and was not seen for so long is not
    media_max_mb: int = 100  # a file larger than this is not fetched, and not taken from an operator
