"""Consume, recognise, apply one upsert an event: our consumer against raw getmany and the same statements by asyncpg."""

import asyncio
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.membership import SchoolRecorded
from shared.messaging.consumer import Consumer
from shared.messaging.inbound import Inbound, Projection
from shared.messaging.kafka import CONSUMER, connection
from tests.bench.stage import Stage
from tests.messaging.sample import Reader

UPSERT = """
    insert into school_kept as kept (urn, name, changes)
    select urn, name, 1 from unnest($1::text[], $2::text[]) as new (urn, name) order by urn
    on conflict (urn) do update set name = excluded.name, changes = kept.changes + 1
"""
LOCK = """
    select topic, key, epoch, sequence, event_id, held from inbox_key
    where (topic, key) in (select * from unnest($1::text[], $2::text[]))
    order by topic, key for update
"""
NEW_KEYS = """
    insert into inbox_key (topic, key, epoch, sequence)
    select topic, key, 0, 0 from unnest($1::text[], $2::text[]) as new (topic, key) order by topic, key
    on conflict do nothing
"""
ADVANCE = """
    update inbox_key as old set epoch = 1, sequence = new.sequence, event_id = new.event_id, held = false
    from unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[]) as new (topic, key, sequence, event_id)
    where old.topic = new.topic and old.key = new.key
"""


async def empty(stage: Stage) -> None:
    async with stage.reader.store.unit() as uow:
        for table in ("inbox_key", "school_kept", "parked"):
            await uow.execute(f"delete from {table}")
    await stage.settle(stage.reader)


async def check(stage: Stage, rows: int) -> None:
    async with stage.reader.store.unit() as uow:
        assert await uow.value("select sum(changes) from school_kept") == rows
        assert await uow.value("select sum(sequence) from inbox_key") == rows


@dataclass(frozen=True)
class Consumed:
    """Seconds from the first batch's fetch to the last offset committed, on the clock and of processor; and statements an
    event."""

    seconds: float
    work: float
    statements: float


async def ours(stage: Stage, topic: str, rows: int) -> Consumed:
    await empty(stage)
    inbound = Inbound(projections={SchoolRecorded: Projection(Reader().keep_schools, ("school_kept",))})
    done = asyncio.Event()
    reader = stage.reader
    consumer = Consumer(
        reader.store,
        reader.settings,
        inbound,
        reader.service,
        topics=[topic],
        group=f"{reader.service}.{topic}.ours.{time.time_ns()}",
    )
    left = rows
    began = worked = 0.0
    settle, commit = consumer.settle, consumer._commit

    async def timed_settle(records: Any) -> None:
        nonlocal began, worked
        began, worked = began or time.perf_counter(), worked or time.process_time()
        await settle(records)

    async def counted_commit(records: Any) -> None:
        nonlocal left
        await commit(records)
        left -= len(records)
        if left <= 0:
            done.set()

    consumer.settle, consumer._commit = timed_settle, counted_commit  # type: ignore[method-assign]
    await stage.reset_statements()
    await consumer.start()
    await asyncio.wait_for(done.wait(), 300)
    seconds, work = time.perf_counter() - began, time.process_time() - worked
    await consumer.stop()
    statements = await stage.statements(reader)
    await check(stage, rows)
    return Consumed(seconds, work, statements / rows)


async def raw(stage: Stage, topic: str, rows: int) -> float:
    """No envelope, no validation, no parking, no handlers: only the fetch, the statements and the commits."""
    await empty(stage)
    reader = stage.reader
    database = await stage.connect(reader)
    group = f"{reader.service}.{topic}.raw.{time.time_ns()}"
    settings = {name: value for name, value in CONSUMER.items() if name != "enable_auto_commit"}
    consumer = AIOKafkaConsumer(
        topic, **connection(reader.settings), **settings, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    left, began = rows, 0.0
    while left:
        found = await consumer.getmany(timeout_ms=200, max_records=reader.settings.inbox_batch)
        if not found:
            continue
        began = began or time.perf_counter()
        offsets: dict[TopicPartition, int] = {}
        places: dict[tuple[str, str], tuple[int, str]] = {}
        waves: list[tuple[list[str], list[str]]] = []
        turn: dict[tuple[str, str], int] = defaultdict(int)
        for partition, batch in found.items():
            offsets[partition] = batch[-1].offset + 1
            for record in batch:
                key = (record.topic, record.key.decode())
                headers = dict(record.headers)
                places[key] = (int(headers["ce_sequence"]), headers["ce_id"].decode())
                data = json.loads(record.value)
                n = turn[key]
                turn[key] += 1
                if n == len(waves):
                    waves.append(([], []))
                waves[n][0].append(data["urn"])
                waves[n][1].append(data["name"])
            left -= len(batch)
        keys = sorted(places)
        columns = [topic for topic, _ in keys], [key for _, key in keys]
        async with database.transaction():
            states = await database.fetch(LOCK, *columns)
            if len(states) < len(keys):
                await database.execute(NEW_KEYS, *columns)
                await database.fetch(LOCK, *columns)
            for urns, names in waves:
                await database.execute(UPSERT, urns, names)
            await database.execute(
                ADVANCE, *columns, [places[key][0] for key in keys], [places[key][1] for key in keys]
            )
        await consumer.commit(offsets)
    seconds = time.perf_counter() - began
    await consumer.stop()
    await database.close()
    await check(stage, rows)
    return seconds
