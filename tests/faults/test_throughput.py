"""Throughput by fixed pieces of work: what fails a run, what is noise, and that each piece is the same work."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from tests.faults import pieces, plan
from tests.faults.asked import Asked
from tests.faults.asking import Answer
from tests.faults.beside import Beside
from tests.faults.ends import Ends
from tests.faults.history import Journal, Window, read
from tests.faults.load import Load
from tests.faults.must_read import MEMBERSHIP
from tests.faults.pieces import BEFORE, Pieces
from tests.faults.report import page, table
from tests.faults.run import Runner
from tests.faults.scenario import Cell
from tests.faults.test_measuring import found_in
from tests.faults.throughput import PIECE, Throughput, wants_another
from tests.faults.watching import Due, Place, Watch

USUAL = [150.0] * 11


def _after(paces: list[float]) -> list[Window]:
    return [Window(f"cell {n}", float(n), recovery=1.0, pieces=(pace,)) for n, pace in enumerate(paces, 1)]


def _judged(paces: list[float], before: list[float] = USUAL) -> list[str]:
    return Throughput(1, before, _after(paces)).failures


# -- what fails a run ----------------------------------------------------------------------------------------


def test_a_cell_that_is_left_at_a_third_of_the_speed_fails_and_names_itself() -> None:
    (said,) = _judged([150.0] * 11 + [50.0] + [150.0] * 18)
    assert said.startswith("SLOWER: after cell 12 50 schools a second, where 150 were usual")


def test_what_leaves_the_product_slow_for_good_is_named_until_that_is_usual_and_at_the_end() -> None:
    said = _judged([150.0] * 20 + [70.0] * 10)
    assert [each.partition(" 70")[0] for each in said[:8]] == [f"SLOWER: after cell {n}" for n in range(21, 29)]
    assert "in the last third of the cells 70 schools a second, where it was 150 in the first (75%" in said[8]


@pytest.mark.parametrize("seed", range(20))
def test_noise_of_a_fifth_passes(seed: int) -> None:
    """Each that is slow by chance is taken again, as `Pieces` does."""
    dice = random.Random(seed)

    def one() -> float:
        return 150.0 * dice.uniform(0.8, 1.2)

    before = [one() for _ in range(BEFORE)]
    earlier, windows = list(before), _after([0.0] * 90)
    for n, each in enumerate(windows):
        paces = [one()]
        while wants_another(paces, earlier):
            paces.append(one())
        earlier.append(max(paces))
        windows[n] = replace(each, pieces=tuple(paces))
    assert Throughput(1, before, windows).failures == []


def test_a_run_whose_last_third_takes_half_as_long_again_fails_though_no_one_piece_does() -> None:
    """So slowly that none is much slower than the last fifteen before it."""
    said = _judged([150.0 - 1.2 * max(n - 45, 0) for n in range(100)])
    assert [each.partition(" third")[0] for each in said] == ["SLOWER: in the last"]
    assert "104 schools a second, where it was 150 in the first (75%" in said[0]


def test_all_together_must_come_to_95_in_a_hundred_of_before() -> None:
    assert _judged([143.0] * 30) == []
    (said,) = _judged([142.0] * 30)
    assert "after all faults 142 schools a second, where it was 150 before the first (95% are wanted" in said


def test_however_much_the_pieces_before_differ_85_in_a_hundred_are_wanted() -> None:
    before = [75.0, 225.0, 100.0, 200.0, 150.0, 150.0, 80.0, 220.0, 150.0, 90.0, 210.0]
    assert _judged([128.0] * 30, before) == []
    (said,) = _judged([127.0] * 30, before)
    assert "after all faults 127 schools a second, where it was 150 before the first" in said


def test_a_run_that_has_grown_is_held_against_itself() -> None:
    """It is usual to be slower by then: 60 is no half of before."""
    slowly = [150.0 - n for n in range(45)]
    assert not any("after cell" in each for each in _judged([*slowly, 60.0]))
    assert any("after cell 46 50 schools a second, where 113 were usual" in each for each in _judged([*slowly, 50.0]))


def test_while_there_are_replicas_a_piece_is_held_against_those_with_as_many() -> None:
    """Of twelve processes on two cores a third of the pace is nothing that a fault has left behind; a third of that is."""
    windows = _after([150.0] * 20 + [50.0, 48.0, 51.0] + [150.0] * 10)
    among = [replace(each, replicas=8) if 20 <= n < 23 else each for n, each in enumerate(windows)]
    judged = Throughput(1, USUAL, among)
    assert judged.failures == []
    assert "150 (150 to 150) in 30 after faults" in judged.in_words()
    assert "while there were replicas 50 with 8, 48 with 8, 51 with 8" in judged.in_words()
    among[22] = replace(among[22], pieces=(16.0,))
    (said,) = Throughput(1, USUAL, among).failures
    assert said.startswith("SLOWER: after cell 23 16 schools a second, where 49 were usual")
    assert len(Throughput(1, USUAL, windows).failures) == 3


def test_of_several_pieces_the_best_counts_and_the_report_says_so() -> None:
    windows = _after([150.0] * 30)
    windows[4] = replace(windows[4], pieces=(40.0, 148.0))
    judged = Throughput(1, USUAL, windows)
    assert judged.failures == []
    assert "1 were slow at first and taken again" in judged.in_words()
    windows[4] = replace(windows[4], pieces=(40.0, 41.0))
    (said,) = Throughput(1, USUAL, windows).failures
    assert "after cell 5 41 schools a second" in said
    assert "of the best of 2" in said


def test_of_few_pieces_none_but_each_by_itself_is_judged() -> None:
    judged = Throughput(1, USUAL, _after([120.0] * 4))
    assert judged.failures == []
    assert "of so few the thirds are told, not judged" in judged.in_words()
    assert len(_judged([120.0, 120.0, 60.0])) == 1


def test_a_cell_without_a_piece_fails_where_one_was_due() -> None:
    windows = _after([150.0] * 6)
    windows[2] = replace(windows[2], pieces=())
    assert Throughput(1, USUAL, windows).failures == ["NO PIECE was taken after cell 3"]
    assert Throughput(2, USUAL, windows).failures == []
    assert Throughput(0, [], windows).failures == []
    windows[2] = replace(windows[2], recovery=None)  # that it never caught up is a finding by itself (I10)
    assert Throughput(1, USUAL, windows).failures == []


@pytest.mark.parametrize("before", [[], [0.0] * 11])
def test_a_run_of_which_nobody_knows_how_fast_it_was_before_fails(before: list[float]) -> None:
    judged = Throughput(1, before, _after([150.0] * 6))
    assert judged.failures == ["NO PIECE could be taken before the first fault"]
    assert "no piece of work was taken" in judged.in_words()


def test_the_run_fails_by_it_and_the_report_has_both_numbers_at_the_cell(tmp_path: Path) -> None:
    found = found_in(tmp_path, pieces=(140.0,))
    assert not found.failed, table(found)
    found.plan = replace(found.plan, piece_every=3)
    assert found.failed  # nothing was seen before the first fault
    found = found_in(tmp_path, before=USUAL, pieces=(40.0, 50.0))
    found.plan = replace(found.plan, piece_every=3)
    assert "NO PIECE was taken after" in table(found)
    found.plan = replace(found.plan, piece_every=1)
    assert found.failed
    assert "50 of 150" in table(found)
    assert "the first piece of work was slow: 40, then 50 schools a second" in table(found)
    assert "SLOWER: after meetings: kill -9 50 schools a second, where 150 were usual" in table(found)
    assert "<td class='n late'>40, then 50</td><td class='n'>150</td>" in page(found)


# -- the pieces themselves -------------------------------------------------------------------------------------


class Officers(Load):
    """Whose every large request takes so many seconds; each wait lasts as long as it says, and then it is another day."""

    def __init__(self, folder: Path, takes: float = 0.5):
        super().__init__(Journal(folder / "history.jsonl"), lambda _: [], "", plan=plan.short(1), room=lambda: True)
        self.takes = [takes]  # the last for all that follow
        self.now = 0.0
        self.asked: list[Asked] = []
        self.held: list[bool] = []

    async def ask(self, asked: Asked, gives_up: float = 0.0) -> Any:
        self.asked.append(asked)
        self.held.append(self.beside.is_held)
        if asked.kind == "outcomes":
            self.now += self.takes[0]
            self.takes = self.takes[1:] or self.takes
        return {"import_id": "1"}

    async def request(self, method: str, service: str, path: str, **more: Any) -> Answer | None:
        return Answer(200, {}, b'{"state": "done"}')

    async def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.sayings.today += timedelta(days=1)


class Reading(Watch):
    """Readers who have applied what is said of some schools when they were looked at so many times."""

    looks = 0
    lost = 0  # connections

    async def due(self) -> Due:
        return {}

    async def undelivered(self, asked_by: str = "") -> int:
        return 0

    async def heads_of(self, keys: Any) -> dict[Place, int]:
        if self.lost:
            self.lost -= 1
            raise asyncpg.InterfaceError("connection is closed")
        return {(MEMBERSHIP, key): 3 for key in keys}

    async def still_due(self, due: Due) -> Due:
        self.looks -= 1
        return due if self.looks >= 0 and any(due.values()) else {}


@pytest.fixture
def officers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Officers:
    made = Officers(tmp_path)
    monkeypatch.setattr(pieces, "time", SimpleNamespace(monotonic=lambda: made.now))
    monkeypatch.setattr(pieces, "pace", made.pass_time)
    return made


def _pieces(officers: Officers, many: int = 600) -> tuple[Pieces, Reading]:
    nowhere: Any = None
    watch = Reading(nowhere, officers.journal, 0)
    return Pieces(officers, watch, officers.journal, many), watch


async def test_each_piece_is_the_same_work(officers: Officers) -> None:
    """Three times a hundred schools; none twice on one day, and each time to the other category."""
    taken, _ = _pieces(officers)
    await taken.begin()
    assert [each.kind for each in officers.asked[:1]] == ["import"]
    asked = officers.asked[1:]
    assert [len(each.body["outcomes"]) for each in asked] == [100] * 3 * (2 + BEFORE)
    said: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for each in asked:
        for outcome in each.body["outcomes"]:
            said[outcome["urn"]].append((date.fromisoformat(outcome["published_on"]), outcome["headline"]))
    assert len(said) == 600
    for of_one in said.values():
        days = [day for day, _ in of_one]
        assert days == sorted(set(days))
        assert [headline for _, headline in of_one] == [2, 3, 2, 3, 2, 3, 2][: len(of_one)]
    seen = [each.found for each in read(officers.journal.path).seen if each.what == PIECE]
    assert seen == [{"schools_a_second": pytest.approx(200.0)}] * BEFORE


async def test_a_piece_lasts_until_every_reader_has_applied_it(officers: Officers) -> None:
    taken, watch = _pieces(officers)
    await taken.begin()
    watch.looks, watch.lost = 6, 2
    waits = 0.05 * (5 + 2)  # the first look is for those who were behind before it, and that is none of it
    (pace,) = await taken.after_a_fault(0)
    assert pace == pytest.approx(300 / (3 * 0.5 + waits))


async def test_a_piece_that_is_never_applied_did_nothing_a_second(officers: Officers) -> None:
    taken, watch = _pieces(officers)
    await taken.begin()
    watch.looks = 1_000_000
    assert await taken.after_a_fault(0) == (0.0, 0.0, 0.0)


async def test_a_slow_piece_is_taken_again_and_again_three_at_most(officers: Officers) -> None:
    taken, _ = _pieces(officers)
    await taken.begin()
    officers.takes = [1.2] * 3 + [0.5]
    assert await taken.after_a_fault(0) == (pytest.approx(300 / 3.6), pytest.approx(200.0))
    assert taken.so_far[0][-1] == pytest.approx(200.0)
    officers.takes = [0.9] * 3 + [0.5]
    assert await taken.after_a_fault(0) == (pytest.approx(300 / 2.7),)  # more than half: no other is asked for
    officers.takes = [1.2]
    assert await taken.after_a_fault(0) == (pytest.approx(300 / 3.6),) * 3


async def test_nothing_large_goes_on_beside_a_piece_and_none_is_taken_where_it_does(
    officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, _ = _pieces(officers)
    await taken.begin()
    assert officers.held == [True, *[False] * 6, *[True] * 3 * BEFORE]
    assert not officers.beside.is_held
    monkeypatch.setattr(pieces, "STILL", 0.0)
    with officers.beside.at_work():
        assert await taken.after_a_fault(0) == (0.0, 0.0, 0.0)


async def test_who_is_at_work_comes_to_an_end_before_all_stands_still() -> None:
    beside, done = Beside(), []
    work = beside.at_work()
    work.__enter__()
    with pytest.raises(TimeoutError):
        async with beside.standing_still(0.0):
            done.append("stood still")
    work.__exit__(None, None, None)
    async with beside.standing_still(1.0):
        assert beside.is_held
        done.append("stood still")
    assert done == ["stood still"]
    await beside.may_begin()


class Ready:
    """Nobody is behind, or somebody is to the end."""

    def __init__(self, behind: bool) -> None:
        self.seen: dict[str, list[str]] = {}
        self.behind = behind
        self.ends = Ends()
        self.replicas: dict[tuple[str, int], object] = {}

    async def all_ready(self) -> bool:
        return True

    async def due(self) -> Due:
        return {"meetings": {(MEMBERSHIP, "937/school/950000"): 1}} if self.behind else {}

    async def still_due(self, due: Due) -> Due:
        return due

    async def after_a_fault(self, replicas: int) -> tuple[float, ...]:
        return (150.0,)

    def most_parked(self, since: float, until: float) -> tuple[int, int]:
        return 0, 0

    def flow(self, since: float, until: float, *, of: str = "applied") -> float:
        return 0.0


@pytest.mark.parametrize(("behind", "due", "taken"), [(False, True, (150.0,)), (True, True, ()), (False, False, ())])
async def test_a_piece_is_taken_when_all_have_caught_up(
    behind: bool, due: bool, taken: tuple[float, ...], officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.faults.run.PATIENCE", 0.0 if behind else 5.0)
    calm: Any = Ready(behind)
    cell = Cell("nothing", (), after=0.0)
    monkeypatch.setattr(Cell, "within", 10.0)
    window = await Runner(calm, officers, calm, officers.journal, print, pieces=calm)._cell(cell, with_a_piece=due)
    assert window.pieces == taken
    officers.journal.keep(window)
    assert read(officers.journal.path).windows == [window]


def test_the_long_run_takes_a_piece_after_each_cell_and_the_short_one_none() -> None:
    whole = plan.long(1, 1800)
    assert (whole.piece_every, whole.piece_schools) == (1, 9_000)
    assert plan.long(1, 180).piece_schools == 1_200
    assert plan.short(1).piece_every == 0
