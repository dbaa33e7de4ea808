"""Places that end with their body or their school, and who leads from then on: step by step against the model."""

from collections.abc import Callable

import pytest

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_continuity_in_order import A_LEADER, PREDECESSOR
from tests.bitemporal.test_in_order import Step, goes
from tests.bitemporal.test_places_in_order import IN_BOTH
from tests.bitemporal.world import World

pytestmark = pytest.mark.timeout(900)

S1_CONTINUES_P1: Step = lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 0)  # noqa: E731
NO_MORE: Step = lambda acts: acts.links([("s1", "Other", "p1", None)], 0)  # noqa: E731


def test_of_two_places_that_a_school_takes_the_other_body_leads_once_one_has_closed(
    worlds: Callable[[], World],
) -> None:
    """R0.3, W-02: B led p1, and was known to close when s1 has been in it for some days."""
    goes(
        worlds(),
        *IN_BOTH[:2],
        lambda acts: acts.close_body("B", 11),
        IN_BOTH[2],
        lambda acts: acts.clock(9),
        lambda acts: acts.clock(3),
    )


def test_a_closing_body_that_does_not_close_leads_the_school_that_took_its_place_on(
    worlds: Callable[[], World],
) -> None:
    """R0.3, W-02, R0.4"""
    goes(
        worlds(),
        *IN_BOTH,
        lambda acts: acts.close_body("B", 11),
        lambda acts: acts.clock(9),
        lambda acts: acts.put_closing_right("B", 4),
        lambda acts: acts.clock(3),
        lambda acts: acts.put_closing_right("B", None),
        lambda acts: acts.clock(2),
    )


def test_another_body_is_named_for_a_later_day_than_that_on_which_a_place_is_to_be_taken(
    worlds: Callable[[], World],
) -> None:
    """R0.3: the place is taken back whole, and comes whole when the link says it again."""
    goes(
        worlds(),
        *IN_BOTH,
        lambda acts: acts.name_lead("A", 10, "s1"),
        lambda acts: acts.name_lead("A", 2, "p1"),
        NO_MORE,
        lambda acts: acts.clock(1),
        S1_CONTINUES_P1,
        lambda acts: acts.clock(8),
        lambda acts: acts.clock(3),
    )


def test_a_place_that_is_not_to_be_follows_again_when_its_school_is_in_the_body_after_all(
    worlds: Callable[[], World],
) -> None:
    """W-02: what is taken back by itself nobody has decided."""
    goes(
        worlds(),
        *IN_BOTH,
        lambda acts: acts.leave("B", 3, "p1"),
        lambda acts: acts.clock(3),
        lambda acts: acts.join("B", 1, None, name="p1"),
        lambda acts: acts.clock(7),
    )


@pytest.mark.parametrize("closes", [False, True], ids=["its place was to end", "its body closes"])
def test_a_school_that_opens_again_is_led_by_the_only_body_in_which_it_has_a_place_still(
    worlds: Callable[[], World], closes: bool
) -> None:
    """R0.3, R0.4, W-02"""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 0, None if closes else 3, name="p1"),
        *([lambda acts: acts.close_body("B", 3)] if closes else []),  # type: ignore[list-item]
        lambda acts: acts.plan_closing("p1", 2),
        lambda acts: acts.clock(2),
        lambda acts: acts.clock(4),
        lambda acts: acts.open_again("p1", 0, 1 if closes else None),
        lambda acts: acts.clock(1),
    )


def test_a_place_of_a_closing_school_that_was_to_end_before_does_when_the_school_goes_on(
    worlds: Callable[[], World],
) -> None:
    """R0.3, W-02: its end is entered while the closing is planned, which comes earlier and is called off."""
    goes(
        worlds(),
        lambda acts: acts.plan_closing("p1", 5),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 0, 3, name="p1"),
        lambda acts: acts.plan_closing("p1", 2),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.clock(2),
    )


