"""What every measurement runs on: real PostgreSQL with fsync on, a real broker, fresh databases and topics."""

import asyncio
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command

from infra.local.access import Topic, make_topics, make_users
from infra.local.bare import BareStack
from infra.local.databases import make_database, make_roles
from shared.messaging import outbox
from shared.migrations import histories
from shared.settings import ServiceSettings
from shared.store import Store
from tests.messaging.sample import READER, READER_TABLES, WRITER, WRITER_TABLES, unsent

PARTITIONS = 12
KEYS = 5_000
A_TRANSACTION = 500


@dataclass
class Side:
    """One service of the bench: settings and store."""

    service: str
    settings: ServiceSettings
    store: Store


class Stage:
    """A writer and a reader, the outbox backlog of the writer, and topics by number."""

    def __init__(self, stack: BareStack):
        self.stack = stack
        self.writer = self._side(WRITER, WRITER_TABLES)
        self.reader = self._side(READER, READER_TABLES)
        self._topics = 0

    def _side(self, service: str, tables: str) -> Side:
        postgres, kafka = self.stack.postgres, self.stack.kafka
        make_database(postgres, service)
        owner = postgres.url(service, "owner")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(command.upgrade, histories(owner, service)[0][1], "head").result()
        postgres.run(f"set role {service}_owner; set search_path = {service}, platform; {tables}", service)
        settings = ServiceSettings(
            database_url=postgres.url(service, "app"),
            owner_database_url=owner,
            kafka_bootstrap=kafka.bootstrap,
            kafka_username=service,
            kafka_password=self.stack.secrets[f"kafka {service}"],
        )
        return Side(service, settings, Store(settings.database_url, service=service))

    def new_topic(self) -> str:
        self._topics += 1
        name = f"bench.{self._topics}"
        services = (WRITER, READER)
        make_topics(self.stack.kafka, [Topic(name, PARTITIONS, services, services, {})])
        return name

    async def connect(self, side: Side) -> "asyncpg.Connection[Any]":
        return await asyncpg.connect(side.settings.database_url.replace("+asyncpg", ""))

    async def fill_outbox(self, topic: str, rows: int, *, sampled: bool = False) -> None:
        """A backlog of schools in turn, as the unit of work writes it; ``sampled``: one in a hundred is traced."""
        store = self.writer.store
        async with store.unit() as uow:
            await uow.execute("delete from outbox")
            await uow.execute("delete from stream_head")
        for start in range(0, rows, A_TRANSACTION):
            async with store.unit() as uow:
                batch = [unsent(topic, n % KEYS, f"school {n}") for n in range(start, min(start + A_TRANSACTION, rows))]
                if sampled:
                    batch[::100] = [_traced(each) for each in batch[::100]]
                await outbox.write(uow.rows, batch)

    async def settle(self, side: Side) -> None:
        """Leave nothing of the last round to the next: dead rows, dirty pages."""
        service = side.service
        await asyncio.to_thread(
            self.stack.postgres.run, "vacuum analyze platform.outbox; vacuum platform.inbox_key; checkpoint", service
        )

    async def reset_statements(self) -> None:
        await asyncio.to_thread(self.stack.postgres.run, "select pg_stat_statements_reset()", WRITER)

    async def statements(self, side: Side) -> int:
        """How many statements the application's role of this side ran since the reset."""
        found = await asyncio.to_thread(
            self.stack.postgres.run,
            "select coalesce(sum(calls), 0) from pg_stat_statements join pg_roles on pg_roles.oid = userid "
            f"where rolname = '{side.service}_app'",
            WRITER,
        )
        return int(found.strip())

    async def close(self) -> None:
        await self.writer.store.close()
        await self.reader.store.close()


def _traced(each: outbox.Unsent) -> outbox.Unsent:
    trace = f"00-{each.envelope.correlation_id.hex}-{each.envelope.id.hex[16:]}-01"
    return replace(each, envelope=replace(each.envelope, traceparent=trace))


@contextmanager
def bench_stack() -> Iterator[BareStack]:
    with tempfile.TemporaryDirectory(prefix="consortia-bench-") as folder:
        stack = BareStack(Path(folder), for_tests=False)
        stack.up()
        try:
            make_roles(stack.postgres, (WRITER, READER))
            make_users(stack.kafka, (WRITER, READER))
            yield stack
        finally:
            stack.down()
