"""Schools that merge, convert, close and open again, step by step against the model (docs/continuity.md)."""

from collections.abc import Callable

import pytest

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_in_order import Step, goes
from tests.bitemporal.world import World

pytestmark = pytest.mark.timeout(900)

PREDECESSOR, MERGED, AMALGAMATED = "Predecessor", "Predecessor - merged", "Predecessor - amalgamated"
A_LEADER: list[Step] = [
    lambda acts: acts.publish("p1", 0, 3, {"headline": 4}, "graded"),
    lambda acts: acts.allocate("p1", "dot", 0, None),
    lambda acts: acts.tell_school("p1", acts.world.today),
]


def test_a_maintained_school_goes_on_under_another_number_with_all_that_was_decided(
    worlds: Callable[[], World],
) -> None:
    """R0.1, R0.3, W-02, W-18"""
    goes(
        worlds(),
        lambda acts: acts.adopt_category("ofsted", "always", 0),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 1, None, name="p1"),
        lambda acts: acts.name_lead("A", 3, "p1"),
        lambda acts: acts.set_entry("p1", 3, 1, None),
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 0),
        lambda acts: acts.close(8, "p1"),
        lambda acts: acts.clock(4),
        lambda acts: acts.clock(4),  # s1 opens
        lambda acts: acts.tell_school("s1", acts.world.today),
        lambda acts: acts.turn_type("s1", "28", 0),  # it was a sponsor-led academy
        lambda acts: acts.clock(1),
    )


def test_two_schools_become_one(worlds: Callable[[], World]) -> None:
    """W-02, W-18: the place of each, led by the highest phase; what was decided of either goes no further."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.set_entry("p2", 4, 0, None),
        lambda acts: acts.links([("s1", AMALGAMATED, "p1", None), ("p2", "Result of Amalgamation", "s1", None)], 0),
        lambda acts: acts.close_without_a_date("p2"),
        lambda acts: acts.close(7, "p1"),
        lambda acts: acts.clock(8),
        lambda acts: acts.name_lead("A", 0, "s1"),
        lambda acts: acts.clock(1),
        lambda acts: acts.leave("A", 0, "s1"),
    )


def test_a_school_is_taken_in_by_one_that_has_long_been_there(worlds: Callable[[], World]) -> None:
    """W-02: from the day of the link, and what it left goes no further."""
    goes(
        worlds(),
        lambda acts: acts.clock(9),
        *A_LEADER,
        lambda acts: acts.join("B", 0, None, name="p1"),
        lambda acts: acts.links([("s1", MERGED, "p1", 1)], 0),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
    )


@pytest.mark.parametrize("inherit", ["converters", "always"])
def test_a_converter_takes_a_school_in_when_it_has_long_been_there(worlds: Callable[[], World], inherit: str) -> None:
    """R0.1: by a link that says no more than Predecessor. It inherits from that day where the policy is `always`, else never."""
    goes(
        worlds(),
        lambda acts: acts.adopt_category("ofsted", inherit, 0),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 2}, "graded"),
        lambda acts: acts.links([("c1", PREDECESSOR, "p1", None), ("c1", PREDECESSOR, "p2", 46)], 0),
        lambda acts: acts.close(14, "p1"),
        lambda acts: acts.clock(15),  # c1 has opened
        lambda acts: acts.publish("p2", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.clock(30),
        lambda acts: acts.close(1, "p2"),
        lambda acts: acts.clock(1),  # it takes p2 in
        lambda acts: acts.links([("c1", PREDECESSOR, "p2", -46)], 0),  # no: it opened in the place of both
        lambda acts: acts.clock(1),
        lambda acts: acts.links([("c1", PREDECESSOR, "p2", 2)], 0),  # no: it is to take it in
        lambda acts: acts.clock(2),
    )


@pytest.mark.parametrize("closes", [True, False], ids=["that closes", "that goes on"])
def test_what_was_to_follow_is_taken_back_when_the_register_says_otherwise(
    worlds: Callable[[], World], closes: bool
) -> None:
    """W-18, D3.11: a later file has a link that means nothing, or turns it round, before the day."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.set_entry("p1", 3, 0, None),
        *([lambda acts: acts.close(8, "p1")] if closes else []),  # type: ignore[list-item]
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 1),
        lambda acts: acts.clock(2),
        lambda acts: acts.links([("s1", "Other", "p1", None)], 0),
        lambda acts: acts.clock(1),
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 0),
        lambda acts: acts.links([("p1", PREDECESSOR, "s1", None)], -1),
        lambda acts: acts.clock(6),
    )


