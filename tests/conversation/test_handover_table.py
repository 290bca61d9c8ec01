"""Who answers after each command: every situation with every command is a cell or a named refusal, all printed."""

from __future__ import annotations

from itertools import product

import pytest

from conversation import handover
from conversation.conversation import HandoverState, Status
from conversation.errors import NotOwner, Refused
from conversation.handover import PHONE, SITUATIONS, Command, Facts, Order, Outcome, RequestState, Standing, Toucher

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN
OPEN, SNOOZED, RESOLVED, CLOSED = Status.OPEN, Status.SNOOZED, Status.RESOLVED, Status.CLOSED
ALL = [(*situation, command) for situation, command in product(SITUATIONS, Command)]
#: Of an account whose assistant may speak, given by the owner. `>`: what it becomes; `#`: the number moves; `+`, `-`:
#: a request is opened, or ended so. Who has it afterwards stands last.
TABLE = """
bot/open        request     > pending/open +pending
bot/open        cancel      cancel_in_bot
bot/open        approve     approve_in_bot
bot/open        reject      reject_in_bot
bot/open        take        > human/open # -answered ana
bot/open        reply       > human/open # -answered ana
bot/open        transfer    > human/open # -answered ben
bot/open        release     release_in_bot
bot/open        return      return_in_bot
bot/open        expire      expire_in_bot
bot/open        echo        > human/open # -answered phone
bot/open        vanish      vanish_in_bot
bot/open        switch_off  > bot/open
bot/open        inbound     > bot/open
bot/open        close       > bot/closed # -cancelled
bot/open        resolve     > bot/resolved # -cancelled
bot/open        reopen      reopen_in_bot
bot/open        snooze      snooze_in_bot
bot/open        wake        wake_in_bot
pending/open    request     > pending/open +pending
pending/open    cancel      > bot/open -cancelled
pending/open    approve     > human/open # -approved ben
pending/open    reject      > bot/open -rejected
pending/open    take        > human/open # -answered ana
pending/open    reply       > human/open # -answered ana
pending/open    transfer    > human/open # -answered ben
pending/open    release     > bot/open # -cancelled
pending/open    return      return_in_pending
pending/open    expire      > bot/open -expired
pending/open    echo        > human/open # -answered phone
pending/open    vanish      vanish_in_pending
pending/open    switch_off  > pending/open
pending/open    inbound     > pending/open
pending/open    close       > bot/closed # -cancelled
pending/open    resolve     > bot/resolved # -cancelled
pending/open    reopen      reopen_in_pending
pending/open    snooze      snooze_in_pending
pending/open    wake        wake_in_pending
human/open      request     request_in_human
human/open      cancel      cancel_in_human
human/open      approve     approve_in_human
human/open      reject      reject_in_human
human/open      take        > human/open ana
human/open      reply       > human/open ana
human/open      transfer    > human/open # ben
human/open      release     > bot/open #
human/open      return      > bot/open #
human/open      expire      expire_in_human
human/open      echo        > human/open ana
human/open      vanish      > pending/open # +pending
human/open      switch_off  > human/open ana
human/open      inbound     > human/open ana
human/open      close       > bot/closed # -cancelled
human/open      resolve     > bot/resolved # -cancelled
human/open      reopen      reopen_in_human
human/open      snooze      > human/snoozed ana
human/open      wake        wake_in_human
human/snoozed   request     request_in_snoozed
human/snoozed   cancel      cancel_in_snoozed
human/snoozed   approve     approve_in_snoozed
human/snoozed   reject      reject_in_snoozed
human/snoozed   take        > human/open ana
human/snoozed   reply       > human/open ana
human/snoozed   transfer    > human/open # ben
human/snoozed   release     > bot/open #
human/snoozed   return      return_in_snoozed
human/snoozed   expire      expire_in_snoozed
human/snoozed   echo        > human/snoozed ana
human/snoozed   vanish      > pending/open # +pending
human/snoozed   switch_off  > human/snoozed ana
human/snoozed   inbound     > human/open ana
human/snoozed   close       > bot/closed # -cancelled
human/snoozed   resolve     > bot/resolved # -cancelled
human/snoozed   reopen      > human/open ana
human/snoozed   snooze      > human/snoozed ana
human/snoozed   wake        > human/open ana
bot/resolved    request     > pending/open +pending
bot/resolved    cancel      cancel_in_resolved
bot/resolved    approve     approve_in_resolved
bot/resolved    reject      reject_in_resolved
bot/resolved    take        > human/open # -answered ana
bot/resolved    reply       > human/open # -answered ana
bot/resolved    transfer    > human/open # -answered ben
bot/resolved    release     release_in_resolved
bot/resolved    return      return_in_resolved
bot/resolved    expire      expire_in_resolved
bot/resolved    echo        > bot/resolved
bot/resolved    vanish      vanish_in_resolved
bot/resolved    switch_off  > bot/resolved
bot/resolved    inbound     > bot/open
bot/resolved    close       > bot/closed # -cancelled
bot/resolved    resolve     resolve_in_resolved
bot/resolved    reopen      > bot/open
bot/resolved    snooze      snooze_in_resolved
bot/resolved    wake        wake_in_resolved
bot/closed      request     > pending/open +pending
bot/closed      cancel      cancel_in_closed
bot/closed      approve     approve_in_closed
bot/closed      reject      reject_in_closed
bot/closed      take        > human/open # -answered ana
bot/closed      reply       > human/open # -answered ana
bot/closed      transfer    > human/open # -answered ben
bot/closed      release     release_in_closed
bot/closed      return      return_in_closed
bot/closed      expire      expire_in_closed
bot/closed      echo        > bot/closed
bot/closed      vanish      vanish_in_closed
bot/closed      switch_off  > bot/closed
bot/closed      inbound     > bot/open
bot/closed      close       close_in_closed
bot/closed      resolve     resolve_in_closed
bot/closed      reopen      > bot/open
bot/closed      snooze      snooze_in_closed
bot/closed      wake        wake_in_closed
"""


