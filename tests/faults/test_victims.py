"""Who dies first of several is measured from his own death on: whoever dies last hides nobody."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.faults import ends, run, victims
from tests.faults.ends import Ends
from tests.faults.history import Journal
from tests.faults.load import Load
from tests.faults.must_read import MEETINGS, MEMBERSHIP
from tests.faults.plan import short
from tests.faults.run import Runner
from tests.faults.scenario import Cell, Fault
from tests.faults.victims import Victims

A, B = (MEMBERSHIP, "937/school/125580"), (MEETINGS, "937/body/1")


class Machine:
    """Services, and what is due to them, at moments that a test says; world and watch in one."""

    def __init__(self) -> None:
        self.at = 100.0
        self.ends = Ends()
        self.replicas: dict[tuple[str, int], Any] = {}
        self.ready_from: dict[str, float] = {}
        self.left: dict[str, dict[tuple[str, str], int]] = {}
        self.seen: dict[str, list[str]] = {}

    async def comes_to(self, at: float) -> None:
        """Everybody looks around as often as he likes meanwhile."""
        self.at = at
        for _ in range(40):
            await asyncio.sleep(0)

    async def are_ready(self, services: list[str]) -> bool:
        return all(self.at >= self.ready_from.get(each, 0.0) for each in services)

    async def all_ready(self) -> bool:
        return await self.are_ready(list(self.ready_from))

    async def due(self) -> dict[str, dict[tuple[str, str], int]]:
        return {reader: dict(places) for reader, places in self.left.items()}

    async def still_due(self, due: dict[str, dict[tuple[str, str], int]]) -> dict[str, dict[tuple[str, str], int]]:
        left = {reader: {p: n for p, n in places.items() if p in self.left[reader]} for reader, places in due.items()}
        return {reader: places for reader, places in left.items() if places}

    def most_parked(self, since: float, until: float) -> tuple[int, int]:
        return 0, 0

    def flow(self, since: float, until: float, *, of: str = "applied") -> float:
        return 0.0


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine()

    async def while_others_work(seconds: float) -> None:
        await asyncio.sleep(0)

    async def later(seconds: float) -> None:
        await found.comes_to(found.at + seconds)

    for module in (ends, run, victims):
        monkeypatch.setattr(module, "now", lambda: found.at)
    monkeypatch.setattr(victims, "pace", while_others_work)
    monkeypatch.setattr(run, "pace", later)
    return found


async def test_who_died_first_is_back_when_his_own_is_done_however_late_another_dies(machine: Machine) -> None:
    everywhere: Any = machine
    following = Victims(everywhere, everywhere, several=True, patience=90)
    machine.ready_from = {"membership": 103.0, "notifications": 109.0}
    machine.left = {"meetings": {A: 5}, "notifications": {A: 5, B: 2}}
    machine.ends.died("membership")
    await machine.comes_to(103.0)
    machine.left = {"meetings": {}, "notifications": {B: 2}}  # what meetings has said is none of membership's
    await machine.comes_to(104.0)
    machine.at = 106.0
    machine.ends.died("notifications")
    await machine.comes_to(109.0)
    machine.left = {"meetings": {}, "notifications": {}}
    await machine.comes_to(109.5)
    assert await following.end() == [("membership", 4.0), ("notifications", 3.5)]
    assert following.last_death(0.0) == 106.0


async def test_what_one_who_died_later_has_to_apply_is_measured_from_his_death(machine: Machine) -> None:
    everywhere: Any = machine
    following = Victims(everywhere, everywhere, several=True, patience=90)
    machine.ready_from = {"membership": 103.0, "notifications": 109.0}
    machine.left = {"meetings": {A: 5}, "notifications": {A: 5}}
    machine.ends.died("membership")
    await machine.comes_to(104.0)
    machine.ends.died("notifications")
    await machine.comes_to(105.0)
    machine.left["meetings"] = {}
    await machine.comes_to(106.0)
    await machine.comes_to(110.0)
    machine.left["notifications"] = {}
    await machine.comes_to(111.0)
    assert await following.end() == [("membership", 6.0), ("notifications", 7.0)]


async def test_who_never_comes_back_is_not_waited_for_without_end(machine: Machine) -> None:
    everywhere: Any = machine
    following = Victims(everywhere, everywhere, several=True, patience=90)
    machine.ready_from = {"membership": 1_000.0}
    machine.ends.died("membership")
    await machine.comes_to(150.0)
    await machine.comes_to(190.0)
    assert await following.end() == [("membership", None)]


@pytest.mark.parametrize(
    ("first_ready", "caught_up", "told"),
    [
        (103.0, 3.0, ("membership 3.0 s", "notifications 3.0 s")),
        (108.0, 8.0, ("membership 8.0 s", "notifications 3.0 s")),
    ],
)
async def test_caught_up_is_the_worst_of_all_who_were_killed(
    machine: Machine, tmp_path: Path, first_ready: float, caught_up: float, told: tuple[str, ...]
) -> None:
    """The second dies six seconds after the first, and all is well three seconds later."""

    async def one(world: Machine) -> None:
        world.ends.died("membership")

    async def another(world: Machine) -> None:
        for at in (102.0, 103.0, 104.0, 106.0):
            await world.comes_to(at)
        world.ends.died("notifications")

    machine.ready_from = {"membership": first_ready, "notifications": 109.0}
    machine.left = {"meetings": {}, "notifications": {}}
    faults: Any = (Fault("kill -9", "membership", one), Fault("kill -9", "notifications", another))
    everywhere: Any = machine
    load = Load(Journal(tmp_path / "history.jsonl"), lambda _: [], "", plan=short(1), room=lambda: True)
    window = await Runner(everywhere, load, everywhere, load.journal, print)._cell(Cell("both", faults, after=0.0))
    assert window.recovery == pytest.approx(caught_up, abs=0.3)
    assert [each.split()[0] for each in window.recoveries] == [each.split()[0] for each in told]
    seconds = [float(each.split()[1]) for each in window.recoveries]
    assert seconds == pytest.approx([float(each.split()[1]) for each in told], abs=0.3)


async def test_one_alone_is_measured_from_his_death_also_where_more_had_to_be_done(
    machine: Machine, tmp_path: Path
) -> None:
    """As where what leads to a place is brought about: it may be over some time after the death."""

    async def dies_and_is_talked_about(world: Machine) -> None:
        world.ends.died("membership")
        await world.comes_to(102.0)

    machine.ready_from = {"membership": 104.0}
    faults: Any = (Fault("killed", "membership", dies_and_is_talked_about),)
    everywhere: Any = machine
    load = Load(Journal(tmp_path / "history.jsonl"), lambda _: [], "", plan=short(1), room=lambda: True)
    window = await Runner(everywhere, load, everywhere, load.journal, print)._cell(Cell("one", faults, after=0.0))
    assert window.recovery == pytest.approx(4.0, abs=0.3)
    assert window.recoveries == ()


async def test_where_one_of_several_never_came_to_his_place_the_others_wait_is_not_his(
    machine: Machine, tmp_path: Path
) -> None:
    async def dies(world: Machine) -> None:
        world.ends.died("notifications")

    async def never_comes(world: Machine) -> None:
        for at in (100.0, 104.0, 170.0):
            await world.comes_to(at)
        raise TimeoutError("membership never came to its place")

    machine.ready_from = {"membership": 100.0, "notifications": 104.0}
    machine.left = {"meetings": {}, "notifications": {}}
    faults: Any = (Fault("killed", "membership", never_comes), Fault("killed", "notifications", dies))
    everywhere: Any = machine
    load = Load(Journal(tmp_path / "history.jsonl"), lambda _: [], "", plan=short(1), room=lambda: True)
    window = await Runner(everywhere, load, everywhere, load.journal, print)._cell(Cell("both", faults, after=0.0))
    assert "never came" in window.note
    assert [each.split()[0] for each in window.recoveries] == ["notifications"]
    assert window.recovery == pytest.approx(4.0, abs=0.3)
