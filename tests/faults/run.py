"""Going through a plan: each cell measured before, during and after, until everything has caught up again."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import asyncpg

from tests.faults.history import Journal, Window, now
from tests.faults.load import Load
from tests.faults.scenario import PATIENCE, Cell, Plan
from tests.faults.watching import EVERY, Heads, Watch
from tests.faults.world import World
from tests.pace import pace

Say = Callable[[str], None]
LOOK_EVERY = 0.2  # seconds; each look costs the databases a few milliseconds
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass
class Runner:
    """One run."""

    world: World
    load: Load
    watch: Watch
    journal: Journal
    say: Say
    ends_at: float = float("inf")

    async def go_through(self, plan: Plan) -> list[Window]:
        windows = []
        await pace(plan.cells[0].after if plan.cells else 0)  # what the first fault is compared with
        for number, cell in enumerate(plan.cells, 1):
            if time.monotonic() > self.ends_at:
                break
            window = await self._cell(cell)
            windows.append(window)
            self.journal.keep(window)
            self.say(f"{number:3}/{len(plan.cells)} {_told(window)}")
        return windows

    async def _cell(self, cell: Cell) -> Window:
        points = tuple(fault.crash_point for fault in cell.faults if fault.crash_point)
        why_not = next((why for fault in cell.faults if (why := fault.cannot(self.world))), None)
        if why_not:
            return Window(cell.name, now(), ended=now(), skipped=why_not, crash_points=points)
        began = now()
        unanswered, injected, note = self.load.unanswered, now(), ""
        try:
            await asyncio.gather(*(fault.inject(self.world) for fault in cell.faults))
            await pace(cell.during)
        except Exception as problem:
            note = f"{type(problem).__name__}: {problem}"
        for fault in cell.faults:
            try:
                await fault.heal(self.world)
            except Exception as problem:
                note += f" healing: {type(problem).__name__}: {problem}"
        healed = now()
        recovery = await self._caught_up(healed)
        await pace(cell.after)
        ended = now()
        caught_up = healed + (recovery or 0)
        return Window(
            cell.name,
            began,
            injected,
            healed,
            ended,
            cell.within,
            recovery,
            # What was held back by the fault before is answered on top of what is asked now: that is no pace to return to.
            answered_before=min(self.load.answered(injected - cell.after, injected), self.load.rate),
            answered_during=self.load.answered(injected, healed),
            answered_after=self.load.answered(ended - cell.after, ended),
            inflow=self.watch.flow(injected, healed, of="committed"),
            drain=self.watch.flow(healed, caught_up + EVERY),
            unanswered=self.load.unanswered - unanswered,
            refuses_nothing=cell.refuses_nothing,
            note=note[:300],
            crash_points=points,
        )

    async def _caught_up(self, healed: float) -> float | None:
        """Seconds from healing until every service is ready, and what was committed by then is applied by every reader."""
        heads: Heads | None = None
        while now() - healed < PATIENCE:
            with suppress(*LOST):
                if heads is None:
                    heads = await self.watch.heads()
                if not await self.watch.behind(heads) and await self.world.all_ready():
                    return now() - healed
            await pace(LOOK_EVERY)
        return None

    async def drained(self) -> bool:
        """After the load has ended: nothing is left to send or to apply. No more is recorded for three looks."""
        end, quiet, before = time.monotonic() + PATIENCE * 2, 0, -1
        while time.monotonic() < end:
            with suppress(*LOST):
                heads = await self.watch.heads()
                total = sum(heads.values())
                left = await self.watch.outbox() + await self.watch.behind(heads) + await self.watch.undelivered()
                still = total == before and not left
                quiet, before = quiet + 1 if still else 0, total
                if quiet >= 3:
                    return True
            await pace(0.5)
        return False


def _told(window: Window) -> str:
    if window.skipped:
        return f"{window.name:<52} not tried: {window.skipped}"
    recovery = "NOT HEALED" if window.recovery is None else f"{window.recovery:5.1f} s"
    rates = f"{window.answered_before:5.1f} {window.answered_during:5.1f} {window.answered_after:5.1f}"
    took = window.ended - window.began
    return f"{window.name:<52} {recovery}  {rates} answered/s  {took:4.0f} s  {window.note}"
