"""Writes and reads over HTTP, with all that a request passes, against bare Starlette that runs the same statements."""

import asyncio
import contextlib
import os
import pickle
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psutil

from infra.local.programs import ROOT
from services.membership.web.api import routes
from shared.auth.tokens import Verifier
from shared.store import Store
from shared.web.application import application
from tests.bench.england import England
from tests.bench.footprint import worked_by
from tests.bench.http import Client
from tests.bench.product import Product
from tests.bench.row import Row, Target
from tests.pace import pace
from tests.statements import heard

CONNECTIONS = 8
Transaction = list[tuple[str, tuple[Any, ...]]]
WRITE_PATH, READ_PATH = "/api/v1/schools/{}/la-category", "/api/v1/schools/{}/speaker"
WRITE = {"category": 3, "from": "", "reason": "Seen at a visit"}


@dataclass(frozen=True)
class Served:
    url: str
    process: psutil.Process


@dataclass(frozen=True)
class Loaded:
    """Requests a second; in milliseconds what one of a hundred takes at least, and the server's processor a request."""

    rate: float
    p99: float
    work: float


class Web:
    """The membership service with its web role alone, and the bare server; each school is written once."""

    def __init__(self, product: Product, england: England, requests: int):
        self.product, self.england, self.requests = product, england, requests
        self.log = product.stack.state / "logs" / "bench-web.log"
        self.unused = iter(reversed(england.urns))
        bare = "bare Starlette and asyncpg, the same statements"
        self.writes = Row(
            "HTTP writes", f"an entry of the authority; {CONNECTIONS} connections", bare, "/s", Target(0.5)
        )
        self.write_tail = Row("HTTP write p99", "the slowest of a hundred", bare, "ms", Target(2.5, at_most=True))
        self.reads = Row("HTTP reads", f"who speaks for a school; {CONNECTIONS} connections", bare)
        self.read_tail = Row("HTTP read p99", "the slowest of a hundred", bare, "ms")
        self.traced = Row(
            "tracing on: HTTP writes",
            "every write sampled, spans exported",
            "tracing off",
            "/s",
            Target(0.9),
            Target(0.85),
        )
        self.traced_work = Row(
            "tracing on: HTTP writes, work",
            "processor of the service a write",
            "tracing off",
            "ms",
            Target(1 / 0.9, at_most=True),
        )

    @property
    def rows(self) -> list[Row]:
        return [self.writes, self.write_tail, self.reads, self.read_tail, self.traced, self.traced_work]

    async def once(self) -> None:
        await self.product.settle()
        write, read = await self._captured()
        targets = self._next(self.requests)
        theirs = await self._load_bare(write, WRITE_PATH, targets)
        # Each of the two comes first in every other round: whoever is later works on fuller tables.
        with_tracing = (False, True) if len(self.writes.ours) % 2 == 0 else (True, False)
        found = {traced: await self._load_ours(self._next(self.requests), traced=traced) for traced in with_tracing}
        mine, traced = found[False], found[True]
        self.writes.add(mine.rate, theirs.rate)
        self.write_tail.add(mine.p99, theirs.p99)
        self.traced.add(traced.rate, mine.rate)
        self.traced_work.add(traced.work, mine.work)
        theirs = await self._load_bare(read, READ_PATH, targets, method="GET")
        mine = await self._load_ours(targets, method="GET")
        self.reads.add(mine.rate, theirs.rate)
        self.read_tail.add(mine.p99, theirs.p99)

    def _next(self, count: int) -> list[str]:
        return [next(self.unused) for _ in range(count)]

    async def _captured(self) -> tuple[tuple[str, Transaction], tuple[str, Transaction]]:
        """What our service runs for one write and one read, with the school they are about."""
        store = Store(self.product.stack.database_url("membership"), service="membership")
        app = application(
            "membership", [routes], store=store, verifier=Verifier(self.product.stack.state / "token.public")
        )
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://membership")
        head = {
            "Authorization": f"Bearer {self.product.token(self.england.authorities)}",
            "Idempotency-Key": uuid4().hex,
        }
        urn = self._next(1)[0]
        async with client:
            with heard(store) as write:
                body = WRITE | {"from": str(self.england.day)}
                answer = await client.post(f"/api/v1/schools/{urn}/la-category", headers=head, json=body)
                assert answer.status_code == 201, answer.text
            with heard(store) as read:
                answer = await client.get(f"/api/v1/schools/{urn}/speaker", headers=head)
                assert answer.status_code == 200, answer.text
        await store.close()
        return (urn, write), (urn, read)

    async def _load_bare(
        self, captured: tuple[str, Transaction], path: str, targets: Sequence[str], method: str = "POST"
    ) -> Loaded:
        urn, transaction = captured
        given = {
            "url": self.product.stack.database_url("membership").replace("+asyncpg", ""),
            # What is said goes nowhere: no relay looks into these two tables.
            "search_path": "raw, membership, platform",
            "paths": {path.format(target): _about(transaction, urn, target) for target in targets},
            "answer": {"urn": urn, "correlation_id": str(uuid4()), "category": 3},
            "status": 201 if method == "POST" else 200,
        }
        file = self.product.stack.state / "bare.pickle"
        file.write_bytes(pickle.dumps(given))
        async with _served([sys.executable, "-m", "tests.bench.bare_web", str(file)], {}, self.log) as server:
            return await self._load(server, path, targets, method)

    async def _load_ours(self, targets: Sequence[str], *, method: str = "POST", traced: bool = False) -> Loaded:
        path = WRITE_PATH if method == "POST" else READ_PATH
        if traced:
            async with _sink() as sink, self.ours(sink) as server:
                return await self._load(server, path, targets, method)
        async with self.ours() as server:
            return await self._load(server, path, targets, method)

    def ours(self, sink: str = "") -> contextlib.AbstractAsyncContextManager[Served]:
        """The service with its web role alone; ``sink``: where its spans go."""
        environment = self.product.stack.environment("membership")
        if sink:
            environment |= {"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_ZIPKIN_ENDPOINT": sink}
        return _served([sys.executable, "-m", "services.membership", "--roles", "web"], environment, self.log)

    async def write_and_read(self, server: Served) -> None:
        """The load alone, for whoever looks into the server meanwhile."""
        targets = self._next(self.requests)
        await self._load(server, WRITE_PATH, targets, "POST")
        await self._load(server, READ_PATH, targets, "GET")

    async def _load(self, server: Served, path: str, targets: Sequence[str], method: str) -> Loaded:
        token, body = self.product.token(self.england.authorities), WRITE | {"from": str(self.england.day)}
        waiting, took = iter(targets[CONNECTIONS * 4 :]), []

        async def ask(client: Client, urn: str) -> None:
            begun = time.perf_counter()
            at = path.format(urn)
            status, answer = await (client.get(at) if method == "GET" else client.post(at, body))
            assert status in (200, 201), answer
            took.append(time.perf_counter() - begun)

        async def work(client: Client) -> None:
            for urn in waiting:
                await ask(client, urn)

        clients = [Client(server.url, token) for _ in range(CONNECTIONS)]
        for number, urn in enumerate(targets[: CONNECTIONS * 4]):  # statements prepared, code paths warm
            await ask(clients[number % CONNECTIONS], urn)
        took.clear()
        begun, worked = time.perf_counter(), worked_by(server.process)
        await asyncio.gather(*(work(client) for client in clients))
        seconds, worked = time.perf_counter() - begun, worked_by(server.process) - worked
        for client in clients:
            await client.close()
        p99 = statistics.quantiles(took, n=100, method="inclusive")[98]
        return Loaded(len(took) / seconds, p99 * 1000, worked / len(took) * 1000)


