"""What a file did, counted; and who may read which of the counts.

How many categories and speakers a file changed tells what stood before it: none, of a school whose report gives it another
category, means that the authority has set one. So these are counted by authority, and each reader gets the sum of those
whose entries she may know (R0.8).
"""

from collections import Counter
from collections.abc import Collection, Mapping

CATEGORIES_CHANGED, SPEAKERS_CHANGED, HISTORIES_CORRECTED = (
    "categories_changed",
    "speakers_changed",
    "histories_corrected",
)
_BY_AUTHORITY = frozenset({CATEGORIES_CHANGED, SPEAKERS_CHANGED, HISTORIES_CORRECTED})


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
        if count not in _BY_AUTHORITY or authority in authorities:
            shown[count] += number
    return dict(shown)
