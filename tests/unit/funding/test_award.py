"""W-31: the award of a year is divided by days in the chair, exact to the penny."""

from datetime import date
from uuid import UUID

import pytest

from services.funding.domain.award import (
    Award,
    AwardTerms,
    AwardYear,
    NobodyInTheChair,
    Share,
    YearStartsOnNoSuchDay,
    divide,
    largest_remainder,
)
from services.funding.domain.chair import ChairHistory, ChairTerm, Move, Post, Stretch

AWARD, BODY = UUID(int=1), UUID(int=2)
OAK, ELM, ASH = "100001", "100002", "100003"
TERMS = AwardTerms(500_000)
YEAR = AwardYear(date(2026, 4, 1), date(2027, 4, 1))


def chair(
    number: int,
    urn: str | None,
    from_date: date,
    ended_on: date | None = None,
    *,
    post: Post = Post.CHAIR,
    planned_until: date | None = None,
    moves: tuple[Move, ...] = (),
) -> ChairTerm:
    return ChairTerm(UUID(int=100 + number), post, from_date, urn, planned_until, ended_on, moves)


def award(*terms: ChairTerm, year: AwardYear = YEAR) -> Award:
    return Award.open(AWARD, BODY, TERMS, year, ChairHistory(terms))


def test_a_chair_who_changes_after_24_august_leaves_2000_pounds_and_3000_to_the_next() -> None:
    """W-31, story S4"""
    division = award(chair(1, OAK, date(2024, 9, 1), date(2026, 8, 25)), chair(2, ELM, date(2026, 8, 25))).division
    assert division.shares == (Share(OAK, 146, 200_000), Share(ELM, 219, 300_000))
    assert (division.unawarded_days, division.unawarded_pence) == (0, 0)


def test_a_chair_of_the_whole_year_has_the_whole_award() -> None:
    assert award(chair(1, OAK, date(2020, 9, 1))).division.shares == (Share(OAK, 365, 500_000),)


def test_a_leap_year_is_divided_by_366_days() -> None:
    year = TERMS.year_containing(date(2028, 2, 29))
    division = award(chair(1, OAK, date(2027, 4, 1), date(2028, 2, 29)), chair(2, ELM, date(2028, 2, 29)), year=year)
    assert year.days == 366
    # 500,000 * 334/366 = 456,284.15 and * 32/366 = 43,715.85: the odd penny goes to the larger remainder.
    assert division.division.shares == (Share(OAK, 334, 456_284), Share(ELM, 32, 43_716))


def test_days_of_an_acting_deputy_count_for_the_deputys_school() -> None:
    division = award(
        chair(1, OAK, date(2024, 9, 1)),
        chair(2, ELM, date(2026, 6, 1), date(2026, 8, 13), post=Post.ACTING_CHAIR),
    ).division
    assert division.shares == (Share(OAK, 292, 400_000), Share(ELM, 73, 100_000))


def test_a_new_chair_has_every_day_even_before_the_end_of_the_acting_is_recorded() -> None:
    history = ChairHistory(
        (
            chair(1, ELM, date(2026, 4, 1), post=Post.ACTING_CHAIR),
            chair(2, OAK, date(2026, 8, 25)),
        )
    )
    assert history.in_the_chair(date(2026, 9, 1)) == history.terms[1]


def test_days_with_no_chair_are_not_awarded_and_are_listed() -> None:
    """W-31"""
    opened = award(chair(1, OAK, date(2024, 9, 1), date(2026, 8, 25)), chair(2, ELM, date(2026, 11, 6)))
    assert opened.division.unawarded_days == 73
    assert opened.division.unawarded_pence == 100_000
    (gap,) = [stretch for stretch in opened.stretches if not stretch.awarded]
    assert (gap.from_date, gap.until, gap.why_unawarded) == (date(2026, 8, 25), date(2026, 11, 6), "no chair")


def test_days_of_a_chair_who_heads_no_school_are_not_awarded_and_say_why() -> None:
    opened = award(chair(1, OAK, date(2024, 9, 1), moves=(Move(date(2026, 8, 25), None),)))
    assert opened.division.shares == (Share(OAK, 146, 200_000),)
    assert opened.stretches[-1].why_unawarded == "the chair heads no school"


def test_a_chair_who_moves_school_splits_the_award() -> None:
    """W-31"""
    moves = (Move(date(2026, 8, 25), ELM),)
    assert award(chair(1, OAK, date(2024, 9, 1), moves=moves)).division.shares == (
        Share(OAK, 146, 200_000),
        Share(ELM, 219, 300_000),
    )


