"""The category policy `ofsted`, version 1, clause by clause of its published table (R0.1)."""

from datetime import date
from uuid import uuid4

import pytest

from services.membership.domain.category import (
    Because,
    Category,
    CategoryPolicy,
    Continuity,
    Inherit,
    Outcome,
    category_in_force,
    category_of_outcome,
)
from services.membership.domain.la_entry import (
    LaEntry,
    ReasonMissing,
    ReviewBeforeStart,
    UnknownCategory,
    a_year_later,
    la_entry,
)
from tests.unit.membership.known import DAY, PREDECESSOR, URN, an_entry, at, continues, graded


def in_force(
    *outcomes: Outcome,
    entries: tuple[LaEntry, ...] = (),
    continuities: tuple[Continuity, ...] = (),
    converter: bool = False,
    opened_on: date | None = None,
    inherit: Inherit = Inherit.CONVERTERS,
    day: date = DAY,
) -> Category:
    return category_in_force(
        urn=URN,
        is_converter=converter,
        opened_on=opened_on,
        outcomes=outcomes,
        continuities=continuities,
        entries=entries,
        policy=CategoryPolicy(inherit=inherit),
        day=day,
    )


@pytest.mark.parametrize("headline", [1, 2, 3, 4])
def test_a_headline_grade_is_the_category_as_it_stands(headline: int) -> None:
    assert in_force(graded(headline)).value == headline


@pytest.mark.parametrize("concern", ["SM", "SWK", "RSI"])
def test_any_category_of_concern_is_category_4_whatever_the_headline(concern: str) -> None:
    assert category_of_outcome(graded(2, category_of_concern=concern)) == 4
    assert category_of_outcome(graded(category_of_concern=concern, quality_of_education=2, leadership=2)) == 4


def test_safeguarding_that_is_not_effective_is_category_4() -> None:
    assert category_of_outcome(graded(2, safeguarding_effective=False)) == 4


def test_safeguarding_that_is_effective_or_not_stated_changes_nothing() -> None:
    assert category_of_outcome(graded(2, safeguarding_effective=True)) == 2
    assert category_of_outcome(graded(2, safeguarding_effective=None)) == 2


@pytest.mark.parametrize(
    ("quality", "leadership", "category"),
    [(2, 2, 2), (2, 3, 3), (3, 2, 3), (1, 2, 2), (4, 1, 4), (None, 2, 2), (3, None, 3)],
)
def test_without_a_headline_the_weaker_of_quality_of_education_and_leadership_counts(
    quality: int | None, leadership: int | None, category: int
) -> None:
    assert category_of_outcome(graded(quality_of_education=quality, leadership=leadership)) == category


def test_the_headline_wins_over_key_judgements_of_the_same_inspection() -> None:
    assert category_of_outcome(graded(2, quality_of_education=3, leadership=3)) == 2


def test_an_outcome_with_neither_headline_nor_judgements_says_nothing() -> None:
    assert in_force(graded(2), graded(None, published=date(2024, 2, 1))).value == 2


def test_an_ungraded_inspection_changes_nothing() -> None:
    later = graded(1, published=date(2024, 2, 1), kind="ungraded")
    assert in_force(graded(3), later).value == 3


def test_of_an_ungraded_inspection_converted_to_graded_only_the_graded_one_counts() -> None:
    number = "10000855"
    ungraded = graded(None, kind="ungraded", inspection_number=number)
    converted = graded(3, inspection_number=number)
    assert in_force(ungraded, converted).value == 3


def test_a_category_is_true_from_its_publication_not_from_the_inspection() -> None:
    outcome = graded(3, published=date(2024, 1, 10), inspection_started_on=date(2023, 11, 1))
    assert in_force(outcome, day=date(2024, 1, 9)).value is None
    assert in_force(outcome, day=date(2024, 1, 10)).value == 3


def test_of_two_outcomes_published_on_one_day_the_later_inspection_is_in_force() -> None:
    early = graded(2, inspection_started_on=date(2023, 11, 1), inspection_number="B")
    late = graded(3, inspection_started_on=date(2023, 11, 2), inspection_number="A")
    assert in_force(early, late).value == in_force(late, early).value == 3


