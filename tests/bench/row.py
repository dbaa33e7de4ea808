"""The one shape of every measurement: a row with what is measured, against what, how it must compare, and each round."""

import operator
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Target:
    """What a row must reach: at least, or at most, so much."""

    value: float
    at_most: bool = False

    def reached_by(self, found: float) -> bool:
        compare: Callable[[float, float], bool] = operator.le if self.at_most else operator.ge
        return compare(found, self.value)

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {_plain(self.value)}"


@dataclass
class Row:
    """One measurement. With a baseline the ratio counts, round by round; without one, what was measured itself.

    Of seconds the ratio is how many times the baseline it takes. ``for_now``: what a row must reach meanwhile whose target
    was lowered in the open (docs/performance.md says why). ``detail``: for the terminal and the JSON, not the page.
    """

    name: str
    measured: str
    baseline: str = ""
    unit: str = "/s"
    target: Target | None = None
    for_now: Target | None = None
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    detail: bool = False

    def add(self, ours: float, theirs: float | None = None) -> None:
        self.ours.append(ours)
        if theirs is not None:
            self.theirs.append(theirs)

    @property
    def figures(self) -> list[float]:
        """What is judged, a figure a round."""
        if not self.theirs:
            return self.ours
        return [mine / their for mine, their in zip(self.ours, self.theirs, strict=True)]

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    @property
    def spread(self) -> tuple[float, float]:
        return min(self.figures), max(self.figures)

    @property
    def reached(self) -> bool | None:
        """None where no target is set."""
        return None if self.target is None else self.target.reached_by(self.median)

    @property
    def good_enough(self) -> bool:
        """Whether it reaches its target, or what the target was lowered to."""
        return self.reached is not False or (self.for_now is not None and self.for_now.reached_by(self.median))

    @property
    def verdict(self) -> str:
        if self.reached is not False:
            return "" if self.reached is None else "yes"
        if self.for_now is None:
            return "**no**"
        return f"**no**; lowered to {self.for_now}" + ("" if self.good_enough else ", **missed too**")

    def cells(self) -> list[str]:
        """The row as text, in the order of HEADS."""
        least, most = self.spread
        ratio = f"{_plain(self.median)} ({_plain(least)} to {_plain(most)})" if self.theirs else ""
        mine = _plain(statistics.median(self.ours))
        if not self.theirs and len(self.ours) > 1:
            mine += f" ({_plain(least)} to {_plain(most)})"
        return [
            self.name,
            self.measured,
            self.baseline,
            f"{mine} {self.unit}".strip(),
            f"{_plain(statistics.median(self.theirs))} {self.unit}".strip() if self.theirs else "",
            ratio,
            str(self.target or ""),
            self.verdict,
        ]

    def summary(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "measured": self.measured,
            "baseline": self.baseline,
            "unit": self.unit,
            "target": str(self.target or ""),
            "ours": self.ours,
            "theirs": self.theirs,
            "median": self.median,
            "least": self.spread[0],
            "most": self.spread[1],
            "reached": self.reached,
            "good_enough": self.good_enough,
        }


HEADS = ["row", "measured", "baseline", "ours", "theirs", "ratio (least to most)", "target", "reached"]


def _plain(value: float) -> str:
    """Three figures that count: 0.0123, 4.56, 12,300."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.2g}"
