"""What officers confirm, and what stays until they do, for schools that continue others: step by step against the model."""

from collections.abc import Callable

import pytest

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_continuity_in_order import PREDECESSOR
from tests.bitemporal.test_in_order import Step, goes
from tests.bitemporal.world import World

pytestmark = pytest.mark.timeout(900)

C1_CONTINUES_BOTH: list[Step] = [
    lambda acts: acts.adopt_category("ofsted", "never", 0),
    lambda acts: acts.links([("c1", PREDECESSOR, "p1", None), ("c1", PREDECESSOR, "p2", None)], 0),
    lambda acts: acts.publish("p1", 0, 3, {"headline": 3}, "graded"),
]


def test_an_academy_that_inherits_only_since_officers_confirm_begins_with_what_was_kept(
    worlds: Callable[[], World],
) -> None:
    """R0.1: on the day on which it is written down what is kept of the schools before it, whichever is looked at first."""
    goes(
        worlds(),
        *C1_CONTINUES_BOTH,
        lambda acts: acts.clock(14),  # c1 opens
        lambda acts: acts.publish("p2", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.adopt_category("propose", "converters", 1),
        lambda acts: acts.clock(1),
        lambda acts: acts.publish("p2", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.answer("p2", True),
        lambda acts: acts.adopt_category("propose", "never", 1),
        lambda acts: acts.clock(1),
    )


def test_of_several_schools_an_academy_begins_with_what_is_true_since_the_latest_day(
    worlds: Callable[[], World],
) -> None:
    """R0.1: also where all of it is older than the academy, as for outcomes that are inherited."""
    goes(
        worlds(),
        *C1_CONTINUES_BOTH,
        lambda acts: acts.clock(2),
        lambda acts: acts.publish("p2", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.adopt_category("propose", "converters", 1),
        lambda acts: acts.clock(12),
    )


def test_what_begins_for_the_school_before_and_is_not_what_is_published_shows_in_nothing_that_the_academy_hears(
    worlds: Callable[[], World],
) -> None:
    """R0.8: as far as it knows 2 is in force, and so it hears of the next chair, who really speaks for it no more."""
    goes(
        worlds(),
        lambda acts: acts.links([("c1", PREDECESSOR, "p1", None)], 0),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 2}, "graded"),
        lambda acts: acts.adopt_category("propose", "converters", 1),
        lambda acts: acts.clock(1),
        lambda acts: acts.publish("p1", 0, 3, {"headline": 3}, "graded"),
        lambda acts: acts.answer("p1", True, 15),
        lambda acts: acts.clock(13),  # c1 opens
        lambda acts: acts.join("A", 0, None, name="c1"),
        lambda acts: acts.tell_school("c1", acts.world.today),
        lambda acts: acts.publish("c1", 0, 3, {"headline": 4}, "graded"),
        lambda acts: acts.clock(2),
        lambda acts: acts.change_office("A", "chair", "cat", 0),
        lambda acts: acts.tell_school("c1", acts.world.today),
    )
