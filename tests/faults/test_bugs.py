"""Bugs in the whole stack: what counts as found, and that the list in the report is what runs have written of all of them."""

from dataclasses import replace

import pytest

from tests.faults import bugs_found, page, planted_list
from tests.faults.bug import NOTHING, Bug
from tests.faults.bugs import BUGS, RUNS, WITH_BUGS, WITHOUT, named, run_of
from tests.faults.bugs_found import DOCS, Result, read, results, written
from tests.faults.checks import CHECKERS, violations
from tests.faults.good_run import good_run

LEAST = 15


def test_each_invariant_has_a_bug_in_the_running_stack() -> None:
    assert len(BUGS) >= LEAST
    assert {bug.invariant for bug in BUGS} == set(CHECKERS)


def test_each_bug_has_one_run_and_shares_no_service_in_it() -> None:
    planted = [bug.name for together in WITH_BUGS for bug in together.bugs]
    assert sorted(planted) == sorted(bug.name for bug in BUGS)
    assert len(set(planted)) == len(planted)
    for together in WITH_BUGS:
        services = [bug.service for bug in together.bugs]
        assert len(set(services)) == len(services), together.name
    assert all(run_of(each.name) == each for each in RUNS)


def test_the_product_as_it_is_runs_under_every_fault_under_which_a_bug_is_looked_for() -> None:
    assert {cell.name for each in WITH_BUGS for cell in each.cells} == {cell.name for cell in WITHOUT.cells}


def test_the_report_lists_what_runs_wrote_of_each_bug_and_nothing_was_found_without_one() -> None:
    kept = read(DOCS.read_text())
    assert bugs_found.uncovered(kept) == set()
    assert [each.name for each in kept if not each.good] == []
    assert sum(each.is_control for each in kept) == 1
    for each in kept:
        together = run_of(each.name)
        assert (each.run, each.under) == (together.name, together.under)
        if not each.is_control:
            bug = named(each.name)
            assert (each.invariant, each.service, each.planted) == (bug.invariant, bug.service, bug.words)
            assert replace(bug, also=None).found_in({each.invariant: [each.finding]})
    listed = [each for each in planted_list.PLANTED if each.harness == planted_list.STACK]
    assert [each.said for each in listed] == [each.finding for each in kept if not each.is_control]


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_another_finding_of_the_same_invariant_does_not_count(bug: Bug) -> None:
    assert bug.found_in({bug.invariant: ["something else is wrong"]}) is None
    assert bug.found_in({name: [] for name in CHECKERS}) is None


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_no_finding_of_a_bug_counts_for_one_that_shares_its_run(bug: Bug) -> None:
    """By the finding that was kept of it."""
    (kept,) = (each for each in read(DOCS.read_text()) if each.name == bug.name)
    beside = [each for each in run_of(bug.name).bugs if each != bug]
    assert [each.name for each in beside if each.found_in({each.invariant: [kept.finding]})] == []


def test_a_hold_up_alone_is_not_the_lease_of_the_dead() -> None:
    """Any delay past all patience breaks I10: that nothing was relayed any more is what tells this one."""
    bug = named("a_lease_of_the_dead")
    late = {"I10": ["membership: kill -9; notifications: kill -9: had not caught up when it was given up"]}
    assert bug.found_in(late) is None
    assert bug.found_in({**late, "I1": ["membership has 12 rows in its outbox"]})


def test_whatever_is_found_without_a_bug_is_one_too_many() -> None:
    def is_good(wrong: dict[str, list[str]], *toothless: str) -> bool:
        (only,) = results(WITHOUT, wrong, toothless)
        return only.good

    assert is_good({name: [] for name in CHECKERS})
    assert not is_good({"I9": ["a record has no fate"]})
    assert not is_good({}, "membership: kill -9")


def some_results() -> list[Result]:
    """Nothing without a bug, one bug that was found, and one beside it that was missed."""
    together = run_of("a_refusal_that_is_kept")
    found = {"I4": ["too early F1 was refused, and is there all the same"], "I9": ["a", "b"]}
    return [*results(WITHOUT, {}, seconds=30), *results(together, found, seconds=90)]


def test_what_is_read_is_what_was_written() -> None:
    text = written(some_results())
    assert read(text) == some_results()
    assert "1 of 2 found, 2 runs, 2 minutes" in text
    assert "I1 MISSED: a_reaction_that_does_nothing" in text


def test_a_list_that_lacks_a_bug_or_tells_of_one_that_is_no_more_is_not_whole() -> None:
    whole = [replace(some_results()[1], name=bug.name) for bug in BUGS]
    assert bugs_found.uncovered(whole) == set()
    assert bugs_found.uncovered(whole[1:]) == {BUGS[0].name}
    assert bugs_found.uncovered([*whole, replace(whole[0], name="a_bug_of_long_ago")]) == {"a_bug_of_long_ago"}
    assert NOTHING not in {bug.name for bug in BUGS}


def test_a_bug_that_was_missed_is_told_as_missed() -> None:
    found, missed = planted_list.of_the_stack(some_results())
    assert not found.missed
    assert "MISSED" not in page._bug(found)
    assert missed.missed
    assert "class='bad'>MISSED by I1" in page._bug(missed)


def test_a_good_run_says_nothing_of_any_bug() -> None:
    wrong = violations(*good_run())
    assert [bug.name for bug in BUGS if bug.found_in(wrong)] == []
