"""Heads of schools that convert, step by step against the model (docs/continuity.md, W-31)."""

from collections.abc import Callable

import pytest

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_continuity_in_order import PREDECESSOR
from tests.bitemporal.test_in_order import Step, goes
from tests.bitemporal.world import World

pytestmark = pytest.mark.timeout(900)

CAT_HEADS_P2: list[Step] = [
    lambda acts: acts.take_up("B", "deputy", "cat", 0, None),
    lambda acts: acts.move_head("cat", "p2", 0),
]
C1_CONTINUES_P2: Step = lambda acts: acts.links([("c1", PREDECESSOR, "p2", None)], 0)  # noqa: E731
NO_MORE: Step = lambda acts: acts.links([("c1", "Other", "p2", None)], 0)  # noqa: E731


def test_a_head_and_her_office_go_over_to_the_converter(worlds: Callable[[], World]) -> None:
    """W-31: she stays while a file says otherwise, and what she was to leave later she does at the converter."""
    goes(
        worlds(),
        *CAT_HEADS_P2,
        C1_CONTINUES_P2,
        NO_MORE,
        lambda acts: acts.clock(1),
        lambda acts: acts.end_head(-1, 16),
        C1_CONTINUES_P2,
        lambda acts: acts.close(12, "p2"),
        lambda acts: acts.clock(12),
        lambda acts: acts.clock(4),
    )


def test_a_head_goes_over_to_the_converter_by_a_link_that_comes_late(worlds: Callable[[], World]) -> None:
    """W-31, R0.4: as of its first day; another then leaves for it, and comes back by a move of her own."""
    goes(
        worlds(),
        *CAT_HEADS_P2,
        lambda acts: acts.clock(16),
        C1_CONTINUES_P2,
        lambda acts: acts.move_head("cat", "p2", 1),
        lambda acts: acts.clock(2),
    )
