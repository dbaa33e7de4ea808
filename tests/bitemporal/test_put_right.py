"""What was decided by mistake and put right later, step by step against the model: policies, changes of chair, closings."""

from collections.abc import Callable

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_in_order import goes
from tests.bitemporal.world import World


def test_a_policy_that_was_adopted_by_mistake_is_decided_again_from_its_day(worlds: Callable[[], World]) -> None:
    """R0.1, R0.3, R0.4"""
    goes(
        worlds(),
        lambda acts: acts.publish("m1", 0, 3, {"headline": 2}, "graded"),
        lambda acts: acts.adopt_category("propose", "converters", 0),
        lambda acts: acts.clock(1),
        lambda acts: acts.publish("m1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.publish("m2", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.answer_proposal(0, True, 1),
        lambda acts: acts.adopt_routing("bristol", 0),
        lambda acts: acts.clock(2),
        lambda acts: acts.adopt_category("la", "never", 2),
        lambda acts: acts.put_policy_right("category", 1, None, None, True),  # `propose` never was
        lambda acts: acts.put_policy_right("routing", 1, None, -1, False),  # a day later than was entered
        lambda acts: acts.clock(3),
        lambda acts: acts.put_policy_right("category", 2, 2, None, False),  # `la` was to be `propose`
        lambda acts: acts.clock(1),
        lambda acts: acts.put_policy_right("category", 3, None, -5, False),
        lambda acts: acts.put_policy_right("routing", 0, 2, None, False),  # what it was taken on with
        lambda acts: acts.put_policy_right("routing", 2, None, None, True),
    )


def test_where_propose_was_left_by_mistake_what_was_asked_is_asked_again(worlds: Callable[[], World]) -> None:
    """R0.1, R0.4"""
    goes(
        worlds(),
        lambda acts: acts.adopt_category("propose", "converters", 0),
        lambda acts: acts.publish("m1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.publish("m2", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.publish("m3", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.answer_proposal(0, False, 0),
        lambda acts: acts.answer_proposal(0, True, 2),
        lambda acts: acts.adopt_category("ofsted", "converters", 1),
        lambda acts: acts.clock(3),
        lambda acts: acts.set_entry("m3", 1, 0, None),
        lambda acts: acts.put_policy_right("category", 2, None, None, True),
        lambda acts: acts.clock(1),
    )


def test_a_change_of_chair_that_never_was_lets_the_one_before_go_on(worlds: Callable[[], World]) -> None:
    """R0.4, W-05"""
    goes(
        worlds(),
        lambda acts: acts.change_office("A", "chair", "cat", 0),
        lambda acts: acts.clock(2),
        lambda acts: acts.correct_office(2, None, -1, None),  # a day later: ann stayed until then
        lambda acts: acts.change_office("A", "chair", "dot", 0),
        lambda acts: acts.clock(1),
        lambda acts: acts.withdraw_office(2),  # ann went on until dot came
        lambda acts: acts.change_office("A", "deputy", "ann", 2),
        lambda acts: acts.withdraw_office(-1),
        lambda acts: acts.withdraw_office(2),  # nor did dot
        lambda acts: acts.end_office(0, 1),
        lambda acts: acts.take_up("A", "acting-chair", "cat", 1, None),
        lambda acts: acts.clock(2),
        lambda acts: acts.take_up("A", "chair", "eve", 0, None),
        lambda acts: acts.clock(1),
        lambda acts: acts.withdraw_office(-1),  # cat acts on
    )


def test_a_body_that_closes_by_mistake_goes_on_as_if_nobody_had_closed_it(worlds: Callable[[], World]) -> None:
    """W-02, R0.4"""
    goes(
        worlds(),
        lambda acts: acts.join("B", 0, None),
        lambda acts: acts.take_up("B", "chair", "eve", 0, None),
        lambda acts: acts.clock(1),
        lambda acts: acts.close_body("B", 3),
        lambda acts: acts.take_up("B", "deputy", "dot", 1, None),  # cut at the closing
        lambda acts: acts.put_closing_right("B", 4),
        lambda acts: acts.clock(3),
        lambda acts: acts.put_closing_right("B", 0),
        lambda acts: acts.put_closing_right("B", -1),
        lambda acts: acts.clock(1),
        lambda acts: acts.put_closing_right("B", 2),
        lambda acts: acts.correct_office(2, "bea", None, None),
        lambda acts: acts.correct_place(0, "A", None, None, False),  # it was in A, which doesn't close
        lambda acts: acts.put_closing_right("B", None),
        lambda acts: acts.close_body("A", 0),
        lambda acts: acts.clock(2),
        lambda acts: acts.put_closing_right("A", None),
    )