def ordered(
    state: HandoverState, status: Status, command: Command, facts: Facts | None = None, **given: str | bool
) -> Outcome:
    """Ana has what a person has, and orders; what names somebody names Ben."""
    standing = Standing(state=state, status=status, owner="ana" if state is HUMAN else None)
    target = "ben" if command in (Command.TRANSFER, Command.APPROVE) and "team" not in given else None
    order: dict[str, object] = {"command": command, "by": "ana", "target": target, **given}
    if command is Command.ECHO:
        order["by"] = PHONE
    return handover.after(standing, Order(**order), facts)  # type: ignore[arg-type]


def printed(state: HandoverState, status: Status, command: Command) -> str:
    try:
        outcome = ordered(state, status, command)
    except Refused as refused:
        return refused.code
    cell = outcome.cell
    opened = f"+{(cell.ends or RequestState.PENDING).value}" if cell.opens else ""
    ended = f"-{cell.ends.value}" if cell.ends and not cell.opens else ""
    number = "#" if outcome.moves else ""
    return " ".join(
        filter(None, (">", f"{cell.state.value}/{cell.status.value}", number, opened, ended, outcome.owner))
    )


def test_the_whole_table_reads_as_it_is_printed_here() -> None:
    lines = [f"{f'{state.value}/{status.value}':15} {command.value:11} " for state, status, command in ALL]
    whole = [line + printed(*cell) for line, cell in zip(lines, ALL, strict=True)]

    assert whole == TABLE.strip().splitlines()


@pytest.mark.parametrize(("state", "status", "command"), ALL)
def test_a_missing_cell_is_refused_with_a_code_of_its_own_and_a_sentence(
    state: HandoverState, status: Status, command: Command
) -> None:
    if (state, status, command) in handover.TABLE:
        return
    with pytest.raises(Refused) as refused:
        ordered(state, status, command)
    assert refused.value.code.startswith(f"{command.value}_in_")
    assert str(refused.value).endswith(".")


def test_no_command_leads_out_of_the_situations_there_are() -> None:
    cells = [cell for whole in handover.TABLE.values() for cell in _alternatives(whole)]

    assert set(handover.TABLE) <= set(ALL)
    assert {(cell.state, cell.status) for cell in cells} <= set(SITUATIONS)


