"""An NLU component that emits an entity `language` when it is sure which language a message is in.

It learns from blocks of training data that carry `metadata: {language: ...}`; without any it stays silent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, METADATA_EXAMPLE, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components import language_profile

ENTITY = "language"
FILE = "profile.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(GraphComponent, EntityExtractorMixin):
    """Says which of the trained languages a message is in, or nothing."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"sure": language_profile.SURE}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        profile: language_profile.Profile,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._profile = profile

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        return cls(config, model_storage, resource, language_profile.Profile(sure=config["sure"]))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguageDetector:
        with model_storage.read_from(resource) as folder:
            weights = json.loads((folder / FILE).read_text(encoding="utf-8"))
        profile = language_profile.Profile(weights=weights, sure=config["sure"])
        return cls(config, model_storage, resource, profile)

    def train(self, training_data: TrainingData) -> Resource:
        self._profile = language_profile.learn(labelled(training_data), sure=self._config["sure"])
        with self._storage.write_to(self._resource) as folder:
            text = json.dumps(self._profile.weights, ensure_ascii=False)
            (folder / FILE).write_text(text, encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            entities = self.add_extractor_name(self._entities_of(message.get(TEXT) or ""))
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages

    def _entities_of(self, text: str) -> list[dict[str, Any]]:
        language = self._profile.language_of(text)
        span = language_profile.first_word(text)
        if language is None or span is None:
            return []
        # The span is the first word, always: a test story can then be annotated without guessing.
        return [{"entity": ENTITY, "value": language, "start": span[0], "end": span[1]}]


def labelled(training_data: TrainingData) -> Iterator[tuple[str, str]]:
    """The examples whose block, or which themselves, say their language."""
    for message in training_data.intent_examples:
        metadata = message.get(METADATA) or {}
        for level in (METADATA_EXAMPLE, METADATA_INTENT):
            language = (metadata.get(level) or {}).get(ENTITY)
            if language:
                yield message.get(TEXT), str(language)
                break
