"""An area's two lists: who is on them, and who may see what."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.meetings.domain.area_lists import (
    AreaFacts,
    CategoryChange,
    EntryNews,
    PublicCategory,
    known_to_others,
    may_see_entry,
    schools_in_category_3_or_4,
)
from services.meetings.domain.place import Place
from services.meetings.domain.vulnerable_aspect import (
    AlreadyRecorded,
    NoAreaAnalysisGroup,
    NotAnEvaluationArea,
    VulnerableAspect,
    record,
)

DAY, NOVEMBER = date(2025, 1, 13), date(2025, 11, 10)
GROUP = UUID(int=9)


def place(number: int, authority: str = "937") -> Place:
    return Place(authority, 1, number, UUID(int=number))


def change(number: int, category: int | None, *, urn: str = "100001", told: bool = True) -> CategoryChange:
    return CategoryChange(urn, place(number), category, DAY, told)


def listed(*changes: CategoryChange, school_improvement: bool = False) -> list[int | None]:
    return [
        each.category for each in schools_in_category_3_or_4(AreaFacts(changes), school_improvement=school_improvement)
    ]


def test_categories_3_and_4_are_listed_and_1_2_and_none_are_not() -> None:
    changes = [change(1, category, urn=str(category)) for category in (1, 2, 3, 4, None)]
    assert listed(*changes) == [3, 4]


def test_the_latest_change_counts_in_whatever_order_they_are_read() -> None:
    assert listed(change(2, 2), change(1, 4)) == []
    assert listed(change(2, 3), change(1, 2)) == [3]


def test_an_untold_fall_is_seen_by_school_improvement_alone() -> None:
    """R0.8"""
    changes = [change(1, 2), change(2, 4, told=False)]
    assert (listed(*changes), listed(*changes, school_improvement=True)) == ([], [4])


def test_an_untold_rise_takes_no_school_off_the_list_of_others() -> None:
    """R0.8"""
    changes = [change(1, 4), change(2, 2, told=False)]
    assert (listed(*changes), listed(*changes, school_improvement=True)) == ([4], [])


@given(st.lists(st.tuples(st.sampled_from([None, 1, 2, 3, 4]), st.booleans()), max_size=8))
def test_untold_changes_make_no_difference_to_others(moves: list[tuple[int | None, bool]]) -> None:
    """R0.8"""
    changes = [change(number, category, told=told) for number, (category, told) in enumerate(moves)]
    assert listed(*changes) == listed(*[each for each in changes if each.told], school_improvement=True)


class Told:
    """A school's story as membership tells it, and what a member of the group takes its category to be."""

    def __init__(self) -> None:
        self.number = 0
        self.changes: list[CategoryChange] = []
        self.entries: list[EntryNews] = []
        self.published: list[PublicCategory] = []

    def _place(self) -> Place:
        self.number += 1
        return place(self.number)

    def outcome(self, public: int, *, moves: bool = True, since: date = DAY) -> "Told":
        self.published.append(PublicCategory("100001", self._place(), public, since))
        if moves:
            self.changes.append(CategoryChange("100001", self._place(), public, since, True, "outcome", "1"))
        return self

    def withdrawn(self, public: int | None, *, moves: bool = True, since: date = DAY) -> "Told":
        self.published.append(PublicCategory("100001", self._place(), public, since))
        if moves:
            self.changes.append(CategoryChange("100001", self._place(), public, DAY, True, "outcome", "1"))
        return self

    def entry(self, category: int, *, told: bool, name: str = "e", moves: bool = True) -> "Told":
        self.entries.append(EntryNews("100001", self._place(), name, category, DAY, told))
        if moves:
            self.changes.append(CategoryChange("100001", self._place(), category, DAY, told, "la-category", name))
        return self

    def lift(self, to: int | None, *, told: bool, name: str = "e") -> "Told":
        self.entries.append(EntryNews("100001", self._place(), name, None, DAY, told))
        if to is not None:
            self.changes.append(CategoryChange("100001", self._place(), to, DAY, told, "la-category", name))
        return self

    def known(self) -> int | None:
        found = known_to_others(AreaFacts(self.changes, self.entries, self.published))
        return found.category if found else None