def test_whatever_is_open_has_somebody_or_something_that_touches_it_next() -> None:
    for state, status in SITUATIONS:
        assert (handover.toucher(state, status) is Toucher.NOBODY) == (status in (RESOLVED, CLOSED))


@pytest.mark.parametrize(("state", "status", "command"), [cell for cell in ALL if cell in handover.TABLE])
def test_the_number_moves_whenever_the_right_to_answer_passes_to_or_from_a_person(
    state: HandoverState, status: Status, command: Command
) -> None:
    outcome = ordered(state, status, command)
    before = "ana" if state is HUMAN else None

    if before != outcome.owner or (state is HUMAN) != (outcome.cell.state is HUMAN):
        assert outcome.moves


@pytest.mark.parametrize(("state", "status", "command"), [cell for cell in ALL if cell in handover.TABLE])
def test_nothing_is_handed_to_an_assistant_that_may_not_speak(
    state: HandoverState, status: Status, command: Command
) -> None:
    cell = ordered(state, status, command, Facts(may_speak=False)).cell

    handed = (cell.state, cell.status) == (BOT, OPEN) and (state, status) != (BOT, OPEN)
    assert not handed
    assert cell.nobody_answers <= (cell.state is PENDING)


def test_what_no_assistant_may_answer_waits_for_a_person_and_the_wish_of_before_has_ended() -> None:
    rejected = ordered(PENDING, OPEN, Command.REJECT, Facts(may_speak=False)).cell
    wrote = ordered(BOT, OPEN, Command.INBOUND, Facts(may_speak=False)).cell

    assert (rejected.state, rejected.nobody_answers, rejected.ends) == (PENDING, True, RequestState.REJECTED)
    assert (wrote.state, wrote.nobody_answers, wrote.opens) == (PENDING, True, True)


def test_an_account_that_hands_nothing_over_records_the_wish_and_leaves_it_with_the_assistant() -> None:
    cell = ordered(BOT, OPEN, Command.REQUEST, Facts(has_people=False)).cell

    assert (cell.state, cell.opens, cell.ends) == (BOT, True, RequestState.REJECTED)


def test_a_transfer_to_a_team_puts_it_in_a_queue() -> None:
    outcome = ordered(HUMAN, OPEN, Command.TRANSFER, team="team_1")

    assert (outcome.cell.state, outcome.owner, outcome.cell.opens, outcome.moves) == (PENDING, None, True, True)


@pytest.mark.parametrize("status", [RESOLVED, CLOSED])
def test_who_writes_again_soon_finds_the_person_they_had_if_that_person_is_there(status: Status) -> None:
    found = ordered(BOT, status, Command.INBOUND, Facts(last="ben", may_speak=False))

    assert (found.cell.state, found.owner, found.moves) == (HUMAN, "ben", True)


@pytest.mark.parametrize(
    "command",
    [Command.TAKE, Command.REPLY, Command.TRANSFER, Command.RELEASE, Command.CLOSE, Command.RESOLVE, Command.SNOOZE],
)
def test_somebody_elses_conversation_is_theirs_and_the_loser_hears_whose(command: Command) -> None:
    with pytest.raises(NotOwner, match="ana has this conversation") as refused:
        ordered(HUMAN, OPEN, command, by="ben")
    assert (refused.value.owner, refused.value.code) == ("ana", "not_owner")


def test_what_is_answered_on_the_phone_is_anybodys() -> None:
    phone = Standing(state=HUMAN, owner=PHONE)

    assert handover.after(phone, Order(command=Command.TAKE, by="ben")).owner == "ben"


@pytest.mark.parametrize("command", [Command.TAKE, Command.TRANSFER, Command.RELEASE, Command.CLOSE])
def test_a_supervisor_may_order_over_what_another_has(command: Command) -> None:
    assert ordered(HUMAN, OPEN, command, by="boss", force=True).owner != "ana"


def test_even_a_supervisor_may_not_speak_over_another() -> None:
    with pytest.raises(NotOwner):
        ordered(HUMAN, OPEN, Command.REPLY, by="boss", force=True)


def _alternatives(cell: handover.Cell) -> list[handover.Cell]:
    others = [each for each in (cell.muted, cell.without_people, cell.to_team, cell.to_last) if each is not None]
    return [cell, *(found for each in others for found in _alternatives(each))]
