"""Which of a school's facts was told first, where two authorities told them."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.meetings.domain.place import Place, in_turn


def told(authority: str, sequence: int, at: int) -> Place:
    return Place(authority, 1, sequence, UUID(int=at))


def test_what_one_authority_tells_after_another_comes_after_it_whatever_the_numbers() -> None:
    """I3"""
    old, new = told("937", 9, at=1), told("801", 1, at=2)
    assert in_turn([new, old]) == {old: 0, new: 1}


def test_within_one_authority_the_number_decides_also_where_a_clock_ran_back() -> None:
    """D3.2"""
    first, second, third = told("937", 1, at=7), told("937", 2, at=3), told("937", 3, at=9)
    assert in_turn([third, second, first]) == {first: 0, second: 1, third: 2}


def test_a_clock_that_ran_back_moves_nothing_before_what_another_authority_had_told_earlier() -> None:
    """Told at 3 by its clock, but after what was told at 7, and so after Bristol's at 5."""
    first, second, bristols = told("937", 1, at=7), told("937", 2, at=3), told("801", 1, at=5)
    assert in_turn([second, bristols, first]) == {bristols: 0, first: 1, second: 2}


@given(
    st.permutations([told(a, n, at) for a, n, at in (("9", 1, 5), ("9", 2, 2), ("8", 1, 3), ("8", 2, 9), ("", 4, 5))])
)
def test_in_whatever_order_they_are_read_the_turns_are_the_same(read: list[Place]) -> None:
    """I7"""
    assert in_turn(read) == in_turn(sorted(read, key=lambda place: place.number))
