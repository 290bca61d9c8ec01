"""A model's graph, run in an order that is found once.

Rasa has dask find it anew at each run, several times a turn: a third of what the components themselves take.
"""

from __future__ import annotations

import functools
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner


class OrderedGraph(GraphRunner):
    """Takes over the nodes of a runner of Rasa's, and runs them one after the other, as that would."""

    def __init__(self, runner: DaskGraphRunner) -> None:
        self._schema: GraphSchema = runner._graph_schema
        self._instantiated_nodes = runner._instantiated_nodes
        self._order = functools.lru_cache(maxsize=32)(self._find_order)

    @classmethod
    def create(cls, *args: Any, **kwargs: Any) -> OrderedGraph:
        return cls(DaskGraphRunner.create(*args, **kwargs))

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        wanted = tuple(targets or self._schema.target_names)
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        clash = done.keys() & self._instantiated_nodes.keys()
        if clash:
            raise GraphRunError(f"Inputs and nodes have the same names: {', '.join(sorted(clash))}.")
        try:
            for name, needs in self._order(wanted):
                # What nobody gives stays a name: the node says what it misses.
                done[name] = self._instantiated_nodes[name](*(done.get(each, each) for each in needs))
            return dict(done[name] for name in wanted)
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error

    def _find_order(self, targets: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        """Each node the targets need, after all that it needs itself."""
        order: dict[str, tuple[str, ...]] = {}

        def visit(name: str) -> None:
            if name in order or name not in self._schema.nodes:  # known already, or an input
                return
            needs = tuple(self._schema.nodes[name].needs.values())
            for each in needs:
                visit(each)
            order[name] = needs

        for target in targets:
            visit(target)
        return list(order.items())
