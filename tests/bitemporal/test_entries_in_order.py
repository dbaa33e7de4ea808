"""Entries of the authority that a school was told of in part, step by step against the model (R0.1, R0.8)."""

from collections.abc import Callable

import pytest

from services.membership.use_cases.who_speaks import category_of
from tests.bitemporal.checks import days
from tests.bitemporal.officers import Officers
from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_in_order import Step, goes
from tests.bitemporal.world import BEGIN, World

pytestmark = pytest.mark.timeout(900)

TELL: Step = lambda acts: acts.tell_school("m3", acts.world.today)  # noqa: E731
NEXT_DAY: Step = lambda acts: acts.clock(1)  # noqa: E731
# It has a category by its own entry, and none any more from the second day on.
LIFTED: list[Step] = [
    lambda acts: acts.set_entry("m3", 3, 0, None),
    NEXT_DAY,
    lambda acts: acts.lift("m3", 0),
]
WITHDRAWN: Step = lambda acts: acts.withdraw_entry(0)  # noqa: E731
PUBLISHED: Step = lambda acts: acts.publish("m3", 0, 3, {"headline": 4}, "graded")  # noqa: E731


def READ(acts: Officers) -> None:
    """Of every day since the beginning the school reads the category that it was told."""
    world, name = acts.world, "m3"
    for on in days(BEGIN, world.today):
        found = world.run(lambda uow, on=on: category_of(uow, world.urn(name), on, to_the_school=True))  # type: ignore[misc]
        right = world.expected.knows(name).category(name, on)
        assert found["category"] == right.value, world.tell(
            [f"day {world.date(on)}: {found['category']}, right: {right}"]
        )


def test_what_is_published_reaches_a_school_that_knows_that_an_entry_was_lifted_and_not_that_it_never_was(
    worlds: Callable[[], World],
) -> None:
    """R0.8: as far as it knows the entry is over, and so nothing hides the report."""
    goes(worlds(), *LIFTED, TELL, WITHDRAWN, PUBLISHED)


def test_a_school_that_was_told_neither_that_an_entry_was_lifted_nor_that_it_never_was_knows_it_to_stand(
    worlds: Callable[[], World],
) -> None:
    """R0.8: until it hears of the lifting alone, and then is told what is published meanwhile."""
    goes(
        worlds(),
        LIFTED[0],
        TELL,
        *LIFTED[1:],
        NEXT_DAY,
        WITHDRAWN,
        PUBLISHED,
        lambda acts: acts.tell_school("m3", acts.world.turned_to.replace(day=3)),
        NEXT_DAY,
        lambda acts: acts.publish("m3", 0, 3, {"headline": 2}, "graded"),
        TELL,
    )


def test_a_lifting_that_was_planned_and_never_came_is_nothing_that_a_school_knows(worlds: Callable[[], World]) -> None:
    """R0.8: the entry was withdrawn before, of which it was not told, so that for the school it stands on."""
    goes(
        worlds(),
        LIFTED[0],
        TELL,
        lambda acts: acts.lift("m3", 2),
        NEXT_DAY,
        WITHDRAWN,
        lambda acts: acts.clock(2),
        PUBLISHED,
        TELL,
    )


def test_a_school_reads_the_day_of_a_lifting_as_it_was_told_whatever_is_put_right(worlds: Callable[[], World]) -> None:
    """R0.4, R0.8: it waits to hear of each correction, and of two it knows those up to the day of which it was told."""
    goes(
        worlds(),
        LIFTED[0],
        TELL,
        lambda acts: acts.clock(6),
        lambda acts: acts.lift("m3", -4),
        READ,
        TELL,
        READ,
        lambda acts: acts.correct_lifting(0, -2),
        READ,
        NEXT_DAY,
        lambda acts: acts.correct_lifting(0, -6),
        READ,
        lambda acts: acts.tell_school("m3", acts.on(-1)),
        READ,
        WITHDRAWN,
        READ,
        TELL,
        READ,
    )


def test_a_school_that_knows_of_no_lifting_hears_of_it_and_of_its_correction_one_after_the_other(
    worlds: Callable[[], World],
) -> None:
    """R0.4, R0.8"""
    goes(
        worlds(),
        LIFTED[0],
        TELL,
        lambda acts: acts.clock(6),
        lambda acts: acts.lift("m3", -4),
        NEXT_DAY,
        lambda acts: acts.correct_lifting(0, -2),
        READ,
        PUBLISHED,
        lambda acts: acts.tell_school("m3", acts.on(-1)),
        READ,
        TELL,
        READ,
    )


ENTERED: Step = lambda acts: acts.set_entry("m3", 4, 0, None)  # noqa: E731
KEPT: Step = lambda acts: acts.keep_entry(0, 6)  # noqa: E731


def test_whoever_kept_an_entry_is_asked_again_by_each_outcome_and_whenever_one_gives_another_category(
    worlds: Callable[[], World],
) -> None:
    """R0.1: each time it is kept, which nobody may do unless she is asked."""
    goes(
        worlds(),
        ENTERED,
        lambda acts: acts.publish("m3", 0, 3, {"headline": 2}, "graded"),
        KEPT,
        lambda acts: acts.correct(0, None, 0, {"headline": 4}, 0),
        lambda acts: acts.correct(0, None, 0, {"headline": 4, "quality": 4}, 0),
        KEPT,
        NEXT_DAY,
        lambda acts: acts.list_again([0], 0),  # as it was at first
        KEPT,
        lambda acts: acts.publish("m3", 1, 5, {"headline": 2}, "graded"),  # another one of the same day
        KEPT,
    )


def test_whoever_was_asked_again_is_asked_no_more_when_the_outcome_gives_what_it_gave(
    worlds: Callable[[], World],
) -> None:
    """R0.1, D3.11: the review date may be corrected, which nobody may do while she is asked."""
    goes(
        worlds(),
        ENTERED,
        lambda acts: acts.publish("m3", 0, 3, {"headline": 2}, "graded"),
        KEPT,
        lambda acts: acts.correct(0, None, 0, {"headline": 4}, 0),
        NEXT_DAY,
        lambda acts: acts.list_again([0], 0),
        lambda acts: acts.correct_review(0, 4),
        lambda acts: acts.correct(0, None, 1, {"headline": 4}, 0),
        KEPT,
    )


def test_one_inspection_under_two_numbers_asks_once_and_another_one_of_its_day_by_itself(
    worlds: Callable[[], World],
) -> None:
    """R0.1: what was entered by mistake is withdrawn, and she is asked on by what stands."""
    goes(
        worlds(),
        ENTERED,
        lambda acts: acts.publish("m3", 0, 3, {"headline": 2}, "graded"),
        lambda acts: acts.publish_under_another_number(0, {"headline": 3}),
        lambda acts: acts.publish("m3", 0, 4, {"headline": 3}, "graded"),
        lambda acts: acts.withdraw(0),
        lambda acts: acts.withdraw(2),
        KEPT,
        lambda acts: acts.withdraw(1),
        lambda acts: acts.publish_under_another_number(1, {"headline": 2}),
        KEPT,
    )
