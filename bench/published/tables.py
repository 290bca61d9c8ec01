"""The tables of docs/benchmarks.md, in Markdown, each made of one or two files of figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bench.published.kept import Figures
from bench.published.numbers import pair, shown

Kept = Mapping[str, Figures]
Row = Sequence[str]

_STARTS = {
    "gateway": "gateway",
    "worker": "worker",
    "light_worker": "worker, `BATON_LIGHT=1`",
    "emulator": "emulator",
    "stock_rasa_run": "stock `rasa run`",
    "stock_actions": "stock `rasa run actions`",
}


def accept(kept: Kept) -> str:
    both = [kept[name] for name in ("accept", "accept-postgres") if name in kept]
    head = ["webhooks under way"]
    for each in both:
        name = "SQLite" if each["database"] == "sqlite" else "PostgreSQL"
        head += [f"{name}: accepted a second", "p50 / p99 (ms)", "gateway's CPU (ms)", "bare server a second", "ratio"]
    rows = []
    for n, step in enumerate(both[0]["steps"]):
        row = [shown(step["at_once"])]
        for each in both:
            mine = each["steps"][n]
            row += [f"**{shown(mine['accepted_per_s'])}**", pair(mine["ack_ms"]), shown(mine["gateway_cpu_ms"])]
            row += [shown(mine["raw_per_s"]), shown(mine["ratio_to_raw"])]
        rows.append(row)
    with_worker = [each["with_worker"] for each in both]
    if all(with_worker):
        row = [f"{with_worker[0]['at_once']}, worker on"]
        for each in with_worker:
            row += [f"**{shown(each['accepted_per_s'])}**", pair(each["ack_ms"]), "–", "–", "–"]
        rows.append(row)
    return _table(head, rows)


def stock(kept: Kept) -> str:
    both = [kept["stock"][side] for side in ("ours", "stock")]
    rows: list[Row] = []

    def row(label: str, part: str, show: Callable[[Figures], str]) -> None:
        rows.append([label, *(show(side[part]) for side in both)])

    loads = [name for name in both[0] if name.startswith("at_once_")]
    for name in loads:
        row(f"{name.rpartition('_')[2]} under way: acknowledged, p50 / p99 (ms)", name, lambda of: pair(of["ack_ms"]))
    for name in loads:
        row(f"{name.rpartition('_')[2]} under way: answers a second", name, lambda of: shown(of["answered_per_s"]))
    rate = shown(both[0]["steady"]["rate_per_s"])
    row(f"{rate} a second: acknowledged, p50 / p99 (ms)", "steady", lambda of: pair(of["ack_ms"]))
    row(f"{rate} a second: answers a second", "steady", lambda of: shown(of["answered_per_s"]))
    row("10 bodies, each twice: answers too many", "same_body_twice", lambda of: f"**{of['doubled']}**")
    row("5 bodies of three messages: never answered", "bodies_of_three", lambda of: f"**{of['lost']}**")
    row("8 rapid messages, until the 8th answer (s)", "rapid", lambda of: f"**{shown(of['seconds'])}**")
    row("killed at 20 of 60 answers: had got a 200", "killed", lambda of: shown(of["got_a_200_before"]))
    row("… up again after (s)", "killed", lambda of: shown(of["up_again_s"]))
    row("… unanswered, if nobody repeats", "killed", lambda of: f"**{of['unanswered_without_meta_repeating']}**")
    row("… lost / twice, after Meta's repeating", "killed", lambda of: f"**{of['lost']} / {of['doubled']}**")
    return _table(["", "ours", "stock Rasa"], rows)


def turns(kept: Kept) -> str:
    figures = kept["turns"]
    rows = []
    for events, kinds in figures["history"].items():
        for kind, each in kinds.items():
            action = "yes" if kind == "with_action" else "no"
            times = (shown(each[name]) for name in ("ours_ms", "of_it_thinking_ms", "stock_ms"))
            rows.append([events, action, *times, f"**{each['ratio']:.2f}**"])
    head = ["history (events)", "custom action", "ours (ms)", "of it thinking", "stock (ms)", "ratio"]
    return _table(head, rows)


def under_load(kept: Kept) -> str:
    names = {"turns": "SQLite", "turns-postgres": "PostgreSQL"}
    rows = []
    for name, store in names.items():
        if name in kept:
            each = kept[name]["under_load"]
            spread = f"{min(each['ratios']):.2f} to {max(each['ratios']):.2f}"
            rates = (shown(each["ours_per_s"], digits=1), shown(each["stock_per_s"], digits=1))
            rows.append([store, *rates, f"**{each['ratio']:.2f}**", spread])
    return _table(["both on", "ours: answers a second", "stock: answers a second", "ratio", "of the rounds"], rows)


def startup(kept: Kept) -> str:
    figures = kept["startup"]
    after = {name: each["resident_mb"] for name, each in figures["after_answers"].items()}
    rows = []
    for name, label in _STARTS.items():
        if name in figures["starts"]:
            start = figures["starts"][name]
            answering = after.get(name, {}).get("worker") if name in after else None
            if name in ("gateway", "emulator") and "worker" in after:
                answering = after["worker"][name]
            row = [
                label,
                shown(start["seconds"], digits=1),
                shown(start["cpu_s"], digits=1),
                shown(start["resident_mb"]),
            ]
            rows.append([*row, shown(answering)])
    answers = max((each["answered"] for each in figures["after_answers"].values()), default=0)
    return _table(["", "ready after (s)", "processor time (s)", "memory (MB)", f"after {answers} answers (MB)"], rows)


def history(kept: Kept) -> str:
    rows = []
    for events, each in kept["history"]["lengths"].items():
        ours, theirs = each["ours"], each["stock"]
        times = (ours["warm_ms"], ours["cold_ms"], theirs["warm_ms"], theirs["cold_ms"])
        rows.append([shown(int(events)), *map(shown, times), shown(ours["live_tracker_mb"])])
    head = ["events in the session", "ours, warm (ms)", "ours, cold (ms)", "stock, warm (ms)", "stock, cold (ms)"]
    return _table([*head, "our live tracker (MB)"], rows)


def crash(kept: Kept) -> str:
    names = ("lost", "twice", "disordered", "unanswered", "unknown", "resent", "arrived_twice")
    rows = []
    for name in ("crash", "crash-postgres", "crash-no-witness"):
        if name in kept:
            each = kept[name]
            where = "PostgreSQL" if "postgres" in each["database"] else "SQLite"
            witness = "" if each["witness"] == "on" else ", witness off"
            rows.append([f"{where}{witness}", *(shown(each[what]) for what in ("kills", "accepted", *names))])
    head = ["", "kills", "accepted", "lost", "twice", "disordered", "unanswered", "unknown left", "sent once more"]
    return _table([*head, "of these had arrived"], rows)


def recovery(kept: Kept) -> str:
    names = {"next_accept": "a webhook accepted", "next_turn": "a turn begun"}
    rows = []
    for name, label in names.items():
        each = kept["crash"]["recovery_ms"][name]
        rows.append([label, shown(each["p50"] / 1000, digits=1), shown(each["max"] / 1000, digits=1)])
    return _table(["from a kill until", "p50 (s)", "max (s)"], rows)


#: What each table is made of; one whose first file is missing is not made.
TABLES: dict[str, tuple[tuple[str, ...], Callable[[Kept], str]]] = {
    "accept": (("accept",), accept),
    "stock": (("stock",), stock),
    "turns": (("turns",), turns),
    "under-load": (("turns",), under_load),
    "startup": (("startup",), startup),
    "history": (("history",), history),
    "crash": (("crash",), crash),
    "recovery": (("crash",), recovery),
}


def all_of(kept: Kept) -> dict[str, str]:
    return {name: make(kept) for name, (needed, make) in TABLES.items() if all(each in kept for each in needed)}


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
