"""The plots of docs/benchmarks.md, as SVG. Ours is always blue, stock Rasa orange, what both are held against grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot, ticker

from bench.published.tables import Kept

OURS, STOCK, OTHER = "#1f5fa8", "#c8631a", "#8a8f98"
_STYLE = {
    "svg.hashsalt": "baton",  # the same figures, the same file
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e6ea",
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "legend.frameon": False,
}


def accept(kept: Kept) -> Any:
    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    steps = kept["accept"]["steps"]
    at_once = [step["at_once"] for step in steps]
    _line(axes, at_once, [step["accepted_per_s"] for step in steps], "Baton, SQLite", OURS)
    if "accept-postgres" in kept:
        rates = [step["accepted_per_s"] for step in kept["accept-postgres"]["steps"]]
        _line(axes, at_once, rates, "Baton, PostgreSQL", OURS, style="--")
    _line(axes, at_once, [step["raw_per_s"] for step in steps], "bare server, one row, SQLite", OTHER)
    target = kept["accept"]["target_per_s"]
    axes.axhline(target, color="#3d8a4f", linewidth=1, linestyle=":")
    axes.annotate("target", (at_once[0], target), textcoords="offset points", xytext=(0, 4), color="#3d8a4f")
    axes.set(title="Webhooks made durable, a second", xlabel="webhooks under way at any time")
    _powers(axes, at_once)
    axes.set_ylim(bottom=0)
    _legend(axes)
    return figure


def stock(kept: Kept) -> Any:
    figure, (waiting, answering) = pyplot.subplots(1, 2, figsize=(9, 3.6))
    for side, name, color in (("ours", "Baton", OURS), ("stock", "stock Rasa", STOCK)):
        parts = {int(part.rpartition("_")[2]): each for part, each in kept["stock"][side].items() if "at_once" in part}
        at_once = list(parts)
        _line(waiting, at_once, [each["ack_ms"]["p50"] for each in parts.values()], f"{name}, p50", color)
        _line(waiting, at_once, [each["ack_ms"]["p99"] for each in parts.values()], f"{name}, p99", color, style="--")
        _line(answering, at_once, [each["answered_per_s"] for each in parts.values()], name, color)
    waiting.set(title="Meta waits for its 200 (ms)", yscale="log")
    waiting.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    answering.set(title="Answers a second", ylim=(0, None))
    for axes in (waiting, answering):
        _powers(axes, at_once)
        axes.set_xlabel("webhooks under way at any time")
        _legend(axes)
    return figure


def history(kept: Kept) -> Any:
    figure, axes = pyplot.subplots(figsize=(7, 3.8))
    lengths = kept["history"]["lengths"]
    for side, name, color in (("ours", "Baton", OURS), ("stock", "stock Rasa", STOCK)):
        for kind, style in (("warm_ms", "-"), ("cold_ms", "--")):
            known = [(int(events), each[side][kind]) for events, each in lengths.items() if each[side][kind]]
            label = f"{name}, {'later turns' if kind == 'warm_ms' else 'the first after a start'}"
            _line(axes, [events for events, _ in known], [ms for _, ms in known], label, color, style=style)
    axes.set(title="One turn (ms)", xlabel="events in the session before it", xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    _legend(axes)
    return figure


def memory(kept: Kept) -> Any:
    starts = kept["startup"]["starts"]
    names = {
        "emulator": ("emulator", OURS),
        "gateway": ("gateway", OURS),
        "light_worker": ("worker, light", OURS),
        "worker": ("worker", OURS),
        "stock_actions": ("rasa run actions", STOCK),
        "stock_rasa_run": ("rasa run", STOCK),
    }
    shown = [(label, color, starts[name]) for name, (label, color) in names.items() if name in starts]
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 2.8), sharey=True)
    for axes, what, title in zip(panels, ("resident_mb", "seconds"), ("Memory (MB)", "Ready after (s)"), strict=True):
        bars = axes.barh([label for label, *_ in shown], [each[what] for *_, each in shown], height=0.6)
        for bar, (_, color, _) in zip(bars, shown, strict=True):
            bar.set_color(color)
        axes.bar_label(bars, fmt="%.0f" if what == "resident_mb" else "%.1f", padding=3)
        axes.set(title=title)
        axes.grid(axis="y", visible=False)
        axes.margins(x=0.15)
    return figure


#: Each plot with the file of figures it can't do without.
PLOTS: dict[str, tuple[str, Callable[[Kept], Any]]] = {
    "accept": ("accept", accept),
    "stock": ("stock", stock),
    "history": ("history", history),
    "startup": ("startup", memory),
}


def draw(kept: Kept, folder: Path) -> list[str]:
    """Those that there are figures for, by name."""
    drawn = []
    with pyplot.rc_context(_STYLE):
        for name, (needed, make) in PLOTS.items():
            if needed in kept:
                figure = make(kept)
                figure.tight_layout()
                figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None}, facecolor="white")
                pyplot.close(figure)
                drawn.append(name)
    return drawn


def _line(axes: Any, x: Sequence[float], y: Sequence[float], label: str, color: str, style: str = "-") -> None:
    axes.plot(x, y, style, color=color, marker="o", markersize=4, label=label)


def _legend(axes: Any) -> None:
    """Below, where no line runs."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncol=2)


def _powers(axes: Any, at_once: Sequence[int]) -> None:
    """As far apart as they are many times more."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(ticker.FixedLocator(at_once))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
