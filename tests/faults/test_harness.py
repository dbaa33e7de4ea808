"""The harness itself: each checker catches what was planted for it, the plan leaves nothing out, a seed says it all."""

import pytest

from shared.crash import POINTS
from tests.faults import plan
from tests.faults.checks import CHECKERS, violations
from tests.faults.corruptions import CORRUPTIONS, Corruption
from tests.faults.good_run import good_run
from tests.faults.of_processes import WHERE
from tests.faults.planted_list import CODE, PLANTED, SERVICES
from tests.faults.scenario import Plan

LONGEST = 15.0  # seconds that a fault may last in the short run


def test_a_good_run_has_nothing_wrong() -> None:
    assert {name: wrong for name, wrong in violations(*good_run()).items() if wrong} == {}


@pytest.mark.parametrize(("corrupt", "caught_by"), CORRUPTIONS, ids=[each.__name__ for each, _ in CORRUPTIONS])
def test_what_a_bug_would_leave_behind_is_caught(corrupt: Corruption, caught_by: str) -> None:
    history, final = good_run()
    corrupt(history, final)
    assert violations(history, final)[caught_by]


def test_every_checker_has_a_bug_planted_for_it_and_the_list_is_whole() -> None:
    assert {each.by for each in PLANTED} == set(CHECKERS)
    from tests.faults.planted.test_planted import PLANTED as in_the_services
    from tests.messaging.planted.test_planted import PLANTED as in_the_code

    assert [(bug.__name__, by.split()[0]) for bug, by in in_the_code] == list(CODE)
    assert [(bug.__name__, by) for bug, by in in_the_services] == list(SERVICES)


@pytest.mark.parametrize("going", [plan.short(1), plan.long(1, 1800)], ids=["short", "long"])
def test_every_named_place_is_in_the_plan(going: Plan) -> None:
    assert going.crash_points == set(POINTS)


def test_the_long_run_tries_every_place_in_each_service_that_comes_by_it() -> None:
    tried = {(fault.crash_point, fault.who) for cell in plan.long(1, 1800).cells for fault in cell.faults}
    assert {(point, service) for point, services in WHERE.items() for service in services} <= tried


def test_the_short_run_has_each_fault_once_and_none_is_long() -> None:
    going = plan.short(1)
    names = [cell.name for cell in going.cells]
    assert len(names) == len(set(names))
    assert [cell.name for cell in going.cells if cell.during > LONGEST] == []


def test_a_seed_says_it_all() -> None:
    def told(going: Plan) -> list[str]:
        return [cell.name for cell in going.cells]

    assert told(plan.long(7, 1800)) == told(plan.long(7, 1800)) != told(plan.long(8, 1800))
    assert told(plan.short(7)) == told(plan.short(7))
