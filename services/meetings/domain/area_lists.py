"""The two lists of an Area Analysis Group: schools in Category 3 or 4, and schools with a vulnerable aspect."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

LISTED_CATEGORIES = (3, 4)


@dataclass(frozen=True)
class CategoryChange:
    """One change of a school's category in force. ``told`` is false while only school improvement may know of it."""

    urn: str
    place: tuple[int, int]
    category: int | None
    since: date
    told: bool


def schools_in_category_3_or_4(changes: Iterable[CategoryChange], *, school_improvement: bool) -> list[CategoryChange]:
    """The latest change of each listed school, as far as the reader may know, ordered by URN.

    School improvement sees a change at once. Everybody else stays with what the school has been told, so an untold
    rise or fall neither adds a school nor takes one away (R0.8).
    """
    latest: dict[str, CategoryChange] = {}
    for change in changes:
        if not (school_improvement or change.told):
            continue
        if change.urn not in latest or latest[change.urn].place < change.place:
            latest[change.urn] = change
    return sorted(
        (change for change in latest.values() if change.category in LISTED_CATEGORIES), key=lambda change: change.urn
    )


def may_see_entry(urn: str, headed: Collection[str]) -> bool:
    """A chair does not see the entry of the school that she heads herself (W-26)."""
    return urn not in headed
