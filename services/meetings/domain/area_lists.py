"""The two lists of an Area Analysis Group: schools in Category 3 or 4, and schools with a vulnerable aspect."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from services.meetings.domain.place import Place, in_turn

LISTED_CATEGORIES = (3, 4)
LA_CATEGORY = "la-category"


@dataclass(frozen=True)
class CategoryChange:
    """One change of a school's category in force. ``told`` is false while only school improvement may know of it."""

    urn: str
    place: Place
    category: int | None
    since: date
    told: bool
    because: str = "outcome"
    because_ref: str = ""


@dataclass(frozen=True)
class EntryNews:
    """The authority's own category for a school begins to count, or (with no category) counts no longer."""

    urn: str
    place: Place
    entry_id: str
    category: int | None
    since: date
    told: bool


@dataclass(frozen=True)
class PublicCategory:
    """What public facts alone give once an outcome is published or taken back, whatever category is in force; or what else
    changed in public while an entry was in force of which the school was not told: a late link, another policy.
    """

    urn: str
    place: Place
    category: int | None
    since: date


@dataclass(frozen=True)
class AreaFacts:
    """All that was heard of the categories of an area's schools, in whatever order."""

    changes: Sequence[CategoryChange] = ()
    entries: Sequence[EntryNews] = ()
    published: Sequence[PublicCategory] = ()

    def in_turn(self) -> dict[Place, int]:
        """The turn of each fact, counted over all of them."""
        return in_turn(fact.place for facts in (self.changes, self.entries, self.published) for fact in facts)

    def by_school(self) -> dict[str, "AreaFacts"]:
        urns = {fact.urn for facts in (self.changes, self.entries, self.published) for fact in facts}
        return {
            urn: AreaFacts(
                [fact for fact in self.changes if fact.urn == urn],
                [fact for fact in self.entries if fact.urn == urn],
                [fact for fact in self.published if fact.urn == urn],
            )
            for urn in sorted(urns)
        }


def schools_in_category_3_or_4(facts: AreaFacts, *, school_improvement: bool) -> list[CategoryChange]:
    """Each listed school with the category that the reader may know, ordered by URN."""
    known = [
        known_to_school_improvement(school) if school_improvement else known_to_others(school)
        for school in facts.by_school().values()
    ]
    return [change for change in known if change is not None and change.category in LISTED_CATEGORIES]


def known_to_school_improvement(school: AreaFacts) -> CategoryChange | None:
    turn = school.in_turn()
    return max(school.changes, key=lambda change: turn[change.place], default=None)


def known_to_others(school: AreaFacts) -> CategoryChange | None:
    """The category of one school as if nothing untold had ever happened (R0.8).

    School improvement sees a change of the category in force at once. For everybody else the changes that are told
    are not enough. While an untold entry of the authority stands, an outcome that is published or taken back changes
    no category in force, and a school that is missing although its report is public, or stays although it is gone,
    would betray the entry. So:

    - An entry that the school was told of counts, until the school was told that it is lifted. Outcomes published
      or taken back meanwhile change nothing, as they don't change the category in force; and one that does, because
      the entry was lifted and nobody told of it, doesn't give the lifting away.
    - Otherwise the last public category counts: that which an outcome gave when it was published, or left when it was
      taken back, or of a change which no entry made (take-on, an inherited outcome, a lifting) and that was told, or
      would have been but for an untold entry. A fact that gives the same category moves no date.
    """
    turn = school.in_turn()
    lifted = {news.entry_id: news.place for news in school.entries if news.told and news.category is None}
    begun: dict[str, CategoryChange] = {}
    public: list[CategoryChange] = [
        CategoryChange(each.urn, each.place, each.category, each.since, told=True) for each in school.published
    ]
    for news in school.entries:
        if news.told and news.category is not None:
            begun[news.entry_id] = CategoryChange(news.urn, news.place, news.category, news.since, told=True)
    for change in sorted(school.changes, key=lambda change: turn[change.place]):
        if not change.told:
            continue
        ended = lifted.get(change.because_ref)
        if change.because == LA_CATEGORY and (ended is None or turn[change.place] < turn[ended]):
            begun[change.because_ref] = change
        else:
            public.append(change)
    standing = [change for entry_id, change in begun.items() if entry_id not in lifted]
    if standing:
        return max(standing, key=lambda change: turn[change.place])
    known: CategoryChange | None = None
    for fact in sorted(public, key=lambda change: turn[change.place]):
        if known is None or fact.category != known.category:
            known = fact
    return known


def may_see_entry(urn: str, headed: Collection[str]) -> bool:
    """A chair does not see the entry of the school that she heads herself (W-26)."""
    return urn not in headed
