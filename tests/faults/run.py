"""Going through a plan: each cell measured during and after, until everything has caught up again."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from tests.faults.history import Journal, Window, now
from tests.faults.load import Load
from tests.faults.pieces import Pieces
from tests.faults.scenario import PATIENCE, Act, Cell, Plan
from tests.faults.victims import LOOK_EVERY, Victims
from tests.faults.watching import EVERY, LOST, Due, Watch
from tests.faults.world import World
from tests.pace import pace

Say = Callable[[str], None]
BEFORE = 3.0  # seconds in which the pace before the first fault is looked at


@dataclass
class Runner:
    """One run."""

    world: World
    load: Load
    watch: Watch
    journal: Journal
    say: Say
    ends_at: float = float("inf")
    pieces: Pieces | None = None  # of work, that say how fast the product is

    async def go_through(self, plan: Plan) -> float:
        """All cells in their order; the steady requests answered a second before the first."""
        began = now()
        await pace(BEFORE)
        answered, _ = await self._pace_when_it_is_over(began, now())
        if self.pieces:
            await self.pieces.begin()
        for number, cell in enumerate(plan.cells, 1):
            if time.monotonic() > self.ends_at:
                break
            window = await self._cell(cell, with_a_piece=plan.piece_every > 0 and number % plan.piece_every == 0)
            self.journal.keep(window)
            self.say(f"{number:3}/{len(plan.cells)} {_told(window)}")
        return answered

    async def _cell(self, cell: Cell, *, with_a_piece: bool = False) -> Window:
        points = tuple(fault.crash_point for fault in cell.faults if fault.crash_point)
        why_not = next((why for fault in cell.faults if (why := fault.cannot(self.world))), None)
        if why_not:
            return Window(cell.name, now(), ended=now(), skipped=why_not, crash_points=points)
        began = now()
        injected = now()
        self.world.seen.clear()
        several = cell.heals_itself and len(cell.faults) > 1
        victims = Victims(self.world, self.watch, several=several, patience=PATIENCE)
        done = await asyncio.gather(*(fault.inject(self.world) for fault in cell.faults), return_exceptions=True)
        wrong = [each for each in done if isinstance(each, Exception)]  # of one, when the others have been done too
        note = "; ".join(f"{type(problem).__name__}: {problem}" for problem in wrong)
        if not wrong:
            await pace(cell.during)
        for fault in cell.faults:
            note += await self._problem(fault.heal)
        healed = now()
        ready, caught_up = await self._caught_up(cell, healed)
        own = await victims.end()
        since = victims.last_death(healed) if cell.heals_itself and not wrong else healed
        recovery = None if caught_up is None else _worst(caught_up - since, own)
        for fault in cell.faults:
            note += await self._problem(fault.evidence)
        looked = now()
        pieces: tuple[float, ...] = ()
        replicas = len(self.world.replicas)
        if self.pieces and with_a_piece and caught_up is not None:
            pieces = await self.pieces.after_a_fault(replicas)
        await pace(cell.after)
        ended = now()
        over = (ready or ended) if cell.heals_itself else healed
        answered_during, asked_during = self.load.steady.while_it_lasted(injected, over)
        answered_after, asked_after = await self._pace_when_it_is_over(looked, ended)
        parked, gaps = self.watch.most_parked(injected, ended)
        return Window(
            cell.name,
            began,
            injected,
            healed,
            ended,
            cell.within,
            recovery,
            over,
            answered_during,
            answered_after,
            asked_during,
            asked_after,
            pieces=pieces,
            replicas=replicas,
            inflow=self.watch.flow(injected, over, of="committed"),
            drain=self.watch.flow(healed, (caught_up or healed) + EVERY),
            unanswered=self.load.unanswered_since(injected),
            parked=parked,
            gaps=gaps,
            recoveries=_of_each(own),
            bit=tuple(f"{who}: {', '.join(seen)}" for who, seen in self.world.seen.items()),
            toothless=tuple(fault.who for fault in cell.faults if fault.who not in self.world.seen),
            refuses_nothing=cell.refuses_nothing,
            note=note[:300],
            crash_points=points,
        )

    async def _pace_when_it_is_over(self, since: float, until: float) -> tuple[float, int]:
        """Of the requests that began in this span, once each is answered or its time is up: the next fault must not take it."""
        while self.load.steady.some_may_be_answered(since, until):
            await pace(LOOK_EVERY / 4)
        return self.load.steady.when_it_was_over(since, until)

    async def _problem(self, act: Act) -> str:
        """Do it; what went wrong, if anything did."""
        try:
            await act(self.world)
        except Exception as problem:
            return f" healing: {type(problem).__name__}: {problem}"
        return ""

    async def _caught_up(self, cell: Cell, healed: float) -> tuple[float | None, float | None]:
        """When every process was ready for the first time after healing, and when, besides, all was applied.

        All is what was committed by the time that they were ready, of each key by each reader: who is killed while there
        is nothing to do would else have caught up as he dies.
        """
        due: Due | None = None
        ready = None
        while now() - healed < PATIENCE:
            with suppress(*LOST, KafkaError):
                is_ready = await self.world.all_ready()
                if ready is None and is_ready and await self._has_settled(cell):
                    ready = now()
                if ready is not None:
                    due = await (self.watch.due() if due is None else self.watch.still_due(due))
                    if is_ready and not due:
                        return ready, now()
            await pace(LOOK_EVERY)
        return ready, None

    async def _has_settled(self, cell: Cell) -> bool:
        return all([await fault.has_settled(self.world) for fault in cell.faults])

    async def drained(self) -> bool:
        """After the load has ended: nothing is left to do, to send or to apply. No more is recorded for three looks.

        That alone would prove nothing: a piece of a file may take longer than three looks.
        """
        end, quiet, before = time.monotonic() + PATIENCE * 2, 0, -1
        while time.monotonic() < end:
            with suppress(*LOST):
                heads = await self.watch.heads()
                total = sum(heads.values())
                left = await self.watch.outbox() + await self.watch.behind(heads)
                left += await self.watch.undelivered() + await self.watch.undone()
                still = total == before and not left
                quiet, before = quiet + 1 if still else 0, total
                if quiet >= 3:
                    return True
            await pace(0.5)
        return False


def _worst(recovery: float, own: Sequence[tuple[str, float | None]]) -> float | None:
    """Who was killed first has waited longest; one who never came back is the worst of all."""
    each = [seconds for _, seconds in own]
    return None if None in each else max([recovery, *(seconds for seconds in each if seconds is not None)])


def _of_each(own: Sequence[tuple[str, float | None]]) -> tuple[str, ...]:
    return tuple(f"{who} {'never' if seconds is None else f'{seconds:.1f} s'}" for who, seconds in own)


def _told(window: Window) -> str:
    if window.skipped:
        return f"{window.name:<52} not tried: {window.skipped}"
    recovery = "NOT HEALED" if window.recovery is None else f"{window.recovery:5.1f} s"
    rates = f"{window.answered_during:5.1f} {window.answered_after:5.1f} of {window.asked_after}"
    pieces = ", then ".join(f"{each:.0f}" for each in window.pieces) or "-"
    took = window.ended - window.began
    lacking = f"NO BITE: {', '.join(window.toothless)} " if window.toothless else ""
    said = f"{lacking}{window.note} [{'; '.join(window.bit)}]"
    return f"{window.name:<52} {recovery}  {rates} answered/s  {pieces} schools/s {took:4.0f} s  {said}"
