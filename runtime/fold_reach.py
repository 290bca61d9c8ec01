"""What a tracker has to know of a loaded model: above all how far back its policies look."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

import structlog
from rasa.core.featurizers.tracker_featurizers import MaxHistoryTrackerFeaturizer
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import Policy, SupportedData
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RULES_NOT_IN_STORIES, RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain

from runtime.fold_reading import Past

log = structlog.get_logger()

#: Of these it is known, from their source, what they look at. A project's own policy may look at all there is.
_KNOWN = "rasa.core.policies."


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    id: str
    domain: Domain
    fingerprint: str  # of the domain
    past: Past


def facts_of(processor: MessageProcessor) -> ModelFacts:
    domain = processor.domain
    fingerprint = domain.fingerprint()
    return ModelFacts(
        id=processor.model_metadata.model_id, domain=domain, fingerprint=fingerprint, past=past_of(processor)
    )


def past_of(processor: MessageProcessor) -> Past:
    """A policy that may look at the whole talk makes it cost what it costs in Rasa, and is named in the log."""
    reaches = {type(policy).__name__: _reach(policy) for policy in _policies(processor)}
    endless = sorted(name for name, reach in reaches.items() if reach is None)
    if endless:
        log.warning(
            "policies_without_max_history", policies=endless, meaning="turns get slower as a session gets longer"
        )
        return Past()
    # One more than anybody looks at: a list that is longer than a key is no match for it, as the whole would be none.
    past = Past(tail=1 + max((reach or 0 for reach in reaches.values()), default=0), actions=_walked_over(processor))
    _foresee(past, processor)
    return past


def _foresee(past: Past, processor: MessageProcessor) -> None:
    """The questions to come: who reads a long talk lets go of events before the first of them is asked."""
    rules = [policy._get_rule_only_data() for policy in _policies(processor) if isinstance(policy, RulePolicy)]
    for policy in _policies(processor):
        of_stories = policy.supported_data() == SupportedData.ML_DATA
        past.reading(processor.domain, False, of_stories, rules[0] if rules else None)


def _policies(processor: MessageProcessor) -> list[Policy]:
    nodes = getattr(processor.graph_runner, "_instantiated_nodes", {}).values()
    return [node._component for node in nodes if isinstance(node._component, Policy)]


def _walked_over(processor: MessageProcessor) -> int:
    """`AugmentedMemoizationPolicy` walks back over the applied actions themselves, to the next that listens."""
    histories = [getattr(policy.featurizer, "max_history", None) or 0 for policy in _policies(processor)]
    return 2 * max(histories, default=0) + 12


def _reach(policy: Policy) -> int | None:
    """How many states decide what this policy says; None: all of them may."""
    if not type(policy).__module__.startswith(_KNOWN):
        return None
    if isinstance(policy, RulePolicy):
        lookups = (RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RULES_NOT_IN_STORIES)
        return max((_states_of_rule(key) for name in lookups for key in policy.lookup.get(name, ())), default=0)
    featurizer = policy.featurizer
    if isinstance(featurizer, MaxHistoryTrackerFeaturizer) and featurizer.max_history:
        return int(featurizer.max_history) + 1  # one of them drops the last state before it counts
    if type(policy) is MemoizationPolicy and isinstance(featurizer, MaxHistoryTrackerFeaturizer):
        return max((_states_remembered(policy, key) for key in policy.lookup), default=0)
    return None


def _states_of_rule(key: str) -> int:
    try:
        states: Any = json.loads(key)
    except ValueError:  # some are names of default actions and loops
        return 0
    return len(states) if isinstance(states, list) else 0


def _states_remembered(policy: MemoizationPolicy, key: str) -> int:
    """At most: the key has lost its quotes, so braces are counted, and each state has at least one."""
    if policy.config["enable_feature_string_compression"]:
        key = zlib.decompress(base64.b64decode(key)).decode()
    return key.count("{")
