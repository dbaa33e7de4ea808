"""What chance would seldom do: long ways through the product, each step of which stands on the one before it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.bitemporal import checks, checks_calls
from tests.bitemporal.officers import Officers
from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.world import World, day

Step = Callable[[Officers], Any]


def goes(world: World, *steps: Step) -> None:
    """Step by step, what is so and what was told against the model; at the end every day as known on every day."""
    world.begin()
    acts = Officers(world)
    for step in steps:
        step(acts)
        world.settle()
        wrong = checks.now(world) + checks_calls.calls(world)
        assert not wrong, world.tell(wrong)
        assert "refused" not in world.story[-1], world.tell([])
    assert not (wrong := checks.everything(world)), world.tell(wrong)


def test_what_was_declined_is_asked_no_second_time_and_what_was_confirmed_begins(worlds: Callable[[], World]) -> None:
    """R0.1, R0.8"""
    goes(
        worlds(),
        lambda acts: acts.adopt_category("propose", "converters", 0),
        lambda acts: acts.publish("m1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.publish("m2", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.answer_proposal(0, False, 0),  # of m1
        lambda acts: acts.answer_proposal(0, True, 1),  # of m2
        lambda acts: acts.adopt_routing("bristol", 0),  # every school is looked at again
        lambda acts: acts.clock(1),
        lambda acts: acts.adopt_routing("warwickshire", 0),
        lambda acts: acts.publish("m1", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.set_entry("m2", 1, -1, None),  # its correction of the past waits
        lambda acts: acts.adopt_category("ofsted", "converters", 1),
        lambda acts: acts.clock(2),
    )


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "declined"])
def test_what_is_answered_for_a_school_is_answered_for_the_one_that_carries_it_on(
    worlds: Callable[[], World], confirmed: bool
) -> None:
    """R0.1: both stand in the register, and an officer had been asked about both."""
    goes(
        worlds(),
        lambda acts: acts.adopt_category("propose", "always", 0),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.clock(15),  # c1 has opened
        lambda acts: acts.publish("p1", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.answer("p1", confirmed),
        lambda acts: acts.clock(1),
    )


def test_what_is_decided_for_a_while_expires_and_is_asked_about(worlds: Callable[[], World]) -> None:
    """R0.1, R0.8, W-19"""
    goes(
        worlds(),
        lambda acts: acts.override("m3", "both", "eve", 0, 2),
        lambda acts: acts.tell_school("m3", acts.world.today),
        lambda acts: acts.clock(3),
        lambda acts: acts.set_entry("a1", 3, 0, 4),
        lambda acts: acts.correct_review(0, 1),
        lambda acts: acts.clock(1),
        lambda acts: acts.keep_entry(0, 2),
        lambda acts: acts.publish("a1", 0, 0, {"headline": 2}, "graded"),
        lambda acts: acts.set_entry("u1", 2, 0, None),
        lambda acts: acts.publish("u1", 0, 0, {"headline": 2}, "graded"),  # of the same day, and recorded later
        lambda acts: acts.clock(2),
        lambda acts: acts.tell_school("a1", acts.world.today),
        lambda acts: acts.withdraw_entry(0),
        lambda acts: acts.override("m3", "general", None, 1, 4),
        lambda acts: acts.clock(2),
        lambda acts: acts.end_override(1, 0),
    )


def test_what_was_entered_wrongly_is_put_right(worlds: Callable[[], World]) -> None:
    """R0.1, R0.4, W-18"""
    goes(
        worlds(),
        lambda acts: acts.publish("m2", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.allocate("m2", "dot", 3, None),
        lambda acts: acts.correct_allocation(0, None, -3, 2),  # it was over before it was to begin
        lambda acts: acts.allocate("m2", "eve", 0, None),
        lambda acts: acts.tell_school("m2", acts.world.today),
        lambda acts: acts.correct_allocation(1, "cat", None, None),
        lambda acts: acts.join("B", -2, None),
        lambda acts: acts.correct_place(0, "A", -1, None, False),
        lambda acts: acts.correct_place(0, None, None, None, True),
        lambda acts: acts.correct_office(0, "cat", -2, 0),
        lambda acts: acts.withdraw_office(1),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.clock(14),
        lambda acts: acts.link(False, 1),
        lambda acts: acts.link(True, 0),  # c1 took p1 in, and carries nothing on
    )


def test_a_withdrawal_is_told_to_the_school_that_inherited_whatever_the_authority_holds(
    worlds: Callable[[], World],
) -> None:
    """R0.8: an entry of which the school wasn't told mustn't show by what it isn't told."""
    goes(
        worlds(),
        lambda acts: acts.link(False, 0),
        lambda acts: acts.close(1),
        lambda acts: acts.clock(15),  # c1 is open, p1 is gone
        lambda acts: acts.publish("p1", 0, 3, {"headline": 2}, "graded"),
        lambda acts: acts.set_entry("c1", 4, 0, None),
        lambda acts: acts.withdraw(0),
    )


