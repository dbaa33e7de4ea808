"""The harness itself: each checker catches what was planted for it, the plan leaves nothing out, a seed says it all."""

import importlib
from importlib.util import find_spec
from pathlib import Path

import pytest

from infra.local.ports import SERVICES as EACH
from shared.crash import POINTS
from tests.faults import plan
from tests.faults.__main__ import main
from tests.faults.at_once import THREE, may_meet
from tests.faults.checks import CHECKERS, judged
from tests.faults.corruptions import CORRUPTIONS, Corruption
from tests.faults.good_run import good_run
from tests.faults.logs import naming_schools
from tests.faults.must_read import TOPICS
from tests.faults.of_processes import CRASHES, WHERE
from tests.faults.planted_list import CODE, PLANTED, SERVICES
from tests.faults.scenario import Fault, Plan


def test_a_good_run_has_nothing_wrong() -> None:
    assert {name: wrong for name, wrong in judged(*good_run()).items() if wrong} == {}


@pytest.mark.parametrize(("corrupt", "caught_by"), CORRUPTIONS, ids=[each.__name__ for each, _ in CORRUPTIONS])
def test_what_a_bug_would_leave_behind_is_caught(corrupt: Corruption, caught_by: str) -> None:
    history, final = good_run()
    corrupt(history, final)
    assert judged(history, final)[caught_by]


def test_every_checker_has_a_bug_planted_for_it_and_the_list_is_whole() -> None:
    assert {each.by for each in PLANTED} == set(CHECKERS)
    from tests.faults.planted.test_planted import PLANTED as in_the_services
    from tests.messaging.planted.test_planted import PLANTED as in_the_code

    assert [(bug.__name__, by.split()[0]) for bug, by in in_the_code] == list(CODE)
    assert [(bug.__name__, by) for bug, by in in_the_services] == list(SERVICES)


@pytest.mark.parametrize("going", [plan.short(1), plan.long(1, 1800)], ids=["short", "long"])
def test_every_named_place_is_in_the_plan(going: Plan) -> None:
    assert {point for point, _ in _places(going)} == set(POINTS)


def test_the_long_run_tries_every_place_in_each_service_that_comes_by_it() -> None:
    tried = _places(plan.long(1, 1800))
    assert {(point, service) for point, services in WHERE.items() for service in services} <= tried


def _places(going: Plan) -> set[tuple[str, str]]:
    """Each place and service at which somebody dies, three at once apart: what those are is drawn."""
    cells = [cell for cell in going.cells if not cell.name.startswith(THREE)]
    return {(fault.crash_point, fault.who) for cell in cells for fault in cell.faults if fault.crash_point}


def test_the_services_read_what_they_must_by_their_own_tables() -> None:
    """Who must read what is written a second time in the harness; a topic that a service drops is missed here and at the end."""
    read = {
        service: frozenset(importlib.import_module(f"services.{service}.inbound").INBOUND.topics())
        for service in TOPICS
    }
    assert read == TOPICS
    assert {service for service in EACH if find_spec(f"services.{service}.inbound")} == set(TOPICS)


def test_three_at_once_are_drawn_from_all_that_may_meet() -> None:
    """Every process killed, at every place, or standing still; with each fault of the broker and of the database."""
    killed, at_places, still = may_meet(past_session=True)
    assert {three[0].who for three in (*killed, *still)} == set(EACH)
    assert {(three[0].crash_point, three[0].who) for three in at_places} == set(CRASHES)
    alone = {(fault.who, fault.name) for cell in plan.short(1).cells if len(cell.faults) == 1 for fault in cell.faults}
    for who in ("kafka", "postgres"):
        drawn = {(each.who, each.name) for three in killed for each in three[1:] if each.who == who}
        assert drawn == {each for each in alone if each[0] == who}
    assert may_meet(past_session=False)[2] == []


def test_nobody_is_waited_for_at_a_place_while_what_he_needs_is_away() -> None:
    _, at_places, _ = may_meet(past_session=True)
    met = {each.name for three in at_places for each in three[1:]}
    assert met == {"kill -9", "restart", "immediate stop", "200 ms late", "20 ms late", "backends killed each second"}


def test_the_short_run_has_each_fault_once_and_none_is_long() -> None:
    going = plan.short(1)
    names = [cell.name for cell in going.cells]
    assert len(names) == len(set(names))
    assert [cell.name for cell in going.cells if cell.during > plan.LONGEST] == []
    assert (going.longest, going.at_most) == (15.0, 600.0)  # what it really took is in its report


def test_the_database_stands_still_past_what_anybody_waits_for_and_in_the_short_run_past_the_lease() -> None:
    """D3.4, D3.8: shorter than that nobody need notice it."""
    for going, least in ((plan.short(1), plan.LEASE), (plan.long(1, 1800), plan.PATIENCE_IN_LONG)):
        held = [cell.during for cell in going.cells if cell.name in ("postgres: SIGSTOP", "kafka: SIGSTOP")]
        assert min(held) > least
    assert plan.long(1, 1800).patience_seconds == plan.PATIENCE_IN_LONG


def test_the_clock_of_every_service_is_off_past_the_lease_in_the_long_run(monkeypatch: pytest.MonkeyPatch) -> None:
    off: dict[str, float] = {}

    def clock_jump(service: str, held: float) -> Fault:
        off[service] = held
        return jumps(service, held)

    jumps = plan.processes.clock_jump
    monkeypatch.setattr(plan.processes, "clock_jump", clock_jump)
    lease = plan.long(1, 1800).lease_seconds
    assert set(off) == set(EACH)
    assert min(off.values()) > lease


def test_a_seed_says_it_all() -> None:
    def told(going: Plan) -> list[str]:
        return [cell.name for cell in going.cells]

    assert told(plan.long(7, 1800)) == told(plan.long(7, 1800)) != told(plan.long(8, 1800))
    assert told(plan.short(7)) == told(plan.short(7))


def test_a_name_that_no_cell_has_is_said_and_runs_nothing() -> None:
    """A slip of the pen would else pass with no fault at all."""
    with pytest.raises(plan.NoSuchCell, match="no cell is called 'kafak'") as said:
        plan.only(plan.short(1), ["postgres", "kafak"])
    assert "kafka: unreachable" in str(said.value)
    with pytest.raises(plan.NoSuchCell):
        plan.only(plan.short(1), [""])
    chosen = plan.only(plan.long(1, 1800), ["kafka: kill", ""])
    assert {cell.name for cell in chosen.cells} == {"kafka: kill -9"}
    assert (chosen.complete, chosen.least_events, chosen.at_most) == (False, 0, float("inf"))


async def test_the_program_ends_with_status_2_where_no_cell_has_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["faults", "--seed", "1", "--only", "kafak"])
    with pytest.raises(SystemExit) as ended:
        await main()
    assert ended.value.code == 2


def test_half_an_hour_must_have_every_fault_and_less_need_not() -> None:
    assert plan.long(1, 1800).complete
    assert not plan.long(1, 600).complete
    assert not plan.short(1).complete  # it has no end but that of its plan


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
