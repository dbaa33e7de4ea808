"""What a fault is tried on: a writer under load in the test, its relay and a reader's consumer as processes."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local.programs import ROOT
from shared.failures import is_away
from shared.messaging.rebuild import Rebuild
from tests.eventually import eventually
from tests.messaging.conftest import Side
from tests.messaging.on_topic import read_all
from tests.messaging.planted.checkers import violations
from tests.messaging.planted.history import History, read_history
from tests.messaging.planted.run import Writers
from tests.messaging.sample import Reader
from tests.pace import pace

LEASE = 2.0


class Scene:
    """Processes by name, the load, and the judgement at the end."""

    def __init__(self, writer: Side, reader: Side, topic: str, logs: Path, seed: int):
        self.writer = writer
        self.reader = reader
        self.topic = topic
        self.logs = logs
        self.seed = seed
        self.writers = Writers(writer, topic, seed)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.by_hand: frozenset[str] = frozenset()
        self.seen = 0  # how many effects were there when last looked at

    def start(self, name: str, **environment: str) -> None:
        """Start ``relay`` or ``consumer``; further ones are ``relay-2`` and so on."""
        role, _, number = name.partition("-")
        side = self.writer if role == "relay" else self.reader
        settings = side.settings
        settled = {
            "CONSORTIA_DATABASE_URL": settings.database_url,
            "CONSORTIA_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
            "CONSORTIA_KAFKA_USERNAME": settings.kafka_username or "",
            "CONSORTIA_KAFKA_PASSWORD": settings.kafka_password or "",
            "CONSORTIA_REPLICA": number or "0",
            "CONSORTIA_LEASE_SECONDS": str(LEASE),
            "CONSORTIA_SESSION_TIMEOUT_SECONDS": "6",
            "CONSORTIA_RELAY_BATCH": "50",
            "CONSORTIA_INBOX_BATCH": "50",
        }
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.faults.process",
                    role,
                    "--topic",
                    self.topic,
                    "--group",
                    self.reader.group,
                ],
                cwd=ROOT,
                env={**os.environ, **settled, **environment},
                stdout=log,
                stderr=log,
            )

    def send(self, name: str, with_signal: signal.Signals) -> None:
        os.kill(self.processes[name].pid, with_signal)

    async def ended(self, name: str, seconds: float = 15) -> int:
        """Wait for the end of a process; its status, negative if by a signal."""
        process = self.processes[name]
        await eventually(lambda: process.poll() is not None, seconds)
        return int(process.returncode)

    async def stopped(self, name: str, seconds: float = 15) -> None:
        """Wait until a process stands still."""
        stat = Path(f"/proc/{self.processes[name].pid}/stat")
        await eventually(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "T", seconds)

    async def write(self, transactions: int) -> None:
        """So many transactions, three at a time; those whose answer is lost count as unknown."""
        at_once = asyncio.Semaphore(3)

        async def one(number: int) -> None:
            async with at_once:
                await self.writers.one(changes_mind=number % 5 == 4)

        await asyncio.gather(*(one(number) for number in range(transactions)))

    async def write_until(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.write(6)
            await pace(0.03)  # the pace of the load; the servers share the machine with what is measured

    async def applied(self) -> int:
        async with self.reader.store.unit() as uow:
            self.seen = int(await uow.value("select count(*) from noted"))
        return self.seen

    async def flowing(self) -> None:
        """Wait until something more has been applied: relay and consumer both work."""
        before = self.seen
        await eventually(lambda: self._more_than(before), 30)

    async def _more_than(self, before: int) -> bool:
        try:
            return await self.applied() > before
        except Exception as problem:
            if is_away(problem):
                return False
            raise

    async def settled(self, seconds: float = 40) -> None:
        """I10: after the fault has healed everything arrives."""
        await eventually(self._all_arrived, seconds, every=0.1)

    async def _all_arrived(self) -> bool:
        async with self.writer.store.unit() as uow:
            waiting = await uow.value("select count(*) from outbox")
            heads = {row.key: row.sequence for row in await uow.rows("select key, sequence from stream_head")}
        async with self.reader.store.unit() as uow:
            rows = await uow.rows("select key, sequence from inbox_key")
        reached = {row.key: row.sequence for row in rows}
        behind = {key: (reached.get(key, 0), head) for key, head in heads.items() if reached.get(key, 0) < head}
        assert waiting == 0, f"{waiting} rows wait in the outbox"
        assert not behind, f"behind: {behind}"
        return True

    async def judge(self) -> History:
        """Stop everything, read what is, rebuild, and hold it against the invariants."""
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(10)
        history = await read_history(
            self.writer.store,
            self.reader.store,
            await read_all(self.reader.settings, self.topic),
            attempts=self.writers.attempts,
            by_hand=self.by_hand,
        )
        rebuild: Any = Rebuild(
            self.reader.settings, Reader().inbound(), self.reader.service, topics=[self.topic], group=self.reader.group
        )
        history.rebuilt = await rebuild.run(swap=False)
        history.applied_after_rebuild = await self.applied()
        found = violations(history)
        assert not found, f"seed {self.seed}: {found}"
        outcomes = list(history.attempts.values())
        repeats = len(history.published) - len({(each.key, each.place) for each in history.published})
        print(
            f"seed {self.seed}: {outcomes.count('ok')} sentences committed, {outcomes.count('fail')} rolled back, "
            f"{outcomes.count('unknown')} unknown; {len(history.published)} records, {repeats} of them repeats"
        )
        return history

    def end(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(10)
