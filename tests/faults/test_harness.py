"""The harness itself: each checker catches what was planted for it, the plan leaves nothing out, a seed says it all."""

from pathlib import Path

import pytest

from shared.crash import POINTS
from tests.faults import plan
from tests.faults.checks import CHECKERS, violations
from tests.faults.corruptions import CORRUPTIONS, Corruption
from tests.faults.good_run import good_run
from tests.faults.logs import naming_schools
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
    assert {by for _, by, _ in PLANTED} == set(CHECKERS)
    assert len(PLANTED) >= 15
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


def test_a_line_of_a_log_that_names_a_school_is_found(tmp_path: Path) -> None:
    """I13, R0.8; a number or a part of an id is no school."""
    lines = (
        '{"event": "inbox.parked", "offset": 125677, "trace_id": "125677d0", "timestamp": "2026-11-30T08:00:00.125677Z"}',
        '{"event": "day.item_failed", "error_at": ["days.py:7 turn", "937/school/125677"]}',
        "ValueError: School 125677 is closed",
        '{"event": "request.failed", "error_detail": "125678 is no school of ours"}',
    )
    (tmp_path / "membership-1.log").write_text("\n".join(lines))
    (tmp_path / "kafka.log").write_text("125677")
    assert list(naming_schools(tmp_path, ("membership", "meetings"), {"125677"})) == [
        "line 2 of membership-1.log names 125677",
        "line 3 of membership-1.log names 125677",
    ]