def test_a_move_to_another_school_is_told_to_the_school_that_inherited(worlds: Callable[[], World]) -> None:
    """R0.8, R0.4"""
    goes(
        worlds(),
        lambda acts: acts.link(False, 0),
        lambda acts: acts.close(1),
        lambda acts: acts.clock(15),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 2}, "graded"),
        lambda acts: acts.set_entry("c1", 4, 0, None),
        lambda acts: acts.correct(0, "m2", 0, {"headline": 2}, 0),
    )


def test_a_move_to_the_school_that_had_inherited_it_is_told_to_it_as_its_own_and_back_again(
    worlds: Callable[[], World],
) -> None:
    """R0.1: it counts on for the school, so that nothing is withdrawn from it."""
    goes(
        worlds(),
        lambda acts: acts.link(False, 0),
        lambda acts: acts.close(1),
        lambda acts: acts.clock(15),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 2}, "graded"),
        lambda acts: acts.correct(0, "c1", 0, {"headline": 2}, 0),
        lambda acts: acts.correct(0, "p1", 0, {"headline": 3}, 0),
    )


def test_a_school_that_opens_again_was_closed_on_the_days_between(worlds: Callable[[], World]) -> None:
    """R0.4: once by a closing of an earlier day, once by one that was planned and put off when it had come."""
    goes(
        worlds(),
        lambda acts: acts.close(-1),
        lambda acts: acts.clock(3),
        lambda acts: acts.open_again(),
        lambda acts: acts.close(2),
        lambda acts: acts.clock(4),
        lambda acts: acts.close(3),  # it is open: the register has put the closing off
        lambda acts: acts.clock(4),
        lambda acts: acts.open_again(),
        lambda acts: acts.close(0),
        lambda acts: acts.open_again(),  # of the same day
    )


@pytest.mark.parametrize("ago", [4, 3], ids=["the day before", "that day"])
def test_a_school_left_a_body_when_another_began_to_lead_it(worlds: Callable[[], World], ago: int) -> None:
    """R0.3, R0.4: entered when the other led already."""
    goes(
        worlds(),
        lambda acts: acts.join("A", 0, None),
        lambda acts: acts.clock(3),
        lambda acts: acts.join("B", 0, None),
        lambda acts: acts.clock(3),
        lambda acts: acts.leave("A", -ago),
    )