def test_a_school_in_two_bodies_is_found_to_have_closed_on_a_day_that_has_gone(worlds: Callable[[], World]) -> None:
    """R0.4, W-02: and then on a later one after all, on an earlier one, and on one to come."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.clock(4),
        lambda acts: acts.close(-2, "p1"),
        lambda acts: acts.close(-1, "p1"),
        lambda acts: acts.close(-4, "p1"),
        lambda acts: acts.close(3, "p1"),
        lambda acts: acts.clock(4),
        lambda acts: acts.open_again("p1"),
    )


def test_a_school_closes_on_the_very_day_on_which_another_body_began_to_lead_it(worlds: Callable[[], World]) -> None:
    """W-02: that it has left is told once."""
    goes(
        worlds(),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.close_without_a_date("p1"),
        lambda acts: acts.clock(1),
    )


def test_a_place_that_ended_with_its_school_before_its_body_closed_goes_on_when_neither_does(
    worlds: Callable[[], World],
) -> None:
    """W-02, R0.4: that the body does not close is learned while the place is to end with the school."""
    goes(
        worlds(),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.close_body("B", 4),
        lambda acts: acts.plan_closing("p1", 2),
        lambda acts: acts.put_closing_right("B", None),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.clock(5),
        lambda acts: acts.clock(3),
    )


def test_an_allocation_that_ended_with_its_school_stays_ended_when_that_opens_again(
    worlds: Callable[[], World],
) -> None:
    """W-18: until it closes again on a day to come, and then without one."""
    goes(
        worlds(),
        lambda acts: acts.publish("p2", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.allocate("p2", "dot", 0, None),
        lambda acts: acts.close(1, "p2"),
        lambda acts: acts.clock(2),
        lambda acts: acts.plan_closing("p2", 2),
        lambda acts: acts.open_again("p2"),
        lambda acts: acts.plan_closing("p2", 1),
        lambda acts: acts.clock(2),
    )


def test_who_leads_is_who_led_on_the_last_day_though_a_place_was_entered_before_that_was_known(
    worlds: Callable[[], World],
) -> None:
    """R0.3, W-02: p2 came to B when it had closed already, as a later file has it."""
    goes(
        worlds(),
        lambda acts: acts.links([("s1", PREDECESSOR, "p2", None)], 0),
        lambda acts: acts.clock(3),
        lambda acts: acts.join("B", 0, None, name="p2"),
        lambda acts: acts.close(-1, "p2"),
        lambda acts: acts.clock(6),
    )


def test_a_body_that_a_school_joined_when_it_had_closed_leads_it_once_that_is_known(
    worlds: Callable[[], World],
) -> None:
    """R0.3: exactly one body leads a school that is in any, though nobody speaks for one that is closed."""
    goes(
        worlds(),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.clock(3),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.close(-1, "p1"),
    )


def test_a_school_is_found_to_have_closed_after_its_body_did(worlds: Callable[[], World]) -> None:
    """W-02: it had been open again until the day on which both were to close; that it has left is told once."""
    goes(
        worlds(),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.close_body("B", 2),
        lambda acts: acts.plan_closing("p1", 2),
        lambda acts: acts.clock(3),
        lambda acts: acts.close(0, "p1"),
    )


def test_whoever_was_told_of_a_place_is_told_that_it_never_was_when_its_school_had_closed_before(
    worlds: Callable[[], World],
) -> None:
    """W-02, R0.4: its place is entered late, and told; it is to end, and does when nobody has it in the body any more."""
    goes(
        worlds(),
        lambda acts: acts.clock(3),
        lambda acts: acts.join("A", -1, 3, name="p1"),
        lambda acts: acts.close(-2, "p1"),
        lambda acts: acts.close(-3, "p1"),
        lambda acts: acts.clock(3),
    )


@pytest.mark.parametrize("again", [0, 3], ids=["while it is to last", "when it is over"])
def test_a_place_that_never_was_since_its_school_had_closed_was_when_the_school_is_open_again(
    worlds: Callable[[], World], again: int
) -> None:
    """W-02, R0.4"""
    goes(
        worlds(),
        lambda acts: acts.clock(3),
        lambda acts: acts.join("A", -1, 3, name="p1"),
        lambda acts: acts.close(-2, "p1"),
        *([lambda acts: acts.clock(again)] if again else []),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.clock(3),
    )


def test_a_place_never_was_or_was_for_some_days_by_the_day_on_which_its_school_closed(
    worlds: Callable[[], World],
) -> None:
    """W-02, R0.4: the day is put right again and again, also to one on which the place had begun, and to one to come."""
    goes(
        worlds(),
        lambda acts: acts.clock(4),
        lambda acts: acts.join("A", -2, None, name="p1"),
        lambda acts: acts.close(-3, "p1"),
        lambda acts: acts.close(-1, "p1"),
        lambda acts: acts.close(-2, "p1"),
        lambda acts: acts.close(0, "p1"),
        lambda acts: acts.close(-3, "p1"),
        lambda acts: acts.close(2, "p1"),
        lambda acts: acts.clock(3),
    )


def test_of_a_place_that_was_to_begin_when_its_school_had_closed_nobody_hears_before_that_opens_again(
    worlds: Callable[[], World],
) -> None:
    """W-02: neither on its days, nor when another body is named to lead, nor when an officer ends it."""
    goes(
        worlds(),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.join("A", 3, 5, name="p1"),
        lambda acts: acts.close(2, "p1"),
        lambda acts: acts.clock(4),
        lambda acts: acts.name_lead("A", 0, "p1"),
        lambda acts: acts.leave("A", 1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.clock(1),
    )


def test_a_place_that_is_led_otherwise_within_its_days_never_was_whole(worlds: Callable[[], World]) -> None:
    """R0.3, W-02: in two parts, of the first of which the other body led."""
    goes(
        worlds(),
        lambda acts: acts.clock(4),
        lambda acts: acts.join("A", -2, None, name="p1"),
        lambda acts: acts.join("B", -2, None, name="p1"),
        lambda acts: acts.name_lead("A", -1, "p1"),
        lambda acts: acts.close(-3, "p1"),
        lambda acts: acts.clock(1),
        lambda acts: acts.open_again("p1"),
    )


def test_a_school_that_opens_again_until_it_closes_when_its_body_has_closed_is_the_desks(
    worlds: Callable[[], World],
) -> None:
    """R0.3, W-02: its place doesn't come back, and it is looked at all the same."""
    goes(
        worlds(),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.close_body("B", 1),
        lambda acts: acts.clock(2),
        lambda acts: acts.plan_closing("p1", 4),
        lambda acts: acts.clock(5),
        lambda acts: acts.open_again("p1"),
    )


