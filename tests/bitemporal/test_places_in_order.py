"""Places that a school takes from those that it continues, and who leads it, step by step against the model."""

from collections.abc import Callable

import pytest

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_continuity_in_order import A_LEADER, MERGED, PREDECESSOR
from tests.bitemporal.test_in_order import Step, goes
from tests.bitemporal.world import World

pytestmark = pytest.mark.timeout(900)

IN_BOTH: list[Step] = [
    lambda acts: acts.join("A", 0, None, name="p1"),
    lambda acts: acts.join("B", 0, None, name="p1"),
    lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 1),
]


def test_a_school_is_led_as_the_one_that_it_continues_was_to_the_last(worlds: Callable[[], World]) -> None:
    """R0.3, W-02: what is named before the day comes to nothing when something else is, also for whatever it joins later."""
    goes(
        worlds(),
        *IN_BOTH,
        lambda acts: acts.name_lead("A", 0, "p1"),
        lambda acts: acts.name_lead("B", 2, "p1"),
        lambda acts: acts.clock(9),
        lambda acts: acts.leave("A", 1, "s1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.join("A", 0, None, name="s1"),
    )


def test_what_was_named_with_places_that_are_not_to_be_comes_to_nothing(worlds: Callable[[], World]) -> None:
    """R0.3"""
    goes(
        worlds(),
        *IN_BOTH,
        lambda acts: acts.name_lead("A", 0, "p1"),
        lambda acts: acts.links([("s1", "Other", "p1", None)], 0),
        lambda acts: acts.clock(9),
        lambda acts: acts.join("A", 0, None, name="s1"),
        lambda acts: acts.join("B", 0, None, name="s1"),
    )


def test_an_officer_names_who_leads_a_school_from_its_first_day(worlds: Callable[[], World]) -> None:
    """R0.3: also where those that it continues are led by another, and change."""
    goes(
        worlds(),
        *IN_BOTH,
        lambda acts: acts.name_lead("A", 8, "s1"),
        lambda acts: acts.name_lead("A", 1, "p1"),
        lambda acts: acts.name_lead("B", 3, "p1"),
        lambda acts: acts.clock(9),
    )


def test_whoever_leads_a_school_goes_on_when_it_takes_another_in(worlds: Callable[[], World]) -> None:
    """R0.3, W-02: though that one was in a body of a higher phase. Its days are known at once, and lie ahead."""
    goes(
        worlds(),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 0, None, name="p2"),
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None), ("s1", MERGED, "p2", 42)], 0),
        lambda acts: acts.clock(9),
        *[lambda acts: acts.clock(7)] * 5,
    )


def test_a_closing_on_the_day_on_which_it_was_to_be_is_no_news(worlds: Callable[[], World]) -> None:
    """D3.11: what others hear of the school is as it was. Nor does an edition without its type say that it has none."""
    goes(
        worlds(),
        lambda acts: acts.plan_closing("p1", 2),
        lambda acts: acts.clock(3),
        lambda acts: acts.close(-1, "p1"),
        lambda acts: acts.turn_type("p1", "", 0),
    )


def test_a_place_goes_on_when_the_school_that_took_it_does_not_close_after_all(worlds: Callable[[], World]) -> None:
    """W-02, D3.11: it was known to close when it took the place."""
    goes(
        worlds(),
        lambda acts: acts.plan_closing("s1", 12),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 0),
        lambda acts: acts.clock(1),
        lambda acts: acts.open_again("s1"),
        lambda acts: acts.clock(7),
        lambda acts: acts.clock(5),
    )


def test_a_place_that_was_to_follow_is_taken_back_though_the_school_is_to_close(worlds: Callable[[], World]) -> None:
    """W-02, D3.11"""
    goes(
        worlds(),
        lambda acts: acts.plan_closing("s1", 12),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 0),
        lambda acts: acts.clock(1),
        lambda acts: acts.links([("s1", "Other", "p1", None)], 0),
        lambda acts: acts.clock(7),
    )


def test_what_was_decided_of_a_school_goes_over_to_none_that_is_not_maintained(worlds: Callable[[], World]) -> None:
    """W-18, R0.1: it went on as an independent school, for which nobody here speaks."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.set_entry("p1", 3, 0, None),
        lambda acts: acts.turn_type("s1", "11", 0),
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 0),
        lambda acts: acts.close(8, "p1"),
        lambda acts: acts.clock(8),
        lambda acts: acts.turn_type("s1", "1", 0),
    )


def test_an_allocation_that_ended_by_a_split_ends_no_second_time_with_its_school(worlds: Callable[[], World]) -> None:
    """W-18: the school of which c1 became a part closes later; something else changes of a school beside it."""
    goes(
        worlds(),
        lambda acts: acts.clock(12),
        lambda acts: acts.links([("s1", MERGED, "p1", None), ("s1", MERGED, "p2", None)], 0),
        lambda acts: acts.links([("c1", "Predecessor - Split School", "p1", None)], 0),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.allocate("p1", "cat", 0, None),
        lambda acts: acts.clock(2),
        lambda acts: acts.plan_closing("p1", 1),
        lambda acts: acts.clock(2),
        lambda acts: acts.plan_closing("p2", 1),
    )
