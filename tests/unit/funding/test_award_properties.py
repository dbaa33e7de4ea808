"""W-31, I5: whatever the history of a chair, every day counts once and every penny is accounted for."""

from datetime import date, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.funding.domain.award import AwardTerms, AwardYear, divide, largest_remainder
from services.funding.domain.chair import ChairHistory, ChairTerm, Move, Post

URNS = st.sampled_from(["100001", "100002", "100003", None])
DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))
AMOUNTS = st.integers(min_value=1, max_value=2_000_000)
YEARS = DAYS.map(AwardTerms(500_000).year_containing)


@st.composite
def terms_of_office(draw: st.DrawFn, number: int) -> ChairTerm:
    begins = draw(DAYS)
    planned = draw(st.none() | st.integers(0, 800).map(lambda n: begins + timedelta(days=n)))
    ended = draw(st.none() | st.integers(0, 800).map(lambda n: begins + timedelta(days=n)))
    moves = draw(st.lists(st.builds(Move, DAYS, URNS), max_size=3, unique_by=lambda move: move.on))
    return ChairTerm(UUID(int=number), draw(st.sampled_from(Post)), begins, draw(URNS), planned, ended, tuple(moves))


HISTORIES = st.integers(0, 5).flatmap(
    lambda count: st.tuples(*(terms_of_office(number) for number in range(count))).map(ChairHistory)
)


@given(AMOUNTS, YEARS, HISTORIES)
def test_the_parts_make_exactly_the_award_and_none_is_below_nothing(
    amount: int, year: AwardYear, history: ChairHistory
) -> None:
    division = divide(amount, history.during(year.from_date, year.until))
    assert sum(share.pence for share in division.shares) + division.unawarded_pence == amount
    assert sum(share.days for share in division.shares) + division.unawarded_days == year.days
    assert all(share.pence >= 0 and share.days > 0 for share in division.shares)
    assert division.unawarded_pence >= 0


@given(YEARS, HISTORIES)
def test_every_day_counts_for_the_school_of_whoever_was_in_the_chair(year: AwardYear, history: ChairHistory) -> None:
    """The oracle walks day by day; the product cuts the year at the days of change."""
    by_day: list[str | None] = []
    for offset in range(year.days):
        on = year.from_date + timedelta(days=offset)
        holder = history.in_the_chair(on)
        by_day.append(holder.school_on(on) if holder else None)
    stretches = history.during(year.from_date, year.until)
    assert [stretch.urn for stretch in stretches for _ in range(stretch.days)] == by_day
    assert [left.until for left in stretches[:-1]] == [right.from_date for right in stretches[1:]]


@given(AMOUNTS, YEARS, HISTORIES, st.randoms(use_true_random=False))
def test_the_order_in_which_terms_were_recorded_is_no_matter(
    amount: int, year: AwardYear, history: ChairHistory, chance: Random
) -> None:
    shuffled = list(history.terms)
    chance.shuffle(shuffled)
    assert divide(amount, ChairHistory(tuple(shuffled)).during(year.from_date, year.until)) == divide(
        amount, history.during(year.from_date, year.until)
    )


PARTIES = st.dictionaries(URNS, st.integers(1, 366), min_size=1)


@given(AMOUNTS, PARTIES)
def test_more_days_never_give_less(amount: int, days: dict[str | None, int]) -> None:
    pence = largest_remainder(amount, days)
    for one in days:
        for other in days:
            if days[one] > days[other]:
                assert pence[one] >= pence[other]


@given(AMOUNTS, PARTIES)
def test_no_part_is_a_penny_or_more_from_its_exact_proportion(amount: int, days: dict[str | None, int]) -> None:
    total = sum(days.values())
    for party, pence in largest_remainder(amount, days).items():
        assert abs(pence * total - amount * days[party]) < total
