"""How many lines of a file go into one transaction (D3.1, D3.11)."""

from services.membership.use_cases.pace import MOST_AT_ONCE, QUICK, Pace


def test_half_of_what_took_too_long_is_tried_down_to_one_line() -> None:
    pace, tried = Pace(), [MOST_AT_ONCE]
    while pace.slows_down(tried[-1]):
        tried.append(pace.lines)
    assert tried == [500, 250, 125, 62, 31, 15, 7, 3, 1]


def test_of_a_chunk_at_the_end_of_a_file_half_of_the_lines_that_it_had_are_tried() -> None:
    pace = Pace()
    assert pace.slows_down(40)
    assert pace.lines == 20


def test_what_follows_from_a_file_as_a_whole_has_no_half() -> None:
    pace = Pace()
    assert not pace.slows_down(0)
    assert pace.lines == MOST_AT_ONCE


def test_once_it_is_quick_again_more_is_tried_and_never_more_than_at_first() -> None:
    pace = Pace()
    pace.slows_down(300)
    pace.went_well(QUICK)
    assert pace.lines == 150, "no quicker than before"
    for _ in range(5):
        pace.went_well(QUICK / 2)
    assert pace.lines == MOST_AT_ONCE
