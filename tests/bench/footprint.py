"""What the product costs while nothing happens: start-up, memory of each process, processor and statements of each service."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from infra.local.ports import SERVICES, free_base
from infra.local.stack import Stack
from tests.bench.row import Row, Target
from tests.pace import pace

MB = 2**20
SERVERS = ("postgres", "kafka", "mailbox", "zipkin")


class Footprint:
    def __init__(self, seconds: float = 60):
        self.seconds = seconds
        self.start = Row(
            "start-up, warm",
            "`consortia up` of a folder that was used before, with the tracing dashboard, until ready",
            unit="s",
        )
        self.start.target = Target(15, at_most=True)
        self.whole = Row(
            "memory: whole stack", "all processes, the tracing dashboard too; shared pages counted once", unit="MB"
        )
        self.whole.target = Target(1536, at_most=True)
        self.memory = {name: Row(f"memory: {name}", "with its children", unit="MB") for name in (*SERVICES, *SERVERS)}
        self.idle = {
            name: Row(
                f"idle: {name}", f"processor over {seconds:.0f} s", unit="% of a core", target=Target(1, at_most=True)
            )
            for name in SERVICES
        }
        self.idle["notifications"].for_now = Target(1.25, at_most=True)
        self.asked = {
            name: Row(f"idle: {name}, statements", "of its database", unit="/s", target=Target(5, at_most=True))
            for name in SERVICES
        }

    @property
    def rows(self) -> list[Row]:
        return [self.start, self.whole, *self.memory.values(), *self.idle.values(), *self.asked.values()]

    def measure(self, rounds: int) -> None:
        with TemporaryDirectory(prefix="consortia-bench-") as folder:
            Path(folder).chmod(0o711)
            with Stack(Path(folder) / "stack", free_base()):
                pass  # the first start makes clusters, topics and databases
            for _ in range(rounds):
                begun = time.perf_counter()
                with Stack(Path(folder) / "stack", free_base()) as stack:
                    self.start.add(time.perf_counter() - begun)
                    self._look(stack)

    def _look(self, stack: Stack) -> None:
        pids = {name: stack.supervisor.pid(name) for name in (*SERVICES, *SERVERS)}
        roots = {name: psutil.Process(pid) for name, pid in pids.items() if pid}
        asyncio.run(pace(15))  # until the busy polling after the start is over
        stack.postgres.run("select pg_stat_statements_reset()", "membership")
        begun, worked = time.perf_counter(), {name: worked_by(roots[name]) for name in SERVICES}
        asyncio.run(pace(self.seconds))
        seconds = time.perf_counter() - begun
        for name in SERVICES:
            self.idle[name].add((worked_by(roots[name]) - worked[name]) / seconds * 100)
            self.asked[name].add(_statements(stack, name) / seconds)
        found = {name: _memory(process) for name, process in roots.items()}
        for name, used in found.items():
            self.memory[name].add(used)
        supervisor = psutil.Process(stack.supervisor.process.pid) if stack.supervisor.process else None
        self.whole.add(sum(found.values()) + (supervisor.memory_full_info().pss / MB if supervisor else 0))


def _family(process: psutil.Process) -> Iterator[psutil.Process]:
    yield process
    yield from process.children(recursive=True)


def worked_by(process: psutil.Process) -> float:
    """Seconds of processor so far, with those of its children, also of such as have ended."""
    found = 0.0
    for each in _family(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            found += times.user + times.system + (times.children_user + times.children_system if each == process else 0)
    return found


def _memory(process: psutil.Process) -> float:
    """A page that several processes share counts for each in part: shared buffers stand once in the sum."""
    return float(sum(each.memory_full_info().pss for each in _family(process)) / MB)


def _statements(stack: Stack, service: str) -> float:
    found = stack.postgres.run(
        "select coalesce(sum(calls), 0) from pg_stat_statements join pg_roles on pg_roles.oid = userid "
        f"where rolname = '{service}_app'",
        "membership",  # which has the extension; it counts for the whole cluster
    )
    return float(found.strip())
