"""What the charts show, as ECharts options; colours pass AA on their own background."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.sdk.view import SweepView, TrialRow

Curve = Mapping[int, float]  # training loss by segment

_LIGHT: Final = ("#0b57a4", "#b45309", "#047857", "#a21caf", "#b91c1c", "#0e7490", "#4d7c0f")
_DARK: Final = ("#7cc0ff", "#fbbf77", "#5fe0b0", "#f0a6ff", "#ff9a9a", "#7de3f4", "#bfe36b")
_DASHES: Final = ("solid", "dashed", "dotted")  # colour is never the only difference
_ABOVE_MEDIAN: Final = 1.25


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one background."""

    text: str
    line: str
    series: tuple[str, ...]

    def style(self, number: int) -> tuple[str, str]:
        """Colour and dash of the n-th trial."""
        dash = _DASHES[number // len(self.series) % len(_DASHES)]
        return self.series[number % len(self.series)], dash


LIGHT: Final = Theme("#1f2937", "#6b7280", _LIGHT)
DARK: Final = Theme("#e5e7eb", "#9ca3af", _DARK)


def curves(view: SweepView, by_row: Sequence[Curve], theme: Theme) -> dict[str, Any]:
    """Training loss by segment, one line a trial, diverged ones clipped and marked."""
    ceiling = _ceiling(by_row)
    segments = max((row.of_segments for row in view.rows), default=1)
    return {
        "animation": False,
        "aria": {"enabled": True},
        "textStyle": {"color": theme.text},
        "grid": {"left": 56, "right": 64, "top": 32, "bottom": 64},
        "legend": {"bottom": 0, "type": "scroll", "textStyle": {"color": theme.text}},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "value",
            "name": "segment",
            "min": 0,
            "max": segments,
            "interval": 8,
            **_axis(theme),
        },
        "yAxis": {"type": "value", "scale": True, "max": ceiling, "name": "loss", **_axis(theme)},
        "series": [
            _line(row, curve, ceiling, theme, number)
            for number, (row, curve) in enumerate(zip(view.rows, by_row, strict=True))
        ],
    }


def parallel(view: SweepView, theme: Theme) -> dict[str, Any]:
    """Parallel coordinates of what was searched and what came of it, diverged ones at the top."""
    names = _searched(view.rows)
    dimensions = [*names, "eval loss"]
    rows = [row for row in view.rows if math.isfinite(row.rank)]
    ceiling = _top([row.rank for row in rows])
    return {
        "animation": False,
        "aria": {"enabled": True},
        "textStyle": {"color": theme.text},
        "parallel": {"left": 48, "right": 72, "top": 40, "bottom": 24},
        "parallelAxis": [
            _parallel_axis(number, name, ceiling, theme) for number, name in enumerate(dimensions)
        ],
        "series": [
            {
                "type": "parallel",
                "name": _label(row),
                "lineStyle": {
                    "width": 4 if row is view.best else 2,
                    "color": theme.style(row.trial)[0],
                    "type": theme.style(row.trial)[1],
                    "opacity": 1,
                },
                "data": [[*(getattr(row.params, n) for n in names), min(row.rank, ceiling)]],
            }
            for row in rows
        ],
    }


def _line(
    row: TrialRow, curve: Curve, ceiling: float | None, theme: Theme, number: int
) -> dict[str, Any]:
    colour, dash = theme.style(number)
    points = [[k, round(loss, 4)] for k, loss in sorted(curve.items()) if math.isfinite(loss)]
    clipped = ceiling is not None and any(loss > ceiling for _, loss in points)
    return {
        "type": "line",
        "id": f"trial {row.trial}/{row.replica}",
        "name": f"{_label(row)}{' ↑ diverged' if clipped else ''}",
        "showSymbol": len(points) < 2,
        "clip": True,
        "lineStyle": {"color": colour, "type": dash, "width": 2},
        "itemStyle": {"color": colour},
        "data": points,
    }


def _label(row: TrialRow) -> str:
    return (
        f"lr {row.params.lr:.3g}" if row.replica == 0 else f"lr {row.params.lr:.3g}/{row.replica}"
    )


def _ceiling(by_row: Sequence[Curve]) -> float | None:
    """A little above where the trials started, so that one that blew up hides no other."""
    starts = [curve[min(curve)] for curve in by_row if curve]
    finite = [start for start in starts if math.isfinite(start)]
    return _top(finite) if finite else None


def _top(losses: Sequence[float]) -> float:
    """Where an axis ends: a quarter above the median, in halves."""
    middle = sorted(losses)[len(losses) // 2] if losses else 1.0
    return math.ceil(middle * _ABOVE_MEDIAN * 2) / 2


def _searched(rows: Sequence[TrialRow]) -> list[str]:
    names = ("lr", "r", "alpha", "weight_decay", "warmup_steps", "accumulation")
    return [n for n in names if len({getattr(row.params, n) for row in rows}) > 1] or ["lr"]


def _axis(theme: Theme) -> dict[str, Any]:
    return {
        "axisLabel": {"color": theme.text},
        "axisLine": {"lineStyle": {"color": theme.line}},
        "nameTextStyle": {"color": theme.text},
        "splitLine": {"lineStyle": {"color": theme.line, "opacity": 0.25}},
    }


def _parallel_axis(number: int, name: str, ceiling: float, theme: Theme) -> dict[str, Any]:
    axis = {
        "dim": number,
        "name": name.replace("_", " "),
        "type": "log" if name == "lr" else "value",
        "scale": True,
        "nameTextStyle": {"color": theme.text},
        "axisLabel": {"color": theme.text},
        "axisLine": {"lineStyle": {"color": theme.line}},
    }
    if name == "eval loss":
        axis["max"] = ceiling
    return axis
