"""``python -m tests.bench.national``: all 51,012 establishments, 33,801 links between them and 21,990 rows of inspections
of England, imported.

In the short layouts, as there are files, and once more in the long ones (long_layouts.py makes them), as later editions.

Prints how long a tenth and the whole take, and how much work they are (seconds of processor, ours and PostgreSQL's): it
must grow in line with rows, so that a row of the whole is at most 1.1 times the work of a row of a tenth. A tenth is all
lines about a tenth of the schools, linked ones together: of lines drawn from each file by itself hardly two would be
about one school, and be no work. At the end the day is turned, which follows up what the links of schools bring.
Memory must stay flat: in the second half of the whole it may not be more than a little above its peak in the first. And an
import killed three times on its way must end in the state of one that was not; where a kill came too late for a running
import, that proves nothing and fails as well.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import uvloop

from infra.local.bare import BareStack
from infra.local.databases import make_database, make_roles
from infra.local.ports import SERVICES
from infra.local.programs import ROOT
from services.membership.registers.file import SentFile
from services.membership.use_cases.failed_days import turn_all_days
from services.membership.use_cases.receive_file import receive
from shared.messaging.cause import Cause
from shared.migrations import migrate
from shared.store import Store
from tests.bench.row import Row, Target
from tests.store.membership.long_layouts import CARDS, LONG
from tests.store.membership.national import FILES_AND_MADE, applied, content, kind_and_name, of_some_schools, state

ROWS = {
    "gias": 51_012,
    "groups": 3_602,
    "group-links": 10_010,
    "school-links": 33_801,
    "ofsted": 21_990,
    LONG: 51_012,
    CARDS: 21_990,
}
TODAY = date(2026, 3, 1)
KILLS = 3
TURN = "the day is turned"
IN_LINE = 1.1  # times the work a row
FLAT_WITHIN = 0.05  # of the peak in the first half; a few megabytes at least, since heaps come in steps
STEP = 8  # megabytes
WAITING = "select count(*) from import_line l join import i using (import_id) where l.line > i.position"


class Fresh:
    """One database of membership at a time, with fsync on."""

    def __init__(self, stack: BareStack):
        self._postgres = stack.postgres
        self._postmaster = stack.pid("postgres")

    def worked(self) -> float:
        """Seconds of processor so far: this process, PostgreSQL and its servers, also those that have ended."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it ended while we looked
                fields = stat.read_text().rsplit(")", 1)[1].split()
                if int(stat.parent.name) == self._postmaster:
                    ticks += sum(map(int, fields[11:15]))
                elif int(fields[1]) == self._postmaster:
                    ticks += sum(map(int, fields[11:13]))
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    async def opened(self) -> Store:
        await asyncio.to_thread(self._make)
        store = Store(self.url, service="membership")
        await store.run(lambda uow: uow.execute("insert into clock (today) values ($1)", TODAY))
        return store

    @property
    def url(self) -> str:
        return self._postgres.url("membership", "app")

    def _make(self) -> None:
        self._postgres.run("drop database if exists membership with (force)")
        make_database(self._postgres, "membership")
        migrate(self._postgres.url("membership", "owner"), "membership")


@contextmanager
def _fresh() -> Iterator[Fresh]:
    with tempfile.TemporaryDirectory(prefix="consortia-bench-") as folder:
        stack = BareStack(Path(folder), for_tests=False)
        stack.up()
        try:
            make_roles(stack.postgres, SERVICES)
            yield Fresh(stack)
        finally:
            stack.down()


def _write(key: str, share: float, path: Path) -> None:
    path.write_bytes(content(key) if share == 1 else of_some_schools(key, share))


@contextmanager
def _written(key: str, share: float) -> Iterator[Path]:
    """The file, made by a process of its own: what it takes to make it is no memory of an import."""
    with tempfile.TemporaryDirectory(prefix="consortia-bench-") as folder:
        path = Path(folder) / "file.csv"
        writer = multiprocessing.get_context("spawn").Process(target=_write, args=(key, share, path))
        writer.start()
        writer.join()
        assert writer.exitcode == 0, f"{key} could not be made"
        yield path


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(65_536):
            yield chunk


async def take_in(store: Store, key: str, path: Path) -> int:
    """How many rows it has."""
    file = SentFile()
    try:
        await file.receive(_chunks(path))
        kind, name = kind_and_name(key)
        found = await receive(store, Cause.story(), file, kind=kind, name=name, as_at=None, requested_by="bench")
        assert found.state == "applying", found
        return found.lines
    finally:
        file.close()


