"""A model's graph in our order gives what Rasa's own runner gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.exceptions import GraphRunError
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from runtime.graph_order import OrderedGraph

pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")

Both = tuple[Any, OrderedGraph, ModelMetadata]


@pytest.fixture
def both(tiny_model: Path) -> Both:
    _, metadata, theirs = MessageProcessor._load_model(tiny_model)
    return theirs, OrderedGraph(theirs), metadata


@pytest.mark.parametrize("text", ["oi", "pizza", "nada disso"])
def test_a_text_is_understood_the_same(both: Both, text: str) -> None:
    theirs, ours, metadata = both

    def parsed(runner: Any) -> dict[str, Any]:
        inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text)]}
        (message,) = runner.run(inputs=inputs, targets=[metadata.nlu_target])[metadata.nlu_target]
        return {name: message.get(name) for name in ("text", "intent", "entities", "text_tokens")}

    first = parsed(ours)
    assert first == parsed(theirs) == parsed(ours), "the second time in the order that is known by then"
    assert first["intent"] and first["text"] == text


@pytest.mark.parametrize("intent", ["greet", "order", "bye"])
def test_the_same_action_is_predicted(both: Both, intent: str) -> None:
    theirs, ours, metadata = both
    tracker = DialogueStateTracker.from_events(
        "ana", [ActionExecuted("action_listen"), UserUttered(intent=dict(name=intent, confidence=1.0))]
    )
    inputs = {PLACEHOLDER_TRACKER: tracker}

    predicted = [
        runner.run(inputs=inputs, targets=[metadata.core_target])[metadata.core_target] for runner in (theirs, ours)
    ]

    assert predicted[0].probabilities == predicted[1].probabilities
    assert predicted[0].policy_name == predicted[1].policy_name


def test_an_input_that_is_missing_or_named_as_a_node_is_an_error_of_rasas(both: Both) -> None:
    _, ours, metadata = both
    node = next(iter(ours._instantiated_nodes))

    with pytest.raises(GraphRunError):
        ours.run(inputs={}, targets=[metadata.nlu_target])
    with pytest.raises(GraphRunError):
        ours.run(inputs={node: 1}, targets=[metadata.nlu_target])
