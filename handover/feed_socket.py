"""One operator's socket: tells what they may see as it comes, takes in what their desk says, and ends when they may
follow no longer, take nothing, or the gateway stops."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from sanic.exceptions import ServerError, WebsocketClosed
from websockets.connection import OPEN
from websockets.exceptions import ConnectionClosed

from conversation.conversation import Conversation
from conversation.errors import BadInput, BatonError, NotFound, TooMany
from conversation.ids import new_id
from conversation.people import Operator, Presence
from conversation.said import in_language, say
from handover import feed_messages as told
from handover import unsound
from runtime.hub import Hub
from runtime.limits import Rate
from runtime.presence import Look
from store import conversations, deeds
from store.deeds import Deed
from store.operator_tokens import Token

log = structlog.get_logger()

#: They only say that the other end has gone.
_GONE = (ServerError, WebsocketClosed, ConnectionClosed)
#: Why a socket was closed. 1001: the gateway stops.
FAILED, TRY_AGAIN = 1011, 1013
UNAUTHORIZED, TOO_SLOW, TOO_MANY = 4401, 4408, 4429
#: Who takes nothing for so long is hung up on; what the line still holds is dropped so much later.
_SLOW_S = 30.0
_LET_GO_S = 5.0
#: For so long the other end may take to close too, and so much may it still say.
_FAREWELL_S = 1.0
_FAREWELL_WORDS = 20
HEARTBEAT_S = 20.0
_MOST_WHISPERS = 300
#: Events that are due at the same time go over the line together, up to about so much.
_AT_ONCE_BYTES = 32 * 1024
#: What one operator's desks may say.
_RATE = Rate(burst=60, per_s=10)


class Socket:
    """A member of the hub. `cursor`: the event up to which they were told. `anew`: they are to read all anew first."""

    unauthorized, too_slow = UNAUTHORIZED, TOO_SLOW  # codes that it is closed with
    budget, rate = "feed", _RATE

    def __init__(
        self,
        house: Any,
        line: Any,
        who: tuple[Operator, Token],
        language: str,
        cursor: int,
        *,
        anew: bool,
        closing: asyncio.Event | None,
    ) -> None:
        operator, token = who
        self.key, self.token_id, self.operator = new_id("sock"), token.id, operator
        self.bell = asyncio.Event()
        self._house, self._line, self._language, self._cursor = house, line, language, cursor
        self._hub: Hub = house.hub
        self._closing, self._anew = closing, anew
        self._is_introduced = self._is_over = False
        self._whispers: OrderedDict[tuple[str, ...], Mapping[str, Any]] = OrderedDict()
        self._viewing: tuple[str, str] | None = None  # a conversation and its account
        self._sending_since: float | None = None

    async def run(self) -> None:
        """Until one of both ends: what is told, or what is heard."""
        self._hub.join(self)
        works = [
            asyncio.create_task(self._tell(), name="feed tells"),
            asyncio.create_task(self._hear(), name="feed hears"),
        ]
        try:
            await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(works[1:], timeout=_FAREWELL_S)  # closed by us, and by them once they have read it
        finally:
            self._is_over = True
            works[0].cancel()
            if not hang_up(self._line):
                works[1].cancel()  # it does not listen just now
            for result in await asyncio.gather(*works, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, _GONE):
                    log.error("feed_failed", operator=self.operator.name, error=type(result).__name__, exc_info=result)
            await self._hub.leave(self)
            with contextlib.suppress(*_GONE):
                await self._close(1001 if self._is_closing() else FAILED)  # where it is not closed already

    # what the hub asks of a member

    def whisper(self, kind: str, facts: Mapping[str, Any]) -> None:
        """The latest of each is kept until it is said; of too many the oldest are not said at all."""
        key = (kind, str(facts.get("conversation")), facts["operator"])
        self._whispers[key] = facts
        self._whispers.move_to_end(key)
        while len(self._whispers) > _MOST_WHISPERS:
            self._whispers.popitem(last=False)
        self.bell.set()

    def watch(self) -> None:
        if self._hub.operator_of(self) is None or self._is_closing():
            self.bell.set()
        since = self._sending_since
        if since is not None and time.monotonic() - since > _SLOW_S:
            self._sending_since = None
            log.info("feed_too_slow", operator=self.operator.name)
            drop(self._line, self.too_slow)

    def look(self) -> Look:
        conversation, account = self._viewing or (None, None)
        return Look(operator=self.operator.name, conversation=conversation, account=account)

    # telling

    async def _tell(self) -> None:
        await self._greet()
        while True:
            self.bell.clear()
            self._introduce()
            if self._is_closing():
                return await self._close(1001)
            if self._hub.knows(self):  # their rights as they came may have been taken from them since
                await self._catch_up()
            if self._hub.operator_of(self) is None:
                return await self._close(self.unauthorized)
            await self.bell.wait()

    async def _catch_up(self) -> None:
        while await self._events():
            pass
        while self._whispers:
            (kind, *_), facts = self._whispers.popitem(last=False)
            await self._pass_on(kind, facts)

    async def _greet(self) -> None:
        await self._say(told.Ready(last=self._cursor, operator=self.operator.name, heartbeat_s=HEARTBEAT_S))
        if self._anew:
            await self._start_over(self._cursor)

    async def _start_over(self, last: int) -> None:
        """What came in between is kept no longer."""
        await self._say(told.Reset(last=last))

    def _introduce(self) -> None:
        """Who is there, once that is known; who is not named is offline."""
        standing = self._hub.standing
        if self._is_introduced or self.token_id not in standing.asked:
            return
        self._is_introduced = True
        for operator in standing.operators.values():
            if operator.presence is not Presence.OFFLINE:
                self.whisper("presence", {"operator": operator.name})

    async def _events(self) -> bool:
        """Tells what comes next; whether there may be more."""
        batch = await self._hub.after(self._cursor)
        if batch.anew:
            await self._start_over(batch.last)
        waiting: list[bytes] = []
        for event in batch.events:
            operator = self._hub.operator_of(self)  # asked for each: a line may be slow, and they lose sight meanwhile
            if operator is None or self._is_closing():
                return False  # what waits is not told either: it is read anew after the same number
            if event.is_for(operator, self._hub.standing):
                waiting += await self._frames_of(event)
            if sum(map(len, waiting)) > _AT_ONCE_BYTES:
                await self._send_frames(waiting)
                waiting = []
        await self._send_frames(waiting)
        self._cursor = batch.last
        return bool(batch.events)

    async def _frames_of(self, event: Any) -> list[bytes]:
        return [event.frame(self._language)]

    async def _send_frames(self, frames: list[bytes]) -> None:
        """Past the server's own making of frames, which would be made again for each socket; it is most of the work."""
        if not frames:
            return
        self._sending_since = time.monotonic()
        await self._line.io_proto._can_write.wait()
        if self._line.connection.state is not OPEN:
            raise WebsocketClosed("It is closed.")
        await self._line.io_proto.send(b"".join(frames))
        self._sending_since = None

    async def _pass_on(self, kind: str, facts: Mapping[str, Any]) -> None:
        """What may be seen now, whatever was so when it was said."""
        operator, standing = self._hub.operator_of(self), self._hub.standing
        if operator is None:
            return
        if kind == "typing":
            if operator.may_see(facts["account"]):
                await self._say(told.TypingShown(conversation=facts["conversation"], operator=facts["operator"]))
            return
        about = standing.operators.get(facts["operator"])
        if about is None or not standing.share_an_account(operator, about.name):
            return
        look = self._hub.presence.of(about.name)
        seen = look is not None and look.account is not None and operator.may_see(look.account)
        viewing = look.conversation if look is not None and seen else None
        presence: Any = about.presence.value
        await self._say(told.PresenceShown(operator=about.name, presence=presence, viewing=viewing))

    async def _say(self, message: told.Told) -> None:
        await self._send(told.written(message))

    async def _send(self, frame: str) -> None:
        """Waits where the other end does not take it; `watch` sees to it that this ends."""
        self._sending_since = time.monotonic()
        await self._line.send(frame)
        self._sending_since = None

    async def _close(self, code: int) -> None:
        await self._line.close(code)

    def _is_closing(self) -> bool:
        return self._closing is not None and self._closing.is_set()

    # hearing

    async def _hear(self) -> None:
        while not self._is_over:
            raw = await self._line.recv()
            operator = self._hub.operator_of(self)
            if operator is None:
                self.bell.set()
                continue  # nothing they say counts any more
            try:
                await self._house.limits.take(f"{self.budget}:{operator.name}", rate=self.rate)
                await self._take_in(operator, raw)
            except BatonError as error:
                await self._complain(error)
                if isinstance(error, TooMany):
                    await asyncio.sleep(min(error.retry_after_s, 1.0))  # what they say waits in their own line

    async def _complain(self, error: BatonError) -> None:
        message = in_language(error.args[0] if error.args else "", self._language)
        await self._say(told.Failure(code=error.code, message=message))

    async def _take_in(self, operator: Operator, raw: str | bytes) -> None:
        await self._heard(operator, read(raw))

    async def _heard(self, operator: Operator, message: told.Sent) -> None:
        if isinstance(message, told.Ping):
            await self._say(told.Pong())
        elif isinstance(message, told.Typing):
            about = await self._known(operator, message.conversation)
            facts = {"conversation": about.id, "account": about.account_id, "operator": operator.name}
            await self._house.bus.say("typing", facts)
        elif isinstance(message, told.Viewing):
            self._viewing = None
            if message.conversation is not None:
                about = await self._known(operator, message.conversation)
                self._viewing = (about.id, about.account_id)
            await self._hub.presence.say(self.key, self.look())
        elif isinstance(message, told.SetPresence):
            deed = Deed(
                by=operator.name, action="change_me", at=self._house.clock.now(), facts={"presence": message.presence}
            )
            with deeds.doing(deed):
                await self._house.ownership.set_presence(operator.name, Presence(message.presence))
        else:
            raise BadInput(say("You are signed in already."))

    async def _known(self, operator: Operator, conversation_id: str) -> Conversation:
        """One of an account that is not theirs is not there; one that became another is that one."""
        found = await self._house.db.read(conversations.get, conversation_id)
        if not operator.may_see(found.account_id):
            raise NotFound(say("There is no conversation {conversation}.", conversation=conversation_id))
        return found


def read(raw: str | bytes) -> told.Sent:
    try:
        message = told.read(raw)
    except msgspec.ValidationError as error:
        raise BadInput(say("The message does not fit: {why}.", why=str(error))) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise BadInput(say("The message is not JSON.")) from error
    unsound.refuse(message)
    return message


def hang_up(line: Any) -> bool:
    """Whoever waits for what is said next is told that nothing will be; whether anybody did. Cancelling them instead
    would leave a task of the server's behind."""
    if line.recv_cancel is None:
        return False
    line.recv_cancel.cancel()
    return True


async def farewell(line: Any, code: int) -> None:
    """Closes, and gives the other end a moment to do so too, so that it reads the code and not that it was cut off."""
    with contextlib.suppress(asyncio.CancelledError, *_GONE):
        await line.close(code)
        for _ in range(_FAREWELL_WORDS):
            if await line.recv(timeout=_FAREWELL_S) is None:
                return


def drop(line: Any, code: int) -> None:
    """Closes without waiting for the other end to take what was sent."""
    line.fail_connection(code)
    transport = line.io_proto.transport if line.io_proto is not None else None
    if transport is not None:
        asyncio.get_running_loop().call_later(_LET_GO_S, transport.abort)