def test_a_continuation_that_is_learned_late_counts_from_the_opening_day(worlds: Callable[[], World]) -> None:
    """R0.4, W-18"""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.set_entry("p1", 3, 1, 4),
        lambda acts: acts.clock(11),
        lambda acts: acts.publish("s1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.links([("p1", "Successor", "s1", None)], 0),
        lambda acts: acts.close(-4, "p1"),
        lambda acts: acts.clock(1),
    )


def test_a_closing_that_is_called_off_leaves_place_and_leader_as_they_were(worlds: Callable[[], World]) -> None:
    """W-18, D3.11"""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.plan_closing("p1", 5),
        lambda acts: acts.clock(1),
        lambda acts: acts.plan_closing("p1", 3),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.clock(5),
    )


def test_a_school_that_opens_again_is_in_its_bodies_again(worlds: Callable[[], World]) -> None:
    """R0.4, W-02"""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 0, 9, name="p1"),
        lambda acts: acts.clock(1),
        lambda acts: acts.close_without_a_date("p1"),
        lambda acts: acts.clock(4),
        lambda acts: acts.open_again("p1", 0, 2),
        lambda acts: acts.clock(1),
        lambda acts: acts.close(0, "p1"),
        lambda acts: acts.clock(1),
        lambda acts: acts.plan_closing("p1", 3),
        lambda acts: acts.clock(3),
    )


CALLED_OFF: list[Step] = [lambda acts: acts.clock(1), lambda acts: acts.open_again("p1"), lambda acts: acts.clock(6)]
PUT_OFF: list[Step] = [lambda acts: acts.plan_closing("p1", 7), lambda acts: acts.clock(6), lambda acts: acts.clock(2)]


@pytest.mark.parametrize("then", [CALLED_OFF, PUT_OFF], ids=["called off", "put off"])
@pytest.mark.parametrize("on", [3, 5])
def test_a_school_closes_before_another_body_was_to_lead_it(
    worlds: Callable[[], World], on: int, then: list[Step]
) -> None:
    """R0.3, W-02: B would lead from the fifth day on."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.join("B", 5, None, name="p1"),
        lambda acts: acts.plan_closing("p1", on),
        *then,
    )


def test_a_school_opens_again_on_the_very_day_on_which_it_closed(worlds: Callable[[], World]) -> None:
    """R0.4, W-02: it was closed on none, as a later edition has it; it is in its bodies again from that one."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.clock(1),
        lambda acts: acts.close(0, "p1"),
        lambda acts: acts.clock(3),
        lambda acts: acts.open_again("p1", 0, 0),
        lambda acts: acts.clock(1),
    )


def test_a_line_of_the_same_edition_that_is_put_right_takes_back_the_day_of_opening_again(
    worlds: Callable[[], World],
) -> None:
    """R0.4, D3.11: it gives none any more, so the school opened again on the day of the edition."""
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.clock(1),
        lambda acts: acts.close(0, "p1"),
        lambda acts: acts.clock(4),
        lambda acts: acts.open_again("p1", 0, 2),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.clock(1),
    )


@pytest.mark.parametrize("links_first", [True, False])
def test_a_closing_without_a_date_is_that_on_which_another_took_its_place_in_either_order(
    worlds: Callable[[], World], links_first: bool
) -> None:
    """R0.4, D3.11"""
    files: list[Step] = [
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None)], 0),
        lambda acts: acts.close_without_a_date("p1"),
    ]
    goes(
        worlds(),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.clock(11),
        *(files if links_first else files[::-1]),
        lambda acts: acts.clock(1),
    )


def test_a_converter_turns_out_to_be_a_new_start_and_inherits_nothing(worlds: Callable[[], World]) -> None:
    """R0.1, R0.4: of an earlier edition that comes late nothing is learned."""
    goes(
        worlds(),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.close(13, "p1"),
        lambda acts: acts.clock(14),
        lambda acts: acts.turn_type("c1", "28", 0),
        lambda acts: acts.turn_type("c1", "34", 3),
        lambda acts: acts.turn_type("m2", "34", 0),
        lambda acts: acts.turn_type("u1", "1", 0),
    )


@pytest.mark.parametrize("link", [PREDECESSOR, MERGED])
def test_what_ofsted_lists_counts_again_when_a_link_says_it_no_more(worlds: Callable[[], World], link: str) -> None:
    """R0.1, D3.11: p1's outcome is listed with c1, which a link has continue it or take it in for some days."""
    goes(
        worlds(),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.links([("c1", link, "p1", None)], 1),
        lambda acts: acts.close(13, "p1"),
        lambda acts: acts.clock(14),
        lambda acts: acts.links([("c1", "Other", "p1", None)], 0),
        lambda acts: acts.clock(1),
    )


