"""``python -m tests.bench``: every number of D8 whose parts exist, each as a ratio against a baseline of the same run.

Prints a table, keeps `build/bench.json`, and with ``--write`` puts the rows into docs/performance.md. The sizes are chosen
so that all of it ends within 40 minutes on two cores that nobody else uses: a ratio is the median of five interleaved
rounds (of an outage three, of England's registers two), and each row says how much was measured. ``--rows 100000
--schools 22000`` is a longer run of the same.
"""

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import uvloop

from shared.telemetry import shut_down_tracing
from tests.bench import national, report, rivals
from tests.bench.core import Core
from tests.bench.footprint import Footprint
from tests.bench.latency import Latency
from tests.bench.outage import Outage
from tests.bench.product import product
from tests.bench.row import Row
from tests.bench.stage import Stage, bench_stack
from tests.bench.sweeping import Sweeping, schools_taken_on
from tests.bench.web import Web

PARTS = ("record", "relay", "consume", "sweep", "latency", "outage", "web", "footprint", "national")
CORE, PRODUCT = {"record", "relay", "consume"}, {"sweep", "latency", "outage", "web"}


def core(rows: int, rounds: int, wanted: Callable[[str], bool]) -> list[Row]:
    with bench_stack() as stack:
        stage = Stage(stack)
        measured = Core(stage, rows)

        async def whole() -> None:
            for number in range(rounds):
                _say(f"core, round {number + 1} of {rounds}")
                await measured.once(wanted)
            await stage.close()

        asyncio.run(whole())
    shut_down_tracing()
    return measured.rows


def of_product(sizes: argparse.Namespace, wanted: Callable[[str], bool]) -> list[Row]:
    with product(("membership", "meetings", "notifications")) as running:
        running.prepare()

        async def whole() -> list[Row]:
            _say(f"taking {sizes.schools:,} schools on")
            hops, sweeping = await schools_taken_on(running, sizes.schools)
            measured: list[Sweeping | Latency | Outage | Web] = []
            if wanted("sweep"):
                measured += [sweeping]
            if wanted("latency"):
                measured += [Latency(running, hops, sweeping.england, sizes.changes)]
            for each in measured:
                await _in_rounds(each, sizes.rounds)
            await hops.stop()
            if wanted("outage"):
                outage = Outage(running, sweeping.england, inflow=sizes.inflow, seconds=sizes.away)
                await _in_rounds(outage, sizes.rounds_of_outage)
                measured += [outage]
            if wanted("web"):
                for service in running.stack.services:
                    running.stack.stop_service(service)
                web = Web(running, sweeping.england, sizes.requests)
                await _in_rounds(web, sizes.rounds)
                measured += [web]
            await sweeping.england.store.close()
            return [row for each in measured for row in each.rows]

        return asyncio.run(whole())


async def _in_rounds(part: Sweeping | Latency | Outage | Web, rounds: int) -> None:
    name = part.rows[0].name
    with _timed(name):
        for number in range(rounds):
            _say(f"{name}, round {number + 1} of {rounds}")
            await part.once()
            report.keep(part.rows)


def footprint(rounds: int, seconds: float) -> list[Row]:
    measured = Footprint(seconds)
    _say("what it costs while nothing happens")
    measured.measure(rounds)
    return measured.rows


@contextlib.contextmanager
def _timed(part: str) -> Iterator[None]:
    """Say how long a part took, so that one knows which to leave out."""
    begun = time.perf_counter()
    yield
    _say(f"{part}: {time.perf_counter() - begun:.0f} s")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def chosen(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"any of {', '.join(PARTS)}, with commas")
    parser.add_argument("--quick", action="store_true", help="one round of everything, small: whether it runs at all")
    parser.add_argument("--write", action="store_true", help="put the rows into docs/performance.md")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; the median counts (default 5)")
    parser.add_argument("--rows", type=int, default=40_000, help="events in a backlog (default 40,000)")
    parser.add_argument("--schools", type=int, default=6_000, help="schools of the sweep (default 6,000)")
    parser.add_argument("--changes", type=int, default=800, help="single changes a round, for latency (default 800)")
    parser.add_argument("--requests", type=int, default=400, help="requests a round over HTTP (default 400)")
    parser.add_argument("--inflow", type=int, default=50, help="schools a second over a broker's outage (default 50)")
    parser.add_argument("--away", type=float, default=60, help="seconds that the broker is away (default 60)")
    parser.add_argument("--idle", type=float, default=40, help="seconds to look at the idle services (default 40)")
    parser.add_argument("--share", type=float, default=1, help="of the registers of England (default all)")
    found = parser.parse_args(arguments)
    found.rounds_of_england = min(found.rounds, 2)  # each is all of England twice: whole, and a tenth
    found.only = set(found.only.split(","))
    if unknown := found.only - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}")
    if found.quick:
        found.rounds, found.rows, found.schools, found.changes = 1, 5_000, 1_500, 60
        found.requests, found.idle, found.share, found.away = 150, 10, 0.1, 10
    found.rounds_of_outage = min(found.rounds, 3)  # each takes a minute and a half
    # Every school is written once: by ours, by ours with tracing, and one that the bare server learns from.
    found.requests = min(found.requests, found.schools // found.rounds // 3 - 1)
    return found


def main() -> int:
    sizes = chosen()
    uvloop.install()
    found: list[Row] = []

    def wanted(part: str) -> bool:
        return part in sizes.only

    if sizes.only & CORE:
        with _timed("core"):
            found += core(sizes.rows, sizes.rounds, wanted)
    if sizes.only & PRODUCT:
        with _timed("product"):
            found += of_product(sizes, wanted)
    if wanted("footprint"):
        with _timed("footprint"):
            found += footprint(sizes.rounds, sizes.idle)
    if wanted("national"):
        with _timed("national"):
            found += asyncio.run(national.measured(sizes.share, sizes.rounds_of_england))
    report.keep(found, rounds=sizes.rounds, quick=sizes.quick)
    if sizes.write:
        report.write(found, whole=sizes.only == set(PARTS) and not sizes.quick)
    print(report.table(found))
    if wanted("relay") and not rivals.has_outbox():
        _say("1 row was left out: faststream-outbox is not installed; `make bench` installs it")
    return 0 if all(row.good_enough for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