@pytest.mark.parametrize("until", [None, 6], ids=["for good", "until it closes"])
def test_a_school_that_is_to_open_again_is_in_its_bodies_again_from_the_day_on_which_it_does(
    worlds: Callable[[], World], until: int | None
) -> None:
    """R0.3, W-02: the edition that says so comes before that day; then it closes, or on a later day than was planned."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.is_to_open("p1", 3, until),
        lambda acts: acts.clock(3),
        lambda acts: acts.clock(1),
        lambda acts: acts.plan_closing("p1", 4),
        lambda acts: acts.clock(5),
        lambda acts: acts.open_again("p1"),
    )


def test_a_school_opens_again_on_another_day_than_was_planned(worlds: Callable[[], World]) -> None:
    """R0.3, W-02, D3.11: later, earlier, not at all, and at once; nobody hears of a place that was planned alone."""
    goes(
        worlds(),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.is_to_open("p1", 3),
        lambda acts: acts.clock(1),
        lambda acts: acts.is_to_open("p1", 6),
        lambda acts: acts.clock(2),
        lambda acts: acts.is_to_open("p1", 2),
        lambda acts: acts.clock(1),
        lambda acts: acts.close(-5, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.is_to_open("p1", 4),
        lambda acts: acts.clock(1),
        lambda acts: acts.is_to_open("p1", 0),
        lambda acts: acts.clock(4),
    )


def test_a_place_goes_on_from_no_day_on_which_it_or_its_body_was_to_be_over(worlds: Callable[[], World]) -> None:
    """R0.3, W-02: the other body leads the school from the day on which it opens again."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 0, 4, name="p1"),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.is_to_open("p1", 1),
        lambda acts: acts.is_to_open("p1", 3),
        lambda acts: acts.clock(1),
        lambda acts: acts.clock(2),
        lambda acts: acts.clock(1),
    )


def test_an_officer_takes_away_the_place_that_a_school_is_to_have_again(worlds: Callable[[], World]) -> None:
    """W-02: it stays away, also when the day of opening moves."""
    goes(
        worlds(),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.is_to_open("p1", 3),
        lambda acts: acts.leave("B", 3, "p1"),
        lambda acts: acts.clock(1),
        lambda acts: acts.is_to_open("p1", 4),
        lambda acts: acts.clock(4),
        lambda acts: acts.clock(1),
    )