def test_a_line_of_schools_hands_on_what_the_first_had(worlds: Callable[[], World]) -> None:
    """R0.1, W-02: p1 becomes s1, and s1 becomes c1."""
    goes(
        worlds(),
        lambda acts: acts.adopt_category("ofsted", "always", 0),
        *A_LEADER,
        lambda acts: acts.join("A", 0, None, name="p1"),
        lambda acts: acts.links([("s1", PREDECESSOR, "p1", None), ("c1", PREDECESSOR, "s1", None)], 0),
        lambda acts: acts.close(8, "p1"),
        lambda acts: acts.join("B", 1, None, name="p1"),
        lambda acts: acts.close(13, "s1"),
        lambda acts: acts.clock(8),
        lambda acts: acts.clock(6),
    )


@pytest.mark.parametrize("in_a_body", [False, True], ids=["in no body", "in a body again"])
def test_a_review_date_that_came_while_the_school_was_closed_is_asked_once_when_it_is_open_again(
    worlds: Callable[[], World], in_a_body: bool
) -> None:
    """R0.1: an officer who is asked may keep the entry; one who was not would be refused."""
    goes(
        worlds(),
        lambda acts: acts.set_entry("p1", 4, 0, 3),
        *([lambda acts: acts.join("A", 0, None, name="p1")] if in_a_body else []),  # type: ignore[list-item]
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(4),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.adopt_routing("bristol", 0),  # every school is looked at again
        lambda acts: acts.keep_entry(0, 1),
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(2),
        lambda acts: acts.close(4, "p1"),
        lambda acts: acts.keep_entry(0, 1),
        lambda acts: acts.clock(2),
    )


def test_a_review_date_that_came_before_the_school_opened_is_asked_on_the_day_on_which_it_does(
    worlds: Callable[[], World],
) -> None:
    """R0.1: it is closed again when the service is up again."""
    goes(
        worlds(),
        lambda acts: acts.set_entry("s1", 4, 0, 3),
        lambda acts: acts.clock(4),
        lambda acts: acts.plan_closing("s1", 6),
        lambda acts: acts.clock(7),
    )


@pytest.mark.parametrize("in_a_body", [False, True], ids=["in no body", "in a body again"])
def test_an_outcome_that_came_while_the_school_was_closed_is_asked_about_once_when_it_is_open_again(
    worlds: Callable[[], World], in_a_body: bool
) -> None:
    """R0.1: of an entry that was made before the outcome came, and not of one that was made when it was known."""
    goes(
        worlds(),
        lambda acts: acts.set_entry("p1", 4, 0, None),
        *([lambda acts: acts.join("A", 0, None, name="p1")] if in_a_body else []),  # type: ignore[list-item]
        lambda acts: acts.close(1, "p1"),
        lambda acts: acts.clock(3),
        lambda acts: acts.publish("p1", 0, 14, {"headline": 3}, "graded"),
        lambda acts: acts.clock(1),
        lambda acts: acts.set_entry("p1", 2, -4, None),
        lambda acts: acts.open_again("p1"),
        lambda acts: acts.adopt_routing("bristol", 0),  # every school is looked at again
        lambda acts: acts.keep_entry(0, 1),
    )


def test_an_outcome_that_came_before_the_school_opened_is_asked_about_on_the_day_on_which_it_does(
    worlds: Callable[[], World],
) -> None:
    """R0.1: the officer entered hers for the days before, too."""
    goes(
        worlds(),
        lambda acts: acts.set_entry("s1", 4, 0, None),
        lambda acts: acts.clock(3),
        lambda acts: acts.publish("s1", 0, 14, {"headline": 3}, "graded"),
        lambda acts: acts.clock(7),
        lambda acts: acts.keep_entry(0, 1),
    )


@pytest.mark.parametrize("then", ["another school goes on in it too", "it opens on another day"])
def test_what_an_officer_changed_of_an_allocation_that_is_to_go_over_stays(
    worlds: Callable[[], World], then: str
) -> None:
    """W-18: she said who is allocated to the school that follows, and until when; a later file moves that no more."""
    goes(
        worlds(),
        lambda acts: acts.allocate("p2", "eve", 0, None),
        lambda acts: acts.links([("s1", PREDECESSOR, "p2", None)], 0),
        lambda acts: acts.close(8, "p2"),
        lambda acts: acts.clock(2),
        lambda acts: acts.correct_allocation(1, "cat" if then == "it opens on another day" else None, 6, 3),
        lambda acts: acts.clock(4),
        lambda acts: (
            acts.links([("s1", PREDECESSOR, "p1", None), ("s1", PREDECESSOR, "p2", None)], 0)
            if then == "another school goes on in it too"
            else acts.close(4, "p2")
        ),
        lambda acts: acts.clock(2),
        lambda acts: acts.clock(2),
    )
