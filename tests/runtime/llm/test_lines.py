"""What a language model is told of a talk."""

from __future__ import annotations

from collections.abc import Iterable

from rasa.shared.core.events import ActionExecuted, BotUttered, Event, Restarted, SessionStarted, SlotSet, UserUttered

from runtime.announcing import WHAT_NEXT
from runtime.llm.lines import MOST_LINES, MOST_SIGNS, lines_of
from runtime.llm.provider import Line


def user(text: str, at: float = 100.0, intent: str = "greet", **given: object) -> Event:
    event: Event = UserUttered(text, {"name": intent}, timestamp=at, **given)  # type: ignore[arg-type]
    return event


def bot(text: str | None, at: float = 100.0, **metadata: object) -> Event:
    event: Event = BotUttered(text, timestamp=at, metadata=metadata)
    return event


def told(events: Iterable[Event], memory_s: float = 3600) -> list[tuple[str, str]]:
    return [(line.role, line.text) for line in lines_of(events, memory_s=memory_s, hide=lambda line: line)]


def test_they_alternate_begin_with_the_customer_and_end_with_the_message() -> None:
    events = [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        bot("Bem-vinda!"),
        user("oi"),
        user("tem moqueca?"),
        SlotSet("language", "pt"),
        bot("Tem."),
        bot(None, handover="take"),
        bot("Aqui é a Ana.", author="operator"),
        user("quanto custa?"),
        bot("said in this turn already"),
    ]
    assert told(events) == [
        ("user", "oi\ntem moqueca?"),
        ("assistant", "Tem.\nAqui é a Ana."),
        ("user", "quanto custa?"),
    ]


def test_another_session_and_what_is_older_than_the_memory_is_not_told() -> None:
    before = [user("meu segredo"), bot("ok")]
    assert told([*before, SessionStarted(), user("oi")]) == [("user", "oi")]
    assert told([*before, Restarted(), user("oi")]) == [("user", "oi")]
    talk = [user("ontem", at=1), bot("certo", at=50), user("hoje", at=99), bot("sim", at=99), user("oi", at=100)]
    assert told(talk, memory_s=60) == [("user", "hoje"), ("assistant", "sim"), ("user", "oi")]
    assert told(talk, memory_s=0) == [("user", "oi")]


def test_a_token_of_ours_a_reminder_and_a_buttons_code_are_not_told() -> None:
    reminded = UserUttered.create_external("ping", None, None)
    chosen = user('/ask_human{"handover_reason": "x"}', intent="ask_human")
    talk = [
        user("oi"),
        bot(f"Vou chamar. {WHAT_NEXT}"),
        reminded,
        chosen,
        bot("sim"),
        user("/ask_menu", intent="greet"),
    ]
    assert told(talk) == [
        ("user", "oi"),
        ("assistant", "Vou chamar."),
        ("user", "ask human"),
        ("assistant", "sim"),
        ("user", "/ask_menu"),
    ]


def test_it_is_told_so_much_and_no_more_however_long_the_talk() -> None:
    many = [each for n in range(100) for each in (user(f"u{n}"), bot(f"b{n}"))]
    lines = told([*many, user("oi")])
    assert len(lines) == MOST_LINES - 1  # the first of these is the assistant's, and left out
    assert lines[-1] == ("user", "oi")
    long = [each for n in range(9) for each in (user("u" * 3_000), bot("b" * 3_000))]
    assert sum(len(text) for _, text in told([*long, user("oi")])) <= MOST_SIGNS
    assert told([*long, user("x" * 9_000)])[-1][1] == "x" * 4_000


def test_nothing_to_answer_is_nothing_to_ask() -> None:
    assert told([]) == []
    assert told([bot("Olá!")]) == []
    assert told([user("", at=1)]) == []


def test_each_line_is_hidden_on_its_own() -> None:
    def hide(line: Line) -> Line:
        return Line(line.role, line.text.replace("Ana", "NAME"))

    events = [user("sou Ana"), bot("Oi Ana"), user("oi")]
    hidden = lines_of(events, memory_s=9, hide=hide)
    assert [line.text for line in hidden] == ["sou NAME", "Oi NAME", "oi"]


def test_what_is_not_told_is_not_looked_through_for_what_is_to_be_hidden() -> None:
    looked_through: list[Line] = []

    def hide(line: Line) -> Line:
        looked_through.append(line)
        return line

    lines_of([user(f"{number}") for number in range(500)], memory_s=3600, hide=hide)
    assert len(looked_through) == MOST_LINES