def test_of_two_outcomes_with_the_same_dates_the_later_recorded_is_in_force() -> None:
    first = graded(2, recorded_at=at(date(2024, 1, 10)), inspection_number="B")
    second = graded(3, recorded_at=at(date(2024, 1, 11)), inspection_number="A")
    assert in_force(first, second).value == in_force(second, first).value == 3


def test_an_outcome_that_arrives_late_does_not_displace_a_later_one() -> None:
    late_arrival = graded(4, published=date(2023, 6, 1), recorded_at=at(DAY))
    assert in_force(graded(2), late_arrival).value == 2


def test_a_school_with_no_outcome_has_no_category_in_force_and_routes_as_category_2() -> None:
    found = in_force()
    assert (found.value, found.routes_as, found.because) == (None, 2, Because.NOTHING)
    assert "routes as Category 2" in found.sentence()


def test_a_category_of_which_no_reason_may_be_given_is_given_alone() -> None:
    """R0.8: of what a school was told last, where nothing that it may know says why."""
    assert Category(3, Because.NOTHING, "", CategoryPolicy("propose")).sentence() == "Category 3 is in force"


def test_the_authoritys_own_entry_overrides_from_its_date() -> None:
    entry = an_entry(3, date(2024, 2, 1))
    assert in_force(graded(2), entries=(entry,), day=date(2024, 1, 31)).value == 2
    found = in_force(graded(2), entries=(entry,), day=date(2024, 2, 1))
    assert (found.value, found.because, found.restricted) == (3, Because.LA_CATEGORY, True)


def test_an_entry_stands_after_its_review_date_and_after_a_later_outcome_until_it_is_lifted() -> None:
    entry = an_entry(3, date(2024, 2, 1), review_on=date(2024, 2, 20))
    later = graded(1, published=date(2024, 2, 25))
    assert in_force(graded(2), later, entries=(entry,)).value == 3
    lifted = an_entry(3, date(2024, 2, 1), lifted_on=DAY)
    assert in_force(graded(2), later, entries=(lifted,)).value == 1


def test_of_two_entries_the_one_that_begins_later_is_in_force() -> None:
    assert in_force(entries=(an_entry(4, date(2024, 2, 10)), an_entry(3, date(2024, 2, 1)))).value == 4