def test_an_outcome_that_is_taken_back_weeks_later_corrects_every_day_since_its_publication(
    worlds: Callable[[], World],
) -> None:
    """R0.4"""
    goes(
        worlds(),
        lambda acts: acts.publish("m2", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.clock(19),
        lambda acts: acts.withdraw(0),
    )


def test_a_trusts_chief_executive_leaves_and_was_another_and_her_successor_never_was(
    worlds: Callable[[], World],
) -> None:
    """W-16, W-19, R0.4"""
    goes(
        worlds(),
        lambda acts: acts.appoint_contact("cat", 1, 6),
        lambda acts: acts.clock(2),
        lambda acts: acts.end_contact("T", "chief-executive", -1),  # the partner speaks since yesterday
        lambda acts: acts.call("a1"),
        lambda acts: acts.correct_contact(0, "dot", None, 3, False),  # of T: she was another, and goes on
        lambda acts: acts.clock(4),
        lambda acts: acts.correct_contact(2, "bea", -5, 0, False),  # the partner, too
        lambda acts: acts.correct_contact(0, None, None, None, True),
        lambda acts: acts.end_contact("T", "school-improvement-partner", 1),
        lambda acts: acts.clock(2),
    )


def test_an_entry_was_lifted_on_another_day_before_and_after_its_school_was_told(worlds: Callable[[], World]) -> None:
    """R0.1, R0.4, R0.8"""
    goes(
        worlds(),
        lambda acts: acts.set_entry("m2", 4, -3, None),
        lambda acts: acts.tell_school("m2", acts.world.today),
        lambda acts: acts.clock(4),
        lambda acts: acts.lift("m2", -1),
        lambda acts: acts.correct_lifting(0, -3),
        lambda acts: acts.tell_school("m2", acts.world.today),
        lambda acts: acts.correct_lifting(0, 0),
        lambda acts: acts.withdraw_entry(0),
    )


def test_heads_leave_and_were_others_and_their_offices_go_with_other_schools(worlds: Callable[[], World]) -> None:
    """W-06, W-31, R0.4"""
    goes(
        worlds(),
        lambda acts: acts.end_head(0, 2),  # ann of m1, the chair
        lambda acts: acts.clock(2),
        lambda acts: acts.correct_head(0, None, None, 0, False),  # she stayed
        lambda acts: acts.end_head(0, 0),
        lambda acts: acts.move_head("bea", "m2", 3),  # the deputy, who heads none
        lambda acts: acts.end_head(1, 5),
        lambda acts: acts.clock(4),
        lambda acts: acts.correct_head(1, None, -3, None, False),
        lambda acts: acts.correct_head(1, "cat", None, 6, False),
        lambda acts: acts.take_on_later({"head"}, "A", "chair", "bea", "m3", -2, False),
        lambda acts: acts.take_on_later({"head"}, "A", "chair", "ann", "a1", 1, False),
        lambda acts: acts.clock(1),
        lambda acts: acts.correct_head(2, None, None, None, True),
    )


def test_report_cards_come_are_graded_again_and_are_taken_back(worlds: Callable[[], World]) -> None:
    """R0.1: a card that says more of one area, in a later file; beside a headline of the years before."""
    strong, weak = ("inclusion", "strong standard"), ("inclusion", "urgent improvement")
    goes(
        worlds(),
        lambda acts: acts.publish("m2", 3, 2, {"headline": 2}, "graded"),
        lambda acts: acts.publish("m2", 0, 3, {"card": (("achievement", "needs attention"), strong)}, "graded"),
        lambda acts: acts.clock(2),
        lambda acts: acts.correct(1, None, 1, {"card": (("achievement", "strong standard"), strong)}, 1),
        lambda acts: acts.list_again([1, 2], 0),  # as it was first
        lambda acts: acts.correct(1, None, 1, {"card": (("achievement", "exceptional"), weak)}, 0),
        lambda acts: acts.correct(1, "m1", 0, {"card": (strong,), "safe": False}, 0),
        lambda acts: acts.withdraw(1),
        lambda acts: acts.believe(1),
    )


def test_what_changes_openly_on_the_day_of_a_confirmation_that_is_held_back_is_told(
    worlds: Callable[[], World],
) -> None:
    """R0.8: the deputy heads the school no longer, so that she speaks for it as far as the school knows."""
    goes(
        worlds(),
        lambda acts: acts.adopt_category("propose", "converters", 0),
        lambda acts: acts.override("m1", "both", "dot", 0, 9),
        lambda acts: acts.publish("m1", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.answer("m1", True, 2),
        lambda acts: acts.publish("m1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.move_head("bea", "m1", 0),
        lambda acts: acts.end_head(-1, 2),
        lambda acts: acts.clock(2),
    )


def test_a_place_that_another_follows_at_once_is_put_right_as_one(worlds: Callable[[], World]) -> None:
    """R0.4: in the same body; nobody can tell that the school left on the day on which it joined."""
    goes(
        worlds(),
        lambda acts: acts.join("B", -1, 2),
        lambda acts: acts.join("B", 1, None),
        lambda acts: acts.correct_place(0, None, 3, None, False),
        lambda acts: acts.clock(3),
    )


def test_of_a_past_day_it_is_said_who_spoke_then_though_the_school_is_independent_now(
    worlds: Callable[[], World],
) -> None:
    """R0.4, W-16: nobody is asked about it any more."""
    world = worlds()
    goes(world, lambda acts: acts.clock(2), lambda acts: acts.turn_type("m1", "11", 0), lambda acts: acts.clock(1))
    Officers(world).call("m1")
    assert not (wrong := checks.by_asking(world, "m1", "general", day(2))), world.tell(wrong)
