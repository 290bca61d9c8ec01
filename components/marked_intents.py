"""Makes the rules of the intents that domain.yml marks `handover: true`: a person is asked for, also out of a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter

MARK = "handover"
#: The same as after "a person, please" in data/rules.yml.
_ASK = [{"action": "check_agent"}, {"action": "request_handover"}, {"slot_was_set": [{"handover_reason": None}]}]


class MarkedIntents(RasaFileImporter):
    """Reads the project's files as Rasa does, and adds those rules; named under `importers` in config.yml."""

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        written = super().get_stories(exclusion_percentage)
        domain = self.get_domain()
        rules = list(rules_of(domain.intent_properties, domain.form_names))
        if not rules:
            return written
        return written.merge(StoryGraph(YAMLStoryReader().read_from_parsed_yaml({"version": "3.1", "rules": rules})))


def rules_of(intents: Mapping[str, Mapping[str, Any]], forms: Iterable[str]) -> Iterator[dict[str, Any]]:
    for intent in sorted(name for name, properties in intents.items() if properties.get(MARK)):
        said = {"intent": intent}
        yield {"rule": f"{intent} is marked", "steps": [said, *_ASK]}
        for form in forms:
            left = [{"action": "action_deactivate_loop"}, {"active_loop": None}]
            during = [{"active_loop": form}]
            yield {"rule": f"{intent} is marked, in {form}", "condition": during, "steps": [said, *left, *_ASK]}
