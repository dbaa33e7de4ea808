"""Rebuild a service's projections from offset 0 of its topics, compare with what it has, and swap in one transaction.

Runs as the owner role with the service's consumer stopped. Only projections are replayed, never reactions: handlers
write unqualified table names, and here a shadow schema stands in front of the service's own.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from shared.contracts.envelope import BrokenEnvelope, read_envelope
from shared.messaging.inbound import Inbound
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import connection, readable
from shared.messaging.records import Place, Record, Stream
from shared.settings import ServiceSettings
from shared.store import Store, UnitOfWork

log = structlog.get_logger(__name__)

SHADOW = "shadow"
Places = Mapping[Stream, Place]  # how far each key has got


class ConsumerStillRunning(Exception):
    def __init__(self, service: str):
        super().__init__(f"A consumer of {service} is still running. Stop the service, then rebuild.")


class RecordsCameMeanwhile(Exception):
    def __init__(self, service: str):
        super().__init__(
            f"Records were applied to {service} while it was being rebuilt, and would be lost. Nothing was changed: stop every "
            "process of the service, and whoever retries parked messages, then rebuild."
        )


@dataclass(frozen=True)
class Rebuilt:
    """One table: how many rows it had, has now, and how many differ (in one but not in the other)."""

    table: str
    before: int
    after: int
    differing: int


class Rebuild:
    """One rebuild. ``store`` is the owner's, with the plain search path."""

    def __init__(
        self,
        settings: ServiceSettings,
        inbound: Inbound,
        service: str,
        *,
        topics: Sequence[str] | None = None,
        group: str | None = None,
    ):
        assert settings.owner_database_url is not None
        self.settings = settings
        self.service = service
        self.inbound = Inbound(projections=inbound.projections)
        self.tables = sorted({table for each in inbound.projections.values() for table in each.tables})
        self.topics = list(topics or self.inbound.topics())
        self.group = group or service
        self.url = settings.owner_database_url

    async def run(self, *, swap: bool = True) -> list[Rebuilt]:
        """Build the shadow tables, compare, and (unless ``swap`` is false) put them in place of the others."""
        if swap:
            await self._refuse_beside_a_consumer()
        plain = Store(self.url, service=self.service, pool_size=1)
        shadow = Store(self.url, service=self.service, pool_size=1, search_path=f"{SHADOW},{self.service},platform")
        try:
            await plain.run(self._prepare)
            so_far, discarded = await plain.run(_inbox_places)
            await self._replay(shadow, so_far, discarded)
            return await plain.run(lambda uow: self._compare_and_swap(uow, swap, so_far))
        finally:
            await plain.close()
            await shadow.close()

    async def _refuse_beside_a_consumer(self) -> None:
        """A consumer that goes on would apply records to tables that are about to be replaced.

        Members are static, so one that has just stopped is still in the group until its session ends: wait that long.
        """
        admin = AIOKafkaAdminClient(**connection(self.settings))
        await admin.start()
        try:
            until = time.monotonic() + self.settings.session_timeout_seconds + 2
            while await self._has_members(admin):
                if time.monotonic() > until:
                    raise ConsumerStillRunning(self.service)
                await asyncio.sleep(0.5)
        finally:
            await admin.close()

    async def _has_members(self, admin: AIOKafkaAdminClient) -> bool:
        """A broker that has not yet made its topic of offsets has no coordinator: then we don't know, and ask again."""
        try:
            (answer,) = await admin.describe_consumer_groups([self.group])
        except GroupCoordinatorNotAvailableError:
            return True
        ((_error, _group, _state, _kind, _protocol, members, *_),) = answer.groups
        return bool(members)

    async def _prepare(self, uow: UnitOfWork) -> None:
        await uow.execute(f"drop schema if exists {SHADOW} cascade")
        await uow.execute(f"create schema {SHADOW}")
        for table in [*self.tables, "platform.inbox_key", "platform.parked"]:
            name = table.rsplit(".", 1)[-1]
            await uow.execute(f"create table {SHADOW}.{name} (like {table} including all)")
        # The other tables can be read through the shadow but not written: a view with an offset takes no insert. So a
        # projection that writes more than the tables it names is found out here, and does its effect no second time.
        for row in await uow.rows(
            "select tablename from pg_tables where schemaname = $1 and tablename <> all($2::text[])",
            self.service,
            self.tables,
        ):
            name = f'"{row.tablename}"'
            await uow.execute(f"create view {SHADOW}.{name} as select * from {self.service}.{name} offset 0")

    async def _replay(self, store: Store, so_far: Places, discarded: frozenset[tuple[Stream, Place]]) -> None:
        """Read every topic from 0, each key as far as this service's inbox has got with it, and no further.

        The inbox, not the group's committed offsets, says how far that is: it is what decides, after the rebuild, which
        records are duplicates, and offsets may lag behind it after a crash. A parked message holds its key up there too.
        """
        inbox = Inbox(self.inbound, self.service, discarded)
        consumer = AIOKafkaConsumer(
            **connection(self.settings), enable_auto_commit=False, isolation_level="read_committed"
        )
        await consumer.start()
        try:
            partitions = [
                TopicPartition(topic, number)
                for topic in self.topics
                for number in sorted(await self._partitions(consumer, topic))
            ]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            left = {each for each in partitions if await consumer.position(each) < ends[each]}
            while left:
                found = await consumer.getmany(*left, timeout_ms=1000, max_records=2000)
                records = [
                    Record(each.topic, each.partition, each.offset, readable(each.key), each.value, each.headers)
                    for batch in found.values()
                    for each in batch
                ]
                records = [record for record in records if _is_reached(record, so_far)]
                if records:
                    await store.run(partial(inbox.take, records))
                left = {each for each in left if await consumer.position(each) < ends[each]}
        finally:
            await consumer.stop()

    @staticmethod
    async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
        await consumer._client.add_topic(topic)
        return consumer.partitions_for_topic(topic) or set()

    async def _compare_and_swap(self, uow: UnitOfWork, swap: bool, so_far: Places) -> list[Rebuilt]:
        """Nobody applies a record between the look and the swap: what the shadow lacks would never come again."""
        if swap:
            await uow.execute("lock table inbox_key in share mode")
            if (await _inbox_places(uow))[0] != so_far:
                raise RecordsCameMeanwhile(self.service)
        answers: list[Rebuilt] = []
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


async def _inbox_places(uow: UnitOfWork) -> tuple[Places, frozenset[tuple[Stream, Place]]]:
    """How far each key has got, and which places were discarded on the way."""
    keys = await uow.rows("select topic, key, epoch, sequence from inbox_key")
    gone = await uow.rows("select topic, key, epoch, sequence from discarded")
    return (
        {(row.topic, row.key): (row.epoch, row.sequence) for row in keys},
        frozenset(((row.topic, row.key), (row.epoch, row.sequence)) for row in gone),
    )


def _is_reached(record: Record, so_far: Places) -> bool:
    if record.key is None:
        return False
    place = so_far.get((record.topic, record.key))
    if place is None:
        return False
    try:
        envelope = read_envelope(record.headers)
    except BrokenEnvelope:
        return False
    return (envelope.epoch, envelope.sequence) <= place


def report(rebuilt: Sequence[Rebuilt]) -> str:
    """As lines for a terminal."""
    return "\n".join(
        f"{each.table}: {each.before} rows before, {each.after} after, {each.differing} differ" for each in rebuilt
    )
