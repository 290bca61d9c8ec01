"""Every error a caller may catch, one tree.

BatonError
├── NotFound            there is no such account, agent, conversation, operator
├── WrongSignIn         nobody signs in with this; it says nothing of what is wrong
├── Forbidden           the role of who asks is not enough
├── Refused             a command that the rules do not allow now; says who or what stands in the way
│   ├── NotOwner        somebody else has the conversation
│   ├── Moved           it has changed hands since this was decided on
│   ├── WindowClosed    the contact wrote too long ago for us to write freely; says on which channel
│   ├── NotOnChannel    the channel can't be sent this; says what it can
│   └── OptedOut        the contact wants nothing that they did not ask for, or no more of it for now
├── BadInput            what was asked for can't be read; says what would be right
├── TooMany             more than is allowed was asked for in a time; says when to come again
│   └── Locked          too many wrong passwords for this name
│   ├── SpendLimit      so much may be sent from the account on one day, and it has been
│   └── MessagingLimit  so many people may be written to first in 24 hours, and have been
├── Unavailable         the database can't be reached now
└── SendError           Meta did not take a request; says whether to try again and whose fault it is
"""

from __future__ import annotations

from conversation.course import Course
from conversation.said import say


class BatonError(Exception):
    """The base of all errors of ours."""

    code = "error"


class NotFound(BatonError):
    """There is no such thing."""

    code = "not_found"


class WrongSignIn(BatonError):
    """Nobody signs in with this name and this password. Whether there is such a name is not told."""

    code = "wrong_sign_in"


class Forbidden(BatonError):
    """The role of who asks is not enough for this."""

    code = "forbidden"


class BadInput(BatonError):
    """What was given can't be used; the message says what would be right."""

    code = "bad_input"


class Unavailable(BatonError):
    """The database can't be reached now; the same may succeed later."""

    code = "unavailable"


class TooMany(BatonError):
    """More was asked for in a time than is allowed; nothing was done."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SpendLimit(TooMany):
    """So much may be sent from the account on one day, and it has been; nothing was done."""

    code = "spend_limit"


class MessagingLimit(TooMany):
    """So many people may be written to first in 24 hours, and have been; nothing was done."""

    code = "messaging_limit"


class Locked(TooMany):
    """Too many wrong passwords for this name; until then the right one is refused too."""

    code = "locked"


class Refused(BatonError):
    """The rules do not allow this now."""

    def __init__(self, message: str, *, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code


class NotOwner(Refused):
    """Somebody else has the conversation."""

    def __init__(self, owner: str) -> None:
        super().__init__(say("{owner} has this conversation.", owner=owner), code="not_owner")
        self.owner = owner


class Moved(Refused):
    """The conversation has changed hands since this was decided on; the message says who has it."""

    def __init__(self, message: str, owner: str | None) -> None:
        super().__init__(message, code="moved")
        self.owner = owner


class WindowClosed(Refused):
    """The contact wrote too long ago for us to write freely; the channel's rule says what may be sent."""

    def __init__(self, message: str, *, code: str, channel: str) -> None:
        super().__init__(message, code=code)
        self.channel = channel


class NotOnChannel(Refused):
    """The channel can't be sent this; `may_send` is what it can."""

    def __init__(self, message: str, may_send: tuple[str, ...]) -> None:
        super().__init__(message, code="not_on_this_channel")
        self.may_send = may_send


class OptedOut(Refused):
    """The contact wants nothing that they did not ask for, or the platform lets them get no more of it for now."""

    def __init__(self, message: str, *, code: str = "opted_out") -> None:
        super().__init__(message, code=code)


class NotYet(BatonError):
    """It is known what is asked for, and not there yet."""

    code = "not_yet"


class SendError(BatonError):
    """Meta did not take a request.

    `retryable`: the same request may succeed later, and was certainly not carried out.
    `unknown`: nobody can say whether it was carried out.
    `account_fault`: no request of this account will succeed until somebody mends its settings.
    `course`: what is to be done, where it is known; else it follows from these.
    """

    code = "send_error"

    def __init__(
        self,
        message: str,
        *,
        error_code: int | None = None,
        subcode: int | None = None,
        retryable: bool = False,
        unknown: bool = False,
        account_fault: bool = False,
        retry_after_s: float | None = None,
        course: Course | None = None,
    ) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.subcode = subcode
        self.retryable = retryable
        self.unknown = unknown
        self.account_fault = account_fault
        self.retry_after_s = retry_after_s
        usual = Course.TRY_AGAIN if retryable else Course.GIVE_UP
        self.course = course or (Course.STOP_ACCOUNT if account_fault else usual)
