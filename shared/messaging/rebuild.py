"""Rebuild a service's projections from offset 0 of its topics, compare with what it has, and swap in one transaction.

Runs as the owner role with the service's consumer stopped. Only projections are replayed, never reactions: handlers
write unqualified table names, and here a shadow schema stands in front of the service's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.inbound import Inbound
from shared.messaging.inbox import Inbox, Record
from shared.messaging.kafka import connection, readable
from shared.settings import ServiceSettings
from shared.store import Store, UnitOfWork

log = structlog.get_logger(__name__)

SHADOW = "shadow"


class ConsumerStillRunning(Exception):
    def __init__(self, service: str):
        super().__init__(f"A consumer of {service} is still running. Stop the service, then rebuild.")


@dataclass(frozen=True)
class Rebuilt:
    """One table: how many rows it had, has now, and how many differ (in one but not in the other)."""

    table: str
    before: int
    after: int
    differing: int


class Rebuild:
    """One rebuild. ``store`` is the owner's, with the plain search path."""

    def __init__(self, settings: ServiceSettings, inbound: Inbound, service: str):
        assert settings.owner_database_url is not None
        self.settings = settings
        self.service = service
        self.inbound = Inbound(projections=inbound.projections)
        self.tables = sorted({table for each in inbound.projections.values() for table in each.tables})
        self.url = settings.owner_database_url

    async def run(self, *, swap: bool = True) -> list[Rebuilt]:
        """Build the shadow tables, compare, and (unless ``swap`` is false) put them in place of the others."""
        plain = Store(self.url, service=self.service, pool_size=1)
        shadow = Store(self.url, service=self.service, pool_size=1, search_path=f"{SHADOW},{self.service},platform")
        try:
            await plain.run(self._prepare)
            await self._replay(shadow)
            return await plain.run(lambda uow: self._compare_and_swap(uow, swap))
        finally:
            await plain.close()
            await shadow.close()

    async def _prepare(self, uow: UnitOfWork) -> None:
        await uow.execute(f"drop schema if exists {SHADOW} cascade")
        await uow.execute(f"create schema {SHADOW}")
        for table in [*self.tables, "platform.inbox_key", "platform.parked"]:
            name = table.rsplit(".", 1)[-1]
            await uow.execute(f"create table {SHADOW}.{name} (like {table} including all)")

    async def _replay(self, store: Store) -> None:
        """Read every topic from 0 to the group's committed offsets; keys stop at their parked message."""
        consumer = AIOKafkaConsumer(
            **connection(self.settings),
            group_id=self.service,
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        await consumer.start()
        try:
            partitions = [
                TopicPartition(topic, number)
                for topic in self.inbound.topics()
                for number in sorted(await self._partitions(consumer, topic))
            ]
            consumer.assign(partitions)
            ends = {each: await consumer.committed(each) or 0 for each in partitions}
            stopped = await self._parked_places()
            for each in partitions:
                if ends[each] == 0:
                    consumer.pause(each)
                else:
                    consumer.seek(each, 0)
            left = {each for each, end in ends.items() if end > 0}
            beginnings = await consumer.beginning_offsets(list(left)) if left else {}
            left = {each for each in left if beginnings[each] < ends[each]}
            inbox = Inbox(self.inbound, self.service)
            while left:
                found = await consumer.getmany(*left, timeout_ms=1000, max_records=2000)
                records: list[Record] = []
                for partition, batch in found.items():
                    for each in batch:
                        if each.offset < ends[partition] and (each.topic, each.partition, each.offset) not in stopped:
                            key = readable(each.key)
                            records.append(
                                Record(each.topic, each.partition, each.offset, key, each.value, each.headers)
                            )
                if records:
                    await store.run(partial(inbox.take, records))
                for partition in list(left):
                    if await consumer.position(partition) >= ends[partition]:
                        left.discard(partition)
        finally:
            await consumer.stop()

    @staticmethod
    async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
        await consumer._client.add_topic(topic)
        return consumer.partitions_for_topic(topic) or set()

    async def _parked_places(self) -> set[tuple[str, int, int]]:
        """Messages that are parked now: leaving them out makes the shadow inbox hold their key, as the live one does."""
        plain = Store(self.url, service=self.service, pool_size=1)
        try:
            async with plain.unit() as uow:
                rows = await uow.rows("select topic, partition, \"offset\" from parked where status = 'parked'")
                return {(row.topic, row.partition, row.offset) for row in rows}
        finally:
            await plain.close()

    async def _compare_and_swap(self, uow: UnitOfWork, swap: bool) -> list[Rebuilt]:
        answers = []
        for table in self.tables:
            answers.append(await self._compare(uow, table))
        if swap:
            await uow.execute(f"truncate {', '.join(self.tables)}")
            for table in self.tables:
                columns = await self._columns(uow, table)
                await uow.execute(f"insert into {table} ({columns}) select {columns} from {SHADOW}.{table}")
        await uow.execute(f"drop schema {SHADOW} cascade")
        return answers

    async def _columns(self, uow: UnitOfWork, table: str) -> str:
        rows = await uow.rows(
            """
            select attname from pg_attribute
            where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
            order by attnum
            """,
            f"{self.service}.{table}",
        )
        return ", ".join(f'"{row.attname}"' for row in rows)

    async def _compare(self, uow: UnitOfWork, table: str) -> Rebuilt:
        columns = await self._columns(uow, table)
        live, shadow = f"{self.service}.{table}", f"{SHADOW}.{table}"
        row = await uow.row(
            f"""
            select (select count(*) from {live}) as before, (select count(*) from {shadow}) as after,
                   (select count(*) from ((select {columns} from {live} except all select {columns} from {shadow})
                    union all (select {columns} from {shadow} except all select {columns} from {live})) as d) as differing
            """
        )
        assert row is not None
        return Rebuilt(table, row.before, row.after, row.differing)


def report(rebuilt: Sequence[Rebuilt]) -> str:
    """As lines for a terminal."""
    return "\n".join(
        f"{each.table}: {each.before} rows before, {each.after} after, {each.differing} differ" for each in rebuilt
    )
