"""Ratios from runs."""

import json
from statistics import median

from rounds import Run
from scenarios import GOALS, Goal

Runs = dict[str, list[Run]]
_HEAD = ("scenario", "against", "wall min", "wall median", "inner min", "CPU", "memory", "goal")
_MEASURES = ("wall_min", "wall_median", "inner_min", "cpu", "memory")


def ratios(ours: list[Run], theirs: list[Run]) -> dict[str, float]:
    """Divide ours by theirs in every measure."""
    best = min(run.wall for run in theirs)
    return {
        "wall_min": min(run.wall for run in ours) / best,
        "wall_median": median(run.wall for run in ours) / median(run.wall for run in theirs),
        "inner_min": min(run.inner or run.wall for run in ours) / best,
        "cpu": median(run.cpu for run in ours) / median(run.cpu for run in theirs),
        "memory": median(run.memory for run in ours) / median(run.memory for run in theirs),
    }


def _verdict(goal: Goal, reached: dict[str, float]) -> str:
    value = reached[goal.measure]
    floor = "-" if goal.floor is None else f"{goal.floor:.2f}"
    if value <= goal.moonshot:
        word = "moonshot reached"
    elif goal.floor is not None and value > goal.floor:
        word = "MISSED"
    else:
        word = f"{value / goal.moonshot:.2f}x the moonshot"
    return f"{goal.measure.replace('_', ' ')} {floor} / {goal.moonshot:.2f}: {word}"


def as_table(results: dict[str, Runs]) -> str:
    """Write the ratios as a Markdown table."""
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for scenario, runs in results.items():
        for peer in runs:
            if peer != "ours":
                reached = ratios(runs["ours"], runs[peer])
                verdicts = "; ".join(_verdict(g, reached) for g in GOALS.get((scenario, peer), ()))
                rows.append((scenario, peer, *(f"{reached[m]:.2f}" for m in _MEASURES), verdicts))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def as_json(results: dict[str, Runs], about: dict[str, object]) -> str:
    """Write everything measured as one line."""
    figures = {
        scenario: {
            name: {
                "wall_min": round(min(run.wall for run in taken), 4),
                "wall_median": round(median(run.wall for run in taken), 4),
                "inner_min": min((run.inner for run in taken if run.inner), default=None),
                "cpu_median": round(median(run.cpu for run in taken), 4),
                "memory_median": round(median(run.memory for run in taken)),
            }
            for name, taken in runs.items()
        }
        for scenario, runs in results.items()
    }
    compared = {
        scenario: {
            peer: {m: round(r, 3) for m, r in ratios(runs["ours"], runs[peer]).items()}
            for peer in runs
            if peer != "ours"
        }
        for scenario, runs in results.items()
    }
    return json.dumps({**about, "ratios": compared, "figures": figures})
