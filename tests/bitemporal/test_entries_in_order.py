"""Entries of the authority that a school was told of in part, step by step against the model (R0.1, R0.8)."""

from collections.abc import Callable

import pytest

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_in_order import Step, goes
from tests.bitemporal.world import World

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