def _about(transaction: Transaction, urn: str, target: str) -> Transaction:
    """The same transaction about another school, with ids of its own."""
    ids: dict[UUID, UUID] = {}

    def other(value: Any) -> Any:
        if isinstance(value, UUID):
            return ids.setdefault(value, uuid4())
        if isinstance(value, str):
            return uuid4().hex if len(value) == 32 and value.isalnum() else value.replace(urn, target)
        if isinstance(value, bytes):
            return value.replace(urn.encode(), target.encode())
        if isinstance(value, list):
            return [other(each) for each in value]
        return value

    return [(sql, tuple(other(value) for value in args)) for sql, args in transaction]


@contextlib.asynccontextmanager
async def _served(command: list[str], environment: dict[str, str], log: Path) -> AsyncIterator[Served]:
    """A server of its own process, from its first answer until it is no longer needed."""
    port = _free_port()
    if "tests.bench.bare_web" in command:
        command = [*command, str(port)]
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: ASYNC220 - starting it takes no time that matters here
            command,
            cwd=ROOT,
            env={**os.environ, **environment, "CONSORTIA_HTTP_PORT": str(port)},
            stdout=said,
            stderr=said,
        )
    try:
        for _ in range(300):
            assert process.poll() is None, f"{command} ended"
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await pace(0.1)
        yield Served(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


@contextlib.asynccontextmanager
async def _sink() -> AsyncIterator[str]:
    """Somebody who takes spans and throws them away."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.split("content-length:")[1].split("\r\n")[0])
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v2/spans"
    finally:
        server.close()


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        found: int = attempt.getsockname()[1]
        return found
