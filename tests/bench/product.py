"""The whole product as `consortia up` runs it, for the rows that need services; PostgreSQL keeps the time of commits."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from infra.local.ports import SERVICES, free_base
from infra.local.stack import Stack
from shared.auth.tokens import mint
from tests.pace import pace

RAW = """
    create schema raw authorization {service}_owner;
    grant usage on schema raw to {service}_app;
    alter default privileges for role {service}_owner in schema raw grant all on tables to {service}_app;
    alter default privileges for role {service}_owner in schema raw grant all on sequences to {service}_app;
    set role {service}_owner;
    create table raw.outbox (like platform.outbox including all)
        with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
    create table raw.stream_head (like platform.stream_head including all) with (fillfactor = 70);
    create table raw.inbox_key (like platform.inbox_key including all) with (fillfactor = 70);
"""

EVENTS = "consortia.membership.events.v1"
_BY_TOPIC = "select topic, sum(sequence)::bigint from {table} group by topic"


class Product:
    """A running stack, and connections to its databases that know nothing of the product."""

    def __init__(self, stack: Stack):
        self.stack = stack

    def prepare(self) -> None:
        """Commits are timed by the server, one clock for all; beside each service's tables stand bare ones."""
        run = self.stack.postgres.run
        run("alter system set track_commit_timestamp = on")
        self.stack.supervisor.stop_all(["postgres"])
        self.stack.supervisor.start_program("postgres")
        self.stack.postgres.wait_until_ready()
        for service in self.stack.services:
            self.stack.wait_until_ready(service)
        for service in self.stack.services:
            run(RAW.format(service=service), service)

    async def connect(self, service: str, *, raw: bool = False) -> "asyncpg.Connection[Any]":
        url = self.stack.database_url(service).replace("+asyncpg", "")
        path = {"search_path": f"raw, {service}, platform"} if raw else {}
        return await asyncpg.connect(url, server_settings=path)

    async def value(self, service: str, sql: str, *args: Any) -> Any:
        connection = await self.connect(service)
        try:
            return await connection.fetchval(sql, *args)
        finally:
            await connection.close()

    async def written(self, schema: str = "platform") -> int:
        """Records so far, of the services or of the bare hops."""
        found = 0
        for service in self.stack.services:
            found += await self.value(service, f"select coalesce(sum(sequence), 0)::bigint from {schema}.stream_head")
        return found

    def token(self, authorities: set[str]) -> str:
        """Somebody who may enter outcomes and categories for these authorities."""
        key = self.stack.state / "token.key"
        return mint(key, subject="bench", roles=["demo", "la.officer"], authorities=sorted(authorities))

    async def set_day(self, day: date) -> None:
        """One test clock for all services."""
        for service in self.stack.services:
            connection = await self.connect(service)
            await connection.execute(
                "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", day
            )
            await connection.close()

    async def drained(self, seconds: float = 900) -> None:
        """Every outbox is empty and every key of every topic has arrived with its readers."""
        async with asyncio.timeout(seconds):
            while not await self._nothing_left():
                await pace(0.5)

    async def _nothing_left(self) -> bool:
        sent: dict[str, int] = {}
        for service in self.stack.services:
            connection = await self.connect(service)
            waiting = await connection.fetchval("select count(*) from outbox")
            sent |= dict(await connection.fetch(_BY_TOPIC.format(table="stream_head")))
            await connection.close()
            if waiting:
                return False
        for service in self.stack.services:
            connection = await self.connect(service)
            read = dict(await connection.fetch(_BY_TOPIC.format(table="inbox_key")))
            await connection.close()
            topics = {*read, EVENTS} if service in ("meetings", "notifications") else set(read)
            if any(read.get(topic, 0) < sent.get(topic, 0) for topic in topics):
                return False
        return True

    async def settle(self) -> None:
        """Leave nothing of the last round to the next: dead rows, dirty pages."""
        for service in self.stack.services:
            await asyncio.to_thread(self.stack.postgres.run, "vacuum analyze", service)
        await asyncio.to_thread(self.stack.postgres.run, "checkpoint")


@contextmanager
def product(services: tuple[str, ...] = SERVICES) -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="consortia-bench-") as folder:
        Path(folder).chmod(0o711)
        # No tracing here: it has a row of its own.
        with Stack(Path(folder) / "stack", free_base(), tracing=False, services=services, test_clock=True) as stack:
            yield Product(stack)
