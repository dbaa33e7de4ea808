"""What the harness measures: a key that stands still, a pace that is not back, a fault of which nothing shows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults import plan
from tests.faults.at_once import THREE
from tests.faults.checks import violations
from tests.faults.corruptions import forget_an_outcome
from tests.faults.good_run import good_run
from tests.faults.history import Ended, Journal, Seen, Window
from tests.faults.matrix import blamed, exercised
from tests.faults.report import Found, Times, page, table
from tests.faults.scenario import Cell
from tests.faults.steady import GIVEN, Request, Steady
from tests.faults.throughput import PIECE
from tests.faults.watching import Watch

TOPIC = "consortia.membership.events.v1"
STANDING_STILL, GOING_ON = "937/school/125580", "937/school/125581"


AWAY = {"refuses_nothing": True, "answered_during": 8.0, "inflow": 100.0, "drain": 300.0}


class Looked(Watch):
    """Looks at two keys of one topic; ``come_to`` is how far one reader has come."""

    come_to: dict[str, int]

    async def fetch(self, service: str, statement: str, *arguments: Any, asked_by: str = "") -> list[Any]:
        if "stream_head" in statement:
            heads = {STANDING_STILL: 5, GOING_ON: 9} if service == "membership" else {}
            return [{"topic": TOPIC, "key": key, "sequence": head} for key, head in heads.items()]
        reached = self.come_to if service == "meetings" else {STANDING_STILL: 5, GOING_ON: 9}
        if arguments:
            due = zip(*arguments, strict=True)
            return [{"topic": topic, "key": key} for topic, key, head in due if reached.get(key, 0) < head]
        return [{"topic": TOPIC, "key": key, "sequence": at} for key, at in reached.items()]


async def test_a_key_that_stands_still_is_not_hidden_by_others_that_go_on(tmp_path: Path) -> None:
    watch = _watch(tmp_path)
    watch.come_to = {STANDING_STILL: 3, GOING_ON: 9}
    due = await watch.due()
    assert due["meetings"] == {(TOPIC, STANDING_STILL): 5}
    watch.come_to = {STANDING_STILL: 3, GOING_ON: 9_000}
    assert await watch.still_due(due) == {"meetings": {(TOPIC, STANDING_STILL): 5}}
    watch.come_to[STANDING_STILL] = 5
    assert await watch.still_due(due) == {}


def test_requests_count_for_the_span_in_which_they_began() -> None:
    steady = Steady(8.0)
    steady.requests = [
        Request(0.0, 12.0),  # held back by what was before: no pace of this span
        Request(10.0, 10.1),
        Request(10.2, 10.3),
        Request(10.4),  # never
        Request(10.6, 14.0),  # long after
        Request(11.8),  # may still be answered
    ]
    assert steady.while_it_lasted(10.0, 12.0) == (4.0, 4)
    assert steady.while_it_lasted(20.0, 21.0) == (0.0, 0)


def test_that_all_take_longer_for_an_answer_is_no_slower_pace_and_that_some_get_none_is() -> None:
    """Eight a second, for five seconds: who was under way at the end was taken for one who had no answer."""
    began = [n / 8 for n in range(40)]
    steady = Steady(8.0, [Request(at, at + 2.0) for at in began])
    assert steady.when_it_was_over(0.0, 5.0) == (8.0, 40)
    stuck = Steady(8.0, [Request(at, at + (2.0 if n % 4 else GIVEN + 0.1)) for n, at in enumerate(began)])
    assert stuck.when_it_was_over(0.0, 5.0) == (6.0, 40)


def test_nobody_who_has_no_answer_is_waited_for_longer_than_each_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = Steady(8.0, [Request(1.0), Request(3.0)])
    steady.requests[1].under_way = False  # answered, or given up
    monkeypatch.setattr("tests.faults.steady.now", lambda: 1.0 + GIVEN)
    assert steady.some_may_be_answered(0.0, 2.0)
    assert not steady.some_may_be_answered(2.0, 4.0)
    monkeypatch.setattr("tests.faults.steady.now", lambda: 1.1 + GIVEN)
    assert not steady.some_may_be_answered(0.0, 2.0)


def test_whoever_could_not_even_ask_had_no_answer() -> None:
    steady = Steady(8.0)
    steady.asks().answered = 0.0
    steady.cannot_ask()
    assert steady.when_it_was_over(0.0, float("inf")) == (4.0, 2)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"recovery": 10.1}, "1 caught up later than aimed at"),
        (AWAY | {"unanswered": 1}, "1 of the broker away"),
        (AWAY | {"drain": 299.0}, "1 of the broker away"),
        (AWAY | {"inflow": 0.0}, "1 of the broker away"),
        (AWAY | {"answered_during": 7.5}, "1 of the broker away"),
        ({"toothless": ("meetings",)}, "NOTHING SHOWS that it hit meetings"),
    ],
)
def test_a_run_fails_that_is_late_slower_refused_or_without_bite(
    spoilt: dict[str, Any], said: str, tmp_path: Path
) -> None:
    for good in (found_in(tmp_path), found_in(tmp_path, **AWAY)):
        assert not good.failed, table(good)
    found = found_in(tmp_path, **spoilt)
    assert found.failed
    assert said in table(found)


@pytest.mark.parametrize(("recovery", "fails"), [(19.9, False), (20.1, True)])
def test_the_short_run_tells_who_is_late_and_fails_from_twice_the_aim_on(
    recovery: float, fails: bool, tmp_path: Path
) -> None:
    found = found_in(tmp_path, recovery=recovery, judged_at=plan.short(1).judged_at)
    assert found.failed is fails
    assert "1 caught up later than aimed at (judged from 2 times the aim on)" in table(found)
    assert plan.long(1, 60.0).judged_at == 1


@pytest.mark.parametrize(("asked", "fails"), [(15, True), (9, False)])
def test_of_all_together_too_few_answers_fail_a_run_that_has_few_after_each_fault(
    tmp_path: Path, asked: int, fails: bool
) -> None:
    found = found_in(tmp_path)
    found.history.windows = [
        replace(each, answered_after=8.0 * 0.9, asked_after=asked) for each in found.history.windows
    ]
    assert found.failed is fails
    assert ("TOO FEW ANSWERS" in table(found)) is fails


def test_a_whole_run_fails_that_did_not_come_to_a_fault_or_saw_none_of_its_bite(tmp_path: Path) -> None:
    """Cells that are not reached have no row: only the plan knows of them."""
    found = found_in(tmp_path)
    there, beyond = Cell("meetings: kill -9", ()), Cell("kafka: kill -9", ())
    three = [Cell(f"{THREE}: {which}", ()) for which in ("these", "those")]
    found.plan = replace(found.plan, cells=(there, beyond), complete=True)
    assert found.failed
    assert "1 planned, and not tried or without bite: kafka: kill -9" in table(found)
    found.plan = replace(found.plan, complete=False)
    assert not found.failed
    assert "(told, not judged: this is no whole run): kafka: kill -9" in table(found)
    found.plan = replace(found.plan, cells=(there, there, *three), complete=True)
    assert found.not_tried == [THREE]
    found.history.windows[1] = replace(
        found.history.windows[1], name=three[0].name
    )  # of all that are drawn one is enough
    assert (found.not_tried, found.failed) == ([], False)
    found.history.windows = [replace(each, skipped="no root") for each in found.history.windows]
    assert found.not_tried == ["meetings: kill -9", THREE]


def test_events_of_the_take_on_are_none_of_the_load(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    found.plan = replace(found.plan, least_events=found.events)
    assert not found.failed
    found.times.events_before = 1
    assert found.failed
    assert f"{found.events - 1} events" in table(found)


def test_a_short_run_that_takes_longer_than_it_may_fails_and_one_fault_that_does_is_told(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    found.times.load = plan.IN_CI + 1
    assert found.failed
    assert f"TOO LONG: {plan.IN_CI:.0f} s are allowed" in table(found)
    long = found_in(tmp_path, over=17.0)
    assert not long.failed
    assert "1 lasted longer than 15 s (told, not judged): meetings: kill -9" in table(long)


def test_what_went_wrong_stands_at_the_fault_in_whose_time_it_was_asked_for(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    elsewhere = replace(found.history.windows[0], name="funding: kill -9", injected=20, healed=21, over=21, ended=23)
    found.history.windows.append(elsewhere)
    history, final = good_run()
    forget_an_outcome(history, final)
    found.wrong = violations(history, final)
    assert blamed(found)["I1"] == {"meetings: kill -9"}
    assert "1 wrong" in page(found)


def test_a_cell_says_how_much_of_an_invariant_was_tried(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    window = replace(found.history.windows[0], injected=0.0)
    tried = exercised(found.history, found.watch, window)
    assert (tried["I1"], tried["I4"], tried["I5"], tried["I11"], tried["I12"], tried["I13"]) == (11, 1, 1, 1, 1, 2)


def _watch(folder: Path) -> Looked:
    nowhere: Any = None
    return Looked(nowhere, Journal(folder / "history.jsonl"), plan.short(1).room)


def found_in(folder: Path, *, judged_at: float = 1.0, before: Sequence[float] = (), **spoilt: Any) -> Found:
    """Three faults, of which the first is spoilt; ``before`` it so many schools a second were counted."""
    history, final = good_run()
    history.seen += [Seen(PIECE, 0.5, {"schools_a_second": each}) for each in before]
    well: dict[str, Any] = {
        "over": 2.0,
        "answered_after": 8.0,
        "asked_after": 40,
        "bit": ("meetings: process 1 is 2 now",),
    }
    first: Window = history.windows[0]
    history.windows = [replace(first, **well | spoilt), *(replace(first, **well) for _ in range(2))]
    history.windows[1:] = [
        replace(each, injected=10.0 + n, healed=10.0 + n) for n, each in enumerate(history.windows[1:])
    ]
    going = replace(plan.short(1), least_events=0, judged_at=judged_at)
    return Found(going, history, violations(history, final), final.events, _watch(folder), Times(), 8.0)


def test_the_report_says_of_which_code_it_is_who_ended_and_when_each_who_was_killed_was_back(tmp_path: Path) -> None:
    found = found_in(tmp_path, recoveries=("membership 8.1 s", "notifications 3.0 s"))
    assert "of code of which nothing is said; seed 1: " in table(found)
    found.code = "30 November 2026, 1234567"
    assert "\nof 30 November 2026, 1234567; seed 1: " in table(found)
    assert "of 30 November 2026, 1234567; seed 1: " in page(found)
    assert "\nof the services' processes ended: 1 killed, 0 asked to stop, " in table(found)
    assert "    back, each from his own death on: membership 8.1 s, notifications 3.0 s\n" in table(found)
    assert table(found).count("back, each from his own death on") == 1


def test_a_run_fails_in_which_a_process_ended_by_itself(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    assert not found.failed
    history, final = good_run()
    history.ends.append(Ended("funding", 12, 1.5, "exit status 71", said="inbox.no_fate"))
    found.wrong = violations(history, final)
    assert found.failed
    assert "funding: process 12 ended by itself (exit status 71) at 00:00:01, during meetings: kill -9" in table(found)
