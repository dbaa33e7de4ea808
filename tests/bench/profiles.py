"""``python -m tests.bench.profiles relay``: where a hot path spends its processor, as a page of docs/profiles/.

py-spy looks into the processes a hundred times a second from outside, while ours is measured and not the baseline beside
it. A sample counts twice over: for the innermost function of ours that was under way, and for the library in which it was.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import uvloop

from tests.bench import consuming, relaying
from tests.bench.hops import Hops
from tests.bench.latency import Latency
from tests.bench.product import Product, product
from tests.bench.rivals import INSTALLED
from tests.bench.stage import Stage, bench_stack
from tests.bench.sweeping import Sweeping, schools_taken_on
from tests.bench.web import Web

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "profiles"
RATE = 100  # samples a second
SHOWN = 14  # lines a table
ROWS = 100_000  # events of a backlog
SCHOOLS, CHANGES, REQUESTS = 3_000, 800, 1_000
SERVICES = ("membership", "meetings", "notifications")

# In this order: the first that a frame belongs to.
LIBRARIES = (
    *("asyncpg", "aiokafka", "sqlalchemy", "pydantic", "opentelemetry", "structlog", "uvicorn", "h11", "httptools"),
    *("starlette", "fastapi", "faststream", "uvloop", "asyncio", "json", "jwt", "authlib", "joserfc", "cryptography"),
)
Frames = list[str]  # outermost first, each as "function (file:line)"
Taken = list[tuple[Frames, int]]  # and how often they were seen


def samples(raw: Iterable[str]) -> Iterator[tuple[Frames, int]]:
    """py-spy's collapsed stacks: frames joined by semicolons, and how often they were seen."""
    for line in raw:
        stack, _, count = line.rstrip().rpartition(" ")
        yield stack.split(";"), int(count)


def for_whom(frames: Frames) -> str:
    """The innermost function of ours, without its line."""
    for frame in reversed(frames):
        function, _, place = frame.partition(" (")
        if place.startswith(("services/", "shared/")) and not place.startswith("shared/service.py"):
            function = function.partition(".<locals>")[0]  # a comprehension is its function's
            return f"`{function}` in {place.split(':')[0].rstrip(')')}"
    return "no function of ours: the event loop and its callbacks"


def where(frames: Frames) -> str:
    """The library of the innermost frame; ours where it is none of them."""
    _, _, place = frames[-1].partition(" (")
    if place.startswith(("services/", "shared/")):
        return "our own code"
    return next((library for library in LIBRARIES if f"{library}/" in place), "Python's own library and others")


def page(title: str, name: str, taken: Taken, on: date) -> str:
    """Two tables of shares. Raises ValueError if nothing was seen."""
    functions: Counter[str] = Counter()
    libraries: Counter[str] = Counter()
    for frames, count in taken:
        functions[for_whom(frames)] += count
        libraries[where(frames)] += count
    whole = functions.total()
    if not whole:
        raise ValueError(f"no process was busy while {title}")
    return "\n".join(
        [
            f"# Where the time goes while {title}",
            "",
            f"{on:%-d %B %Y}: `python -m tests.bench.profiles {name}`, {whole:,} samples of processes at work in",
            f"Python, {RATE} a second in each. Databases, broker and baselines are not in it, nor is waiting.",
            "",
            *_table("for which function of ours, whatever it called", functions, whole),
            "",
            *_table("in which library", libraries, whole),
            "",
        ]
    )


def _table(heading: str, counts: Counter[str], whole: int) -> list[str]:
    shown = counts.most_common(SHOWN)
    rest = whole - sum(count for _, count in shown)
    rows = [*shown, *([("everything else", rest)] if rest else [])]
    return [f"| {heading} | share |", "|---|---|", *(f"| {name} | {count / whole:.1%} |" for name, count in rows)]


