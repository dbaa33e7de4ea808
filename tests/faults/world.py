"""The real product under test: servers behind proxies, services under a supervisor, replicas beside them."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import psutil
from aiokafka.admin import AIOKafkaAdminClient

from infra.demo.client import Consortia
from infra.demo.receivers import Receiver, free_ports
from infra.demo.registers import BRISTOL, GO_LIVE, WARWICKSHIRE
from infra.demo.replay import Replay
from infra.local.ports import HOST, SERVICES, free_base
from infra.local.running import _answers_well
from shared.auth.tokens import mint
from tests.faults.between import Between
from tests.faults.disk import Disk, cannot_mount
from tests.faults.replicas import Replicas
from tests.faults.scenario import Plan
from tests.faults.wiring import FaultyStack, crash_file, past_the_proxy

if TYPE_CHECKING:
    from tests.faults.load import Load

ROLES = ("demo", "la.officer", "la.school-improvement", "la.finance", "la.ops", "clerk")
TOLD_BY_WEBHOOK = ("finance", "governance")


class World(Replicas):
    """Everything that a fault may act on."""

    def __init__(self, plan: Plan, disk_megabytes: int, environment: Mapping[str, str] = {}):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="consortia faults "))
        self.folder.chmod(0o755)
        self.base = free_base()
        self.no_disks = cannot_mount()
        self.broker, self.database = Between(self.base + 92), Between(self.base + 32)
        self.modules = {service: f"services.{service}" for service in SERVICES}  # another after an upgrade
        self.kept: dict[str, Any] = {}  # what a fault leaves for its healing
        self.many_are_starting = False  # processes, which the bulk of the load would keep from it
        self.seen: dict[str, list[str]] = {}  # what shows that a fault bit, by whom it was to hit
        self.officers: Load  # who ask for something where a fault needs it
        self.by_hand: set[tuple[str, str]] = set()  # (topic, key) of records that nobody of the product wrote
        self.since: dict[tuple[str, str], int] = {}  # the last number of each (topic, key) when the load begins
        self.disks: dict[str, Disk] = {}
        if self.no_disks is None:
            self.disks = {
                "kafka": Disk(self.folder / "kafka.img", self.folder / "stack" / "kafka", disk_megabytes),
                "postgres": Disk(self.folder / "pg.img", self.folder / "stack" / "postgres-disk", disk_megabytes),
            }
        self._extra = {
            **environment,
            "CONSORTIA_SESSION_TIMEOUT_SECONDS": str(plan.session_seconds),
            "CONSORTIA_LEASE_SECONDS": str(plan.lease_seconds),
            "CONSORTIA_PATIENCE_SECONDS": str(plan.patience_seconds),
            "CONSORTIA_WEBHOOK_RETRY_SECONDS": ",".join(["1"] * 40),  # faults last seconds here, not days
            "CONSORTIA_MESSAGE_RETRY_SECONDS": ",".join(["1"] * 40),
        }

    @contextmanager
    def many_start(self) -> Iterator[None]:
        """Several processes at once on few cores: the steady requests go on, and the bulk of the load waits."""
        self.many_are_starting = True
        try:
            yield
        finally:
            self.many_are_starting = False

    async def up(self) -> None:
        """The stack with the two authorities taken on, and a webhook each of two departments."""
        await self.broker.begin()
        await self.database.begin()
        for disk in self.disks.values():
            await asyncio.to_thread(disk.mount)
        ports = free_ports(len(TOLD_BY_WEBHOOK))
        (self.folder / "stack").mkdir(exist_ok=True)
        (self.folder / "stack").chmod(0o755)
        self.stack = FaultyStack(
            self.folder / "stack",
            self.base,
            database_port=self.database.port,
            broker_port=self.broker.port,
            disks=self.disks,
            webhook_allow=[f"{HOST}:{port}" for port in ports],
            extra_environment=self._extra,
        )
        await asyncio.to_thread(self.stack.up)
        self.token = mint(
            self.stack.state / "token.key", subject="faults", roles=ROLES, authorities=[WARWICKSHIRE, BRISTOL]
        )
        self.consortia = Consortia.at({service: self.stack.url(service) for service in SERVICES}, self.token)
        await self.consortia.set_clock(GO_LIVE)
        replay = Replay(self.consortia)
        await replay.registers()
        await replay.take_on()
        self.receivers = [Receiver(department, port) for department, port in zip(TOLD_BY_WEBHOOK, ports, strict=True)]
        for receiver in self.receivers:
            await receiver.start()
            asked = {"authority": WARWICKSHIRE, "department": receiver.department, "url": receiver.url}
            receiver.secret = (await self.consortia["notifications"].post("/subscriptions", asked)).body["secret"]
        await self.consortia.drain()
        for service in SERVICES:
            rows = await self.sql(service, "select topic, key, sequence from stream_head")
            self.since |= {(row["topic"], row["key"]): row["sequence"] for row in rows}

    def token_of(self, who: str, *roles: str, **more: Any) -> str:
        """Of somebody who may know less than the load's officer."""
        return mint(
            self.stack.state / "token.key", subject=who, roles=roles, authorities=[WARWICKSHIRE, BRISTOL], **more
        )

    async def down(self) -> None:
        for process in self.replicas.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        if hasattr(self, "stack"):
            await asyncio.to_thread(self.stack.down)
        for receiver in getattr(self, "receivers", []):
            await receiver.stop()
        if hasattr(self, "consortia"):
            await self.consortia.close()
        await self.broker.end()
        await self.database.end()
        for disk in self.disks.values():
            disk.unmount()
        if not os.environ.get("CONSORTIA_KEEP_TEST_STACK"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- looking --------------------------------------------------------------------------------

    async def sql(self, service: str, statement: str, *arguments: Any) -> list[Any]:
        """Straight from the database, past the proxy."""
        address = self.stack.database_url(service).replace("+asyncpg", "")
        connection = await asyncpg.connect(address, timeout=10)
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    def addresses(self, service: str) -> list[str]:
        """Where the service can be asked now: its own process and its replicas."""
        further = [
            f"http://{HOST}:{self._port(service, number)}"
            for (name, number), process in self.replicas.items()
            if name == service and process.poll() is None and (name, number) not in self.kept
        ]
        return [self.stack.url(service), *further]

    async def all_ready(self) -> bool:
        """Whether every process of every service says so, replicas among them."""
        self._start_what_has_ended()
        return await self.are_ready(SERVICES)

    async def are_ready(self, services: Sequence[str]) -> bool:
        """Whether every process of these says so."""
        asked = [f"{address}/readyz" for service in services for address in self.addresses(service)]
        return all(await asyncio.gather(*(asyncio.to_thread(_answers_well, each) for each in asked)))

    def saw(self, who: str, what: str) -> None:
        """This shows that the fault has hit them."""
        self.seen.setdefault(who, []).append(what)

    async def members(self, service: str) -> int:
        """How many processes the broker counts to the service's group."""
        async with self._admin() as admin:
            (answer,) = await admin.describe_consumer_groups([service])
        ((_error, _group, _state, _kind, _protocol, members, *_),) = answer.groups
        return len(members)

    async def has_read(self, service: str, topic: str, ends: Mapping[int, int]) -> bool:
        """Whether the service has read each partition so far, and the broker knows it.

        Offsets are committed after the transaction: each record before them has come to its fate, and comes no more.
        """
        async with self._admin() as admin:
            committed = await admin.list_consumer_group_offsets(service)
        at = {place.partition: each.offset for place, each in committed.items() if place.topic == topic}
        return all(at.get(partition, 0) >= end for partition, end in ends.items())

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self.stack.kafka_client("admin"))
        past_the_proxy(admin, self.stack.kafka.port)
        try:
            async with asyncio.timeout(15):
                await admin.start()
                yield admin
        finally:
            await admin.close()

    async def holder(self, service: str) -> str:
        """Who relays for the service: its replica's number and a name that no other process has."""
        return str((await self.sql(service, "select holder from lease where name = 'relay'"))[0]["holder"])

    def pid_of(self, service: str, number: int) -> int | None:
        """The process of a replica; 0 is the one that the supervisor keeps."""
        return self.replicas[service, number].pid if number else self.pid(service)

    # -- acting on processes -----------------------------------------------------------------------

    def pid(self, name: str) -> int | None:
        with suppress(OSError):
            return self.stack.pid(name)
        return None

    async def kill(self, name: str, with_signal: int = signal.SIGKILL) -> None:
        pid = await asyncio.to_thread(self.stack.kill, name, with_signal)
        if with_signal == signal.SIGKILL:
            self.ends.dooms(name, pid)
            self.ends.died(name)

    async def kill_whole(self, name: str) -> None:
        """A server with its children: backends left behind would keep the shared memory of the old one."""
        pid = self.stack.pid(name)
        assert pid is not None, f"{name} does not run, so it cannot be killed"
        children = psutil.Process(pid).children(recursive=True)
        await self.kill(name)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()

    async def dies_at(self, service: str, point: str) -> None:
        """The running process dies when it next comes to that place."""
        pid = self.pid(service)
        self.ends.dooms(service, pid)
        await self.comes_to(service, point, point)
        await self.until(lambda: self.pid(service) != pid, 10, f"{service} came to {point} and did not die")
        self.ends.died(service)
        self.saw(service, f"process {pid} came to {point} and died")

    async def comes_to(self, service: str, point: str, told: str, seconds: float = 60) -> None:
        """A running process does as it is told when it next comes to that place; of several the first to come."""
        file = crash_file(self.stack.state, service)
        file.with_suffix(".new").write_text(told)
        file.with_suffix(".new").rename(file)
        try:
            await self.until(lambda: not file.exists(), seconds, f"{service} never came to {point}")
        finally:
            file.unlink(missing_ok=True)

    async def with_environment(self, service: str, more: Mapping[str, str | None]) -> None:
        """Run the service again with this in its environment; nothing takes a name out."""
        file = self.stack.state / "run" / f"{service}.json"
        described = json.loads(file.read_text())
        for name, value in more.items():
            described["environment"].pop(name, None)
            if value is not None:
                described["environment"][name] = value
        file.write_text(json.dumps(described))
        await asyncio.to_thread(self.stack.stop_service, service)
        await asyncio.to_thread(self.stack.start_service, service, wait=False)

    async def runs_as(self, service: str, module: str) -> None:
        """Run the service again from this module, and each replica from now on."""
        self.modules[service] = module
        file = self.stack.state / "run" / f"{service}.json"
        described = json.loads(file.read_text())
        described["command"] = [sys.executable, "-m", *module.split()]
        file.write_text(json.dumps(described))
        await asyncio.to_thread(self.stack.stop_service, service)
        await asyncio.to_thread(self.stack.start_service, service, wait=False)
