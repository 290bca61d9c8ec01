"""Who answers after each command: every state with every command."""

from __future__ import annotations

from itertools import product

import pytest

from conversation import handover
from conversation.conversation import HandoverState
from conversation.errors import NotOwner, Refused
from conversation.handover import Cell, Command

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN
ALL = list(product(HandoverState, Command))

EXPECTED: dict[tuple[HandoverState, Command], Cell | str] = {
    (BOT, Command.REQUEST): Cell(state=PENDING),
    (BOT, Command.CANCEL): "cancel_in_bot",
    (BOT, Command.TAKE): Cell(state=HUMAN, moves=True),
    (BOT, Command.REPLY): Cell(state=HUMAN, moves=True),
    (BOT, Command.RELEASE): "release_in_bot",
    (PENDING, Command.REQUEST): Cell(state=PENDING),
    (PENDING, Command.CANCEL): Cell(state=BOT),
    (PENDING, Command.TAKE): Cell(state=HUMAN, moves=True),
    (PENDING, Command.REPLY): Cell(state=HUMAN, moves=True),
    (PENDING, Command.RELEASE): Cell(state=BOT, moves=True),
    (HUMAN, Command.REQUEST): "request_in_human",
    (HUMAN, Command.CANCEL): "cancel_in_human",
    (HUMAN, Command.TAKE): Cell(state=HUMAN),
    (HUMAN, Command.REPLY): Cell(state=HUMAN),
    (HUMAN, Command.RELEASE): Cell(state=BOT, moves=True),
}


@pytest.mark.parametrize(("state", "command"), ALL)
def test_every_state_with_every_command_is_a_cell_or_a_named_refusal(state: HandoverState, command: Command) -> None:
    expected = EXPECTED[state, command]
    if isinstance(expected, Cell):
        assert handover.after(state, command, owner="ana", by="ana") == expected
        return
    with pytest.raises(Refused) as refused:
        handover.after(state, command, owner="ana", by="ana")
    assert refused.value.code == expected
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(("state", "command"), ALL)
def test_the_number_moves_exactly_when_the_right_to_answer_passes_to_or_from_a_person(
    state: HandoverState, command: Command
) -> None:
    cell = handover.TABLE.get((state, command))
    if cell is not None:
        # Giving back what is pending also ends what the assistant was saying about a person who comes.
        passes = (state is HUMAN) != (cell.state is HUMAN) or (state, command) == (PENDING, Command.RELEASE)
        assert cell.moves == passes


@pytest.mark.parametrize("command", [Command.TAKE, Command.REPLY, Command.RELEASE])
def test_somebody_elses_conversation_is_theirs_and_the_loser_hears_whose(command: Command) -> None:
    with pytest.raises(NotOwner, match="ana has this conversation") as refused:
        handover.after(HUMAN, command, owner="ana", by="ben")
    assert (refused.value.owner, refused.value.code) == ("ana", "not_owner")


def test_an_admin_may_give_back_what_another_has() -> None:
    assert handover.after(HUMAN, Command.RELEASE, owner="ana", by="admin", force=True).state is BOT


@pytest.mark.parametrize("command", [Command.TAKE, Command.REPLY])
def test_an_admin_may_not_speak_over_another(command: Command) -> None:
    with pytest.raises(NotOwner):
        handover.after(HUMAN, command, owner="ana", by="admin", force=True)