@contextmanager
def looking(pids: Iterable[int]) -> Iterator[Taken]:
    """What these processes do meanwhile; the list is filled at the end. Raises RuntimeError where py-spy can't look."""
    found: Taken = []
    (ROOT / "build").mkdir(exist_ok=True)
    files = {pid: ROOT / "build" / f"{pid}.stacks" for pid in pids}
    spies = [
        subprocess.Popen(
            [
                *(ROOT / INSTALLED / "bin" / "py-spy", "record", "--pid", str(pid), "--format", "raw", "--gil"),
                *("--rate", str(RATE), "--duration", "unlimited", "--output", str(file)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for pid, file in files.items()
    ]
    for spy in spies:
        assert spy.stdout is not None
        if "Sampling" not in (said := spy.stdout.readline()):
            raise RuntimeError(f"py-spy can't look: {said.strip()}")
    yield found
    for spy, file in zip(spies, files.values(), strict=True):
        spy.send_signal(signal.SIGINT)
        spy.communicate(timeout=60)
        found += samples(file.read_text().splitlines())
        file.unlink()


def of_core(measure: Callable[[Stage], Awaitable[Taken]]) -> Taken:
    with bench_stack() as stack:
        stage = Stage(stack)

        async def whole() -> Taken:
            taken = await measure(stage)
            await stage.close()
            return taken

        return asyncio.run(whole())


async def relay(stage: Stage) -> Taken:
    await stage.fill_outbox(stage.new_topic(), ROWS)
    await stage.settle(stage.writer)
    with looking([os.getpid()]) as taken:
        await relaying.ours(stage, ROWS)
    return taken


async def consume(stage: Stage) -> Taken:
    topic = await relaying.fresh_topic(stage, ROWS)
    with looking([os.getpid()]) as taken:
        await consuming.ours(stage, topic, ROWS)
    return taken


def of_product(measure: Callable[[Product, Hops, Sweeping], Awaitable[Taken]]) -> Taken:
    with product(SERVICES) as running:
        running.prepare()

        async def whole() -> Taken:
            hops, sweeping = await schools_taken_on(running, SCHOOLS)
            taken = await measure(running, hops, sweeping)
            await hops.stop()
            await sweeping.england.store.close()
            return taken

        return asyncio.run(whole())


def _pids(running: Product) -> list[int]:
    return [pid for service in SERVICES if (pid := running.stack.pid(service))]


async def sweep(running: Product, _: Hops, sweeping: Sweeping) -> Taken:
    with looking(_pids(running)) as taken:
        await sweeping.once()
    return taken


async def latency(running: Product, hops: Hops, sweeping: Sweeping) -> Taken:
    with looking(_pids(running)) as taken:
        await Latency(running, hops, sweeping.england, CHANGES).once()
    return taken


async def web(running: Product, _: Hops, sweeping: Sweeping) -> Taken:
    served = Web(running, sweeping.england, REQUESTS)
    async with served.ours() as server:
        with looking([server.process.pid]) as taken:
            await served.write_and_read(server)
    return taken


PARTS: dict[str, tuple[str, Callable[[], Taken]]] = {
    "relay": (f"the relay drains a backlog of {ROWS:,}", lambda: of_core(relay)),
    "consume": (f"a reader takes {ROWS:,} records", lambda: of_core(consume)),
    "sweep": (f"{SCHOOLS:,} schools change their category, in three services", lambda: of_product(sweep)),
    "latency": ("single changes go through three services, 20 a second", lambda: of_product(latency)),
    "web": (f"{REQUESTS:,} entries are written over HTTP, and as many speakers read", lambda: of_product(web)),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.profiles", description=__doc__)
    parser.add_argument("parts", nargs="+", choices=sorted(PARTS), metavar="PART", help=", ".join(sorted(PARTS)))
    uvloop.install()
    for name in parser.parse_args().parts:
        title, measure = PARTS[name]
        written = PAGES / f"{name}.md"
        written.write_text(page(title, name, measure(), datetime.now(UTC).date()))
        print(f"written: {written.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
