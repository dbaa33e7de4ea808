"""``python -m tests.bench.national``: all 51,012 establishments and 22,005 rows of inspections of England, imported.

Prints how long a tenth and the whole take, and how much work they are (seconds of processor, ours and PostgreSQL's): it
must grow in line with rows, at most 11 times for 10 times, whatever else the machine does. Also how much memory grows,
and that an import killed three times on its way ends in the state of one that was not.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import uvloop

from infra.local.bare import BareStack
from infra.local.databases import make_database, make_roles
from infra.local.ports import SERVICES
from infra.local.programs import ROOT
from services.membership.registers.file import SentFile
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.receive_file import receive
from shared.messaging.cause import Cause
from shared.migrations import migrate
from shared.store import Store
from tests.store.membership.national import FILES, content, sliced, state

ROWS = {"gias": 51_012, "groups": 3_602, "group-links": 10_010, "ofsted": 21_990}
TODAY = date(2025, 10, 1)
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


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 65_536):
        yield data[start : start + 65_536]


async def take_in(store: Store, kind: str, data: bytes) -> None:
    file = SentFile()
    try:
        await file.receive(_chunks(data))
        name = FILES[kind].removesuffix(".gz")
        found = await receive(store, Cause.story(), file, kind=kind, name=name, as_at=None, requested_by="bench")
        assert found.state == "applying", found
    finally:
        file.close()


def resident() -> float:
    """Megabytes that this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def timed(fresh: Fresh, share: float) -> dict[str, float]:
    """Seconds of processor a file, whole files or a share of them, and how far memory grew while they went in."""
    store = await fresh.opened()
    spent: dict[str, float] = {}
    before, most = resident(), 0.0
    for kind in FILES:
        data = content(kind) if share == 1 else sliced(kind, round(ROWS[kind] * share))
        begun, idle = time.perf_counter(), fresh.worked()
        await take_in(store, kind, data)
        read = time.perf_counter()
        del data
        while await store.run(apply_next_chunk):
            most = max(most, resident())
        seconds = time.perf_counter() - begun
        spent[kind] = fresh.worked() - idle
        rows = ROWS[kind] * share
        print(
            f"  {kind:12} {rows:8,.0f} rows  {seconds:7.1f} s, of which checked {read - begun:5.1f} s"
            f"  {rows / seconds:7.0f} rows/s; processor {spent[kind]:7.1f} s",
            flush=True,
        )
    spent["memory"] = most - before
    await store.close()
    return spent


async def killed(fresh: Fresh, share: float) -> bool:
    """The same files twice: applied in peace, and by processes of which the first three are killed on their way."""
    states = []
    for times in (0, 3):
        store = await fresh.opened()
        for kind in FILES:
            await take_in(store, kind, content(kind) if share == 1 else sliced(kind, round(ROWS[kind] * share)))
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
                    print(f"  killed with {position:,} of {lines:,} lines waiting", flush=True)
                with suppress(subprocess.TimeoutExpired):  # look again soon, or as soon as it has ended
                    await asyncio.to_thread(process.wait, 0.02)
        states.append(await state(store))
        await store.close()
    differing = [table for table in states[0] if states[0][table] != states[1][table]]
    print(f"  after three kills: {'the same state' if not differing else f'DIFFERS in {differing}'}")
    return not differing


async def _value(store: Store, sql: str) -> int:
    async with store.unit() as uow:
        return int(await uow.value(sql) or 0)


async def run(share: float, *, kills: bool) -> bool:
    with _fresh() as fresh:
        print("a tenth")
        tenth = await timed(fresh, share / 10)
        print("the whole")
        whole = await timed(fresh, share)
        kinds = list(FILES)
        ratio = sum(whole[kind] for kind in kinds) / sum(tenth[kind] for kind in kinds)
        print(f"10 times the rows were {ratio:.1f} times the work (at most 11)")
        print(f"memory grew by {whole['memory']:.0f} MB with the whole, {tenth['memory']:.0f} MB with a tenth")
        same = not kills or await killed(fresh, share)
    return same and ratio <= 11


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the files, for a quick look")
    parser.add_argument("--no-kills", action="store_true", help="time and memory only")
    asked = parser.parse_args()
    sys.exit(0 if uvloop.run(run(asked.share, kills=not asked.no_kills)) else 1)


if __name__ == "__main__":
    main()
