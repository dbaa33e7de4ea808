"""The relay's drain of a backlog, against a producer that has everything in memory already."""

import asyncio
import time

from aiokafka import AIOKafkaProducer

from shared.contracts.envelope import unpack
from shared.messaging.kafka import producer_settings
from shared.messaging.parcels import Waiting, packed
from shared.messaging.relay import Relay
from tests.bench.partitioner import RememberingPartitioner
from tests.bench.stage import Stage
from tests.messaging.on_topic import numbers, read_all


async def ours(stage: Stage, rows: int) -> tuple[float, float]:
    """Seconds to drain the backlog, and statements an event."""
    await stage.reset_statements()
    relay = Relay(stage.writer.store, stage.writer.settings, stopping=asyncio.Event())
    await relay.lease.take()
    await relay._connected()
    began = time.perf_counter()
    sent = 0
    while moved := await relay.pass_once():
        sent += moved
        await relay.lease.keep()
    seconds = time.perf_counter() - began
    await relay._drop_producer()
    await relay.lease.let_go()
    assert sent == rows, f"{sent} of {rows} were relayed"
    return seconds, await stage.statements(stage.writer) / rows


async def raw(stage: Stage, rows: int) -> float:
    """The same records with the same headers and settings, read and unpacked beforehand."""
    connection = await stage.connect(stage.writer)
    found = await connection.fetch("select topic, key, headers, value from outbox order by id")
    await connection.close()
    ready = [(row["topic"], row["key"].encode(), unpack(row["headers"]), row["value"]) for row in found]
    producer = AIOKafkaProducer(**producer_settings(stage.writer.settings), partitioner=RememberingPartitioner())
    await producer.start()
    began = time.perf_counter()
    for topic, key, headers, value in ready:
        await producer.send(topic, value, key=key, headers=headers)
    await producer.flush()
    seconds = time.perf_counter() - began
    await producer.stop()
    return seconds


async def raw_in_batches(stage: Stage, rows: int) -> float:
    """As `raw`, but with the library's batches filled by hand, a thousand records at a time, as the relay fills them."""
    connection = await stage.connect(stage.writer)
    found = await connection.fetch("select id, topic, key, headers, value from outbox order by id")
    await connection.close()
    ready = [Waiting._make(row) for row in found]
    producer = AIOKafkaProducer(**producer_settings(stage.writer.settings))
    await producer.start()
    partitions = {topic: len(await producer.partitions_for(topic)) for topic in {row.topic for row in ready}}
    began = time.perf_counter()
    for start in range(0, rows, stage.writer.settings.relay_batch):
        parcels = packed(producer, ready[start : start + stage.writer.settings.relay_batch], partitions)
        sent = [await producer.send_batch(each.batch, each.topic, partition=each.partition) for each in parcels]
        await asyncio.gather(*sent)
    seconds = time.perf_counter() - began
    await producer.stop()
    return seconds


async def check_order(stage: Stage, topic: str, rows: int) -> None:
    """Every record is there, in order per key; else the figure means nothing."""
    found = numbers(await read_all(stage.writer.settings, topic))
    assert sum(map(len, found.values())) == rows
    for key, seen in found.items():
        assert seen == list(range(1, len(seen) + 1)), f"{key} came in the order {seen}"


async def fresh_topic(stage: Stage, rows: int) -> str:
    """A topic that holds so many records, and nobody's offsets."""
    topic = stage.new_topic()
    await stage.fill_outbox(topic, rows)
    await ours(stage, rows)
    return topic