@pytest.mark.parametrize(
    ("story", "known"),
    [
        (Told().outcome(2).entry(4, told=True), 4),
        (Told().outcome(3).entry(4, told=False), 3),
        (Told().entry(4, told=False).outcome(3, moves=False), 3),
        (Told().outcome(3).entry(1, told=False), 3),
        (Told().outcome(2).entry(4, told=True).outcome(3, moves=False), 4),
        (Told().outcome(2).entry(4, told=True).lift(2, told=False), 4),
        (Told().outcome(2).entry(4, told=True).lift(2, told=False).outcome(3), 4),
        (Told().outcome(2).entry(4, told=True).lift(2, told=True), 2),
        (
            Told()
            .outcome(2)
            .entry(4, told=True)
            .lift(2, told=True)
            .entry(4, told=False, name="f")
            .outcome(3, moves=False),
            3,
        ),
        (Told().outcome(3).entry(3, told=True, moves=False).outcome(2, moves=False), 3),
        (Told().outcome(2).entry(4, told=True).outcome(4, moves=False).lift(None, told=True), 4),
        (Told().outcome(2).entry(4, told=True).entry(4, told=False, name="f", moves=False).lift(None, told=True), 2),
        (Told().outcome(3).entry(4, told=False).withdrawn(None, moves=False), None),
        (Told().outcome(4).outcome(2).entry(1, told=False).withdrawn(4, moves=False), 4),
        (Told().outcome(3).entry(4, told=True).withdrawn(None, moves=False), 4),
        (Told().outcome(3).entry(4, told=True).withdrawn(None, moves=False).lift(None, told=True), None),
    ],
    ids=[
        "a told entry counts",
        "an untold fall does not",
        "an outcome published under an untold entry does",
        "an untold rise does not",
        "an outcome under a told entry does not",
        "an untold lifting does not",
        "nor does the outcome that would give it away",
        "a told lifting does",
        "a later untold entry hides no outcome",
        "a told entry that moved nothing counts",
        "a told lifting that moves nothing leaves the public category",
        "nor does a lifting under an untold entry leave the lifted one",
        "an outcome that is withdrawn under an untold entry counts no more",
        "and the one before it counts again",
        "an outcome that is withdrawn under a told entry changes nothing",
        "until the school was told that the entry is lifted",
    ],
)
def test_members_see_the_category_as_if_nothing_untold_had_happened(story: Told, known: int | None) -> None:
    """R0.8"""
    assert story.known() == known


def test_an_outcome_that_gives_the_same_category_moves_no_date() -> None:
    """R0.8: with or without an untold entry above it, the list says the same."""
    changes = Told().outcome(3, since=DAY).outcome(3, moves=False, since=NOVEMBER)
    found = known_to_others(AreaFacts(changes.changes, changes.entries, changes.published))
    assert found is not None
    assert found.since == DAY


def test_a_category_that_a_withdrawal_brings_back_has_the_date_of_the_withdrawal() -> None:
    """R0.8: also where a change of the category in force follows, which no entry above it hides."""
    for moves in (True, False):
        told = Told().outcome(4).outcome(2).withdrawn(4, moves=moves, since=NOVEMBER)
        found = known_to_others(AreaFacts(told.changes, told.entries, told.published))
        assert found is not None
        assert (found.category, found.since) == (4, NOVEMBER)


@given(st.lists(st.tuples(st.sampled_from([None, 1, 2, 3, 4]), st.booleans()), max_size=6))
def test_an_untold_entry_makes_no_difference_to_members_whatever_is_published_or_withdrawn(
    outcomes: list[tuple[int | None, bool]],
) -> None:
    """R0.8"""
    without, under = Told(), Told()
    now: int | None = None
    stands = False
    for public, sets in outcomes:
        for told, moves in ((without, public != now), (under, public != now and not stands)):
            told.withdrawn(None, moves=moves) if public is None else told.outcome(public, moves=moves)
        now = public
        if sets and not stands:
            under.entry(4, told=False)
            stands = True
        assert without.known() == under.known()


def test_a_chair_does_not_see_the_entry_of_the_school_that_she_heads() -> None:
    """W-26"""
    assert not may_see_entry("100001", {"100001"})
    assert may_see_entry("100002", {"100001"})


def recorded(area: str, on: date, *, group: UUID | None = GROUP, since: date | None = None) -> VulnerableAspect:
    return record(
        UUID(int=1), urn="100001", school="Oak", group=group, evaluation_area=area, from_date=on, recorded_since=since
    )


def test_an_aspect_follows_the_framework_in_force_on_its_day() -> None:
    """W-26: areas that Ofsted evaluates changed with the report cards of November 2025."""
    assert recorded(" Quality of  Education ", DAY).evaluation_area == "quality of education"
    assert recorded("Inclusion", NOVEMBER).evaluation_area == "inclusion"
    with pytest.raises(
        NotAnEvaluationArea, match='"inclusion" is not an area that Ofsted evaluates on 13 January 2025'
    ):
        recorded("inclusion", DAY)
    with pytest.raises(NotAnEvaluationArea, match="Enter one of: achievement, "):
        recorded("quality of education", NOVEMBER)


def test_an_aspect_that_nobody_would_discuss_is_refused() -> None:
    with pytest.raises(NoAreaAnalysisGroup, match="Oak falls to no Area Analysis Group"):
        recorded("safeguarding", DAY, group=None)


def test_an_aspect_is_recorded_once() -> None:
    with pytest.raises(AlreadyRecorded, match="already recorded for Oak since 13 January 2025"):
        recorded("safeguarding", NOVEMBER, since=DAY)