def test_an_entry_is_reviewed_after_a_year_unless_another_date_is_given() -> None:
    entry = la_entry(
        entry_id=uuid4(),
        urn=URN,
        category=3,
        from_date=date(2024, 2, 29),
        reason="Two heads in a year",
        review_on=None,
        recorded_at=at(DAY),
    )
    assert entry.review_on == date(2025, 3, 1)
    assert a_year_later(date(2024, 3, 1)) == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("category", "reason", "review_on", "refusal"),
    [
        (5, "Reason", None, UnknownCategory),
        (0, "Reason", None, UnknownCategory),
        (3, "  ", None, ReasonMissing),
        (3, "Reason", DAY, ReviewBeforeStart),
    ],
)
def test_an_entry_needs_a_category_a_reason_and_a_review_after_it_begins(
    category: int, reason: str, review_on: date | None, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        la_entry(
            entry_id=uuid4(),
            urn=URN,
            category=category,
            from_date=DAY,
            reason=reason,
            review_on=review_on,
            recorded_at=at(DAY),
        )


def test_a_converter_inherits_from_its_opening_until_its_own_outcome() -> None:
    old = graded(3, urn=PREDECESSOR, published=date(2022, 1, 1))
    own = graded(2, published=date(2024, 2, 1))
    given = {"continuities": (continues(),), "converter": True, "opened_on": date(2023, 4, 1)}
    assert in_force(old, own, **given, day=date(2023, 3, 31)).value is None  # type: ignore[arg-type]
    found = in_force(old, own, **given, day=date(2023, 4, 1))  # type: ignore[arg-type]
    assert (found.value, found.because, found.inherited_from) == (3, Because.INHERITED, PREDECESSOR)
    assert found.true_from == date(2023, 4, 1)
    assert in_force(old, own, **given, day=date(2024, 2, 1)).because is Because.OUTCOME  # type: ignore[arg-type]


def test_an_outcome_of_the_predecessor_published_after_the_opening_is_inherited_from_its_publication() -> None:
    late = graded(3, urn=PREDECESSOR, published=date(2023, 6, 1))
    found = in_force(late, continuities=(continues(),), converter=True, opened_on=date(2023, 4, 1))
    assert (found.value, found.true_from) == (3, date(2023, 6, 1))


def test_a_sponsor_led_fresh_start_or_merged_school_does_not_inherit() -> None:
    old = graded(4, urn=PREDECESSOR, published=date(2022, 1, 1))
    assert in_force(old, continuities=(continues(),), converter=False).value is None
    assert in_force(old, continuities=(continues(merged=True),), converter=True).value is None


def test_the_policy_values_always_and_never_say_otherwise() -> None:
    old = graded(4, urn=PREDECESSOR, published=date(2022, 1, 1))
    assert in_force(old, continuities=(continues(),), inherit=Inherit.ALWAYS).value == 4
    assert in_force(old, continuities=(continues(),), converter=True, inherit=Inherit.NEVER).value is None


def test_an_outcome_of_a_school_that_it_does_not_continue_never_counts() -> None:
    stranger = graded(4, urn="900099")
    assert in_force(stranger, continuities=(continues(),), converter=True, inherit=Inherit.ALWAYS).value is None


def test_each_answer_names_the_policy_version_and_the_facts_that_it_used() -> None:
    found = in_force(graded(3))
    assert (found.policy.name, found.policy.version) == ("ofsted", 1)
    assert found.facts["inspection_number"] == found.ref == "N20240110"
    assert found.facts["headline"] == 3


def test_the_outcome_published_last_is_in_force_even_if_its_inspection_began_earlier() -> None:
    slow = graded(4, published=date(2024, 2, 1), inspection_started_on=date(2023, 9, 12), inspection_number="A")
    quick = graded(2, published=date(2024, 1, 10), inspection_started_on=date(2023, 12, 5), inspection_number="B")
    assert in_force(slow, quick).value == 4


@pytest.mark.parametrize(
    ("inherit", "second", "value"),
    [
        (Inherit.CONVERTERS, Continuity(PREDECESSOR, "900003", by_converter=True), 4),
        (Inherit.CONVERTERS, Continuity(PREDECESSOR, "900003", by_converter=False), None),
        (Inherit.CONVERTERS, Continuity(PREDECESSOR, "900003", merged=True, by_converter=True), None),
        (Inherit.ALWAYS, Continuity(PREDECESSOR, "900003", merged=True), 4),
        (Inherit.NEVER, Continuity(PREDECESSOR, "900003", by_converter=True), None),
    ],
)
def test_what_its_predecessor_had_inherited_is_inherited_in_turn_where_both_carried_on(
    inherit: Inherit, second: Continuity, value: int | None
) -> None:
    """R0.1: the third school of a line has the outcome of the first, if nothing was published of the second."""
    first = graded(4, urn="900003")
    chain = (continues(), second)
    assert in_force(first, continuities=chain, converter=True, inherit=inherit).value == value


def test_what_the_school_before_left_counts_for_more_than_what_that_one_had_inherited() -> None:
    """R0.1"""
    chain = (continues(), Continuity(PREDECESSOR, "900003", by_converter=True))
    first, second = graded(4, urn="900003"), graded(2, urn=PREDECESSOR, published=date(2023, 1, 10))
    found = in_force(first, second, continuities=chain, converter=True)
    assert (found.value, found.inherited_from) == (2, PREDECESSOR)


def test_lines_that_make_a_ring_of_schools_end_somewhere() -> None:
    ring = (continues(), Continuity(PREDECESSOR, URN, by_converter=True))
    assert in_force(continuities=ring, converter=True).value is None


OPENED, TOOK_IN, JUNIOR = date(2012, 9, 1), date(2015, 9, 1), "900004"
# 138668 opened as a converter in the place of 108928 and took 142297 in three years later; each link says Predecessor.
IN_ITS_PLACE = continues(stated=OPENED, opened_on=OPENED)
TAKEN_IN = continues(JUNIOR, stated=TOOK_IN, opened_on=OPENED)
OF_THE_INFANTS = graded(2, urn=PREDECESSOR, published=date(2011, 3, 1))
OF_THE_JUNIORS = graded(3, urn=JUNIOR, published=date(2014, 3, 1))


@pytest.mark.parametrize("day", [date(2014, 6, 1), TOOK_IN, DAY])
def test_what_a_converter_took_in_after_its_opening_is_a_merger_and_nothing_is_inherited_by_it(day: date) -> None:
    """R0.1: also where the register calls the link that of a predecessor."""
    line = (IN_ITS_PLACE, TAKEN_IN)
    given = {"continuities": line, "converter": True, "opened_on": OPENED, "day": day}
    found = in_force(OF_THE_INFANTS, OF_THE_JUNIORS, **given)  # type: ignore[arg-type]
    assert (found.value, found.inherited_from, found.true_from) == (2, PREDECESSOR, OPENED)
    assert in_force(OF_THE_JUNIORS, **given).value is None  # type: ignore[arg-type]


def test_under_always_what_a_school_took_in_counts_from_the_day_on_which_it_took_it_in() -> None:
    """R0.1: not from its own opening."""
    given = {"continuities": (IN_ITS_PLACE, TAKEN_IN), "opened_on": OPENED, "inherit": Inherit.ALWAYS}

    def on(day: date) -> tuple[int | None, str | None, date | None]:
        found = in_force(OF_THE_INFANTS, OF_THE_JUNIORS, **given, day=day)  # type: ignore[arg-type]
        return found.value, found.inherited_from, found.true_from

    assert on(date(2012, 8, 31)) == (None, None, None)
    assert on(date(2015, 8, 31)) == (2, PREDECESSOR, OPENED)
    assert on(TOOK_IN) == (3, JUNIOR, TOOK_IN)


@pytest.mark.parametrize("stated", [None, date(2012, 8, 31), date(2011, 1, 1), date(2012, 10, 1)])
def test_a_link_of_another_day_than_the_opening_is_no_merger_and_counts_from_the_opening(stated: date | None) -> None:
    """R0.1, D3.11: links carry the day that was planned, or the last one of the other school."""
    line = (continues(stated=stated, opened_on=OPENED),)
    given = {"continuities": line, "converter": True, "opened_on": OPENED}
    assert in_force(OF_THE_INFANTS, **given, day=date(2012, 8, 31)).value is None  # type: ignore[arg-type]
    found = in_force(OF_THE_INFANTS, **given, day=OPENED)  # type: ignore[arg-type]
    assert (found.value, found.true_from) == (2, OPENED)


def test_what_came_through_several_schools_is_true_since_the_last_of_them_took_over() -> None:
    """R0.1: the school before took the third one in when it had long been continued itself."""
    late = Continuity(PREDECESSOR, JUNIOR, stated=TOOK_IN, opened_on=date(2000, 9, 1))
    given = {"continuities": (IN_ITS_PLACE, late), "opened_on": OPENED, "inherit": Inherit.ALWAYS}
    assert in_force(OF_THE_JUNIORS, **given, day=date(2015, 8, 31)).value is None  # type: ignore[arg-type]
    found = in_force(OF_THE_JUNIORS, **given)  # type: ignore[arg-type]
    assert (found.value, found.inherited_from, found.true_from) == (3, JUNIOR, TOOK_IN)
    assert in_force(OF_THE_JUNIORS, **given | {"inherit": Inherit.CONVERTERS}, converter=True).value is None  # type: ignore[arg-type]


@pytest.mark.parametrize("turned", [1, -1])
def test_of_two_lines_to_one_outcome_the_one_that_began_first_says_since_when(turned: int) -> None:
    """R0.1"""
    first = graded(3, urn="900005", published=date(2011, 3, 1))
    line = (IN_ITS_PLACE, TAKEN_IN, Continuity(PREDECESSOR, "900005"), Continuity(JUNIOR, "900005"))[::turned]
    found = in_force(first, continuities=line, opened_on=OPENED, inherit=Inherit.ALWAYS)
    assert (found.value, found.true_from) == (3, OPENED)


def test_a_converter_that_opened_in_the_place_of_two_schools_inherits_what_was_published_last_of_either() -> None:
    """R0.1: the register calls it neither a merger nor an amalgamation."""
    line = (IN_ITS_PLACE, continues(JUNIOR, stated=OPENED, opened_on=OPENED))
    found = in_force(OF_THE_INFANTS, OF_THE_JUNIORS, continuities=line, converter=True, opened_on=OPENED)
    assert (found.value, found.inherited_from, found.true_from) == (3, JUNIOR, date(2014, 3, 1))