def test_two_chairs_of_one_school_have_one_share() -> None:
    opened = award(chair(1, OAK, date(2024, 9, 1), date(2026, 8, 25)), chair(2, OAK, date(2026, 8, 25)))
    assert opened.division.shares == (Share(OAK, 365, 500_000),)
    assert len(opened.stretches) == 1


def test_a_planned_end_counts_until_the_term_really_ends() -> None:
    planned = chair(1, OAK, date(2024, 9, 1), planned_until=date(2026, 8, 25))
    carried_on = chair(1, OAK, date(2024, 9, 1), date(2026, 11, 6), planned_until=date(2026, 8, 25))
    assert award(planned).division.shares[0].days == 146
    assert award(carried_on).division.shares[0].days == 219


def test_a_term_that_ends_the_day_it_began_has_no_days() -> None:
    undone = chair(2, ELM, date(2026, 8, 25), date(2026, 8, 25))
    assert award(chair(1, OAK, date(2024, 9, 1)), undone).division.shares == (Share(OAK, 365, 500_000),)


def test_no_award_opens_for_a_year_without_a_chair() -> None:
    with pytest.raises(NobodyInTheChair, match="1 April 2026"):
        award(chair(1, OAK, date(2024, 9, 1), date(2026, 4, 1)))


@pytest.mark.parametrize(
    ("on", "from_date"),
    [
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 12, 31), date(2026, 4, 1)),
        (date(2027, 1, 1), date(2026, 4, 1)),
    ],
)
def test_an_award_year_runs_from_1_april(on: date, from_date: date) -> None:
    year = TERMS.year_containing(on)
    assert (year.from_date, year.until) == (from_date, from_date.replace(year=from_date.year + 1))
    assert on in year


def test_an_award_year_can_start_in_september_where_the_terms_say_so() -> None:
    """R0.7"""
    assert AwardTerms(500_000, "09-01").year_containing(date(2026, 8, 31)).from_date == date(2025, 9, 1)


@pytest.mark.parametrize("starts", ["02-29", "13-01", "1 April"])
def test_an_award_year_must_start_on_a_day_of_every_year(starts: str) -> None:
    with pytest.raises(YearStartsOnNoSuchDay):
        AwardTerms(500_000, starts).year_containing(date(2026, 4, 1))


def test_the_penny_left_over_goes_to_the_largest_remainder() -> None:
    """W-31"""
    assert largest_remainder(100, {OAK: 1, ELM: 1, None: 1}) == {OAK: 34, ELM: 33, None: 33}
    assert largest_remainder(10, {OAK: 5, ELM: 4, ASH: 4}) == {OAK: 4, ELM: 3, ASH: 3}


def test_an_award_that_follows_the_same_history_stays_as_it_is() -> None:
    history = ChairHistory((chair(1, OAK, date(2024, 9, 1)),))
    opened = Award.open(AWARD, BODY, TERMS, YEAR, history)
    assert opened.follow(history) is opened


def test_a_change_of_chair_is_one_adjustment_from_the_first_day_that_differs() -> None:
    opened = award(chair(1, OAK, date(2024, 9, 1)))
    followed = opened.follow(
        ChairHistory((chair(1, OAK, date(2024, 9, 1), date(2026, 8, 25)), chair(2, ELM, date(2026, 8, 25))))
    )
    adjustment = followed.adjustment_from(opened)
    assert adjustment is not None
    assert adjustment.from_date == date(2026, 8, 25)
    assert adjustment.before.shares == (Share(OAK, 365, 500_000),)
    assert adjustment.after.shares == (Share(OAK, 146, 200_000), Share(ELM, 219, 300_000))


def test_other_days_for_the_same_money_are_no_adjustment() -> None:
    swapped = (
        Stretch(YEAR.from_date, date(2026, 4, 11), ELM),
        Stretch(date(2026, 4, 11), YEAR.until, OAK),
    )
    end = date(2027, 3, 22)
    opened = award(chair(1, OAK, YEAR.from_date, end), chair(2, ELM, end))
    followed = opened.follow(
        ChairHistory((chair(1, ELM, YEAR.from_date, date(2026, 4, 11)), chair(2, OAK, date(2026, 4, 11))))
    )
    assert followed.stretches == swapped
    assert followed.version == 2
    assert followed.adjustment_from(opened) is None


def test_a_year_with_no_chair_is_wholly_unawarded() -> None:
    assert divide(500_000, [Stretch(YEAR.from_date, YEAR.until, None, vacant=True)]).unawarded_pence == 500_000
