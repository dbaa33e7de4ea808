"""Fault by invariant: what was tried of each while a fault was there, and at which fault something went wrong.

An invariant is judged over the whole run. While a fault is there, and until all has caught up, so much of what it is
about was done: requests accepted, records applied, looks at the books. Nothing done is nothing shown.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tests.faults.history import FAILED, OK, History, Operation, Window
from tests.faults.watching import Watch

if TYPE_CHECKING:
    from tests.faults.report import Found

# What an invariant's number counts.
COUNTED = {
    "I1": "requests accepted",
    "I2": "records applied",
    "I3": "records applied",
    "I4": "requests refused",
    "I5": "looks at the books",
    "I7": "records applied",
    "I9": "records applied, parked ones among them",
    "I11": "requests asked again, or twice at once",
    "I12": "looks at who speaks",
    "I13": "entries and tellings of restricted facts",
}


def exercised(history: History, watch: Watch, window: Window) -> dict[str, int]:
    """How much of each invariant was tried from the fault's beginning until all had caught up."""
    since, until = span(window)
    done = [each for each in history.operations if _overlaps(each, since, until)]
    seen = [each.what for each in history.seen if since <= each.at <= until]
    records = round(watch.flow(since, until) * (until - since))
    return {
        "I1": sum(each.outcome == OK for each in done),
        "I2": records,
        "I3": records,
        "I4": sum(each.outcome == FAILED for each in done),
        "I5": seen.count("money"),
        "I7": records,
        "I9": records,
        "I11": sum(each.tries > 1 or len(each.answers) > 1 for each in done),
        "I12": seen.count("who-speaks"),
        "I13": sum(each.kind in ("entry", "told") for each in done),
    }


def span(window: Window) -> tuple[float, float]:
    """From the fault's beginning until all had caught up; to the end of its cell where that never came."""
    if window.recovery is None:
        return window.injected, window.ended
    return window.injected, max(window.over, min(window.healed + window.recovery, window.ended))


def blamed(found: "Found") -> dict[str, set[str]]:
    """By invariant, the faults that were there while what went wrong was asked for; what names no request has none."""
    named = dict(_names(found.history.operations))
    return {
        invariant: {
            window.name
            for finding in findings
            for each in _asked(finding, named)
            for window in found.tried
            if _overlaps(each, *span(window))
        }
        for invariant, findings in found.wrong.items()
    }


def _names(operations: Iterable[Operation]) -> Iterator[tuple[str, Operation]]:
    for each in operations:
        yield each.value, each
        yield each.key, each
        for number in each.detail.get("numbers", ()):
            yield number, each
        if "name" in each.detail:
            yield each.detail["name"], each


def _asked(finding: str, named: dict[str, Operation]) -> list[Operation]:
    """The requests that a finding speaks of: by any one, two or three of its words that stand together."""
    words = re.findall(r"[\w-]+", finding)
    spoken = {" ".join(words[at : at + many]) for many in (1, 2, 3) for at in range(len(words))}
    return [named[each] for each in spoken if each in named]


def _overlaps(each: Operation, since: float, until: float) -> bool:
    return each.began <= until and each.ended >= since