def resident() -> float:
    """Megabytes that this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Taken:
    """Seconds a file, on the clock and of processor, and the megabytes in memory after each chunk, in order."""

    rows: int = 0
    took: dict[str, float] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)

    @property
    def peaks(self) -> tuple[float, float]:
        """Of the first and of the second half of the chunks."""
        half = len(self.memory) // 2
        return max(self.memory[:half]), max(self.memory[half:])

    @property
    def work(self) -> float:
        """Microseconds of processor a row."""
        return sum(self.spent.values()) / self.rows * 1e6

    @property
    def time(self) -> float:
        """Microseconds on the clock a row."""
        return sum(self.took.values()) / self.rows * 1e6

    @property
    def flat(self) -> bool:
        first, second = self.peaks
        return second - first <= max(STEP, first * FLAT_WITHIN)


async def timed(fresh: Fresh, share: float) -> Taken:
    """Whole files or a share of them, one after the other."""
    store = await fresh.opened()
    taken = Taken()
    for kind in FILES_AND_MADE:
        with _written(kind, share) as path:
            begun, idle = time.perf_counter(), fresh.worked()
            rows = await take_in(store, kind, path)
        read = time.perf_counter()
        spent = []
        async for _ in applied(store):
            taken.memory.append(resident())
            spent.append(fresh.worked() - idle)
        seconds = time.perf_counter() - begun
        taken.took[kind], taken.spent[kind] = seconds, spent[-1]
        taken.rows += rows
        print(
            f"  {kind:20} {rows:8,.0f} rows  {seconds:7.1f} s, of which checked {read - begun:5.1f} s"
            f"  {rows / seconds:7.0f} rows/s; processor {spent[-1]:7.1f} s, in the first half {spent[len(spent) // 2]:5.1f} s",
            flush=True,
        )
    begun, idle = time.perf_counter(), fresh.worked()
    await turn_all_days(store, confirmed=True)
    taken.took[TURN], taken.spent[TURN] = time.perf_counter() - begun, fresh.worked() - idle
    taken.memory.append(resident())
    print(f"  {TURN:20} {taken.took[TURN]:23.1f} s; processor {taken.spent[TURN]:.1f} s", flush=True)
    await store.close()
    return taken


async def killed(fresh: Fresh, share: float) -> bool:
    """The same files twice: applied in peace, and by processes of which the first three are killed on their way."""
    states, hit = [], 0
    for times in (0, KILLS):
        store = await fresh.opened()
        for kind in FILES_AND_MADE:
            with _written(kind, share) as path:
                await take_in(store, kind, path)
        lines = await _value(store, "select sum(lines) from import")
        for number in range(times + 1):
            process = subprocess.Popen(  # noqa: ASYNC220 - starting it takes no time that matters here
                [sys.executable, "-m", "tests.faults.importer"],
                cwd=ROOT,
                env={**os.environ, "CONSORTIA_DATABASE_URL": fresh.url},
            )
            while process.poll() is None:
                position = await _value(store, WAITING)
                if number < times and position < lines * (1 - (number + 1) / (times + 1)):
                    process.send_signal(signal.SIGKILL)
                with suppress(subprocess.TimeoutExpired):  # look again soon, or as soon as it has ended
                    await asyncio.to_thread(process.wait, 0.02)
            left = await _value(store, WAITING)
            if process.returncode == -signal.SIGKILL and 0 < left < lines:
                hit += 1
                print(f"  killed with {left:,} of {lines:,} lines waiting", flush=True)
        states.append(await state(store))
        await store.close()
    differing = [table for table in states[0] if states[0][table] != states[1][table]]
    print(f"  after {hit} of {KILLS} kills: {'the same state' if not differing else f'DIFFERS in {differing}'}")
    if hit < KILLS:
        print(f"  FAILED: {KILLS - hit} came before a line was applied or after the last one")
    return not differing and hit == KILLS


async def _value(store: Store, sql: str) -> int:
    async with store.unit() as uow:
        return int(await uow.value(sql) or 0)


async def run(share: float, *, kills: bool) -> bool:
    with _fresh() as fresh:
        print("a tenth")
        tenth = await timed(fresh, share / 10)
        print("the whole")
        whole = await timed(fresh, share)
        ratio, more, longer = whole.work / tenth.work, whole.rows / tenth.rows, whole.time / tenth.time
        print(
            f"{more:.1f} times the rows: {ratio:.2f} times the work a row (at most {IN_LINE}), {longer:.2f} times the time"
        )
        first, second = whole.peaks
        print(f"memory: {first:.0f} MB at most in the first half, {second:.0f} MB in the second")
        if not whole.flat:
            print(f"FAILED: it grows: at most {max(STEP, first * FLAT_WITHIN):.0f} MB more are flat")
        same = not kills or await killed(fresh, share)
    return same and whole.flat and ratio <= IN_LINE


async def measured(share: float, rounds: int) -> list[Row]:
    """Without the kills, as rows of the bench: a tenth of the files against the whole."""
    what = f"{sum(ROWS.values()) * share:,.0f} lines of registers and inspections, GIAS and Ofsted"
    in_line = Target(IN_LINE, at_most=True)
    time_row = Row("national import: time", what, "a tenth of them", "us a row", in_line)
    work = Row("national import: work", "processor, ours and the database's", "a tenth of them", "us a row", in_line)
    memory = Row(
        "national import: memory", "at most, second half of the import", "first half", "MB", Target(1.05, at_most=True)
    )
    with _fresh() as fresh:
        for _ in range(rounds):
            tenth = await timed(fresh, share / 10)
            whole = await timed(fresh, share)
            time_row.add(whole.time, tenth.time)
            work.add(whole.work, tenth.work)
            first, second = whole.peaks
            memory.add(second, first)
    return [time_row, work, memory]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the files, for a quick look")
    parser.add_argument("--no-kills", action="store_true", help="time and memory only")
    asked = parser.parse_args()
    sys.exit(0 if uvloop.run(run(asked.share, kills=not asked.no_kills)) else 1)


if __name__ == "__main__":
    main()
