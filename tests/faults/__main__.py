"""``python -m tests.faults``: go through the faults, judge what happened, tell it. ``make faults`` runs it."""

import argparse
import asyncio
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import uvloop

from tests.faults import bugs, bugs_found, checks, history, plan, planted_list, report, run
from tests.faults import kept as kept_run
from tests.faults.final import final_reads
from tests.faults.history import Journal
from tests.faults.load import Load
from tests.faults.pieces import Pieces
from tests.faults.readers import Readers
from tests.faults.run import Runner
from tests.faults.scenario import Plan
from tests.faults.spans import Receiver, Traced
from tests.faults.stamp import stamp
from tests.faults.watching import Watch
from tests.faults.world import World

BUILD = Path(__file__).parents[2] / "build" / "faults"
DOCS = Path(__file__).parents[2] / "docs" / "faults"


def say(text: str) -> None:
    print(text, flush=True)


async def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="the short run, the same each time; without it the long one")
    parser.add_argument("--duration", type=float, help="seconds of the long run (default 1800)")
    parser.add_argument("--only", default="", help="cells whose name contains this, or one of these, with commas")
    parser.add_argument("--all", action="store_true", help="fail if any fault can't be tried on this machine")
    parser.add_argument("--docs", action="store_true", help="write the report to docs/faults, not to build/faults")
    parser.add_argument(
        "--keep", action="store_true", help="keep the final reads beside the history, to judge them again"
    )
    parser.add_argument("--traced", action="store_true", help="keep the spans of the services, and judge them too")
    parser.add_argument("--rate", type=float, help="requests a second, other than the plan's")
    parser.add_argument("--piece-every", type=int, help="cells after which throughput is measured; 0: never")
    parser.add_argument("--large", type=int, help="outcomes in a large request, other than the plan's")
    parser.add_argument(
        "--plant", choices=[bugs.NOTHING, *(each.name for each in bugs.BUGS)], help="with this bug; 0 if it was found"
    )
    chosen = parser.parse_args()
    is_long = chosen.seed is None or chosen.duration is not None
    seed = chosen.seed if chosen.seed is not None else random.randrange(100_000)
    going = plan.long(seed, chosen.duration or 1800) if is_long else plan.short(seed)
    going = replace(going, rate=chosen.rate or going.rate, large=chosen.large or going.large)
    if chosen.piece_every is not None:
        going = replace(going, piece_every=chosen.piece_every)
    together = bugs.run_of(chosen.plant) if chosen.plant else None
    if together is not None:
        going = bugs.going(together, seed)
    if chosen.only:
        try:
            going = plan.only(going, chosen.only.split(","))
        except plan.NoSuchCell as nothing:
            parser.error(str(nothing))  # status 2
    code = stamp()  # as it is loaded: what is changed while the run goes on is not of it
    running = asyncio.current_task()
    assert running is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)  # and all is taken down
    say(f"seed {seed}: {len(going.cells)} cells, {'long' if is_long else 'short'}")
    folder = bugs_found.BUILD if together else BUILD
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / f"{together.name if together else 'history'}.jsonl"
    journal.unlink(missing_ok=True)
    seconds = (chosen.duration or 1800) if is_long else float("inf")
    found = await go(going, journal, seconds, together, traced=chosen.traced, keep=chosen.keep)
    found.code = code
    if together is not None:
        say(report.table(found))
        toothless = [each.name for each in found.toothless]
        told = bugs_found.keep(together, found.wrong, toothless, found.times.whole, code)
        return sum(not each.good for each in told)
    into = DOCS if chosen.docs else BUILD
    into.mkdir(parents=True, exist_ok=True)
    name = "long" if is_long else "short"
    (into / f"{name}.html").write_text(report.page(found))
    (into / f"{name}.txt").write_text(report.table(found) + planted_list.table())
    say(report.table(found))
    say(f"history: {journal}\nreport: {into / f'{name}.html'}")
    left_out = [each for each in found.history.windows if each.skipped] if chosen.all else []
    for each in left_out:
        say(f"NOT TRIED: {each.name}: {each.skipped}")
    return 1 if found.failed or left_out else 0


async def go(
    going: Plan,
    path: Path,
    seconds: float,
    together: bugs.Together | None = None,
    *,
    traced: bool = False,
    keep: bool = False,
) -> report.Found:
    clock, times = Clock(), report.Times()
    receiver = Receiver(path.with_suffix(".spans")) if traced else None
    environment = receiver.environment if receiver else {}
    world = World(going, 12_000 if going.least_events > 100_000 else 3_000, environment)
    journal = Journal(path)
    try:
        await world.up()
        if together is not None:
            await bugs.plant(together, world)
            run.PATIENCE = together.patience
        watch = Watch(world, journal, going.room)

        def room() -> bool:
            return watch.has_room() and not world.many_are_starting

        load = Load(journal, world.addresses, world.token, plan=going, room=room)
        world.officers = load
        times.events_before = sum((await watch.heads()).values())
        times.start = clock.lap("up and taken on")
        await load.begin()
        readers = Readers(world, load)
        readers.begin()
        watch.begin()
        pieces = Pieces(load, watch, journal, going.piece_schools) if going.piece_every else None
        runner = Runner(world, load, watch, journal, say, clock.began + seconds, pieces)
        answered_first = await runner.go_through(going)
        await readers.end()
        await load.end()
        times.load, times.steady_held_back = clock.lap("load ended"), load.held_back
        times.stood_still = load.beside.stood_still
        drained = await runner.drained()
        await watch.end()
        times.drain = clock.lap("drained" if drained else "NOT DRAINED")
        final = await final_reads(world)
        for each in world.told_of_ends():
            journal.keep(each)
    finally:
        await world.down()
        journal.close()
    if keep:
        kept_run.keep(final, path)
    kept = history.read(path)
    wrong = checks.violations(kept, final) if together else checks.judged(kept, final)
    if receiver is not None:
        seen = Traced(receiver.end())
        say(seen.told(kept, final))
        wrong = checks.added(wrong, seen.findings(kept, final))
    times.reading = clock.lap("read and judged")
    if not drained:
        wrong["I10"].append("not all had been applied long after the end")
    return report.Found(going, kept, wrong, final.events, watch, times, answered_first)


class Clock:
    """Tells how long each part of the run took."""

    def __init__(self) -> None:
        self.began = self._lap = time.monotonic()

    def lap(self, what: str) -> float:
        now, before = time.monotonic(), self._lap
        say(f"{what} after {now - self.began:.0f} s (processor {time.process_time():.0f} s)")
        self._lap = now
        return now - before


if __name__ == "__main__":
    uvloop.install()
    sys.exit(asyncio.run(main()))
