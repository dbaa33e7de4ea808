"""What a file did, or would do, counted; of a dry run which schools, too; and who may read which of it.

How many categories and speakers a file changed tells what stood before it: none, of a school whose report gives it another
category, means that the authority has set one. So these are counted by authority, and each reader gets the sum of those
whose entries she may know (R0.8).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CATEGORIES_CHANGED, SPEAKERS_CHANGED, HISTORIES_CORRECTED = (
    "categories_changed",
    "speakers_changed",
    "histories_corrected",
)
_BY_AUTHORITY = frozenset({CATEGORIES_CHANGED, SPEAKERS_CHANGED, HISTORIES_CORRECTED})


@dataclass(frozen=True)
class Reader:
    """Who reads what became of a file, and what she may know. Nobody in particular reads counts alone.

    ``authorities``: those of whose schools she may know everything. ``sends``: whoever sent a file has its lines already.
    ``ids_only``: she follows how far a file got, and is told of no line (docs/decisions/0026).
    """

    authorities: Collection[str] = ()
    sends: str | None = None
    ids_only: bool = False

    def may_read(self, line: Mapping[str, Any], sent_by: str) -> bool:
        """One line that can't be taken, or that somebody should look at."""
        if self.ids_only:
            return False
        return self.sends == sent_by or line.get("authority") in self.authorities

    def may_read_why_it_failed(self, of: Collection[str], sent_by: str) -> bool:
        """``of``: the authorities of all schools that the line names at which it failed; none where no school is named."""
        if self.ids_only:
            return False
        return self.sends == sent_by or (bool(of) and set(of) <= set(self.authorities))


def lines_for(reader: Reader, lines: Sequence[dict[str, Any]], sent_by: str) -> list[dict[str, Any]]:
    """Of a file of the whole country each officer reads the lines of her own authority's schools, and whoever sent it all.

    Whose school a line is can't always be read from it; then only whoever sent the file reads it.
    """
    return [each for each in lines if reader.may_read(each, sent_by)]


def of_authority(count: str, authority: str) -> str:
    """Under which name the count of this authority's schools is kept."""
    return f"{count}/{authority}"


def for_reader(report: Mapping[str, int], authorities: Collection[str]) -> dict[str, int]:
    """The report as somebody reads it who may know everything about the schools of these authorities, and of no other.

    A count that was kept for all authorities together, as they once were, is nobody's.
    """
    shown: Counter[str] = Counter()
    for name, number in report.items():
        count, _, authority = name.partition("/")
        if _names_school(name):
            continue
        if count not in _BY_AUTHORITY or authority in authorities:
            shown[count] += number
    return dict(shown)


FIRST = 100  # schools of one kind and authority that are named


def of_school(count: str, authority: str, urn: str) -> str:
    """Under which name it is kept that this school is one of those counted; it is named to who may know all of it."""
    return f"{count}/{authority}/{urn}"


def with_first(report: Counter[str], done: Counter[str]) -> Counter[str]:
    """The report with what a part of the file did; of the schools that are named the first hundred of each kind."""
    total = report + Counter({name: number for name, number in done.items() if not _names_school(name)})
    named = Counter(_kind_of(name) for name in report if _names_school(name))
    for name in done:
        if _names_school(name) and name not in total and named[_kind_of(name)] < FIRST:
            total[name] = 1
            named[_kind_of(name)] += 1
    return total


def schools_for_reader(report: Mapping[str, int], authorities: Collection[str]) -> dict[str, list[str]]:
    """By count the schools that are named, of these authorities alone."""
    found: dict[str, list[str]] = {}
    for name in sorted(filter(_names_school, report)):
        count, authority, urn = name.split("/")
        if authority in authorities:
            found.setdefault(count, []).append(urn)
    return found


def _names_school(name: str) -> bool:
    return name.count("/") > 1


def _kind_of(name: str) -> str:
    """Of each authority by itself: how many are named must not hang on how many others have."""
    return name.rpartition("/")[0]
