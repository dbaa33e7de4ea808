"""Processes beside that which the supervisor keeps of each service: ours to start, to stop, and to start again."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from infra.local.ports import HOST, SERVICES
from infra.local.programs import ROOT
from infra.local.running import _answers_well
from tests.faults.ends import KILLED, STOPPED, Ends
from tests.faults.history import Ended, Seen
from tests.faults.wiring import FaultyStack
from tests.pace import pace

REPLICA_PORTS = 40  # from the base of the stack on, one for each service and further replica


class Replicas:
    """The part of the world that keeps them, as a cluster would."""

    base: int
    stack: FaultyStack
    modules: dict[str, str]
    kept: dict[str, Any]

    def __init__(self) -> None:
        self.replicas: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self.ends = Ends()  # who is to end by our will, held against who did

    def _port(self, service: str, number: int) -> int:
        return self.base + REPLICA_PORTS + 4 * number + SERVICES.index(service)

    def start_replica(self, service: str, number: int, module: str | None = None) -> None:
        settings = self.stack.environment(service) | {
            "CONSORTIA_REPLICA": str(number),
            "CONSORTIA_HTTP_PORT": str(self._port(service, number)),
        }
        with (self.stack.state / "logs" / f"{service}-{number}.log").open("ab") as log:
            self.replicas[service, number] = subprocess.Popen(
                [sys.executable, "-m", *(module or self.modules[service]).split()],
                cwd=ROOT,
                env=settings,
                stdout=log,
                stderr=log,
            )
        self.ends.begins(service, number, self.replicas[service, number].pid)

    async def replica_ready(self, service: str, number: int) -> None:
        address = f"http://{HOST}:{self._port(service, number)}/readyz"

        async def ready() -> bool:
            return await asyncio.to_thread(_answers_well, address)

        await self.until(ready, 120, f"replica {number} of {service} was not ready")

    async def stop_replica(self, service: str, number: int) -> None:
        process = self.replicas.pop((service, number))
        if (before := process.poll()) is not None:
            self.ends.ended(process.pid, before)  # by itself, before anybody asked it to
            return
        process.terminate()
        try:
            status = await asyncio.to_thread(process.wait, 25)
        except subprocess.TimeoutExpired:
            process.kill()
            status = await asyncio.to_thread(process.wait)
        self.ends.ended(process.pid, status, STOPPED)

    async def kill_replica(self, service: str, number: int) -> None:
        """Nobody starts it again."""
        process = self.replicas[service, number]
        process.kill()
        status = await asyncio.to_thread(self.replicas.pop((service, number)).wait)
        self.ends.ended(process.pid, status, KILLED if status == -signal.SIGKILL else "")

    def told_of_ends(self) -> Iterator[Ended | Seen]:
        """Who ended in this run, and by whose will, while all of it is still up."""
        for process in self.replicas.values():
            if (status := process.poll()) is not None:
                self.ends.ended(process.pid, status)
        return self.ends.told(self.stack.state / "logs")

    def _start_what_has_ended(self) -> None:
        """What a cluster does for replicas: one that has ended by itself is started again."""
        for (service, number), process in list(self.replicas.items()):
            if (status := process.poll()) is not None and (service, number) not in self.kept:
                self.ends.ended(process.pid, status)
                self.start_replica(service, number)

    async def until(self, true: Callable[[], bool | Awaitable[bool]], seconds: float, otherwise: str) -> None:
        end = time.monotonic() + seconds
        while True:
            answer = true()
            if await answer if isinstance(answer, Awaitable) else answer:
                return
            if time.monotonic() > end:
                raise TimeoutError(otherwise)
            await pace(0.1)
